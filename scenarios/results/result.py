"""The result of a run: the object that tables, figures and sentences are made of."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from scenarios.errors import ScenarioError
from scenarios.language.label import LANGUAGES, in_language, told
from scenarios.numbers import scale
from scenarios.results import OUTPUTS as OUTPUTS
from scenarios.results import PRIMARY as PRIMARY
from scenarios.results import TABLES
from uncertainty.arrays import FloatArray
from uncertainty.errors import nearest

if TYPE_CHECKING:
    import pandas as pd

    from scenarios.api import Discovery, Figure, Plan
    from scenarios.language.config import Config
    from uncertainty.run import Store
    from uncertainty.run.adaptive import Stop

LABELLED = "labelled"
"""Layout of a file whose groups any program can read as they are."""
Groups = Mapping[str, xr.Dataset]
"""Datasets of a result by their path: ``draws``, ``inputs``, ``summary/...``."""


class NoDraws(ScenarioError):
    """A result keeps statistics only."""


@dataclass(frozen=True)
class Cell:
    """One scenario in one year.

    Attributes
    ----------
    scenario : str
    year : int or None
        None where the study has no years.
    label : str
        What to call the scenario.
    reference : bool
        Whether it is the study's reference.
    """

    scenario: str
    year: int | None
    label: str
    reference: bool = False

    @property
    def name(self) -> str:
        """Label, and the year if there is one."""
        return self.label if self.year is None else f"{self.label}, {self.year}"

    @property
    def where(self) -> dict[str, str | int]:
        """Labels to select by."""
        found: dict[str, str | int] = {"scenario": self.scenario}
        return found if self.year is None else found | {"year": self.year}


@dataclass(frozen=True)
class Row:
    """Statistics of one quantity in one scenario and year.

    Attributes
    ----------
    scenario : str
    year : int or None
    table : str
        ``footprint``, ``outputs``, ``contribution``, ...
    item : str
        What of the table: an output's name, ``smelting/electricity``, a gas, ...
    units : str
    values : dict of statistic to number
        See `scenarios.results.table.STATISTICS`.
    """

    scenario: str
    year: int | None
    table: str
    item: str
    units: str
    values: dict[str, float]


@dataclass(frozen=True)
class Result:
    """What a run of a study left: statistics, draws, inputs, and where they come from.

    `scenarios.model.study.Study.run` returns one; `scenarios.open_result` opens one.
    Groups of a file are read when they are asked for.

    Attributes
    ----------
    groups : mapping of path to Dataset
        Read only inside this room.
    attributes : mapping
        Of the whole run: config, seed, design, versions, ...
    path : Path or None
        The file it was read from.
    language : str
        Of its labels; see `in_language`.

    Examples
    --------
    >>> import scenarios
    >>> result = scenarios.run("configs/minimal.yaml", draws=1024)
    >>> result.scenarios
    ['national_grid', 'hydro']
    """

    groups: Groups
    attributes: Mapping[str, Any]
    path: Path | None = None
    language: str = "en"

    def in_language(self, language: str) -> "Result":
        """The same result with its labels in a language: ``en`` or ``zh``.

        Examples
        --------
        >>> import scenarios
        >>> result = scenarios.run("configs/minimal.yaml", draws=1024)
        >>> result.in_language("zh").labels["hydro"]
        '专线水电'
        """
        return self if language == self.language else replace(self, language=language)

    # --- what was run -------------------------------------------------------------

    @property
    def study(self) -> str:
        """Name of the study: that of its file, without the ending."""
        return str(self.attributes["study"])

    @property
    def title(self) -> str:
        """What the study calls itself."""
        if self.language != "en":
            return told(self.stated.get("title"), self.language) or self.study
        return str(self.attributes["title"])

    @cached_property
    def stated(self) -> dict[str, Any]:
        """The config as plain data, imports resolved."""
        text = self.attributes.get("config_json")
        if text is not None:
            found: dict[str, Any] = json.loads(str(text))
            return found
        from scenarios.language.yaml_text import parse  # results before schema 2

        return parse(self.config_text, "config")

    @cached_property
    def config(self) -> "Config":
        """The study's config, imports resolved; parsed once."""
        from scenarios.language.config import Config

        stated = self.stated
        if self.language != "en":
            stated = in_language(stated, self.language)
        return Config.model_validate_json(json.dumps(stated))

    @property
    def config_text(self) -> str:
        """The config as YAML, as ``config.yaml`` holds it."""
        return str(self.attributes["config"])

    @property
    def units(self) -> str:
        """Units of the footprint; empty for a study without a chain."""
        return str(self.attributes["units"])

    @property
    def has_footprint(self) -> bool:
        """Whether the study has a chain, and with it a footprint."""
        return bool(self.units)

    @property
    def shown_units(self) -> tuple[float, str]:
        """Units stored per unit shown, and the units in which footprints are shown."""
        return scale(self.units)

    @property
    def seed(self) -> int:
        """Root seed."""
        return int(self.attributes["seed"])

    @property
    def design(self) -> str:
        """``sobol``, ``latin_hypercube`` or ``random``."""
        return str(self.attributes["design"])

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.attributes["draws"])

    @property
    def draws_asked(self) -> int:
        """Number of draws that was asked for; a design may round it up."""
        return int(self.attributes["draws_asked"])

    @property
    def stop(self) -> "Stop | None":
        """How a run until a tolerance ended; None where none was asked for."""
        if "until_reached" not in self.attributes:
            return None
        from uncertainty.run.adaptive import Stop

        return Stop(
            self.draws,
            self.attributes["until_reached"] == "True",
            float(self.attributes["until_tolerance"]),
            float(self.attributes["until_worst_ratio"]),
            self.attributes.get("until_heavy") == "True",
        )

    @property
    def quantile_error(self) -> float:
        """Largest relative error of quantiles that are read from counts, else 0."""
        return float(self._labelled.attrs.get("quantile_relative_error", 0.0))

    @property
    def replicates(self) -> int:
        """Independent replicates of the design."""
        return int(self.attributes["replicates"])

    @property
    def coverage_probability(self) -> float:
        """Coverage probability of the intervals."""
        return float(self.attributes["coverage_probability"])

    @property
    def percent(self) -> str:
        """Coverage probability in per cent, as it is written: "95 %"."""
        return f"{100 * self.coverage_probability:g} %"

    @property
    def store(self) -> "Store":
        """Where the draws are: ``full``, ``summary`` or ``zarr``."""
        found: Store = self.attributes.get("store", "full")
        return found

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the study was warned of when it was loaded."""
        return tuple(filter(None, str(self.attributes.get("warnings", "")).split("\n")))

    @property
    def library_checksum(self) -> str:
        """Checksum of the shipped library that the run read."""
        return str(self.attributes["library_checksum"])

    @property
    def contracts(self) -> tuple[str, ...]:
        """Supplies that are claimed by contract."""
        text = str(self.attributes.get("contracts", ""))
        return tuple(filter(None, text.split(", ")))

    @property
    def provenance(self) -> dict[str, str]:
        """Seed, design, versions, machine, times: all but the config itself."""
        left_out = {"config", "config_json", "Conventions"}
        return {k: str(v) for k, v in self.attributes.items() if k not in left_out}

    # --- scenarios and years ------------------------------------------------------

    @cached_property
    def scenarios(self) -> list[str]:
        """Names of the scenarios, in the order of the study."""
        return [str(name) for name in self._labelled["scenario"].values]

    @cached_property
    def years(self) -> list[int]:
        """Years of the study; empty if it has none."""
        found = self._labelled
        return [int(y) for y in found["year"].values] if "year" in found.coords else []

    @property
    def reference(self) -> str:
        """Name of the scenario that the others are compared with."""
        return str(self.attributes["reference"])

    @cached_property
    def labels(self) -> dict[str, str]:
        """What to call each scenario: its label, else its name."""
        stated = {
            **(self.stated.get("scenarios") or {}),
            **(self.stated.get("fleets") or {}),
        }
        found = {}
        for name in self.scenarios:
            label = told((stated.get(name) or {}).get("label"), self.language).strip()
            found[name] = label or name
        # two of one label are told apart by their names
        texts = list(found.values())
        return {
            name: label if texts.count(label) == 1 else f"{label} ({name})"
            for name, label in found.items()
        }

    def label_of(self, output: str) -> str:
        """What to call a declared output: its label, else its name.

        Examples
        --------
        >>> from scenarios import run
        >>> run("configs/minimal.yaml", draws=1024).label_of("footprint")
        'footprint'
        """
        stated = (self.stated.get("outputs") or {}).get(output) or {}
        return told(stated.get("label"), self.language) or output

    @cached_property
    def cells(self) -> list[Cell]:
        """Scenarios and years that have a footprint, or an output without one."""
        data = self.summary(PRIMARY if self.has_footprint else OUTPUTS)
        if data is None:
            return []
        mean = data["mean"]
        there = mean.notnull().any([d for d in mean.dims if d in {"output"}])
        return [
            cell
            for cell in self._every_cell()
            if bool(there.sel({k: v for k, v in cell.where.items() if k in there.dims}))
        ]

    def cell(self, scenario: str, year: int | None = None) -> Cell:
        """One scenario, in `year` or the first year of the study.

        Raises
        ------
        ScenarioError
            The result has no such scenario, or no such year.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> result.cell("hydro").name
        'Hydropower by a direct line'
        """
        (name,) = self.chosen([scenario])
        if year is None and self.years:
            year = self.years[0]
        elif year is not None and year not in self.years:
            there = ", ".join(map(str, self.years)) or "none"
            raise ScenarioError(f"the result has no year {year}; it has {there}")
        return Cell(name, year, self.labels[name], name == self.reference)

    def chosen(self, scenarios: Sequence[str] | None) -> list[str]:
        """Names of scenarios asked for by name or label, once each; all for None.

        Raises
        ------
        ScenarioError
            None is named, or one that the result does not have.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> result.chosen(["hydro"])
        ['hydro']
        """
        if scenarios is None:
            return self.scenarios
        if not scenarios:
            raise ScenarioError("no scenario named, nothing to show")
        by_label = {
            label: name
            for language in LANGUAGES
            for name, label in self.in_language(language).labels.items()
        }
        known = by_label | {name: name for name in self.scenarios}
        for name in scenarios:
            if name not in known:
                near = nearest(name, self.scenarios)
                raise ScenarioError(f"the result has no scenario {name!r}{near}")
        return list(dict.fromkeys(known[name] for name in scenarios))

    def only(self, scenarios: Sequence[str]) -> "Result":
        """The same result with some of its scenarios only, in the order named.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> result.only(["hydro"]).scenarios
        ['hydro']
        """
        names = self.chosen(scenarios)
        return replace(self, groups=_Some(self.groups, names))

    def light(self, most: int = 2**30) -> "Result":
        """Statistics, and draws of the footprint or the outputs alone, in memory.

        Parameters
        ----------
        most : int
            Bytes of draws; where there are more, none are kept.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> result.light().footprint.sizes["draw"]
        1024
        """
        groups = {
            path: self.groups[path].compute()
            for path in self.groups
            if path.split("/")[0] == "summary"
        }
        drawn = self.groups["draws"]
        main = PRIMARY if self.has_footprint else OUTPUTS
        kept = [main] if main in drawn and drawn[main].nbytes <= most else []
        groups["draws"] = drawn[kept].compute()
        return Result(groups, dict(self.attributes), language=self.language)

    # --- numbers ------------------------------------------------------------------

    @cached_property
    def tables(self) -> list[str]:
        """Tables of statistics that the result has, in the order of `TABLES`."""
        found = [self._table_of(p) for p in self.groups if p.split("/")[0] == "summary"]
        first = [name for name in TABLES if name in found]
        return [*first, *(name for name in found if name not in first)]

    def summary(self, table: str) -> xr.Dataset | None:
        """Statistics of one table under its labels; None where there is no such.

        Returns
        -------
        Dataset, dims (scenario[, year], ...) or None
            ``mean sd median point``, ``coverage (..., bound)``,
            ``percentile (..., level)``, ``monte_carlo_error (..., statistic)``.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> sorted(result.summary("footprint").coords)
        ['bound', 'level', 'scenario', 'statistic']
        """
        if table not in self.tables:
            return None
        path = f"summary/{table}"
        return self.groups[path if path in self.groups else "summary"]

    @cached_property
    def statistics(self) -> "pd.DataFrame":
        """Every statistic: one row a quantity, scenario and year."""
        from scenarios.results.table import statistics

        found = {name: self.summary(name) for name in self.tables}
        return statistics({n: data for n, data in found.items() if data is not None})

    def rows(self, table: str) -> Iterator[Row]:
        """Rows of one table; cells that are absent have none.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> [row.scenario for row in result.rows("footprint")]
        ['national_grid', 'hydro']
        """
        frame = self.statistics
        frame = frame[frame["table"] == table]
        left_out = ("scenario", "year", "table", "item", "units")
        words = [name for name in frame.columns if name not in left_out]
        dated = bool(self.years)
        numbers = frame[words].to_numpy(dtype=float)
        labels = (frame[name].tolist() for name in ("scenario", "item", "units"))
        years = frame["year"].tolist() if dated else [None] * len(frame)
        for scenario, item, units, year, values in zip(
            *labels, years, numbers, strict=True
        ):
            when = None if year is None else int(year)
            numbers_of = dict(zip(words, values.tolist(), strict=True))
            yield Row(scenario, when, table, item, units, numbers_of)

    def headline(self) -> list[Row]:
        """Footprint and declared outputs, scenario by scenario.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> round(result.headline()[0].values["mean"])
        11975
        """
        found = [*self.rows(PRIMARY), *self.rows(OUTPUTS)]
        order = {name: i for i, name in enumerate(self.scenarios)}
        return sorted(found, key=lambda row: (order[row.scenario], row.year or 0))

    def units_of(self, output: str) -> str:
        """Units of the footprint or of a declared output.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> result.units_of("footprint")
        'kg CO2e/t'
        """
        if output == PRIMARY:
            return self.units
        data = self.summary(OUTPUTS)
        if data is None or output not in data["output"].values:
            raise ScenarioError(f"the result has no output {output!r}")
        return str(data["output_units"].sel(output=output).item())

    @property
    def outputs(self) -> list[str]:
        """Names of the declared outputs."""
        data = self.summary(OUTPUTS)
        return [] if data is None else [str(name) for name in data["output"].values]

    # --- draws --------------------------------------------------------------------

    @property
    def has_draws(self) -> bool:
        """Whether the draws are kept, or only what was read from them."""
        return bool(self.groups["draws"].data_vars)

    def need_draws(self, what: str) -> None:
        """Refuse what cannot be answered from statistics.

        Parameters
        ----------
        what : str
            What is asked for, as the message begins.

        Raises
        ------
        NoDraws
            The result keeps statistics only.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> result.need_draws("a histogram")  # they are kept: nothing happens
        """
        if not self.has_draws:
            raise NoDraws(
                f"{what} takes draws, and the result of {self.study} keeps "
                "statistics only; run it again with --store full, or zarr"
            )

    def drawn(self, table: str) -> xr.DataArray | None:
        """Draws of a table, dims (scenario[, year], ..., draw); None if not kept.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> result.drawn("footprint").sizes["draw"]
        1024
        """
        return self.groups["draws"].get(table)

    @property
    def footprint(self) -> xr.DataArray:
        """Draws of the footprint, dims (scenario[, year], draw), in `units`.

        Raises
        ------
        NoDraws
            The result keeps statistics only.
        ScenarioError
            The study has no chain.
        """
        self.need_draws("the footprint")
        found = self.drawn(PRIMARY)
        if found is None:
            raise ScenarioError(f"{self.study} has no chain, so it has no footprint")
        return found.assign_coords(label=("scenario", list(self.labels.values())))

    def sample(self, cell: Cell, output: str = PRIMARY) -> FloatArray | None:
        """Draws of the footprint or an output in one cell; None where there are none.

        Returns
        -------
        ndarray, shape (draw,), in the units stored

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> result.sample(result.cell("hydro")).shape
        (1024,)
        """
        data = self.drawn(PRIMARY if output == PRIMARY else OUTPUTS)
        if data is None:
            return None
        where: dict[str, object] = dict(cell.where)
        if output != PRIMARY:
            if output not in data["output"].values:
                return None
            where["output"] = output
        if any(value not in data[dim].values for dim, value in where.items()):
            return None
        found: FloatArray = data.sel(where).values
        return None if np.isnan(found[0]) else found

    @property
    def inputs(self) -> xr.Dataset:
        """Inputs, one variable each with only the dims it has; constants have no draws.

        ``attrs`` of a variable say its units, source, confidence and distribution.
        """
        return self.groups["inputs"]

    @property
    def inputs_kept(self) -> str:
        """``yes``, or why the draws of the inputs are not kept."""
        return str(self.inputs.attrs.get("draws_stored", "yes"))

    # --- first-order variance -----------------------------------------------------

    @property
    def first_order(self) -> xr.Dataset | None:
        """Shares of first-order variance (scenario[, year], parameter), if computed.

        Of the footprint, or of the outputs of a study without a chain (`output`).
        """
        for path in ("first_order", "first_order_outputs"):
            if path in self.groups:
                return self.groups[path]
        return None

    def assumed_share(self, cell: Cell) -> float | None:
        """Share of a footprint's first-order variance that rests on assumed spreads.

        Returns
        -------
        float or None
            None if the result has no chain; NaN if nothing in it is uncertain.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> 0 < result.assumed_share(result.cell("hydro")) < 1
        True
        """
        return self.share_marked("assumed", cell)

    def share_marked(self, mark: str, cell: Cell) -> float | None:
        """Share of a footprint's first-order variance by the mark of its ranges.

        Parameters
        ----------
        mark : str
            A value of ``spread_confidence``, or ``unstated`` for ranges without one.
        cell : Cell

        Returns
        -------
        float or None
            None if the result has no chain; NaN if nothing in it is uncertain.
        """
        if "first_order" not in self.groups:
            return None
        shares = self._variance_shares[cell.scenario, cell.year]
        whole = sum(shares.values())
        return shares.get(mark, 0.0) if whole > 0 else float("nan")

    @cached_property
    def _variance_shares(self) -> dict[tuple[str, int | None], dict[str, float]]:
        """Share of first-order variance by mark of the ranges, of every cell."""
        data = self.groups["first_order"]["variance_share"]
        marks = data["spread_confidence"].values
        by_mark = {
            str(mark): data.values[..., marks == mark].sum(axis=-1)
            for mark in np.unique(marks)
        }
        years = data["year"].values.tolist() if "year" in data.dims else [None]
        cells = [(str(s), year) for s in data["scenario"].values for year in years]
        flat = {mark: values.ravel().tolist() for mark, values in by_mark.items()}
        return {
            cell: {mark: values[i] for mark, values in flat.items()}
            for i, cell in enumerate(cells)
        }

    # --- questions: answered by the rooms above, through the face -------------------

    def compare(
        self,
        reference: str | None = None,
        *others: "Result",
        threshold: float | None = None,
        limits: Sequence[float] = (),
        probability: float = 0.95,
    ) -> xr.Dataset:
        """Scenarios against a reference and against each other, draw by draw.

        Parameters
        ----------
        reference : str, optional
            A scenario; by default the study's own.
        *others : Result
            Results whose scenarios are compared too.
        threshold : float, optional
            A difference that matters, in `units`.
        limits : sequence of float
            Values below which a footprint is wanted, in `units`.
        probability : float
            Coverage probability of the intervals.

        Returns
        -------
        Dataset, dims (scenario[, year], output, ...)
            ``difference``, ``ratio``, ``probability_lower``, ranks, ...

        Raises
        ------
        ComparisonError
            There are no two scenarios, or no such reference.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> data = result.compare("national_grid", limits=[8000])
        >>> float(data["probability_below"].sel(scenario="hydro", limit=8000).item())
        1.0
        """
        from scenarios import api

        return api.compare(
            [self, *others],
            reference,
            threshold=threshold,
            limits=limits,
            probability=probability,
        )

    def sensitivity(
        self,
        method: str = "sobol",
        *,
        outputs: Sequence[str] = (),
        scenarios: Sequence[str] = (),
        n: int | None = None,
    ) -> xr.Dataset:
        """Sensitivity indices of the footprint, or of what is asked for.

        Parameters
        ----------
        method : str
            One of `uncertainty.sensitivity.METHODS`.
        outputs, scenarios : sequence of str
            By default the footprint of the reference and the differences to it.
        n : int, optional
            Size of the design; by default the method's own.

        Returns
        -------
        Dataset, dims (scenario, [year,] output, parameter)

        Raises
        ------
        ScenarioError
            A method, output or scenario is not known.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> found = result.sensitivity("given_data", scenarios=["hydro"])
        >>> found.attrs["method"]
        'given_data'
        """
        from scenarios import api

        return api.sensitivity(self, method, outputs=outputs, scenarios=scenarios, n=n)

    def discover(self, claim: str, **options: Any) -> "Discovery":
        """When a claim fails: how often, for which inputs, until which year.

        Parameters
        ----------
        claim : str
            Such as ``footprint < 8 t``.
        **options
            ``scenario``, ``year``, ``method`` (``prim`` or ``cart``), ``probability``;
            see `scenarios.analysis.discovery.discover`.

        Raises
        ------
        ScenarioError
            The claim cannot be read or answered.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=4096)
        >>> found = result.discover("footprint < 12 t")
        >>> [one.id for one in found.regions[0].conditions]
        ['power.mee24_national']
        """
        from scenarios import api

        return api.discover(self, claim, **options)

    def plan(self, **options: Any) -> "Plan":
        """What to measure next: how far readings of an input narrow the interval.

        Parameters
        ----------
        **options
            ``target``, ``readings``, ``scenario``, ``year``, ``against``; see
            `scenarios.analysis.planning.plan`.

        Raises
        ------
        ScenarioError
            A target or a spread cannot be read, or no input narrows it.

        Examples
        --------
        >>> from scenarios import run
        >>> found = run("configs/minimal.yaml", draws=4096).plan()
        >>> found.measured[0].id
        'power.mee24_national'
        """
        from scenarios import api

        return api.plan(self, **options)

    def attribute(self, scenario: str, reference: str | None = None) -> xr.Dataset:
        """Share out a scenario's difference to the reference among its changes.

        Returns
        -------
        Dataset, dims (change, ...)
            Shapley values with intervals; see `scenarios.analysis.attribution`.

        Raises
        ------
        ScenarioError
            There is no such scenario, or it differs in nothing.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> result.attribute("hydro").sizes["change"]
        1
        """
        from scenarios import api

        return api.attribute(self, scenario, reference)

    def plot(
        self, kind: str = "intervals", scenarios: Sequence[str] | None = None
    ) -> "Figure":
        """A figure of one kind, as ``potline plot --kind`` draws it.

        Raises
        ------
        ScenarioError
            There is no such kind, or the result has nothing to show in it.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> figure = result.plot("intervals")
        >>> len(figure.axes)
        1
        """
        from scenarios import api

        return api.plot(self, kind, scenarios)

    def report(self, path: str | Path, *, language: str = "en") -> None:
        """Write the report of this result as one HTML file.

        Raises
        ------
        ScenarioError
            It cannot be made as asked.

        Examples
        --------
        >>> import tempfile
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "report.html"
        ...     result.report(path)
        ...     path.read_text(encoding="utf-8")[:15]
        '<!DOCTYPE html>'
        """
        from scenarios import api

        api.report(self, Path(path), language=language)

    # --- as other things ----------------------------------------------------------

    @property
    def tree(self) -> xr.DataTree:
        """All of the result as one tree of datasets."""
        found = xr.DataTree.from_dict(dict(self.groups))
        found.attrs = dict(self.attributes)
        return found

    def to_netcdf(self, path: Path) -> None:
        """Write the whole result as one netCDF-4 file that any program reads.

        Every quantity stands under its own labels, draw by draw; the file that
        `potline run` writes holds each distinct row of draws once and is smaller.

        Raises
        ------
        StorageError
            The file cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result.to_netcdf(Path(folder) / "whole.nc")
        ...     sorted(path.name for path in Path(folder).iterdir())
        ['whole.nc']
        """
        from uncertainty.storage import save

        tree = self.tree
        tree.attrs["layout"] = LABELLED
        save(tree, path)

    def as_object(self) -> dict[str, Any]:
        """The JSON object of ``potline run --json`` and ``potline show --json``.

        Examples
        --------
        >>> from scenarios import run
        >>> result = run("configs/minimal.yaml", draws=1024)
        >>> result.as_object()["results"][0]["output"]
        'footprint'
        """
        return {
            "study": self.study,
            "draws": self.draws,
            "seed": self.seed,
            "design": self.design,
            "units": self.units or None,
            "results": [_object(row) for row in self.headline()],
        }

    @cached_property
    def _labelled(self) -> xr.Dataset:
        """A group that has labels of all scenarios and years."""
        return self.groups["summary"]

    def _every_cell(self) -> Iterator[Cell]:
        for name in self.scenarios:
            for year in self.years or (None,):
                yield Cell(name, year, self.labels[name], name == self.reference)

    def _table_of(self, path: str) -> str:
        if path != "summary":
            return path.partition("/")[2]
        data = self.groups[path]
        return OUTPUTS if "output" in data["mean"].dims else PRIMARY


def at(data: xr.Dataset, cell: Cell) -> xr.Dataset:
    """One cell of a dataset, along the dims that it has."""
    where = {dim: label for dim, label in cell.where.items() if dim in data.dims}
    return data.sel(where)


def _object(row: Row) -> dict[str, Any]:
    # JSON has no NaN: an error that cannot be stated is null
    values: dict[str, float | None] = {
        word: None if np.isnan(value) else value for word, value in row.values.items()
    }
    error = {w: values.pop(f"error_{w}") for w in ("mean", "sd", "lower", "upper")}
    return {
        "scenario": row.scenario,
        "year": row.year,
        "output": row.item,
        "units": row.units,
        **values,
        "monte_carlo_error": error,
    }


class _Some(Mapping[str, xr.Dataset]):
    """Groups of some scenarios, cut when they are asked for."""

    def __init__(self, groups: Groups, names: list[str]) -> None:
        self._groups, self._names = groups, names

    def __getitem__(self, path: str) -> xr.Dataset:
        """One group."""
        data = self._groups[path]
        return data.sel(scenario=self._names) if "scenario" in data.dims else data

    def __iter__(self) -> Iterator[str]:
        """Paths of the groups."""
        return iter(self._groups)

    def __len__(self) -> int:
        """Number of groups."""
        return len(self._groups)
