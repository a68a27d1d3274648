"""A path's mixes from the user's own file: plain CSV, or IAMC's long or wide table.

Published scenarios often may be read but not passed on; so they are read from where
they lie, and only the shares of technologies that a study takes go into its config.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scenarios.datafiles.csv_columns import FROM, Line, plain_number, rows_of
from scenarios.datafiles.spreadsheet_cells import grid
from scenarios.language.supplies import FILTERS, Supply, SupplyPath
from scenarios.language.tables import TECHNOLOGIES, Tables
from uncertainty.errors import nearest

TOTAL = "Secondary Energy|Electricity"
"""IAMC's variable for all electricity generated; its parts stand below it."""
PARTS = {f"{TOTAL}|{t.capitalize()}": t for t in TECHNOLOGIES if t != "other"}
"""IAMC's variable -> technology; what the total leaves is ``other``."""
OTHER = f"{TOTAL}|Other"
IAMC = ("model", "scenario", "region", "variable", "unit")
ROUNDING = 1e-3
"""Part of the total by which its parts may miss it: published figures are rounded."""
LARGEST_REST = 0.1
"""Part of the total that its parts may leave to ``other`` without saying so: a file
without its row of coal would else pass for a clean one."""
PASSED_OVER = ("notes", "code", "subannual", "flow", "type")
"""Columns of public tables that say nothing of a mix."""
ALIASES = {
    "entity": "region",
    "country": "region",
    "area": "region",
    "natural gas": "gas",
    "bioenergy": "biomass",
    "biofuels and waste": "biomass",
    "other fossil": "oil",
    "solar pv": "solar",
    "other renewables excluding bioenergy": "other",
    "other renewables": "other",
    **dict.fromkeys(("年份", "年"), "year"),
    **dict.fromkeys(("地区", "省份", "国家"), "region"),
    **dict.fromkeys(("煤电", "煤", "燃煤"), "coal"),
    **dict.fromkeys(("气电", "天然气", "燃气"), "gas"),
    **dict.fromkeys(("油电", "石油", "燃油"), "oil"),
    "水电": "hydro",
    "核电": "nuclear",
    "风电": "wind",
    **dict.fromkeys(("光伏", "太阳能", "太阳能发电"), "solar"),
    **dict.fromkeys(("生物质", "生物质发电"), "biomass"),
    "其他": "other",
}
"""Headings of Our World in Data, Ember, the IEA and in Chinese, as called here."""
YEAR = "(19|20|21)[0-9][0-9]|2200"


class MixfileError(ValueError):
    """A file gives no mixes; `key` is the word of the path that is to blame."""

    def __init__(self, message: str, key: str = "file") -> None:
        super().__init__(message)
        self.key = key


_Amounts = dict[int, dict[str, float]]
"""Year -> technology or variable -> amount."""


