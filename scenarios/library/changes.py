"""What differs between this library and that of the last release, figure by figure.

The figures of a release stand in ``last_release.csv``, one row a figure: file, id and
the value as text. A release is closed by ``python -m scenarios.library.changes``, which
writes the table anew from the library as it is.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scenarios.language.yaml_text import read
from scenarios.library import catalogue

TABLE = "last_release.csv"
PAPERS = frozenset(
    (
        "label",
        "label_zh",
        "source",
        "url",
        "licence",
        "note",
        "kind",
        "nature",
        "region",
    )
)
"""Keys that say where a figure comes from and not what it is; marks stay in."""
WORDS = frozenset(("declared_unit", "operator", "names", "title", "description"))
"""Sections that hold no figure."""
Key = tuple[str, str]
"""File and id of a figure."""


def figures(root: Path | None = None) -> dict[Key, str]:
    """Every figure of a library, its value as one line of text.

    Parameters
    ----------
    root : Path, optional
        Folder of a library; default the one that is shipped.

    Examples
    --------
    >>> figures()["power/factors", "mee24_national"].split(",")[0]
    '0.5777 kg CO2e/kWh'
    """
    root = root or catalogue.folder()
    found: dict[Key, str] = {}
    for path in sorted(root.rglob("*.csv")):
        if path.name != TABLE:
            found |= _of_table(path, path.relative_to(root).with_suffix("").as_posix())
    for path in sorted(root.rglob("*.yaml")):
        name = path.relative_to(root).with_suffix("").as_posix()
        found |= _of_file(read(path, name), name)
    return found


def changes(before: dict[Key, str], after: dict[Key, str]) -> Iterator[tuple[str, ...]]:
    """Rows (file, id, what happened, value before, value now), by file.

    A figure that stands in another file now is compared with what it was.

    Examples
    --------
    >>> list(changes({("a", "x"): "1"}, {("a", "x"): "2", ("a", "y"): "3"}))
    [('a', 'x', 'changed', '1', '2'), ('a', 'y', 'new', '', '3')]
    >>> list(changes({("a", "x"): "1"}, {("b", "x"): "1"}))
    []
    """
    gone = {id: file for file, id in before.keys() - after.keys()}
    new = {id: file for file, id in after.keys() - before.keys()}
    moved = {(gone[id], id): (new[id], id) for id in gone.keys() & new.keys()}
    before = {moved.get(key, key): value for key, value in before.items()}
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        word = "new" if was is None else "gone" if now is None else "changed"
        yield *key, word, was or "", now or ""


def since_release() -> Iterator[tuple[str, ...]]:
    """Rows of `changes` between the last release and the library as it is."""
    with (catalogue.folder() / TABLE).open(encoding="utf-8", newline="") as file:
        before = {
            (row["file"], row["id"]): row["value"] for row in csv.DictReader(file)
        }
    return changes(before, figures())


def write(target: Path, found: dict[Key, str]) -> None:
    """Write figures as the table of a release."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "id", "value"))
        writer.writerows((*key, text) for key, text in sorted(found.items()))


def _of_table(path: Path, name: str) -> dict[Key, str]:
    """Figures of a CSV table: what a row holds beside its id and its papers."""
    found = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            columns = list(row)
            # a table of a value a row has all before it for an id
            known = columns[: columns.index("value")] if "value" in row else columns[:1]
            text = [
                f"{column} {value}"
                for column, value in row.items()
                if value and column not in PAPERS and column not in known
            ]
            if "median" in row:
                marks = f"{row['confidence']}, {row['spread_confidence']}"
                text = [
                    f"{row['median']} {row['units']}, gsd {row['gsd'] or 1}, {marks}"
                ]
            found[name, " ".join(row[column] for column in known)] = ", ".join(text)
    return found


def _of_file(data: dict[str, Any], name: str) -> dict[Key, str]:
    """Figures of a YAML file: each entry of each of its sections."""
    found = {}
    for section, stated in data.items():
        if isinstance(stated, dict) and section not in WORDS:
            for id, one in stated.items():
                own = str(id) if section == "inputs" else f"{section}.{id}"
                found[name, own] = _text(one)
        elif section == "dependence":
            for one in stated:
                kind = ("composition", "between", "same_draw")
                named = next(_text(one[word]) for word in kind if word in one)
                found[name, f"dependence {named}"] = _text(one)
    return found


def _text(stated: object) -> str:
    """A value without its papers, as one line."""
    if isinstance(stated, dict):
        kept = {k: v for k, v in stated.items() if k not in PAPERS}
        return ", ".join(f"{k} {_nested(v)}" for k, v in kept.items())
    if isinstance(stated, list):
        return ", ".join(map(_nested, stated))
    return " ".join(str(stated).split())


def _nested(stated: object) -> str:
    return f"({_text(stated)})" if isinstance(stated, dict | list) else _text(stated)


if __name__ == "__main__":
    write(catalogue.folder() / TABLE, figures())
