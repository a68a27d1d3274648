"""SimaPro's CSV of processes, of any of its separators."""

import csv
import io
import re
from collections.abc import Sequence

from scenarios.datafiles.models.model import (
    Amount,
    Line,
    Made,
    Model,
    ModelFileError,
    Process,
)
from scenarios.datafiles.models.names import NAMES, formula_of
from uncertainty.errors import UncertaintyError

FORM = "SimaPro CSV"
SEPARATORS = {"semicolon": ";", "comma": ",", "tab": "\t"}
SECTION = NAMES["simapro"]
AVOIDED, RESOURCES = "avoided products", "resources"
SECTIONS = {
    *(AVOIDED, RESOURCES),
    *(
        name
        for part in ("takes", "nature", "made", "other", "own")
        for name in SECTION[part]
    ),
}
Cells = Sequence[str]


def is_simapro(text: str) -> bool:
    """Whether a text begins as SimaPro's exports do."""
    return text.lstrip('\ufeff" ').startswith(("{SimaPro", "SimaPro"))


def read(text: str, name: str) -> Model:
    """The model of an export.

    Raises
    ------
    ModelFileError
        It holds no process, or a number that is none.
    """
    head = text[:3000]
    stated = re.search(r"\{CSV separator: (\w+)\}", head)
    separator = SEPARATORS.get(stated[1].lower() if stated else "", "")
    if not separator:
        first = text.splitlines()[0]
        separator = max(SEPARATORS.values(), key=first.count)
    decimal = re.search(r"\{Decimal separator: (.)\}", head)
    comma = decimal is not None and decimal[1] == ","
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise ModelFileError(f"{name}: is no sound CSV ({error})") from None
    reader = _Reader(Model(name, FORM), comma)
    reader.read([[cell.strip().replace("\x7f", " ") for cell in row] for row in rows])
    if not reader.model.processes:
        raise ModelFileError(f"{name}: holds no process that makes a product")
    return reader.model


