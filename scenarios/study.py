"""A study that has been checked: config -> model -> run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter

import numpy as np
import xarray as xr

from scenarios import shipped as library
from scenarios.cell import Cell
from scenarios.config import Config, Operator, Output, Run, Scenario
from scenarios.definitions import Definition, papers
from scenarios.footprint import Inventory, System, inventory, publish, sums
from scenarios.scenario import changed, supplies
from scenarios.units import units
from uncertainty.arrays import IntArray
from uncertainty.distributions import explain
from uncertainty.first_order import first_order
from uncertainty.graph import ABSENT, Graph
from uncertainty.model import Model, Table
from uncertainty.run import run as run_model
from uncertainty.sampling import design

BASELINE = "baseline"
"""Name of the one scenario of a study that states none."""


@dataclass(frozen=True)
class Study:
    """Everything a run needs, validated, with every library import resolved.

    Attributes
    ----------
    name : str
        Of the config file, without its ending.
    config : Config
        Merged from the file, its imports and the overrides; complete in itself.
    text : str
        `config` as YAML.
    definitions : mapping of id to Definition
    origins : mapping of (section, id) to file
    point : bool
        Every uncertain input stands at its point value.
    warnings : tuple of str
    """

    name: str
    config: Config
    text: str
    definitions: Mapping[str, Definition]
    origins: Mapping[tuple[str, str], str]
    point: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the study calls itself."""
        return self.config.title or self.name

    @property
    def settings(self) -> Run:
        """Draws, design and seed."""
        return self.config.run or Run()

    @property
    def scenarios(self) -> dict[str, Scenario]:
        """Scenarios by name; one baseline if the study states none."""
        return dict(self.config.scenarios) or {BASELINE: Scenario(reference=True)}

    @property
    def reference(self) -> str:
        """The marked scenario, else the first."""
        marked = [name for name, s in self.scenarios.items() if s.reference]
        return (marked or list(self.scenarios))[0]

    @property
    def footprint_units(self) -> str | None:
        """Units of the footprint; None for a study without a chain."""
        declared = self.config.declared_unit
        return f"kg CO2e/{declared.units}" if declared else None

    def system(self) -> System | None:
        """Processes and products; None for a study without a chain."""
        config = self.config
        if config.declared_unit is None:
            return None
        per = {}
        for name, process in config.processes.items():
            amount = process.makes.amount
            number = units().quantity(amount)[0] if isinstance(amount, str) else amount
            per[name] = float(number)
        return System(
            config.processes,
            config.products,
            config.supplies,
            frozenset((config.operator or Operator(owns=list(config.processes))).owns),
            config.declared_unit.product,
            per,
        )

    def model(self) -> Model:
        """Compile every scenario into one graph.

        Returns
        -------
        Model
            Outputs ``footprint``, ``outputs``, ``accounts``, ``contribution``,
            ``by_gas`` and ``flow``, as far as the study has them.
        """
        return _Compiler(self, Graph(point=self.point)).model()

    def run(
        self,
        *,
        model: Model | None = None,
        threads: int = 1,
        task_pages: int = 4,
        progress: Callable[[int], None] | None = None,
    ) -> xr.DataTree:
        """Draw, propagate and reduce; see `uncertainty.run.run`.

        Returns
        -------
        DataTree
            With root attributes that repeat the run: config, seed, design, ...

        Raises
        ------
        ModelError
            A draw is not finite, or a loop of the chain cannot be run.
        """
        started, clock = datetime.now(UTC), perf_counter()
        model = model or self.model()
        settings = self.settings
        points = design(
            settings.design,
            draws=settings.draws,
            seed=settings.seed or 0,
            columns=model.columns,
            replicates=settings.replicates,
        )
        tree = run_model(
            model,
            points,
            probability=settings.coverage_probability,
            threads=threads,
            task_pages=task_pages,
            progress=progress,
        )
        tree = self._with_output_units(tree)
        if "footprint" in model.outputs:
            tree["first_order"] = xr.DataTree(self._first_order(model))
        tree.attrs = {
            "study": self.name,
            "title": self.title,
            "units": self.footprint_units or "",
            "config": self.text,
            "seed": settings.seed or 0,
            "design": points.kind,
            "draws": points.draws,
            "draws_asked": settings.draws,
            "replicates": points.replicates,
            "coverage_probability": settings.coverage_probability,
            "reference": self.reference,
            "library_checksum": library.checksum(),
            "warnings": "\n".join(self.warnings),
            "started": started.isoformat(timespec="seconds"),
            "seconds": perf_counter() - clock,
        }
        return tree

    def _first_order(self, model: Model) -> xr.Dataset:
        """First-order variance of the footprint, each parameter with its papers."""
        data = first_order(model, model.outputs["footprint"])
        found = self._papers()
        words = ("kind", "nature", "confidence", "spread_confidence")
        columns = [str(column) for column in data["parameter"].values]
        coords = {
            word: (
                "parameter",
                [found.get(c, {}).get(word, "unstated") for c in columns],
            )
            for word in words
        }
        return data.assign_coords(coords)

    def _papers(self) -> dict[str, Mapping[str, str]]:
        """Papers of what each column of the design stands for."""
        found = {d.column: d.papers for d in self.definitions.values()}
        for name, scenario in self.scenarios.items():
            origin = self.origins.get(("scenarios", name), "")
            for id, what in changed(self.definitions, name, scenario, origin).items():
                found.setdefault(what.column, what.papers)
                for by in what.factors:
                    if isinstance(by, tuple):
                        stated = scenario.scale.get(id)
                        found.setdefault(by[1], papers(stated) if stated else {})
        return found

    def _with_output_units(self, tree: xr.DataTree) -> xr.DataTree:
        """Label each declared output with its own units."""
        stated = {name: out.units for name, out in self.config.outputs.items()}
        groups = {}
        for node in tree.subtree:
            data = node.to_dataset()
            if "output" in data.dims:
                words = [stated[str(name)] for name in data["output"].values]
                data = data.assign_coords(output_units=("output", words))
            groups[node.path] = data
        return xr.DataTree.from_dict(groups)


