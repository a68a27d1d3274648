"""A cell of a study as a bw_processing datapackage: matrices with their draws.

The package holds each varying exchange twice. As a column of pre-sampled values,
``bw2calc.LCA(..., use_arrays=True)`` repeats the run draw by draw. As a distribution,
``use_distributions=True`` draws it anew, each exchange by itself: what ties exchanges
to each other is lost there, and only there.
"""

import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from scenarios.datafiles.conventions import ExchangeError, write
from scenarios.datafiles.conventions.statement import scaled, state
from scenarios.errors import ScenarioError
from scenarios.export.zipped import zipped
from scenarios.model.matrices import Column, Exchange, Matrices, matrices, nodes
from scenarios.model.study import Study
from uncertainty.arrays import FloatArray
from uncertainty.distributions import Marginal, build
from uncertainty.model import Model, Table
from uncertainty.model.graph import Quantile
from uncertainty.run.propagation import propagate

INDICES = [("row", np.int64), ("col", np.int64)]
DISTRIBUTION = [
    ("uncertainty_type", np.uint8),
    *((name, np.float32) for name in ("loc", "scale", "shape", "minimum", "maximum")),
    ("negative", bool),
]
"""Columns of bw_processing, in its order; seven digits are its own."""
MATRICES = ("technosphere", "biosphere", "characterization")


@dataclass
class Package:
    """A datapackage in the making, and what its distributions cannot say.

    Attributes
    ----------
    content : bytes
        Of the zip.
    exact, fitted : list of str
        Varying exchanges whose distribution is the input's own, and those of several
        inputs, that a lognormal or normal of the same mean and sd stands for.
    """

    content: bytes = b""
    exact: list[str] = field(default_factory=list)
    fitted: list[str] = field(default_factory=list)


def package(study: Study, scenario: str, year: int | None, draws: int) -> Package:
    """A scenario in one year as a datapackage.

    Parameters
    ----------
    study : Study
        With a chain.
    scenario : str
        No fleet: that is a sum of matrices, not one.
    year : int or None
    draws : int
        Of the study's own design and seed.

    Raises
    ------
    ModelError
        The study has no chain, or a draw is not finite.
    ScenarioError
        The scenario is a fleet.

    Examples
    --------
    >>> import scenarios
    >>> made = package(scenarios.load("configs/minimal.yaml"), "hydro", None, 1024)
    >>> made.fitted
    ['process casting takes process electrolysis']
    """
    if scenario not in study.scenarios:
        raise ScenarioError(
            f"{scenario} is a fleet, a sum of several systems; export its members"
        )
    model = study.model()
    context = study.compiler(model.graph).context(scenario, year)
    declared = study.config.declared_unit
    assert declared is not None  # the compiler has refused it
    found = matrices(context, declared.units)
    groups = (found.technosphere, found.biosphere, found.characterisation)
    every = [exchange for group in groups for exchange in group]
    values = _values(study, model, every, draws)
    points = _points(model, every)
    made = Package()
    ids = {column: i for i, column in enumerate(found.columns, 1)}
    ids |= {("gas", gas): 1001 + len(ids) + i for i, gas in enumerate(found.gases)}
    writer = _Writer()
    writer.inputs = _inputs(study, model, scenario, year, draws)
    start = 0
    for name, group in zip(MATRICES, groups, strict=True):
        part = slice(start, start + len(group))
        start = part.stop
        marginals = [
            _marginal(model, exchange, row, made)
            for exchange, row in zip(group, values[part], strict=True)
        ]
        writer.matrix(name, group, ids, points[part], values[part], marginals)
    about = _about(study, scenario, year, draws, found, ids)
    made.content = writer.zip(about)
    return made


def _table(exchanges: Sequence[Exchange]) -> Table:
    names = tuple(str(i) for i in range(len(exchanges)))
    at = nodes(list(exchanges)).reshape(1, 1, -1)
    return Table(
        "exchanges", "", at, "", dims=("exchange",), coords={"exchange": names}
    )


