"""Factors grouped by what the study says of its inputs."""

from collections.abc import Iterable, Mapping, Sequence

from scenarios.analysis.sensitivity.dependent_inputs import Ties
from scenarios.analysis.sensitivity.errors import DriverError
from scenarios.model.study import Study
from uncertainty.errors import nearest

GROUPINGS = (
    "stage",
    "kind",
    "nature",
    "source",
    "confidence",
    "spread_confidence",
    "none",
)
UNSTATED = "unstated"


def grouped(
    study: Study, columns: Sequence[str], tied: Ties, by: str
) -> dict[str, tuple[str, ...]]:
    """Columns by what their papers say.

    Parameters
    ----------
    study : Study
    columns : sequence of str
        What the outputs read.
    tied : Ties
    by : str
        One of `GROUPINGS`: ``stage`` is the first part of the id.

    Returns
    -------
    dict of name to columns
        Empty for "none". Columns that are tied stay together: where their papers
        differ, the group is called after all of them, as in "assumed and read".

    Raises
    ------
    DriverError
        There is no such grouping.
    """
    known_grouping(by)
    if by == "none":
        return {}
    sets = _joined(tied.sets)
    every = [*columns, *(c for s in sets if s & set(columns) for c in sorted(s))]
    papers = papers_of(study, every)
    words = {c: _bare(c).partition(".")[0] for c in every}
    if by != "stage":
        words = {c: papers[c].get(by) or UNSTATED for c in every}
    for together in sets:
        known = sorted({words[column] for column in together & words.keys()})
        words |= dict.fromkeys(together & words.keys(), " and ".join(known))
    found: dict[str, list[str]] = {}
    for column, word in words.items():
        found.setdefault(word, []).append(column)
    return {word: tuple(members) for word, members in found.items()}


def known_grouping(by: str) -> None:
    """Refuse a grouping that there is not.

    Raises
    ------
    DriverError
    """
    if by not in GROUPINGS:
        raise DriverError(
            f"no grouping is called {by}{nearest(by, GROUPINGS)}; there are "
            f"{', '.join(GROUPINGS)}"
        )


def papers_of(study: Study, columns: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """Papers of what each column stands for; a year's own column has its input's."""
    known = study.column_papers()
    return {c: known.get(c) or known.get(_bare(c), {}) for c in columns}


def _bare(column: str) -> str:
    """Id behind a column: without scale, scenario or year."""
    return column.removeprefix("scale:").partition("@")[0]


def _joined(sets: Iterable[Sequence[str]]) -> list[set[str]]:
    """Sets that have a member in common, made one."""
    found: list[set[str]] = []
    for members in map(set, sets):
        touching = [other for other in found if other & members]
        found = [other for other in found if not other & members]
        found.append(members.union(*touching))
    return found