@dataclass
class _Compiler:
    """Builds the cells of a study one by one into a graph."""

    study: Study
    graph: Graph

    def model(self) -> Model:
        system = self.study.system()
        cells: list[Cell] = []
        found: list[Inventory] = []
        for name, scenario in self.study.scenarios.items():
            origin = self.study.origins.get(("scenarios", name), "")
            definitions = changed(self.study.definitions, name, scenario, origin)
            cell = Cell(self.graph, definitions)
            cells.append(cell)
            if system is not None:
                mine = supplies(system.supplies, scenario)
                found.append(inventory(cell, system, mine))
                publish(cell, found[-1])
        tables = self._footprint(cells, found) if system is not None else []
        if self.study.config.outputs:
            outputs = self._outputs(cells, self.study.config.outputs)
            tables.insert(1 if tables else 0, outputs)
        names = tuple(self.study.scenarios)
        checks = {check.node: check for one in found for check in one.checks}
        return Model(
            self.graph,
            names,
            (),
            {table.name: table for table in self._inputs(cells)},
            {table.name: table for table in tables},
            tuple(checks.values()),
        )

    def _footprint(self, cells: list[Cell], found: list[Inventory]) -> list[Table]:
        text = str(self.study.footprint_units)
        factor = units().parse(text).factor
        nodes = _grid([[cell.results["footprint"]] for cell in cells])[..., 0]
        tables = [Table("footprint", "Carbon footprint", nodes, text, factor)]
        details = (
            ("accounts", "Footprint by account", ("account",)),
            ("contribution", "Footprint by stage and source", ("stage", "source")),
            ("by_gas", "Footprint by greenhouse gas", ("gas",)),
            ("flow", "Footprint by flow", ("name",)),
        )
        for name, words, dims in details:
            parts = [
                sums(cell, one.flows, *dims)
                for cell, one in zip(cells, found, strict=True)
            ]
            table = _table(name, words, dims, parts, text, factor)
            tables.append(table)
        # every leg and material: statistics only, the draws would fill the disk
        flow = tables[-1]
        coords = {"flow": flow.coords["name"]}
        tables[-1] = replace(
            flow, name="flows", dims=("flow",), coords=coords, stored=False
        )
        return tables

    def _outputs(self, cells: list[Cell], stated: Mapping[str, Output]) -> Table:
        rows = []
        for cell in cells:
            row = []
            for name, output in stated.items():
                unit = units().parse(output.units).factor
                node = self.graph.name(cell.formula(output.formula), f"outputs.{name}")
                cell.results.setdefault(name, node)
                one = self.graph.constant(unit)
                row.append(self.graph.apply("div", (node, one)))
            rows.append(row)
        return Table(
            "outputs",  # a variable may not be called as one of its own dims
            "Declared outputs, each in its own units",
            _grid(rows),
            "see output_units",
            dims=("output",),
            coords={"output": tuple(stated)},
        )

    def _inputs(self, cells: list[Cell]) -> list[Table]:
        """Inputs that some output reads; formulas are not inputs but the config's."""
        tables = []
        for id, what in self.study.definitions.items():
            if not any(id in cell.built for cell in cells):
                continue
            known = [cell.definitions[id] for cell in cells]
            if all(d.expression is not None for d in known):
                continue
            nodes = _grid([[cell.node(id)] for cell in cells])[..., 0]
            stated = known[list(self.study.scenarios).index(self.study.reference)]
            attrs = dict(stated.papers)
            attrs["distribution"] = describe(stated)
            attrs["column"] = stated.column
            label = attrs.get("label", id)
            unit = what.unit
            tables.append(Table(id, label, nodes, unit.text, unit.factor, attrs=attrs))
        return tables


def describe(what: Definition) -> str:
    """How an input's value is stated, in a few words."""
    if what.expression is not None:
        text = what.expression.text
    elif what.share is not None:
        text = "share of a Dirichlet composition"
    elif what.marginal is not None:
        text = explain(what.marginal)
    else:
        raise AssertionError(f"{what.id} has no value")
    return f"{text}, scaled" if what.factors else text


def _grid(rows: list[list[int]]) -> IntArray:
    """Nodes as an array (scenario, year, column) with one year."""
    return np.array(rows, dtype=np.int64)[:, None, :]


def _table(
    name: str,
    words: str,
    dims: tuple[str, ...],
    parts: list[dict[tuple[str, ...], int]],
    text: str,
    factor: float,
) -> Table:
    """Table of sums by label; a combination that a scenario lacks is absent."""
    coords = {
        dim: tuple(dict.fromkeys(key[i] for part in parts for key in part))
        for i, dim in enumerate(dims)
    }
    shape = (len(parts), 1, *(len(coords[dim]) for dim in dims))
    nodes = np.full(shape, ABSENT, dtype=np.int64)
    for row, part in enumerate(parts):
        for key, node in part.items():
            place = tuple(coords[d].index(k) for d, k in zip(dims, key, strict=True))
            nodes[(row, 0, *place)] = node
    return Table(name, words, nodes, text, factor, dims, coords)