@dataclass(frozen=True)
class _Row:
    """One row: its line in the file, and its cells by heading."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class _Table:
    file: str
    header: tuple[str, ...]
    rows: tuple[_Row, ...]


@dataclass(frozen=True)
class _Cell:
    """One amount as it stands in the file, and where."""

    line: int
    column: str
    text: str


def with_knots(stated: SupplyPath, path: Path, tables: Tables) -> SupplyPath:
    """A path with knots in place of its file; its note says what was read.

    Parameters
    ----------
    stated : SupplyPath
        With a file.
    path : Path
        Where the file lies.
    tables : Tables
        Emission factors of technologies.

    Raises
    ------
    MixfileError
        See `knots`.
    """
    found, remarks = _read(path, stated, tables)
    chosen = [f"{w} {getattr(stated, w)}" for w in FILTERS if getattr(stated, w)]
    read = f"read from {stated.file}{': ' if chosen else ''}{', '.join(chosen)}"
    note = "; ".join([*([stated.note] if stated.note else []), read, *remarks])
    words = ("file", "factor_set", "losses", *FILTERS)
    update = {"knots": found, "note": note, **dict.fromkeys(words)}
    return stated.model_copy(update=update)


def knots(path: Path, stated: SupplyPath, tables: Tables) -> dict[int, Supply]:
    """Supplies by year, each with the shares of technologies that a file states.

    Parameters
    ----------
    path : Path
        UTF-8 CSV: a column ``year`` and one per technology, or IAMC's columns.
    stated : SupplyPath
        Its ``region``, ``scenario`` and ``model`` choose rows; its ``factor_set`` and
        ``losses`` go into each supply.
    tables : Tables
        Emission factors of technologies.

    Returns
    -------
    dict of year to Supply
        Shares above zero that add up to one, years ascending.

    Raises
    ------
    MixfileError
        No such file, column, year or rows; rows of several scenarios; a cell that is
        no plain number or is negative; parts that exceed their total; a technology
        without a factor. Names file, row and column, and how to mend it.
    """
    return _read(path, stated, tables)[0]


def _read(
    path: Path, stated: SupplyPath, tables: Tables
) -> tuple[dict[int, Supply], list[str]]:
    name, factor_set = path.name, stated.factor_set
    if factor_set not in tables.factor_sets:
        near = nearest(factor_set or "", tables.factor_sets)
        what = "is missing" if factor_set is None else f"is not {factor_set}{near}"
        known = ", ".join(tables.factor_sets)
        raise MixfileError(f"{what}; write one of {known}", "factor_set")
    table = _table(path)
    remarks: list[str] = []
    if "variable" in table.header:
        amounts, remarks = _iamc(table, stated)
    elif "fuel" in table.header:
        amounts = _by_fuel(table, stated)
    else:
        amounts = _plain(table, stated)
    found = {}
    for year, parts in sorted(amounts.items()):
        whole = sum(parts.get(t, 0.0) for t in TECHNOLOGIES)
        if not whole > 0:
            raise MixfileError(f"{name}: the amounts of {year} add up to nothing")
        order = (t for t in TECHNOLOGIES if parts.get(t, 0.0) > 0)
        shares = {t: parts[t] / whole for t in order}
        for technology, share in shares.items():
            if tables.technology_factor(factor_set, technology) is None:
                raise MixfileError(
                    f"has no factor for {technology}, {share:.3%} of {name} in {year}; "
                    "choose another set",
                    "factor_set",
                )
        sds = {t: parts[f"{t}_sd"] / whole for t in shares if parts.get(f"{t}_sd")}
        found[year] = Supply(
            shares=shares,
            sds=sds or None,
            factor_set=factor_set,
            losses=stated.losses,
            source=stated.source if sds else None,
        )
    return found, remarks


def _table(path: Path) -> _Table:
    """Header and rows of a CSV file; rows without any text are left out."""
    name = path.name
    if not path.exists():
        near = nearest(name, (p.name for p in path.parent.glob("*.csv")))
        raise MixfileError(f"no such data file: {name}{near or FROM}")
    if path.suffix.lower() in {".xls", ".ods"}:
        raise MixfileError(f"{name}: is a spreadsheet; save the sheet as CSV, UTF-8")
    try:
        lines = _sheet(path) if path.suffix.lower() == ".xlsx" else rows_of(path)
    except ValueError as error:
        raise MixfileError(f"{name}{error}") from None
    filled = [(line.number, line.cells) for line in lines]
    if not filled:
        raise MixfileError(f"{name}: is empty; the first row names the columns")
    header = _header(name, filled[0][1])
    rows = []
    for line, cells in filled[1:]:
        if any(cells[len(header) :]):
            mend = "more cells than the header has; write a decimal point, no comma"
            raise MixfileError(f"{name}, row {line}: {mend}")
        padded = [*cells, *[""] * len(header)]
        rows.append(_Row(line, dict(zip(header, padded, strict=False))))
    return _Table(name, header, tuple(rows))


def _header(file: str, cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1]:  # a spreadsheet writes commas for empty columns
        cells = cells[:-1]
    header = tuple(_heading(cell) for cell in cells)
    for i, heading in enumerate(header):
        if not heading:
            message = f"column {i + 1} has no name; name it, or take it out"
            raise MixfileError(f"{file}: {message}")
        if heading in header[:i]:
            message = f"two columns are called {cells[i]}; take one of them out"
            raise MixfileError(f"{file}: {message}")
    return header


def _heading(cell: str) -> str:
    """A heading as it is known here; a year that a spreadsheet wrote as a decimal."""
    text = cell.lower()
    if re.fullmatch(rf"({YEAR})\.0", text):
        return text[:-2]
    text = re.sub(r" *[-(（] *(twh|gwh|ej|%|share|亿千瓦时|万千瓦时)\b.*", "", text)
    text = text.removeprefix("electricity from ")
    return ALIASES.get(text, text)


def _sheet(path: Path) -> list[Line]:
    """Rows of a workbook's sheet `data`, or its only one."""
    try:
        page = grid(path)
    except ValueError as error:
        raise ValueError(f": {error}") from None
    found = []
    for number, cells in page.rows:
        for i, cell in enumerate(cells):
            if cell.trouble:
                place = page.place(number, i, cells[i].text[:20])
                raise ValueError(f", {place}: {cell.trouble}")
        found.append(Line(number, [cell.text for cell in cells]))
    return found