def _values(
    study: Study, model: Model, exchanges: Sequence[Exchange], draws: int
) -> FloatArray:
    """Draws of exchanges in units of the matrices, shape (exchange, draw)."""
    points, levels = study.plan(model, draws)
    alone = replace(model, scenarios=("",), years=())
    drawn = propagate(alone, points, [_table(exchanges)], levels=levels)
    factors = np.array([exchange.factor for exchange in exchanges])
    values: FloatArray = drawn["exchanges"].values[0] / factors[:, None]
    return values


def _inputs(
    study: Study, model: Model, scenario: str, year: int | None, draws: int
) -> dict[str, FloatArray]:
    """Draws of what varies among the inputs of a cell, in their own units."""
    row = model.scenarios.index(scenario)
    column = 0 if year is None else model.years.index(year)
    points, levels = study.plan(model, draws)
    tables = [
        replace(table, nodes=table.nodes[row, column].reshape(1, 1))
        for table in model.inputs.values()
        if model.graph.value(int(table.nodes[row, column])) is None
    ]
    alone = replace(model, scenarios=("",), years=())
    drawn = propagate(alone, points, tables, levels=levels)
    return {table.name: drawn[table.name].values[0] for table in tables}


def _points(model: Model, exchanges: Sequence[Exchange]) -> FloatArray:
    factors = np.array([exchange.factor for exchange in exchanges])
    points: FloatArray = model.point(_table(exchanges)).ravel() / factors
    return points


def _marginal(
    model: Model, exchange: Exchange, values: FloatArray, made: Package
) -> Marginal | None:
    """Distribution of an exchange by itself; None for a constant."""
    if values.min() == values.max():
        return None
    verb = "takes" if exchange.row[0] != "gas" else "emits"
    verb = "is weighted by" if exchange.row == exchange.column else verb
    label = f"{' '.join(exchange.column)} {verb} {' '.join(exchange.row)}"
    leaf = model.graph.payloads[exchange.node]
    if isinstance(leaf, Quantile):
        try:
            stated = scaled(state(leaf.marginal), leaf.factor / exchange.factor)
            write("stats_arrays", stated.marginal())
        except ExchangeError:
            pass
        else:
            made.exact.append(label)
            return stated.marginal()
    made.fitted.append(label)
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    if values.min() * values.max() > 0:
        own = {"mean": abs(mean), "cv": sd / abs(mean), "negate": mean < 0}
        return build("lognormal", own)
    return build("normal", {"mean": mean, "sd": sd})


def _about(
    study: Study,
    scenario: str,
    year: int | None,
    draws: int,
    found: Matrices,
    ids: dict[Column, int],
) -> dict[str, Any]:
    """What a reader needs beside the arrays."""
    units = {**found.columns, **{("gas", gas): "kg" for gas in found.gases}}
    settings = study.settings
    return {
        "title": study.title,
        "study": study.name,
        "scenario": scenario,
        "year": year,
        "draws": draws,
        "design": settings.design,
        "run_seed": settings.seed,
        "score_units": "kg CO2e",
        "demand": {str(ids[found.declared]): 1},
        "use": "bw2calc.LCA(demand, data_objs=[package], use_arrays=True); column i of "
        "every array is draw i; pass no seed_override, which makes their order random",
        "nodes": [
            {"id": number, "type": kind, "name": name, "unit": units[kind, name]}
            for (kind, name), number in ids.items()
        ],
        "config": study.text,
    }


