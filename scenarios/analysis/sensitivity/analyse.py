"""One method, or every one, on a study or on a result of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from scenarios.analysis.sensitivity.dependent_inputs import ties
from scenarios.analysis.sensitivity.errors import DriverError
from scenarios.analysis.sensitivity.from_draws import from_draws
from scenarios.analysis.sensitivity.groups import known_grouping, papers_of
from scenarios.analysis.sensitivity.methods import (
    EVERY,
    chosen,
    refuse_groups,
    size,
)
from scenarios.analysis.sensitivity.problem import problem_of
from scenarios.analysis.sensitivity.targets import Question
from scenarios.model.study import Study
from scenarios.results.result import PRIMARY, Result
from uncertainty.errors import DependenceError
from uncertainty.model import Model
from uncertainty.model.graph import ABSENT
from uncertainty.sensitivity import CARDS, SHARE, Problem, analyse
from uncertainty.sensitivity.salib_methods import SALIB_METHODS

Progress = Callable[[str, int, int], None]
"""Told (method, steps done, steps in all)."""


@dataclass(frozen=True)
class Left:
    """A method that was left out, and why."""

    method: str
    why: str


@dataclass(frozen=True)
class Order:
    """How an analysis is to be made.

    Attributes
    ----------
    method : str
        One of `CARDS`, or "all".
    groups : str
    second_order : bool
        Of footprints, by Sobol' analysis; of declared outputs without a chain.
    n : int, optional
        Size of the design; of Sobol' analysis with "all".
    seed : int, optional
        In place of the study's.
    level : float
        Confidence level of the bounds.
    share : float
        Share of the method's scale above which an input counts as important.
    """

    method: str = "sobol"
    groups: str = "none"
    second_order: bool = False
    n: int | None = None
    seed: int | None = None
    level: float = 0.95
    share: float = SHARE


def check(order: Order) -> None:
    """Refuse what no study could be analysed by, before one is read.

    Raises
    ------
    DriverError
        A method or grouping is not known, they do not go together, or a number is
        out of range.
    """
    methods = chosen(order.method)
    known_grouping(order.groups)
    if len(methods) == 1:
        refuse_groups(order.method, order.groups)
    if order.second_order and "sobol" not in methods:
        raise DriverError(f"{order.method} has no second order; take --method sobol")
    if not 0 < order.level < 1:
        raise DriverError(f"--level {order.level}: takes a number between 0 and 1")
    if not 0 < order.share < 1:
        raise DriverError(
            f"--share {order.share}: takes a number between 0 and 1; 0.01 is 1 %"
        )
    for word, number, least in (("n", order.n, 1), ("seed", order.seed, 0)):
        if number is not None and number < least:
            raise DriverError(f"--{word} {number}: takes {least} or more")


def explain(
    study: Study,
    question: Question,
    order: Order,
    *,
    result: Result | None = None,
    model: Model | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Indices of what a question asks of, by one method.

    Parameters
    ----------
    study : Study
    question : Question
    order : Order
        With one method.
    result : Result, optional
        Of the study; its draws are taken where the method works on draws.
    model : Model, optional
        The study's, if it is made already.
    progress : callable, optional

    Returns
    -------
    Dataset, dims (scenario, [year,] output, parameter)
        As the method gives it, with coordinates ``label`` of each factor, and
        ``scenario_label`` and ``output_units``; ``attrs["groups"]``.

    Raises
    ------
    DriverError
        A method, grouping, output or scenario is not known, they do not go
        together, or nothing varies.
    UncertaintyError
        What the method raises: a size that it cannot work with, dependent inputs.
    """
    check(order)
    plan = CARDS[order.method]
    model = model or study.model()
    n = size(order.method, order.n, among_all=False)
    if plan.narrow and question.by_default:
        question = _reference_alone(study, question)
    seed = order.seed if order.seed is not None else study.settings.seed or 0

    def told(done: int, whole: int) -> None:
        if progress is not None:
            progress(order.method, done, whole)

    if plan.stored:
        drawn = result or _run(study, model, n)
        found = from_draws(
            order.method,
            drawn,
            study,
            question,
            seed=seed,
            level=order.level,
            share=order.share,
            model=model,
            progress=told,
        )
    else:
        found = _by_model(study, question, order, n, seed, model, told)
    return _labelled(found, study, order.groups)