class _Reader:
    def __init__(self, model: Model, comma: bool) -> None:
        self.model, self.comma = model, comma
        self.blocks: list[dict[str, list[tuple[int, Cells]]]] = []
        self.shared: dict[str, list[tuple[int, Cells]]] = {}

    def read(self, rows: Sequence[Cells]) -> None:
        """All blocks first: a process may read a parameter stated below it."""
        block: dict[str, list[tuple[int, Cells]]] | None = None
        section = ""
        for number, row in enumerate(rows, 1):
            first = row[0].lower() if row else ""
            filled = any(row)
            if first == "process" and not any(row[1:]):
                block, section = {}, ""
                self.blocks.append(block)
            elif first == "end":
                block, section = None, ""
            elif first in SECTION["shared"] and not any(row[1:]):
                block, section = self.shared, first
            elif block is not None and not any(row[1:]) and self._heads(first, block):
                section = first
            elif not filled:
                if section not in SECTIONS:
                    section = section if block is self.shared else ""
            elif block is not None and section:
                if not row[0]:
                    continue  # a comment that goes on
                block.setdefault(section, []).append((number, row))
            elif block is not None and filled and len(row) > 1 and row[1]:
                block.setdefault(first, []).append((number, [row[1]]))
        for section in SECTION["shared"]:
            for number, row in self.shared.get(section, []):
                self._parameter(self.model.parameters, section, number, row)
        for one in self.blocks:
            self._process(one)

    def _heads(self, first: str, block: object) -> bool:
        known = first in SECTIONS and block is not self.shared
        return known or first in (
            "process identifier",
            "type",
            "process name",
            "comment",
        )

    def _process(self, block: dict[str, list[tuple[int, Cells]]]) -> None:
        made = [row for head in SECTION["made"] for row in block.get(head, [])]
        if not made:
            return
        _, first = made[0]
        stated = _word(block, "process identifier")
        name = _word(block, "process name") or first[0]
        process = Process(stated or name, name, "", f"{name}, {stated}".rstrip(", "))
        process.aggregated = _word(block, "type").lower() == "system"
        for section in SECTION["own"]:
            for at, row in block.get(section, []):
                self._parameter(process.parameters, section, at, row)
        for at, row in made:
            unit, amount = self._number_and_unit(process, at, row[0], row[1:3])
            alone = len(made) == 1
            share = row[3] if len(row) > 3 else ""
            part = 1.0 if alone or not share else self._number(at, share) / 100
            process.makes.append(Made(row[0], row[0], amount, unit, 1.0, part))
        category = next((c for c in reversed(made[0][1]) if "\\" in c), "")
        process.category = category.split("\\")[0]
        for section in (*SECTION["takes"], AVOIDED):
            sign = -1.0 if section == AVOIDED else 1.0
            for at, row in block.get(section, []):
                unit, amount = self._amount(process, at, row[0], row[1:])
                line = Line(row[0], row[0], amount, unit, "", sign)
                process.takes.append(line)
        for section in (*SECTION["nature"], RESOURCES):
            sign = -1.0 if section == RESOURCES else 1.0
            for at, row in block.get(section, []):
                unit, amount = self._amount(process, at, row[0], row[2:])
                process.emits.append(Line(row[0], row[0], amount, unit, "", sign))
        for section in SECTION["other"]:
            for _, row in block.get(section, []):
                why = f"{section} are no flows of a footprint"
                self.model.leave(name, row[0], why)
        self.model.processes[process.key] = process

    def _number_and_unit(
        self, process: Process, at: int, what: str, cells: Cells
    ) -> tuple[str, Amount]:
        """Unit and amount, in whichever order the release wrote them."""
        pair = [*cells, "", ""][:2]
        unit, number = pair if self._is_number(pair[1]) else pair[::-1]
        if not self._is_number(number):  # an expression
            unit, number = pair
        return unit, self._value(process, at, what, number)

    def _amount(
        self, process: Process, at: int, what: str, cells: Cells
    ) -> tuple[str, Amount]:
        unit, amount = self._number_and_unit(process, at, what, cells[:2])
        word, xsd, low, high = [*cells[2:6], "", "", "", ""][:4]
        if not word or word.lower() in ("undefined", "undefined "):
            return unit, amount
        spread = {
            "format": "simapro",
            "distribution": word,
            "mean": amount.value,
            "xsd": self._point(xsd),
            "min": self._point(low),
            "max": self._point(high),
        }
        return unit, Amount(amount.value, amount.formula, spread)

    def _parameter(
        self, into: dict[str, Amount], section: str, at: int, row: Cells
    ) -> None:
        if "calculated" in section:
            text = self._formula(row[1], lambda _: True, row[0])
            into[row[0].lower()] = Amount(0.0, text)
            return
        value = self._number(at, row[1])
        _, amount = self._amount(Process("", ""), at, row[0], ["", row[1], *row[2:6]])
        into[row[0].lower()] = Amount(value, "", amount.spread)

    def _value(self, process: Process, at: int, what: str, text: str) -> Amount:
        if self._is_number(text):
            return Amount(self._number(at, text))
        known = {*self.model.parameters, *process.parameters}
        formula = self._formula(text, known.__contains__, f"{process.name}, {what}")
        if not formula:
            raise ModelFileError(
                f"{self.model.title}, row {at}: {text or 'an empty cell'} is no "
                "number, and no formula that can be read"
            )
        return Amount(0.0, formula)

    def _formula(self, text: str, known: object, where: str) -> str:
        assert callable(known)
        try:
            return formula_of(
                self._point(text),
                "simapro",
                lambda name: name.lower() if known(name.lower()) else None,
            )
        except (ValueError, UncertaintyError) as error:
            self.model.leave(where, f"the formula {text}", str(error))
            return ""

    def _point(self, text: str) -> str:
        return text.replace(",", ".") if self.comma else text

    def _is_number(self, text: str) -> bool:
        try:
            float(self._point(text))
        except ValueError:
            return False
        return True

    def _number(self, at: int, text: str) -> float:
        if not self._is_number(text):
            raise ModelFileError(
                f"{self.model.title}, row {at}: {text or 'an empty cell'} is no number"
            )
        return float(self._point(text))


def _word(block: dict[str, list[tuple[int, Cells]]], head: str) -> str:
    rows = block.get(head, [])
    return rows[0][1][0] if rows else ""