def _known(
    table: _Table,
    wanted: Iterable[str],
    *,
    also: tuple[str, ...] = (),
    years: bool = False,
) -> None:
    """Refuse columns that nothing would read: one may be a misspelt one."""
    known = list(wanted)
    left = [
        heading
        for heading in table.header
        if heading not in {*known, *also, *PASSED_OVER}
        and not (years and re.fullmatch(YEAR, heading))
    ]
    if not left:
        return
    near = nearest(left[0], known) if len(left) == 1 else ""
    near = near or f"; known here: {', '.join(known)}"
    mend = "else take it out" if len(left) == 1 else "rename them, or take them out"
    message = f"no column is called {', '.join(left)}{near}; {mend}"
    raise MixfileError(f"{table.file}: {message}")


def _no_years(table: _Table, what: str) -> MixfileError:
    near = nearest("year", table.header)
    return MixfileError(f"{table.file}: has no {what}{near or '; add it'}")


def _chosen(table: _Table, stated: SupplyPath) -> tuple[_Row, ...]:
    """Rows of one region, one scenario and one model."""
    rows, so_far = table.rows, ""
    if not rows:
        raise MixfileError(f"{table.file}: has no rows below its header; add them")
    for word in FILTERS:
        wanted = getattr(stated, word)
        if word not in table.header:
            if wanted is not None:
                message = f"has no column {word}; leave {word} out, or add the column"
                raise MixfileError(f"{table.file} {message}", word)
            continue
        there = list(dict.fromkeys(row.cells[word] for row in rows))
        if wanted is None and len(there) > 1:
            shown = ", ".join(there[:5]) + (", ..." if len(there) > 5 else "")
            message = f"holds several of {word}: {shown}; write {word}: one of them"
            raise MixfileError(f"{table.file}: {message}{so_far}")
        if wanted is not None and wanted not in there:
            near = nearest(wanted, there) or f"; it has {', '.join(there[:5])}"
            message = f"has no rows for {word} {wanted}{so_far}{near}"
            raise MixfileError(f"{table.file} {message}", word)
        if wanted is not None:
            rows = tuple(row for row in rows if row.cells[word] == wanted)
            so_far += f"{' with' if not so_far else ','} {word} {wanted}"
    return rows


def _plain(table: _Table, stated: SupplyPath) -> _Amounts:
    """Amounts of a table with one row per year and one column per technology."""
    if "year" not in table.header:
        raise _no_years(table, "column year")
    spreads = tuple(f"{technology}_sd" for technology in TECHNOLOGIES)
    _known(table, ("year", *TECHNOLOGIES, *FILTERS), also=spreads)
    technologies = [t for t in (*TECHNOLOGIES, *spreads) if t in table.header]
    if not technologies:
        known = ", ".join(TECHNOLOGIES)
        raise MixfileError(f"{table.file}: has no column of a technology: {known}")
    cells: dict[int, dict[str, _Cell]] = {}
    for row in _chosen(table, stated):
        for technology in technologies:
            cell = _Cell(row.line, technology, row.cells[technology])
            _put(table, cells, _year(table, row), technology, cell)
    return _amounts(table, cells)


