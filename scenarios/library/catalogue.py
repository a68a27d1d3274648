"""What is shipped: library files, power tables and GWP sets, each with its source."""

import csv
import hashlib
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from scenarios.language.label import Label, told
from scenarios.language.tables import TECHNOLOGIES, Factor, GwpSet, Mix, Tables
from scenarios.language.yaml_text import read

TABLES = ("gwp",)
"""Files of the library that no study imports: tables with a reader of their own."""


def folder() -> Path:
    """Where the library lies, in a checkout or in an installed wheel."""
    return Path(str(files("scenarios"))) / "library"


def names() -> list[str]:
    """Names that a study may import, such as ``aluminium/chain``."""
    root = folder()
    found = (p.relative_to(root).with_suffix("") for p in root.rglob("*.yaml"))
    return sorted(p.as_posix() for p in found if p.as_posix() not in TABLES)


def path(name: str) -> Path:
    """File behind an import name."""
    return folder() / f"{name}.yaml"


def template() -> str:
    """The commented study that `potline init` writes."""
    return (folder() / "template.yaml.txt").read_text(encoding="utf-8")


def product_template() -> dict[str, str]:
    """Files of the skeleton that `potline init --product` writes, by name."""
    found = sorted((folder() / "template_product").glob("*.txt"))
    return {path.stem: path.read_text(encoding="utf-8") for path in found}


def examples() -> dict[str, Path]:
    """Shipped studies by name, of a checkout or of an installed wheel.

    Examples
    --------
    >>> examples()["minimal"].name
    'minimal.yaml'
    """
    places = (
        folder().parents[1] / "configs",
        Path(sys.prefix) / "share" / "potline" / "examples",
    )
    found = (sorted(place.glob("*.yaml")) for place in places)
    return {path.stem: path for path in next(filter(None, found), [])}


def title(path: Path, language: str = "en") -> str:
    """Title of a study's file."""
    return told(read(path, path.name)["title"], language)


@lru_cache
def tables() -> Tables:
    """Power mixes, electricity emission factors and GWP100 sets by their ids."""
    read_mixes = {row["id"]: _mix(row) for row in _rows("power/mixes.csv")}
    read_factors = {row["id"]: _factor(row) for row in _rows("power/factors.csv")}
    stated = read(folder() / "gwp.yaml", "gwp")
    licence = {"licence": stated["licence"]}
    read_sets = {
        id: GwpSet.model_validate(licence | one) for id, one in stated["sets"].items()
    }
    return Tables(read_mixes, read_factors, read_sets)


def mixes() -> Mapping[str, Mix]:
    """Power mixes by id."""
    return tables().mixes


def factors() -> Mapping[str, Factor]:
    """Electricity emission factors by id."""
    return tables().factors


def gwp_sets() -> Mapping[str, GwpSet]:
    """GWP100 sets by name."""
    return tables().gwp_sets


@lru_cache
def checksum() -> str:
    """SHA-256 over every library file, so that a result says which it used."""
    digest = hashlib.sha256()
    root = folder()
    for file in sorted(p for p in root.rglob("*") if p.suffix in {".yaml", ".csv"}):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (folder() / name).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row | {"label": Label(row["label"], row["label_zh"])}


def _factor(row: dict[str, str]) -> Factor:
    stated: dict[str, Any] = {key: row[key] for key in Factor.model_fields if row[key]}
    stated["median"] = float(row["median"])
    stated["gsd"] = float(row["gsd"] or 1)
    stated["includes_losses"] = row["includes_losses"] == "yes"
    return Factor.model_construct(**stated)  # a test validates what is shipped


def _mix(row: dict[str, str]) -> Mix:
    stated: dict[str, Any] = {k: row[k] for k in Mix.model_fields if row.get(k)}
    if row["concentration"]:
        stated["concentration"] = float(row["concentration"])
    shares = {t: float(row[t]) for t in TECHNOLOGIES if row[t]}
    stated["shares"] = {t: share for t, share in shares.items() if share > 0}
    return Mix.model_construct(**stated)
