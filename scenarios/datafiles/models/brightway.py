"""Brightway: bw_processing datapackages, and the spreadsheets that bw2io reads."""

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.datafiles.models.containers import Archive, content_of
from scenarios.datafiles.models.model import (
    Amount,
    Line,
    Made,
    Model,
    ModelFileError,
    Process,
)
from scenarios.datafiles.models.names import formula_of
from scenarios.datafiles.xlsx import openpyxl
from uncertainty.errors import UncertaintyError

PACKAGE = "bw_processing datapackage"
EXCEL = "Brightway Excel"
FIELDS = ("loc", "scale", "shape", "minimum", "maximum")
MATRICES = {
    "technosphere_matrix": "technosphere",
    "biosphere_matrix": "biosphere",
    "characterization_matrix": "characterisation",
}


# --- datapackages ---------------------------------------------------------------------


def read_package(archive: Archive) -> Model:
    """The model of a datapackage: vectors, with distributions where it has them.

    Raises
    ------
    ModelFileError
        A resource is damaged or missing, or a column makes nothing.
    """
    about = archive.json("datapackage.json")
    model = Model(str(about.get("title") or archive.name), PACKAGE)
    labels = {
        int(node["id"]): node for node in about.get("nodes") or [] if "id" in node
    }
    cells: dict[str, list[tuple[int, int, Amount, bool]]] = {}
    for group in _groups(archive, about):
        matrix = MATRICES.get(str(group["matrix"]))
        name = str(group["name"])
        if matrix is None:
            model.leave(name, f"the matrix {group['matrix']}", "a footprint has no use")
            continue
        data = group.get("data")
        if data is None or group.get("indices") is None:
            raise ModelFileError(f"{archive.name}: the group {name} lacks its data")
        if data.ndim > 1:
            why = (
                "draws of others cannot be repeated; distributions and values are read"
            )
            model.leave(name, f"{data.shape[1]} pre-sampled columns", why)
            continue
        cells.setdefault(matrix, []).extend(_cells(archive.name, group))
    if "technosphere" not in cells:
        raise ModelFileError(f"{archive.name}: has no values of a technosphere matrix")
    for row, _, amount, _ in cells.get("characterisation", []):
        model.factors[str(row)] = amount.value
        if amount.spread is not None:
            why = "a GWP set of a study's own has no spread"
            model.leave(_label(labels, row), "the spread of its factor", why)
    _fill(model, cells, labels)
    demand = about.get("demand")
    if isinstance(demand, dict) and len(demand) == 1:
        model.demand = next(iter(demand))
    return model


def _fill(
    model: Model,
    cells: Mapping[str, Sequence[tuple[int, int, Amount, bool]]],
    labels: Mapping[int, Mapping[str, Any]],
) -> None:
    columns: dict[int, list[tuple[int, Amount, bool]]] = {}
    for row, column, amount, flip in cells["technosphere"]:
        columns.setdefault(column, []).append((row, amount, flip))
    for column, lines in columns.items():
        process = Process(str(column), _label(labels, column))
        process.category = str(labels.get(column, {}).get("type", ""))
        made = [line for line in lines if line[0] == column and not line[2]]
        made = made or [line for line in lines if not line[2] and line[1].value > 0][:1]
        if not made:
            raise ModelFileError(f"{model.title}: column {column} makes nothing")
        product = made[0]
        process.makes.append(
            Made(str(product[0]), process.name, product[1], _unit(labels, column))
        )
        for line in lines:
            if line is product:
                continue
            row, amount, flip = line
            sign = 1.0 if flip else -1.0
            unit = _unit(labels, row)
            label = _label(labels, row)
            process.takes.append(Line(str(row), label, amount, unit, "", sign))
        model.processes[process.key] = process
    for row, column, amount, flip in cells.get("biosphere", []):
        sign = -1.0 if flip else 1.0
        label = _label(labels, row)
        found = model.processes.get(str(column))
        if found is not None:
            found.emits.append(Line(str(row), label, amount, "kg", "", sign))
    for process in model.processes.values():
        process.source = f"{model.title}, {process.name}, id {process.key}"


def _label(labels: Mapping[int, Mapping[str, Any]], key: int) -> str:
    return str(labels.get(key, {}).get("name") or f"node {key}")


def _unit(labels: Mapping[int, Mapping[str, Any]], key: int) -> str:
    return str(labels.get(key, {}).get("unit") or "unit")


