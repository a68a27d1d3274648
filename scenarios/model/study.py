"""A study that has been checked: config -> model -> run."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from scenarios.errors import NOWHERE, Origin
from scenarios.language.config import Config, Operator, Run, Scenario, plain
from scenarios.language.label import in_language, pairs
from scenarios.language.yaml_writer import yaml_of
from scenarios.library import catalogue as library
from scenarios.model.compile import Compiler
from scenarios.model.definitions import Definition, papers
from scenarios.model.inventory import System, sources
from scenarios.model.mixes_used import contracts
from scenarios.model.scenario import changed
from uncertainty import kernel
from uncertainty.dependence import Block, Coupling, drawn
from uncertainty.designs import Design, Levels, design
from uncertainty.model import Model, Table
from uncertainty.model.functions import Function
from uncertainty.model.graph import Graph
from uncertainty.model.operations import Operation
from uncertainty.workers.blocks import Runner

if TYPE_CHECKING:
    import xarray as xr

    from scenarios.results.result import Result
    from uncertainty.run import Store
    from uncertainty.run.adaptive import Stop

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
    definitions : mapping of id to Definition
    origins : mapping of (section, id) to Origin
    blocks : tuple of Block
        Columns that do not vary on their own.
    point : bool
        Every uncertain input stands at its point value.
    warnings : tuple of str
    functions : mapping of output to Operation
        A Python function's, where the outputs are not formulas; see `from_function`.

    Examples
    --------
    >>> import scenarios
    >>> study = scenarios.load("configs/minimal.yaml")
    >>> study.title
    'A smelter in five inputs'
    """

    name: str
    config: Config
    definitions: Mapping[str, Definition]
    origins: Mapping[tuple[str, str], Origin]
    blocks: tuple[Block, ...] = ()
    point: bool = False
    warnings: tuple[str, ...] = ()
    functions: Mapping[str, Operation] = field(default_factory=dict)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any], name: str = "study") -> "Study":
        """A study from a mapping in the config's own words.

        Parameters
        ----------
        data : mapping
            What a YAML file would say.
        name : str
            Of the study.

        Raises
        ------
        ConfigError
            Every fault found, each with its path and how to mend it.

        Examples
        --------
        >>> study = Study.from_mapping({
        ...     "inputs": {"a": {
        ...         "units": "kg", "normal": {"mean": 2, "sd": 0.1}, "source": "s",
        ...     }},
        ...     "outputs": {"double": {"units": "kg", "formula": "2 * a"}},
        ... })
        >>> list(study.config.outputs)
        ['double']
        """
        from scenarios import api

        return api.from_mapping(data, name)

    @classmethod
    def from_function(
        cls,
        function: Function,
        inputs: Mapping[str, Mapping[str, Any]],
        outputs: Mapping[str, str],
        name: str = "function",
        **config: Any,
    ) -> "Study":
        """A study of any Python function of arrays.

        Parameters
        ----------
        function : callable
            Takes each input by keyword, an array of draws in its declared units, and
            returns an array, or a dict of arrays by output. It is called once a page
            of draws for each output.
        inputs : mapping of id to mapping
            Each in the config's own words: units, distribution, source.
        outputs : mapping of name to units
        name : str
            Of the study.
        **config
            Other parts of a config: ``run``, ``dependence``, ``scenarios``, ...

        Raises
        ------
        ConfigError
            A fault of an input, or `function` does not take an argument of its name.

        Examples
        --------
        >>> study = Study.from_function(
        ...     lambda a, b: a * b,
        ...     inputs={
        ...         "a": {"units": "kg", "value": 2, "source": "a scale"},
        ...         "b": {"units": "1", "normal": {"mean": 2, "sd": 1}, "source": "s"},
        ...     },
        ...     outputs={"product": "kg"},
        ... )
        >>> result = study.run(draws=1024, seed=1)
        >>> round(float(result.statistics["mean"].iloc[0]), 2)
        4.0
        """
        from scenarios import api

        return api.from_function(function, inputs, outputs, name, **config)

    @cached_property
    def text(self) -> str:
        """`config` as YAML."""
        return yaml_of(plain(self.config))

    @property
    def title(self) -> str:
        """What the study calls itself."""
        return str(self.config.title or self.name)

    @property
    def settings(self) -> Run:
        """Draws, design and seed."""
        return self.config.run or Run()

    @property
    def scenarios(self) -> dict[str, Scenario]:
        """Scenarios by name; one baseline if the study states none."""
        baseline = Scenario(reference=True)
        return dict(self.config.scenarios) or {BASELINE: baseline}

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
            # with units it says only what the product is counted in
            per[name] = 1.0 if isinstance(amount, str) else float(amount)
        return System(
            config.processes,
            config.products,
            config.supplies,
            frozenset((config.operator or Operator(owns=list(config.processes))).owns),
            config.declared_unit.product,
            per,
            sources(config),
            config.routes,
        )

    def model(self) -> Model:
        """Every scenario compiled into one graph; made once a study.

        Returns
        -------
        Model
            Outputs ``footprint``, ``outputs``, ``accounts``, ``contribution``,
            ``by_gas`` and ``flow``, as far as the study has them.

        Examples
        --------
        >>> from scenarios import load
        >>> load("configs/minimal.yaml").model().outputs["footprint"].units
        'kg CO2e/t'
        """
        return self._compiled

    @cached_property
    def _compiled(self) -> Model:
        functions = {one.name: one for one in self.functions.values()}
        return self.compiler(Graph(point=self.point, functions=functions)).model()

    def compiler(self, graph: Graph) -> Compiler:
        """What builds the study's cells into a graph."""
        return Compiler(
            self.config,
            self.definitions,
            self.origins,
            self.scenarios,
            self.reference,
            self.system(),
            self.footprint_units,
            graph,
        )

    def run(
        self,
        *,
        draws: int | None = None,
        seed: int | None = None,
        design: str | None = None,
        model: Model | None = None,
        store: "Store" = "full",
        folder: Path | None = None,
        threads: int = 1,
        task_pages: int | None = None,
        runner: Runner | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> "Result":
        """Draw, propagate and reduce.

        Parameters
        ----------
        draws, seed, design
            In place of those of the config.
        model : Model, optional
            The study's, if it is made already.
        store : {"full", "summary", "zarr"}
            Where draws are kept; "zarr" writes them to `folder`.
        threads, task_pages, runner
            How the work is shared out; the result does not depend on it.
        progress : callable, optional
            Told how many draws each finished block did.

        Returns
        -------
        Result
            With all that repeats the run: config, seed, design, ...

        Raises
        ------
        ModelError
            A draw is not finite, or a loop of the chain cannot be run.

        Examples
        --------
        >>> from scenarios import load
        >>> result = load("configs/minimal.yaml").run(draws=1024, seed=3)
        >>> result.draws, result.seed
        (1024, 3)
        """
        asked = {"draws": draws, "seed": seed, "design": design}
        if any(value is not None for value in asked.values()):
            return self._with(asked).run(
                model=model,
                store=store,
                folder=folder,
                threads=threads,
                task_pages=task_pages,
                runner=runner,
                progress=progress,
            )
        from scenarios.results.result import Result
        from uncertainty.run import run as run_model

        started, clock = datetime.now(UTC), perf_counter()
        model = model or self.model()
        stop = self.enough(model, threads)
        points, levels = self.plan(model, stop.draws if stop else None)
        tree = run_model(
            model,
            points,
            levels=levels,
            probability=self.settings.coverage_probability,
            store=store,
            folder=folder,
            threads=threads,
            task_pages=task_pages,
            runner=runner,
            progress=progress,
        )
        groups = {
            node.path.strip("/"): self._with_output_units(node.to_dataset())
            for node in tree.subtree
            if node.path != "/"
        }
        watched = "footprint" if "footprint" in model.outputs else "outputs"
        group = "first_order" if watched == "footprint" else "first_order_outputs"
        first_order = self._first_order(model, watched)
        groups[group] = self._with_output_units(first_order)
        attributes = {
            **self._attributes(points, stop, store),
            "started": started.isoformat(timespec="seconds"),
            "seconds": perf_counter() - clock,
        }
        return Result(groups, attributes)

    def _with(self, asked: Mapping[str, object]) -> "Study":
        """The same study with other settings of its run."""
        stated = self.settings.model_dump() | {
            word: value for word, value in asked.items() if value is not None
        }
        settings = Run.model_validate(stated)
        config = self.config.model_copy(update={"run": settings})
        return self.with_same_model(config=config)

    def in_language(self, language: str) -> "Study":
        """The same study with its labels in a language, to be shown and not to be run.

        Examples
        --------
        >>> from scenarios import load
        >>> load("configs/minimal.yaml").in_language("zh").title
        '五个输入量的电解铝厂'
        """
        if language == "en":
            return self
        stated = plain(self.config)
        config = Config.model_validate_json(json.dumps(in_language(stated, language)))
        chinese = dict(pairs(stated))
        definitions = {
            id: replace(one, papers=dict(one.papers) | {"label": chinese[label]})
            if (label := one.papers.get("label")) in chinese
            else one
            for id, one in self.definitions.items()
        }
        return self.with_same_model(config=config, definitions=definitions)

    def with_same_model(self, **changes: Any) -> "Study":
        """A study with fields changed that its model does not depend on."""
        study = replace(self, **changes)
        if "_compiled" in self.__dict__:
            study.__dict__["_compiled"] = self._compiled
        return study

    def _attributes(
        self, points: Design, stop: "Stop | None", store: "Store"
    ) -> dict[str, str | int | float]:
        """What a result says of its run beside when it was made."""
        settings = self.settings
        found: dict[str, str | int | float] = {
            "study": self.name,
            "title": self.title,
            "units": self.footprint_units or "",
            "config": self.text,
            "config_json": json.dumps(plain(self.config), ensure_ascii=False),
            "seed": settings.seed or 0,
            "design": points.kind,
            "draws": points.draws,
            "draws_asked": stop.draws if stop else settings.draws,
            "replicates": points.replicates,
            "compiled_loops": "no" if kernel.compiled() is None else "yes",
            "coverage_probability": settings.coverage_probability,
            "store": store,
            "reference": self.reference,
            "point": str(self.point),
            "library_checksum": library.checksum(),
            "contracts": ", ".join(contracts(self.config)),
            "warnings": "\n".join(self.warnings),
        }
        if stop is not None:
            found |= {
                "until_reached": str(stop.reached),
                "until_tolerance": stop.tolerance,
                "until_worst_ratio": stop.worst,
                "until_heavy": str(stop.heavy),
            }
        return found

    def identity(self, store: "Store") -> str:
        """All that decides the bits of a run, in words."""
        from uncertainty.storage import provenance

        found = {
            "config": self.text,
            "point": self.point,
            "store": store,
            "library": library.checksum(),
            **{w: provenance()[w] for w in ("versions", "commit")},
        }
        return json.dumps(found, sort_keys=True)

    def enough(self, model: Model, threads: int = 1) -> "Stop | None":
        """How many draws make the watched output stable; None if not asked for."""
        until = self.settings.until
        if until is None:
            return None
        from uncertainty.run.adaptive import Until, adapt

        stated = until.model_dump(exclude={"output"})
        return adapt(
            model,
            self._watched(model, until.output),
            Until(**stated),
            kind=self.settings.design,
            seed=self.settings.seed or 0,
            replicates=self.settings.replicates,
            threads=threads,
            blocks=self.blocks,
        )

    def _watched(self, model: Model, output: str) -> Table:
        if output == "footprint":
            return model.outputs["footprint"]
        table = model.outputs["outputs"]
        place = table.coords["output"].index(output)
        return replace(
            table,
            nodes=table.nodes[..., [place]],
            coords={"output": (output,)},
        )

    def plan(
        self, model: Model, draws: int | None = None, more: Iterable[str] = ()
    ) -> tuple[Design, Levels]:
        """Design of a run and the levels that dependence makes of it.

        Parameters
        ----------
        model : Model
            The study's own.
        draws : int, optional
            In place of those of the settings.
        more : iterable of str, optional
            Columns to draw beside the model's, which stay as they are without them.
        """
        settings = self.settings
        # new columns go to the end and leave the model's own as they were
        columns = dict.fromkeys([*model.columns, *more])
        ties = tuple(b for b in self.blocks if set(b.columns) & columns.keys())
        points = design(
            settings.design,
            draws=settings.draws if draws is None else draws,
            seed=settings.seed or 0,
            columns=drawn(tuple(columns), ties),
            replicates=settings.replicates,
        )
        return points, Coupling(points, ties) if ties else points

    def _first_order(self, model: Model, table: str) -> "xr.Dataset":
        """First-order variance of a table, each parameter with its papers."""
        from uncertainty.run.first_order import first_order

        data = first_order(model, model.outputs[table], self.blocks)
        found = self.column_papers()
        marks = ("kind", "nature", "confidence", "spread_confidence")
        columns = [str(column) for column in data["parameter"].values]
        coords = {
            word: (
                "parameter",
                [
                    found.get(c, found.get(c.split("@")[0], {})).get(word, absent)
                    for c in columns
                ],
            )
            for word, absent in {
                "label": "",
                **dict.fromkeys(marks, "unstated"),
            }.items()
        }
        return data.assign_coords(coords)

    def column_papers(self) -> dict[str, Mapping[str, str]]:
        """Papers of what each column of the design stands for."""
        found = {d.column: d.papers for d in self.definitions.values()}
        for name, scenario in self.scenarios.items():
            origin = self.origins.get(("scenarios", name), NOWHERE)
            for id, what in changed(self.definitions, name, scenario, origin).items():
                found.setdefault(what.column, what.papers)
                for by in what.factors:
                    if isinstance(by, tuple):
                        stated = scenario.scale.get(id)
                        found.setdefault(by[1], papers(stated) if stated else {})
        return found

    def _with_output_units(self, data: "xr.Dataset") -> "xr.Dataset":
        """Label each declared output with its own units."""
        if "output" not in data.dims:
            return data
        stated = {name: out.units for name, out in self.config.outputs.items()}
        units = [stated[str(name)] for name in data["output"].values]
        return data.assign_coords(output_units=("output", units))