def _by_fuel(table: _Table, stated: SupplyPath) -> _Amounts:
    """Amounts of a table with a row per year and fuel; regions may be its columns."""
    if "year" not in table.header:
        raise _no_years(table, "column year")
    region = (stated.region or "").lower()
    column = "value" if "value" in table.header else region
    if column not in table.header:
        ids = {"year", "fuel", "unit", *PASSED_OVER}
        there = ", ".join(h for h in table.header if h not in ids)
        message = f"has a column each of several regions: {there}; write region: one"
        raise MixfileError(f"{table.file} {message}", "region")
    cells: dict[int, dict[str, _Cell]] = {}
    rows = table.rows if column == region else _chosen(table, stated)
    for row in rows:
        fuel = _heading(row.cells["fuel"])
        if fuel not in TECHNOLOGIES:
            known = ", ".join(TECHNOLOGIES)
            message = f"{row.cells['fuel']} is no fuel known here; write one of {known}"
            raise MixfileError(f"{table.file}, row {row.line}, fuel: {message}")
        cell = _Cell(row.line, column, row.cells[column])
        _put(table, cells, _year(table, row), fuel, cell)
    _one_unit(table, tuple(rows))
    return _amounts(table, cells)


def _iamc(table: _Table, stated: SupplyPath) -> tuple[_Amounts, list[str]]:
    """Amounts of an IAMC table, long or wide, and what a reader of them should know."""
    long = "year" in table.header
    wide = [h for h in table.header if re.fullmatch(YEAR, h)]
    if not long and not wide:
        raise _no_years(table, "column year, and no column called by a year")
    _known(table, (*IAMC, *(("year", "value") if long else ())), years=not long)
    if long and "value" not in table.header:
        raise MixfileError(f"{table.file}: has no column value; add it")
    electric = [
        row
        for row in table.rows
        if row.cells.get("subannual", "").lower() in {"", "year"}
        and f"{row.cells['variable']}|".startswith(f"{TOTAL}|")
    ]
    if not electric:
        named = {row.cells["variable"] for row in table.rows}
        near = nearest(f"{TOTAL}|Coal", named) or f"; rows of {TOTAL}|Coal are needed"
        raise MixfileError(f"{table.file}: has no variable {TOTAL}|...{near}")
    rows = _chosen(_Table(table.file, table.header, tuple(electric)), stated)
    _one_unit(table, rows)
    remarks = _children(table, rows)
    cells: dict[int, dict[str, _Cell]] = {}
    for row in rows:
        variable = row.cells["variable"]
        if variable not in {TOTAL, OTHER, *PARTS}:
            continue
        for year, heading in (
            [(_year(table, row), "value")] if long else [(int(h), h) for h in wide]
        ):
            cell = _Cell(row.line, heading, row.cells[heading])
            _put(table, cells, year, variable, cell)
    amounts, left = {}, []
    for year, parts in _amounts(table, cells).items():
        amounts[year] = _parted(table.file, year, parts)
        if TOTAL in parts:
            left.append(amounts[year].get("other", 0.0) / max(parts[TOTAL], 1e-300))
    if left and max(left) > 0:
        ends = f"{min(left):.2%} to {max(left):.2%}"
        remarks.append(f"other is what the total leaves, {ends} of it")
    return amounts, remarks


def _one_unit(table: _Table, rows: tuple[_Row, ...]) -> None:
    if "unit" not in table.header:
        return
    for row in rows:
        first, here = rows[0].cells["unit"], row.cells["unit"]
        if here != first:
            message = f"{here} here, {first} in row {rows[0].line}; convert one of them"
            raise MixfileError(f"{table.file}, row {row.line}, unit: {message}")