def _groups(archive: Archive, about: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Resources of each group, its arrays read."""
    found: dict[str, dict[str, Any]] = {}
    for resource in about.get("resources") or []:
        try:
            name, kind = str(resource["group"]), str(resource["kind"])
            path, matrix = str(resource["path"]), resource.get("matrix")
        except (KeyError, TypeError) as error:
            text = f"{archive.name}: a resource of datapackage.json lacks {error}"
            raise ModelFileError(text) from None
        group = found.setdefault(name, {"name": name, "matrix": matrix})
        if kind in ("indices", "data", "flip", "distributions"):
            if path not in archive:
                raise archive.fault(path, "is missing")
            group[kind] = _array(archive, path)
    yield from found.values()


def _array(archive: Archive, path: str) -> Any:
    content = io.BytesIO(archive.read(path))
    try:
        return np.load(content, allow_pickle=False)
    except (ValueError, EOFError, OSError, SyntaxError, MemoryError) as error:
        raise archive.fault(path, f"is no array ({error})") from None


def _cells(
    file: str, group: Mapping[str, Any]
) -> Iterator[tuple[int, int, Amount, bool]]:
    indices, data = group["indices"], group["data"]
    flips = group.get("flip")
    rows = group.get("distributions")
    try:
        for i in range(len(indices)):
            row, column = int(indices["row"][i]), int(indices["col"][i])
            value = float(data[i])
            if not np.isfinite(value):
                raise ValueError(f"{value} at row {row}, column {column}")
            spread = None if rows is None else _spread(rows[i])
            flip = bool(flips[i]) if flips is not None else False
            yield row, column, Amount(value, "", spread), flip
    except (IndexError, ValueError, TypeError, KeyError) as error:
        text = f"{file}: the group {group['name']} is damaged ({error})"
        raise ModelFileError(text) from None


def _spread(row: Any) -> dict[str, object] | None:
    code = int(row["uncertainty_type"])
    if code < 2:
        return None
    numbers = {word: float(row[word]) for word in FIELDS}
    found: dict[str, object] = {
        word: value for word, value in numbers.items() if value == value
    }
    found |= {"format": "stats_arrays", "uncertainty_type": code}
    return found | ({"negative": True} if bool(row["negative"]) else {})


# --- spreadsheets ---------------------------------------------------------------------

HEADS = ("database", "activity", "exchanges", "parameters", "project parameters")
EMPTY = (None, "", "(Unknown)")
Row = list[Any]


def read_excel(path: Path) -> Model:
    """The model of a spreadsheet as bw2io's importer takes it.

    Raises
    ------
    ModelFileError
        It cannot be opened, or has no activities.
    """
    Archive(path)  # its limits hold for the workbook, too
    package = openpyxl()
    try:
        with warnings.catch_warnings():  # of extensions that it leaves out
            warnings.simplefilter("ignore")
            book = package.load_workbook(
                io.BytesIO(content_of(path)), read_only=True, data_only=True
            )
            pages = [page.iter_rows(values_only=True) for page in book]
            sheets = [[list(row) for row in rows] for rows in pages]
    except Exception as error:  # openpyxl raises whatever the damage leads to
        text = f"{path.name}: is no sound workbook ({error})"
        raise ModelFileError(text) from None
    return _of_sheets(path.name, sheets)


def _of_sheets(name: str, sheets: Sequence[list[Row]]) -> Model:
    model = Model(name, EXCEL)
    blocks: list[tuple[Process, list[dict[str, Any]]]] = []
    products: dict[str, str] = {}
    for sheet in sheets:
        rows = _kept(sheet)
        i = 0
        while i < len(rows):
            head = str(rows[i][0] or "").strip().lower()
            if head == "activity":
                i = _activity(model, rows, i, blocks, products)
            elif head in ("project parameters", "database parameters"):
                table, i = _table(rows, i + 1)
                for one in table:
                    _own(model, model.parameters, one, head)
            elif head == "database":
                model.title = str(rows[i][1] or name)
                i += 1
            else:
                i += 1
    for process, exchanges in blocks:
        _exchanges(model, process, exchanges, products)
    if not model.processes:
        raise ModelFileError(f"{name}: has no row that begins with Activity")
    return model


def _kept(sheet: list[Row]) -> list[Row]:
    """Rows with something in them, without the columns that are cut off."""
    if not sheet or not sheet[0]:
        return []
    first = str(sheet[0][0] or "").strip().lower()
    if first == "skip":
        return []
    last = None
    if first == "cutoff":
        last = int(sheet[0][1])
        sheet = sheet[1:]
    found = [row[:last] for row in sheet]
    return [row for row in found if row]


def _table(rows: list[Row], start: int) -> tuple[list[dict[str, Any]], int]:
    """Rows below a row of headings, up to an empty one."""
    if start >= len(rows):
        return [], start
    heads = [str(cell or "").strip().lower() for cell in rows[start]]
    found: list[dict[str, Any]] = []
    i = start + 1
    while i < len(rows) and any(cell is not None for cell in rows[i]):
        if str(rows[i][0] or "").strip().lower() in HEADS and len(found) > 0:
            break
        cells = zip(heads, rows[i], strict=False)
        found.append({head: cell for head, cell in cells if head and cell not in EMPTY})
        i += 1
    return found, i


def _activity(
    model: Model,
    rows: list[Row],
    i: int,
    blocks: list[tuple[Process, list[dict[str, Any]]]],
    products: dict[str, str],
) -> int:
    """Read one activity; give back the row behind it."""
    name = str(rows[i][1])
    meta: dict[str, Any] = {}
    process = Process("", name)
    exchanges: list[dict[str, Any]] = []
    i += 1
    while i < len(rows):
        head = str(rows[i][0] or "").strip().lower()
        if head in (
            "activity",
            "database",
            "project parameters",
            "database parameters",
        ):
            break
        if head == "parameters":
            table, i = _table(rows, i + 1)
            for one in table:
                _own(model, process.parameters, one, name)
        elif head == "exchanges":
            exchanges, i = _table(rows, i + 1)
        else:
            if head and len(rows[i]) > 1 and rows[i][1] not in EMPTY:
                meta[head] = rows[i][1]
            i += 1
    process.key = str(meta.get("code") or f"{name} {meta.get('location', '')}".strip())
    process.location = str(meta.get("location", ""))
    process.category = str(meta.get("categories") or "").rpartition("::")[2]
    process.source = f"{model.title}, {name}, {process.key}"
    if meta.get("type") == "product":
        products[name] = str(meta.get("unit") or "unit")
        return i
    meta_unit = str(meta.get("unit") or "unit")
    amount = meta.get("production amount", 1)
    exchanges.insert(0, {"#": True, "unit": meta_unit, "amount": amount})
    if meta.get("reference product"):
        exchanges[0]["name"] = meta["reference product"]
    model.processes[process.key] = process
    blocks.append((process, exchanges))
    return i


def _own(
    model: Model, into: dict[str, Amount], row: Mapping[str, Any], where: str
) -> None:
    name = str(row.get("name", ""))
    into[name] = _amount(model, row, f"{where}, parameter {name}", lambda _: True)


def _amount(model: Model, row: Mapping[str, Any], where: str, known: Any) -> Amount:
    try:
        value = float(row.get("amount") or 0)
    except (TypeError, ValueError):
        text = f"{where}: {row.get('amount')!r} is no amount"
        raise ModelFileError(text) from None
    text = str(row.get("formula") or "")
    if text:
        try:
            text = formula_of(text, "python", lambda n: n if known(n) else None)
        except (ValueError, UncertaintyError) as error:
            model.leave(where, f"the formula {text}", f"{error}; its value is kept")
            text = ""
    code = row.get("uncertainty type")
    if code in (None, 0, 1):
        return Amount(value, text)
    own = {word: row[word] for word in (*FIELDS, "negative") if word in row}
    spread = {"format": "brightway_excel", "amount": value, "uncertainty type": code}
    return Amount(value, text, {**spread, **own})


def _exchanges(
    model: Model,
    process: Process,
    rows: list[dict[str, Any]],
    products: Mapping[str, str],
) -> None:
    """Lines of an activity, and what it makes."""
    head, *rest = rows
    known = {*model.parameters, *process.parameters}.__contains__
    keys: dict[tuple[str, str], str] = {}
    for key, other in model.processes.items():
        keys.setdefault((other.name, ""), key)
        keys[other.name, other.location] = key
    for row in rest:
        kind = str(row.get("type", "")).strip().lower()
        name = str(row.get("name", ""))
        where = f"{process.name}, {name}"
        amount = _amount(model, row, where, known)
        unit = str(row.get("unit") or "unit")
        if kind == "biosphere":
            process.emits.append(Line(name, name, amount, unit))
        elif kind == "production" and not process.makes:
            process.makes.append(Made(name, name, amount, unit))
        elif kind in ("technosphere", "substitution", "production"):
            # what is made beside the product replaces what others make
            sign = 1.0 if kind == "technosphere" else -1.0
            place = str(row.get("location", ""))
            provider = keys.get((name, place)) or keys.get((name, "")) or ""
            provider = str(row.get("code") or provider)
            process.takes.append(Line(name, name, amount, unit, provider, sign))
        else:
            model.leave(where, f"an exchange of the type {kind or 'that is empty'}",
                        "a study has no such line")  # fmt: skip
    if not process.makes:
        name = str(head.get("name") or process.name)
        amount = Amount(float(head["amount"] or 1))
        process.makes.append(Made(name, name, amount, str(head["unit"])))
