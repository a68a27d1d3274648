"""What is legal in a study and still worth a look."""

from collections.abc import Iterator

from scenarios.errors import COMMAND_LINE, NOWHERE
from scenarios.model.dependence import correlated
from scenarios.model.own_columns import variants, weakened
from scenarios.model.study import Study
from uncertainty.distributions import Evidence, Updated
from uncertainty.errors import nearest
from uncertainty.model import Model

MOST_COMPARED = 20
"""Unread inputs for which the nearest name is looked up."""


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
        Shares and correlations that are not quite as stated, sources that contradict
        each other, a figure of the study's own that nothing reads, a change without a
        source.
    """
    yield from _compositions(study)
    yield from _correlations(study)
    yield from _conflicts(study)
    yield from _unread(study, model, file)
    for name, scenario in study.config.scenarios.items():
        for id, change in scenario.set.items():
            stated = change.source or scenario.source
            if not change.of_supply and change.stated and not stated:
                yield f"scenarios.{name}.set.{id}: no source stated"


def _compositions(study: Study) -> Iterator[str]:
    """What shares that sum to one cannot have of what they were asked for."""
    names = {
        what.composition: what.papers.get("composition", what.id)
        for what in study.definitions.values()
        if what.composition is not None
    }
    for made, name in names.items():
        for warning in made.warnings:
            yield f"composition {name}: {warning}"


def _correlations(study: Study) -> Iterator[str]:
    """How far rank correlations are from the stated ones, and where they end."""
    own = correlated(study.config, study.definitions)
    for block in own:
        if block.moved is not None:
            yield f"nearest valid matrix taken: {block.moved}"
    found = list(variants(study.config, study.scenarios, study.definitions))
    told = {
        f"scenario {place}: rank correlation {stated:.3g} between {a} and {b} is "
        f"{taken:.2g} there, because one of them has draws of its own"
        for place, a, b, stated, taken in weakened(own, found)
    }
    yield from sorted(told)


def _conflicts(study: Study) -> Iterator[str]:
    """Sources of one input that contradict each other."""
    for id, what in study.definitions.items():
        places = [(id, what.marginal)]
        places += [(f"{id}, {year}", knot.marginal) for year, knot in what.knots]
        for place, law in places:
            while law is not None and not isinstance(law, Evidence | Updated):
                law = getattr(law, "base", None)
            if law is None or not law.conflict:
                continue
            if isinstance(law, Updated):
                yield f"{place}: {law.conflict}; look for why, or widen the prior"
                continue
            yield (
                f"{place}: {law.conflict}; look for what they mean by the figure, "
                "or write combine: linear_pool to keep both"
            )


def _unread(study: Study, model: Model, file: str) -> Iterator[str]:
    if any(origin.file == COMMAND_LINE for origin in study.origins.values()):
        return  # what an option overrides may have been the one reader
    unread = [
        id
        for id, stated in study.config.inputs.items()
        if stated.formula is None
        and id not in model.inputs
        and study.origins.get(("inputs", id), NOWHERE).file == file
    ]
    for i, id in enumerate(unread):
        # where many are unread none is a slip of the pen, and comparing takes long
        near = nearest(id, model.inputs) if i < MOST_COMPARED else ""
        yield f"inputs.{id}: nothing reads it{near}"