def _children(table: _Table, rows: tuple[_Row, ...]) -> list[str]:
    """Which variables are counted within their parents; refuses one without."""
    there = {row.cells["variable"] for row in rows}
    if there == {TOTAL}:
        message = f"has {TOTAL} alone, none of its parts such as {TOTAL}|Coal"
        raise MixfileError(f"{table.file}: {message}")
    within = []
    for row in rows:
        variable, here = row.cells["variable"], f"{table.file}, row {row.line}"
        parent = "|".join(variable.split("|")[:3])
        if parent not in {TOTAL, OTHER, *PARTS} and TOTAL not in there:
            message = f"whether {parent} is a part of its own is not known"
            raise MixfileError(f"{here}: {message}; add the total, {TOTAL}")
        if parent not in there and parent in {OTHER, *PARTS}:
            message = f"{variable} without {parent}; add the row of {parent}"
            raise MixfileError(f"{here}: {message}")
        if variable != parent and variable.endswith("|w/ CCS"):
            within.append(variable.removeprefix(f"{TOTAL}|"))
    told = ", ".join(dict.fromkeys(within))
    return [f"{told} with the factor of plants without capture"] if told else []


def _parted(file: str, year: int, parts: Mapping[str, float]) -> dict[str, float]:
    """Amounts by technology, ``other`` being what the total leaves."""
    found = {PARTS[v]: amount for v, amount in parts.items() if v in PARTS}
    summed = sum(found.values()) + parts.get(OTHER, 0.0)
    total = parts.get(TOTAL, summed)
    left = total - summed
    if -left > ROUNDING * total:
        raise MixfileError(
            f"{file}: the parts of {TOTAL} add up to {summed:.6g} in {year}, "
            f"{-left:.3g} above the total of {total:.6g}; mend one of them"
        )
    if left > LARGEST_REST * total:
        none = ", ".join(v.rpartition("|")[2] for v in PARTS if v not in parts)
        raise MixfileError(
            f"{file}: the parts of {TOTAL} add up to {summed:.6g} in {year}, "
            f"{left:.3g} below the total of {total:.6g}; add what is missing"
            f"{f' (no {none})' if none else ''}, or state the rest as {OTHER}"
        )
    other = parts.get(OTHER, 0.0) + (left if left > ROUNDING * total else 0.0)
    return {**found, "other": other} if other > 0 else found


def _year(table: _Table, row: _Row) -> int:
    text = row.cells["year"]
    if re.fullmatch(YEAR, text):
        return int(text)
    message = f"{text!r} is no year; write one from 1900 to 2200"
    raise MixfileError(f"{table.file}, row {row.line}, year: {message}")


def _put(
    table: _Table, cells: dict[int, dict[str, _Cell]], year: int, what: str, cell: _Cell
) -> None:
    """Keep a cell; one amount only of each thing in each year."""
    before = cells.setdefault(year, {}).setdefault(what, cell)
    if before is not cell:
        message = f"{what} of {year} stands in row {before.line} too; keep one of them"
        raise MixfileError(f"{table.file}, row {cell.line}: {message}")


def _amounts(table: _Table, cells: dict[int, dict[str, _Cell]]) -> _Amounts:
    """Numbers in place of cells; a year is stated whole, or not at all."""
    known = list(dict.fromkeys(what for parts in cells.values() for what in parts))
    found: _Amounts = {}
    for year, parts in cells.items():
        if not any(cell.text for cell in parts.values()):
            continue  # a model that reports every ten years leaves the others empty
        for what in known:
            if what not in parts:
                message = f"{year} has no row of {what}, which other years have"
                mend = "write 0 where there is none"
                raise MixfileError(f"{table.file}: {message}; {mend}")
        found[year] = {what: _amount(table, cell) for what, cell in parts.items()}
    if not found:
        raise MixfileError(f"{table.file}: holds no amounts; no year is stated")
    return found


def _amount(table: _Table, cell: _Cell) -> float:
    here = f"{table.file}, row {cell.line}, {cell.column}"
    if not cell.text:
        mend = "write 0 where there is none, or leave the whole year empty"
        raise MixfileError(f"{here}: is empty; {mend}")
    try:
        absent = "write 0 where there is none, or leave the whole year empty"
        number = plain_number(cell.text, absent)
    except ValueError as error:
        raise MixfileError(f"{here}: {error}") from None
    if number < 0:
        message = f"{cell.text} is negative; an amount of electricity is 0 or more"
        raise MixfileError(f"{here}: {message}")
    return number