def explain_all(
    study: Study,
    question: Question,
    order: Order,
    *,
    result: Result | None = None,
    progress: Progress | None = None,
) -> tuple[list[xr.Dataset], list[Left]]:
    """Indices by the method asked for, or by every one that can be had.

    Parameters
    ----------
    study, question, order, result, progress
        As for `explain`; the method may be "all".

    Returns
    -------
    datasets : list of Dataset
    left : list of Left
        Methods of "all" that do not go with the inputs or the grouping.

    Raises
    ------
    DriverError, UncertaintyError
        As for `explain`, of one method that was asked for.
    """
    methods = chosen(order.method)
    model = study.model()
    if order.method != EVERY:
        one = explain(
            study, question, order, result=result, model=model, progress=progress
        )
        return [one], []
    found, left = [], []
    for method in methods:
        mine = replace(
            order,
            method=method,
            n=size(method, order.n, among_all=True) or None,
            second_order=order.second_order and method == "sobol",
        )
        try:
            refuse_groups(method, order.groups)
            found.append(
                explain(
                    study, question, mine, result=result, model=model, progress=progress
                )
            )
        except DependenceError as error:
            left.append(Left(method, str(error)))
        except DriverError as error:
            expected = order.groups != "none" and not CARDS[method].groups
            if not (expected or CARDS[method].of_differences):
                raise
            left.append(Left(method, str(error)))
    return found, left


def _by_model(
    study: Study,
    question: Question,
    order: Order,
    n: int,
    seed: int,
    model: Model | None,
    told: Callable[[int, int], None],
) -> xr.Dataset:
    problem = problem_of(
        study,
        question,
        groups=order.groups,
        # what draws a share says how the rest is split: no share to split by
        whole_compositions=order.method == "shapley",
        model=model,
    )
    return analyse(
        order.method,
        problem,
        n or _curve(problem),
        seed=seed,
        level=order.level,
        share=order.share,
        second_order=_pairs_of(problem) if order.second_order else (),
        progress=told,
    )


CURVE = 1025
"""Runs of a curve of ``fast``, at least."""


def _curve(problem: Problem) -> int:
    """Runs of a curve, no fewer than so many inputs take."""
    how = SALIB_METHODS["fast"]
    return max(CURVE, how.least + how.least_each * len(problem.columns))


def _pairs_of(problem: Problem) -> list[int]:
    """Nodes whose pairs of factors are looked at: footprints, and no differences."""
    outputs = problem.outputs
    whole = [not name for name in outputs["less_label"].values]
    chosen = outputs.isel(scenario=np.flatnonzero(whole))
    if PRIMARY in outputs["output"].values:
        chosen = chosen.sel(output=[PRIMARY])
    flat = np.unique(chosen.values).tolist()
    return [int(node) for node in flat if node != ABSENT]


def _reference_alone(study: Study, question: Question) -> Question:
    return replace(question, scenarios=(question.reference or study.reference,))


def _run(study: Study, model: Model | None, n: int) -> Result:
    """The study's own run, with as many draws as are asked for."""
    settings = study.settings.model_copy(update={"draws": n, "until": None})
    config = study.config.model_copy(update={"run": settings})
    return replace(study, config=config).run(model=model)


def _labelled(found: xr.Dataset, study: Study, groups: str) -> xr.Dataset:
    names = [str(name) for name in found["parameter"].values]
    tied = ties(study)
    firsts = {", ".join(copula.columns): copula.columns for copula in tied.copulas}
    papers = papers_of(study, [*names, *(c[0] for c in firsts.values())])
    known = {
        name: f"Shares of {_called(study, ids) or name}"
        for name, ids in tied.shares.items()
    }
    known |= {
        name: f"{len(columns)} tied inputs: "
        f"{papers[columns[0]].get('label') or columns[0]}, ..."
        for name, columns in firsts.items()
    }
    labels = [papers[n].get("label") or known.get(n) or n for n in names]
    labels = [
        f"{label} ({name.rpartition('.')[2]})" if labels.count(label) > 1 else label
        for name, label in zip(names, labels, strict=True)
    ]
    return found.assign_coords(label=("parameter", labels)).assign_attrs(groups=groups)


def _called(study: Study, ids: Sequence[str]) -> str:
    """Label that all shares of a composition carry, if they do."""
    found = {study.definitions[id].papers.get("label", "") for id in ids}
    return found.pop() if len(found) == 1 else ""