class _Writer:
    """Files of a datapackage and the resources that describe them."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.resources: list[dict[str, Any]] = []
        self.inputs: dict[str, FloatArray] = {}

    def matrix(
        self,
        name: str,
        group: Sequence[Exchange],
        ids: dict[Column, int],
        points: FloatArray,
        values: FloatArray,
        marginals: Sequence[Marginal | None],
    ) -> None:
        """One matrix: ones where a column makes its product, amounts, draws."""
        pairs = [(ids[e.row], ids[e.column]) for e in group]
        if name == "technosphere":
            made = [(i, i) for (kind, _), i in ids.items() if kind != "gas"]
            self._vector(name, f"{name}.made", made, np.ones(len(made)), [])
        self._vector(name, f"{name}.amounts", pairs, points, marginals)
        varying = [i for i, one in enumerate(marginals) if one is not None]
        if not varying:
            return
        drawn = {"category": "array", "matrix": f"{name}_matrix"}
        group_name = f"{name}.draws"
        indices = np.array([pairs[i] for i in varying], dtype=INDICES)
        self._resource(group_name, "indices", indices, drawn)
        self._resource(group_name, "data", values[varying], drawn)
        if name == "technosphere":
            taken = np.ones(len(varying), dtype=bool)
            self._resource(group_name, "flip", taken, drawn)
        if self.inputs:
            labels, values = list(self.inputs), np.array(list(self.inputs.values()))
            self._resource(group_name, "params", values, drawn)
            self._labels(group_name, labels, drawn)
            self.inputs = {}

    def _vector(
        self,
        matrix: str,
        group: str,
        pairs: Sequence[tuple[int, int]],
        amounts: FloatArray,
        marginals: Sequence[Marginal | None],
    ) -> None:
        held = {"category": "vector", "matrix": f"{matrix}_matrix"}
        self._resource(group, "indices", np.array(pairs, dtype=INDICES), held)
        self._resource(group, "data", np.asarray(amounts, dtype=float), held)
        if any(marginals):
            rows = np.zeros(len(marginals), dtype=DISTRIBUTION)
            for i, (one, amount) in enumerate(zip(marginals, amounts, strict=True)):
                fixed = {"uncertainty_type": 1, "loc": amount, "negative": False}
                nothing = {word: math.nan for word, _ in DISTRIBUTION[1:-1]}
                stated = write("stats_arrays", one) if one else nothing | fixed
                rows[i] = tuple(stated[word] for word, _ in DISTRIBUTION)
            self._resource(group, "distributions", rows, held)
        if matrix == "technosphere" and not group.endswith(".made"):
            self._resource(group, "flip", np.ones(len(pairs), dtype=bool), held)

    def _resource(
        self, group: str, kind: str, array: "np.ndarray[Any, Any]", held: dict[str, str]
    ) -> None:
        content = io.BytesIO()
        np.save(content, array, allow_pickle=False)
        path = f"{group}.{kind}.npy"
        self.files[path] = content.getvalue()
        self.resources.append(
            {
                "profile": "data-resource",
                "format": "npy",
                "mediatype": "application/octet-stream",
                "name": f"{group}.{kind}",
                "group": group,
                "kind": kind,
                "path": path,
                "nrows": len(array),
                **held,
            }
        )

    def _labels(self, group: str, labels: list[str], held: dict[str, str]) -> None:
        path = f"{group}.param_labels.json"
        self.files[path] = json.dumps({"values": labels}).encode()
        self.resources.append(
            {
                "profile": "data-resource",
                "mediatype": "application/json",
                "name": f"{group}.param_labels",
                "group": group,
                "kind": "param_labels",
                "path": path,
                **held,
            }
        )

    def zip(self, about: dict[str, Any]) -> bytes:
        """The package; one indexer for all of it keeps its columns together."""
        whole = {
            "profile": "data-package",
            "name": "potline",
            "id": f"{about['study']}.{about['scenario']}.{about['year'] or ''}",
            "licenses": [],
            "combinatorial": False,
            "sequential": True,
            "seed": None,
            "64_bit_indices": True,
            "sum_intra_duplicates": True,
            "sum_inter_duplicates": False,
            "matrix_serialize_format_type": "numpy",
            **about,
            "resources": self.resources,
        }
        text = json.dumps(whole, ensure_ascii=False, indent=1).encode()
        return zipped({"datapackage.json": text, **self.files})
