"""Kinds of figures: each registers itself, with what it shows and what it takes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.figure import Figure

from scenarios.figures.base.style import words_of
from scenarios.results.result import Cell, Result

Need = Literal["chain", "years", "draws", "comparison", "study"]
Pictures = Iterator[tuple[str, Figure]]
"""Figures, each with what to put behind the name of its file."""
Maker = Callable[[Result, Sequence[str] | None], Pictures]
"""Makes figures of a result, of some of its scenarios or of all."""
Drawing = Callable[..., Figure]

MOST_BYTES = 2**30
"""Draws of a quantity that a figure reads into memory without being asked for."""


@dataclass(frozen=True)
class Kind:
    """One kind of figure.

    Attributes
    ----------
    name : str
        What to ask for it by, and how the names of its files begin.
    shows : str
        One line for a list of kinds.
    needs : tuple of {"chain", "years", "draws", "comparison", "study"}
        What a result must have: processes, years, its draws, a second scenario, a
        library that is still the one it was made with.
    make : callable
    is_default : bool
        Whether a run draws it.
    """

    name: str
    shows: str
    needs: tuple[Need, ...]
    make: Maker
    is_default: bool = False

    def fits(self, result: Result) -> bool:
        """Whether a result has what a figure of this kind needs, within memory."""
        drawn = result.drawn("footprint" if result.has_footprint else "outputs")
        has: dict[Need, bool] = {
            "chain": result.has_footprint,
            "years": bool(result.years),
            "draws": drawn is not None and drawn.nbytes <= MOST_BYTES,
            "comparison": len(result.scenarios) > 1,
        }
        return all(has.get(need, True) for need in self.needs)


KINDS: dict[str, Kind] = {}
"""Every kind of figure of a result by its name; `scenarios.figures` fills it."""


def kind(
    name: str, shows: str, *needs: Need, default: bool = False
) -> Callable[[Maker], Maker]:
    """Register a function that makes the figures of one kind.

    Parameters
    ----------
    name, shows : str
    *needs : {"chain", "years", "draws", "comparison", "study"}
    default : bool
        Whether a run draws it.
    """

    def register(make: Maker) -> Maker:
        KINDS[name] = Kind(name, shows, needs, make, default)
        return make

    return register


def of_all(
    name: str, shows: str, *needs: Need, default: bool = False
) -> Callable[[Drawing], Drawing]:
    """Register a function (result, scenarios) that shows all in one figure."""

    def register(draw: Drawing) -> Drawing:
        def make(result: Result, scenarios: Sequence[str] | None) -> Pictures:
            yield "", draw(result, scenarios)

        kind(name, shows, *needs, default=default)(make)
        return draw

    return register


def of_each(
    name: str, shows: str, *needs: Need, default: bool = False
) -> Callable[[Callable[[Result, str], Iterator[Figure]]], object]:
    """Register a function (result, scenario) that shows one scenario, in pages.

    Without a scenario named it shows the reference, and files bear no scenario's name.
    """

    def register(draw: Callable[[Result, str], Iterator[Figure]]) -> object:
        def make(result: Result, scenarios: Sequence[str] | None) -> Pictures:
            for scenario in scenarios or [result.reference]:
                words = [scenario] if scenarios else []
                pages = list(draw(result, scenario))
                for page, figure in enumerate(pages, start=1):
                    number = [f"{page:02}"] if len(pages) > 1 else []
                    yield "_".join([*words, *number]), figure

        kind(name, shows, *needs, default=default)(make)
        return draw

    return register


def of_comparison(
    name: str, shows: str, *, against: bool
) -> Callable[[Drawing], Drawing]:
    """Register a function (comparison, words=...).

    Parameters
    ----------
    name, shows : str
    against : bool
        Whether the reference always takes part.
    """

    def register(draw: Drawing) -> Drawing:
        def make(result: Result, scenarios: Sequence[str] | None) -> Pictures:
            from scenarios.analysis.comparison.compare import compare

            names, reference = result.chosen(scenarios), result.reference
            if against:
                names = list(dict.fromkeys([reference, *names]))
            elif reference not in names:
                reference = names[0]
            # ranks are among those that are shown
            part = result if scenarios is None else result.only(names)
            yield "", draw(compare([part], reference), words=words_of(result))

        kind(name, shows, "draws", "comparison")(make)
        return draw

    return register


def cells_of(result: Result, scenario: str) -> list[Cell]:
    """Years that a scenario has, in order; one cell for a study without years."""
    return [cell for cell in result.cells if cell.scenario == scenario]
