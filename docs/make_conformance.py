"""Write ``docs/conformance.md``: every row of the table of published values, replayed.

    .venv/bin/python docs/make_conformance.py

The replay is that of ``tests/conformance``: this script only prints what those tests
judge. Rows that a study draws take a minute.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "conformance.md"
TABLE = ROOT / "tests" / "data" / "conformance.csv"
MODULES = (
    "distributions",
    "dependence",
    "run_statistics",
    "propagation",
    "functions",
    "sensitivity",
)
HEAD = (
    "| case | quantity | expected | got | tolerance | how | source |",
    "| --- | --- | ---: | ---: | ---: | --- | --- |",
)
Row = dict[str, str]
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Judged:
    """What the tool gives for a row, and how far it may be off.

    ``how`` is computed, or says what was drawn.
    """

    row: Row
    got: float
    tolerance: float
    how: str

    @property
    def holds(self) -> bool:
        """Whether the value is the published one, rounding aside."""
        away = abs(self.got - float(self.row["expected"]))
        return away <= self.tolerance + 1e-14 * abs(self.got)


def key_of(row: Row) -> Key:
    """What tells a row from every other."""
    return row["id"], row["quantity"], row["inputs"]


def table() -> list[Row]:
    """All rows of the table, topic by topic."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    topics = list(dict.fromkeys(row["topic"] for row in found))
    return sorted(found, key=lambda row: topics.index(row["topic"]))


def modules() -> dict[str, ModuleType]:
    """Test modules by name, imported from where they lie."""
    return {name: _imported(name) for name in MODULES}


def _imported(name: str) -> ModuleType:
    path = ROOT / "tests" / "conformance" / f"test_{name}.py"
    spec = spec_from_file_location(f"conformance_{name}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def computed(found: dict[str, ModuleType]) -> Iterator[Judged]:
    """Rows whose value the tool computes without drawing."""
    for name in ("distributions", "dependence", "run_statistics", "propagation"):
        module = found[name]
        for row in module.rows():
            if name != "propagation" or module.is_computed(row):
                got = float(module.quantity_of(row))
                yield Judged(row, got, float(row["tol_abs"]), "computed")


def sampled(found: dict[str, ModuleType]) -> Iterator[Judged]:
    """Rows whose value has to be drawn; each names its draws."""
    studies, functions = found["propagation"], found["functions"]
    for row in studies.rows():
        if studies.is_stop(row):
            stops = sorted(studies.stops(row["id"], studies.SEEDS))
            how = f"median of {len(stops)} adaptive runs"
            yield Judged(row, stops[len(stops) // 2], float(row["tol_abs"]), how)
        elif not studies.is_computed(row):
            yield Judged(row, *studies.drawn(row), "1e6 independent draws")
    for row in functions.rows():
        at_zero = row["quantity"] == "value_at_zero"
        how = "constants" if at_zero else "2^17 Sobol' points"
        yield Judged(row, *functions.drawn(row), how)
    indices = found["sensitivity"]
    for row in indices.rows():
        got = indices.index_of(row)[0]
        yield Judged(row, got, indices.TOLERANCE, "2^14 Sobol' base points")


def number(value: float) -> str:
    """Ten digits, and none of the dust that rounding leaves about zero."""
    return "0" if abs(value) < 1e-15 else f"{value:.10g}"


def line(one: Judged) -> str:
    """One line of the page's tables."""
    row = one.row
    cells = (
        row["id"],
        row["quantity"],
        number(float(row["expected"])),
        number(one.got),
        f"{one.tolerance:.2g}",
        one.how if one.holds else f"{one.how}, OFF",
        row["source"].replace("|", "/"),
    )
    return f"| {' | '.join(cells)} |"


def page(judged: dict[Key, Judged]) -> str:
    """The page: one table a topic, rows in the order of the csv."""
    rows = table()
    held = sum(one.holds for one in judged.values())
    text = [
        "# Conformance",
        "",
        "Published and closed-form values beside what potline gives, case by case: "
        f"{len(rows)} values in {len({row['id'] for row in rows})} cases, of which "
        f"{held} lie within their tolerance. `docs/make_conformance.py` writes this "
        "page from the replay in `tests/conformance`; nothing on it is typed in.",
        "",
        "Tolerance: of a computed value the table's own; of a drawn one four standard "
        "errors, those of as many independent runs where the table states them; of "
        "the shortest interval's ends the table's 0.005, of Sobol' indices its 0.02, "
        "of an adaptive run its band about the median number of draws.",
    ]
    for topic in dict.fromkeys(row["topic"] for row in rows):
        text += ["", f"## {topic[0].upper()}{topic[1:]}", "", *HEAD]
        text += [line(judged[key_of(r)]) for r in rows if r["topic"] == topic]
    return "\n".join(text) + "\n"


def main() -> int:
    """Write the page; 1 if a value is off."""
    found = modules()
    judged = [*computed(found), *sampled(found)]
    text = page({key_of(one.row): one for one in judged})
    PAGE.write_text(text, encoding="utf-8")
    off = [line(one) for one in judged if not one.holds]
    sys.stdout.write("\n".join([*off, f"{len(judged)} values, {len(off)} off\n"]))
    return int(bool(off))


if __name__ == "__main__":
    sys.exit(main())
