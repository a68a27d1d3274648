"""What is legal in a study and still worth a look."""

from collections.abc import Iterator

from scenarios.errors import COMMAND_LINE
from scenarios.reader import nearest
from scenarios.study import Study
from uncertainty.model import Model

RARE = 1e-6
"""Probability below which a negative draw is not worth a warning."""
PHYSICAL = ("activity data", "emission factor")


def cautions(study: Study, model: Model, file: str) -> Iterator[str]:
    """Warnings about a study.

    Parameters
    ----------
    study : Study
    model : Model
        The study's own.
    file : str
        The study's file; what its imports hold beside is theirs to use or not.

    Yields
    ------
    str
        An amount or a factor that can become negative, a figure of the study's own
        that nothing reads, a change without a source.
    """
    read = set(model.inputs)
    yield from _negative(study, read)
    yield from _unread(study, model, file)
    for name, scenario in study.config.scenarios.items():
        for id, change in scenario.set.items():
            stated = change.source or scenario.source
            if not change.of_supply and change.stated and not stated:
                yield f"scenarios.{name}.set.{id}: no source stated"


def _negative(study: Study, read: set[str]) -> Iterator[str]:
    for id, what in study.definitions.items():
        marginal = what.marginal
        if id not in read or marginal is None or marginal.support[0] >= 0:
            continue
        below = float(marginal.cdf(0.0))
        if what.papers.get("kind") in PHYSICAL and below > RARE:
            yield (
                f"{id} can become negative in {below:.2g} of the draws; bound it: "
                "bounds: {low: 0}"
            )


def _unread(study: Study, model: Model, file: str) -> Iterator[str]:
    if COMMAND_LINE in study.origins.values():
        return  # what an option overrides may have been the one reader
    for id, stated in study.config.inputs.items():
        own = study.origins.get(("inputs", id)) == file
        if own and stated.formula is None and id not in model.inputs:
            near = nearest(id, model.inputs)
            yield f"inputs.{id}: nothing reads it{near}"
