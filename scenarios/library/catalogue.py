"""What is shipped: library files, power tables and GWP sets, each with its source."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from scenarios.language.yaml_text import read

TECHNOLOGIES = (
    "coal",
    "gas",
    "oil",
    "hydro",
    "nuclear",
    "wind",
    "solar",
    "biomass",
    "other",
)


TABLES = ("gwp", "thresholds")
"""Files of the library that no study imports: tables with a reader of their own."""


@dataclass(frozen=True)
class Provenance:
    """Where a shipped figure comes from and how far it can be trusted."""

    source: str
    url: str
    licence: str
    confidence: str
    spread_confidence: str
    note: str


@dataclass(frozen=True)
class Factor:
    """An electricity emission factor; becomes the input ``power.<id>``."""

    id: str
    label: str
    kind: str
    technology: str
    region: str
    year: str
    scope: str
    units: str
    median: float
    gsd: float
    includes_losses: bool
    provenance: Provenance


@dataclass(frozen=True)
class Mix:
    """Shares of technologies in a supply, or a factor published for the whole."""

    id: str
    label: str
    region: str
    year: str
    kind: str
    factor_set: str
    factor: str
    multiplier: str
    losses: str
    concentration: float | None
    provenance: Provenance
    shares: dict[str, float] = field(hash=False)

    @property
    def includes_losses(self) -> bool:
        """Whether grid losses are inside the published factor."""
        return self.losses == "included"

    @property
    def active(self) -> dict[str, float]:
        """Shares that are not zero, adding up to one."""
        kept = {t: s for t, s in self.shares.items() if s > 0}
        whole = sum(kept.values())
        return {t: s / whole for t, s in kept.items()}

    def share_id(self, technology: str) -> str:
        """Input id of one share."""
        return f"mix.{self.id}.{technology}"


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


@lru_cache
def factors() -> dict[str, Factor]:
    """Electricity emission factors by id."""
    return {row["id"]: _factor(row) for row in _rows("power/factors.csv")}


@lru_cache
def mixes() -> dict[str, Mix]:
    """Power mixes by id."""
    return {row["id"]: _mix(row) for row in _rows("power/mixes.csv")}


@lru_cache
def gwp_sets() -> dict[str, dict[str, Any]]:
    """GWP100 sets by name, as the library file holds them."""
    sets: dict[str, dict[str, Any]] = read(folder() / "gwp.yaml", "gwp")["sets"]
    return sets


@lru_cache
def thresholds() -> dict[str, dict[str, Any]]:
    """Limits that buyers state, by name, each with the accounts it is judged against.

    Examples
    --------
    >>> thresholds()["asi_v2"]["value"], thresholds()["asi_v2"]["accounts"]
    (8000, ['direct', 'electricity'])
    """
    stated = read(folder() / "thresholds.yaml", "thresholds")["thresholds"]
    return {str(name): dict(one) for name, one in stated.items()}


@lru_cache
def technology_factor(factor_set: str, technology: str) -> str | None:
    """Id of a set's factor for a technology, if it has one.

    `factor_set` may name several sets (``india+ipcc14``): the first that has one wins.
    """
    for name in factor_set.split("+"):
        for factor in factors().values():
            kind = (factor.kind, factor.technology, factor.id.split("_")[0])
            if kind == ("technology", technology, name):
                return factor.id
    return None


@lru_cache
def factor_sets() -> list[str]:
    """Names of the sets of technology factors."""
    found = (f.id.split("_")[0] for f in factors().values() if f.kind == "technology")
    return sorted(set(found))


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
        yield from csv.DictReader(file)


def _provenance(row: dict[str, str]) -> Provenance:
    keys = ("source", "url", "licence", "confidence", "spread_confidence", "note")
    return Provenance(**{key: row[key] for key in keys})


def _factor(row: dict[str, str]) -> Factor:
    return Factor(
        **{
            key: row[key]
            for key in ("id", "label", "kind", "technology", "region", "year", "scope")
        },
        units=row["units"],
        median=float(row["median"]),
        gsd=float(row["gsd"] or 1),
        includes_losses=row["includes_losses"] == "yes",
        provenance=_provenance(row),
    )


def _mix(row: dict[str, str]) -> Mix:
    keys = ("id", "label", "region", "year", "kind", "factor_set", "factor")
    return Mix(
        **{key: row[key] for key in (*keys, "multiplier", "losses")},
        concentration=float(row["concentration"]) if row["concentration"] else None,
        provenance=_provenance(row),
        shares={t: float(row[t] or 0) for t in TECHNOLOGIES},
    )
