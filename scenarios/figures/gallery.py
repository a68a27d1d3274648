"""Every kind of figure by its name, with all that it takes besides a result.

Figures only draw. What some of them show has to be computed first, from the draws
(comparisons) or from the study made again (attribution, masses, point values); that is
done here.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from scenarios import figures
from scenarios.analysis.attribution import attribute, study_of
from scenarios.analysis.comparison.compare import compare
from scenarios.analysis.masses import chain_of
from scenarios.errors import ScenarioError
from scenarios.figures import Figure
from scenarios.figures.base.quantities import choice
from scenarios.model.study import Study
from scenarios.results.rows import labels
from uncertainty.errors import nearest
from uncertainty.model import Model, Table
from uncertainty.model.graph import ABSENT, Quantile

Pictures = Iterator[tuple[str, Figure]]
"""Figures, each with what to put behind the name of its file."""
Maker = Callable[[xr.DataTree, Sequence[str] | None], Pictures]
"""Makes figures of a result, of some of its scenarios or of all."""


def pictures(
    tree: xr.DataTree,
    kind: str | None = None,
    scenarios: Sequence[str] | None = None,
) -> Pictures:
    """Figures of one kind, or those that a run leaves behind.

    Parameters
    ----------
    tree : DataTree
        As `uncertainty.storage.load` reads it.
    kind : str, optional
        One of `KINDS`.
    scenarios : sequence of str, optional
        Those to show. Without, all; a kind that shows one scenario shows the
        reference, `waterfall` each of the others.

    Returns
    -------
    iterator of (str, Figure)
        The name is fit for a file; each figure is drawn when its turn comes.

    Raises
    ------
    ScenarioError
        There is no such kind or scenario, or the result has nothing for it.
    """
    chosen = choice(tree, scenarios) if scenarios is not None else None
    if kind is None:
        every = figures.default_figures(tree, chosen)
        return ((name, draw()) for name, draw in every.items())
    if kind not in KINDS:
        raise ScenarioError(
            f"no figure is called {kind}{nearest(kind, KINDS)}; there are "
            f"{', '.join(KINDS)}"
        )
    found = KINDS[kind](tree, chosen)
    return ((_file_name(kind, suffix), figure) for suffix, figure in found)


def _file_name(kind: str, suffix: str) -> str:
    return re.sub(r"[^\w.-]", "_", f"{kind}_{suffix}" if suffix else kind)


def _whole(draw: Callable[..., Figure]) -> Maker:
    """A kind that shows all scenarios in one figure."""

    def make(tree: xr.DataTree, scenarios: Sequence[str] | None) -> Pictures:
        yield "", draw(tree, scenarios)

    return make


def _each(draw: Callable[[xr.DataTree, str], Iterator[Figure]]) -> Maker:
    """A kind that shows one scenario, on one page or several."""

    def make(tree: xr.DataTree, scenarios: Sequence[str] | None) -> Pictures:
        for name in scenarios or [str(tree.attrs["reference"])]:
            words = [name] if scenarios else []
            drawn = list(draw(tree, name))
            for page, figure in enumerate(drawn, start=1):
                number = [f"{page:02}"] if len(drawn) > 1 else []
                yield "_".join([*words, *number]), figure

    return make


def _compared(draw: Callable[..., Figure], *, against: bool) -> Maker:
    """A kind of a comparison; with `against` the reference always takes part."""

    def make(tree: xr.DataTree, scenarios: Sequence[str] | None) -> Pictures:
        names = choice(tree, scenarios)
        reference = str(tree.attrs["reference"])
        if against:
            names = list(dict.fromkeys([reference, *names]))
        elif reference not in names:
            reference = names[0]
        data = compare([_only(tree, names)], reference)
        yield "", draw(data, title=str(tree.attrs["title"]))

    return make


def _only(tree: xr.DataTree, names: list[str]) -> xr.DataTree:
    """The draws of some scenarios: ranks are among those that are shown."""
    data = tree["draws"].to_dataset().sel(scenario=names)
    found = xr.DataTree.from_dict({"draws": data, "summary": tree["summary"]})
    found.attrs = dict(tree.attrs)
    return found


def _years(tree: xr.DataTree, name: str) -> list[int] | list[None]:
    """Years that a scenario has; one None for a study without."""
    means = tree["summary"].to_dataset()["mean"]
    if "year" not in means.dims:
        return [None]
    own = means.sel(scenario=name).dropna("year", how="all")
    return [int(year) for year in own["year"].values]


def _convergence(tree: xr.DataTree, name: str) -> Iterator[Figure]:
    yield figures.convergence(tree, name)


def _tornado(tree: xr.DataTree, name: str) -> Iterator[Figure]:
    yield figures.tornado(tree, name, _years(tree, name)[-1])


def _inputs(tree: xr.DataTree, name: str) -> Iterator[Figure]:
    year = _years(tree, name)[0]
    study = study_of(tree)
    yield from figures.inputs(tree, name, year, marks=stated(study, name, year))


def _process(tree: xr.DataTree, name: str) -> Iterator[Figure]:
    year = _years(tree, name)[-1]
    chain = chain_of(study_of(tree), name, year)
    yield figures.process_flow(tree, chain, name, year)


def _waterfall(tree: xr.DataTree, scenarios: Sequence[str] | None) -> Pictures:
    study = study_of(tree)
    called = labels(tree)
    reference = study.reference
    # a fleet is a mean of scenarios and has no changes of its own
    names = [n for n in scenarios or study.scenarios if n != reference]
    if not names:
        raise ScenarioError(f"{reference} is the reference; a waterfall leads from it")
    for name in names:
        data = attribute(study, name, draws=int(tree.attrs["draws"]))
        ends = called[reference], called[name]
        title = str(tree.attrs["title"])
        yield name, figures.waterfall(data, labels=ends, title=title)


def stated(
    study: Study, scenario: str, year: int | None = None
) -> dict[str, figures.Marks]:
    """Point value and bounds of each input in one scenario, in declared units.

    Parameters
    ----------
    study : Study
    scenario : str
    year : int, optional
        By default the first.
    """
    model = study.model()
    cell = (
        model.scenarios.index(scenario),
        model.years.index(year) if year is not None else 0,
    )
    shares = {id for id, what in study.definitions.items() if what.composition}
    return {
        id: _marks(model, table, cell, is_share=id in shares)
        for id, table in model.inputs.items()
    }


def _marks(
    model: Model, table: Table, cell: tuple[int, int], *, is_share: bool
) -> figures.Marks:
    node = int(table.nodes[cell])
    if node == ABSENT:
        return figures.Marks(np.nan)
    one = replace(table, nodes=table.nodes[cell].reshape(1, 1))
    point = float(model.point(one).item())
    if is_share:
        return figures.Marks(point, 0.0, 1.0 / table.factor)
    law = model.graph.payloads[node]
    if not isinstance(law, Quantile):
        return figures.Marks(point)
    low, high = (end * law.factor / table.factor for end in law.marginal.support)
    return figures.Marks(point, min(low, high), max(low, high))


KINDS: dict[str, Maker] = {
    "stages": _whole(figures.stage_bars),
    "sources": _whole(figures.source_bars),
    "gases": _whole(figures.gas_bars),
    "accounts": _whole(figures.account_bars),
    "density": _whole(figures.density),
    "intervals": _whole(figures.intervals),
    "convergence": _each(_convergence),
    "fan": _whole(figures.fan),
    "differences": _compared(figures.differences, against=True),
    "ranks": _compared(figures.rank_heat_map, against=False),
    "pairs": _compared(figures.pair_heat_map, against=False),
    "waterfall": _waterfall,
    "tornado": _each(_tornado),
    "inputs": _each(_inputs),
    "process": _each(_process),
}
"""Every kind of figure by its name."""
