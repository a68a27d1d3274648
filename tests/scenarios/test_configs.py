"""Every shipped config: it runs, in the promised layout, with plausible figures."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from scenarios.library.catalogue import factors
from scenarios.loading.load import load
from scenarios.results.file import open_result, write_result

CONFIGS = Path(__file__).parents[2] / "configs"
NAMES = sorted(path.stem for path in CONFIGS.glob("*.yaml"))
CASES = Path(__file__).parents[1] / "data" / "conformance.csv"

DRAWS = {
    "footprint": ("scenario", "draw"),
    "outputs": ("scenario", "output", "draw"),
    "accounts": ("scenario", "account", "draw"),
    "contribution": ("scenario", "stage", "source", "draw"),
    "by_gas": ("scenario", "gas", "draw"),
}
TOTALS = {  # of these a result keeps statistics only
    "flows": ("scenario", "flow", "draw"),
    "stages": ("scenario", "stage", "draw"),
    "sources": ("scenario", "source", "draw"),
}
STATISTICS = {
    "mean": (),
    "sd": (),
    "median": (),
    "point": (),
    "coverage": ("bound",),
    "coverage_shortest": ("bound",),
    "percentile": ("level",),
    "monte_carlo_error": ("statistic",),
    "median_error": (),
    "tail_index": (),
}
ATTRS = {
    *("study", "title", "units", "config", "seed", "design", "draws", "draws_asked"),
    *("replicates", "coverage_probability", "reference", "library_checksum"),
    *("warnings", "started", "seconds"),
}


TOLD = {
    # each member's electricity is the fleet's mean and a deviation of its own
    "national_fleet": (
        "smelting.ac_electricity is a formula here, so it is not tied to "
        "smelting.anode_net as aluminium/china_2023 has it",
    )
}
"""Warnings that a shipped study has on purpose."""


def with_years(dims, run):
    """Dims of a result, with the years if the study has any."""
    return (dims[0], "year", *dims[1:]) if run.model.years else dims


def test_there_are_configs():
    assert {"minimal", "china_grid_mixes", "world_regions"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
class TestEveryConfig:
    def test_it_loads_without_a_warning_but_those_it_has_on_purpose(
        self, shipped, name
    ):
        # warnings of libraries are errors anyway
        assert shipped(name).study.warnings == TOLD.get(name, ())

    def test_draws_have_the_promised_dims_and_labels(self, shipped, name):
        run = shipped(name)
        draws = run.result.tree["draws"].to_dataset()
        expected = set(run.model.outputs) - set(TOTALS)
        assert set(draws.data_vars) == expected
        for variable in expected:
            assert draws[variable].dims == with_years(DRAWS[variable], run)
            assert draws[variable].attrs["units"]
            assert draws[variable].attrs["long_name"]
        assert draws.sizes["draw"] == 1024
        rows = [*run.study.scenarios, *run.study.config.fleets]
        assert draws["scenario"].values.tolist() == rows

    def test_every_output_has_every_statistic(self, shipped, name):
        run = shipped(name)
        first, *others = run.model.outputs
        for table in (first, *others):
            path = "summary" if table == first else f"summary/{table}"
            summary = run.result.tree[path].to_dataset()
            dims = with_years((DRAWS | TOTALS)[table], run)[:-1]
            assert set(summary.data_vars) == set(STATISTICS)
            for statistic, more in STATISTICS.items():
                assert summary[statistic].dims == (*dims, *more), (table, statistic)
            assert summary["bound"].values.tolist() == ["lower", "upper"]

    def test_statistics_are_those_of_the_draws(self, shipped, name):
        run = shipped(name)
        first = next(iter(run.model.outputs))
        sample, summary = run.draws(first), run.result.tree["summary"].to_dataset()
        # sums in another order
        np.testing.assert_allclose(
            summary["mean"], sample.mean("draw"), rtol=1e-12, atol=1e-12
        )
        ordered = np.sort(sample.values, axis=-1)
        # 512 of 1 024: ceil(pM), counted from 1
        np.testing.assert_array_equal(summary["median"], ordered[..., 511])

    def test_inputs_carry_their_papers_and_only_dims_they_need(self, shipped, name):
        run = shipped(name)
        inputs = run.result.inputs
        assert set(inputs.data_vars) == set(run.model.inputs)
        for id, x in inputs.data_vars.items():
            assert x.attrs["units"], id
            assert x.attrs["long_name"], id
            assert x.attrs["source"], id
            assert x.attrs["distribution"], id
            order = ("scenario", "year", "draw")
            assert x.dims == tuple(dim for dim in order if dim in x.dims), id
            for dim in x.dims:
                assert bool((x != x.isel({dim: 0})).any()), (id, dim)
            # of what varies between plants a fleet has as many as members
            own = list(run.study.scenarios)
            there = x.sel(scenario=own) if "scenario" in x.dims else x
            assert bool(np.isfinite(there).all()), id

    def test_the_root_says_how_to_repeat_the_run(self, shipped, name):
        run = shipped(name)
        attrs = run.result.attributes
        assert set(attrs) >= ATTRS
        assert attrs["design"] == "sobol"
        assert attrs["draws"] == 1024
        assert attrs["seed"] == 44905
        assert len(attrs["library_checksum"]) == 64

    def test_the_stored_config_alone_repeats_the_run(self, shipped, name, tmp_path):
        run = shipped(name)
        path = tmp_path / f"{name}.yaml"
        path.write_text(run.result.attributes["config"], encoding="utf-8")
        again = load(path).run()
        for group in ("draws", "inputs"):
            one, two = (
                result.tree[group].to_dataset() for result in (run.result, again)
            )
            assert set(one) == set(two)
            for variable in one:
                assert one[variable].values.tobytes() == two[variable].values.tobytes()


# many small variables take seconds to write: one study with a chain, one without
@pytest.mark.parametrize("name", ["minimal", "measurement_model"])
def test_a_result_comes_back_from_disk(shipped, name, tmp_path):
    run = shipped(name)
    path = tmp_path / "results.nc"
    write_result(run.result, path)
    back = open_result(path)
    for group in ("draws", "inputs", "summary"):
        xr.testing.assert_identical(
            back.tree[group].to_dataset().load(), run.result.tree[group].to_dataset()
        )
    for key in ATTRS:
        assert back.attributes[key] == run.result.attributes[key], key


def published() -> dict[str, dict[str, float]]:
    """Expected mean, sd and upper end by clause of JCGM 101 9.2."""
    found: dict[str, dict[str, float]] = {}
    with CASES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            is_model = row["quantity"] in {"mean", "sd", "ci95_hi"}
            if row["id"].startswith("S1-9.2.") and is_model:
                json.loads(row["inputs"])
                found.setdefault(row["id"], {})[row["quantity"]] = float(
                    row["expected"]
                )
    return found


@pytest.fixture(scope="module")
def summary() -> xr.Dataset:
    """Statistics of the measurement model as its config stands: 16 384 draws."""
    result = load(CONFIGS / "measurement_model.yaml").run()
    return result.tree["summary"].to_dataset().isel(scenario=0)


class TestMeasurementModel:
    CLAUSES = (
        ("S1-9.2.2", "y_normal", 3.92),
        ("S1-9.2.3", "y_rectangular", 3.88),
        ("S1-9.2.4", "y_dominated", 17.0),
    )

    @pytest.mark.parametrize(("clause", "output", "printed"), CLAUSES)
    def test_intervals_are_those_of_jcgm_101_9_2(
        self, summary, clause, output, printed
    ):
        expected = published()[clause]
        got = summary.sel(output=output)
        error = got["monte_carlo_error"]
        assert expected["ci95_hi"] == pytest.approx(printed, abs=0.05)
        for statistic, value in (
            ("mean", expected["mean"]),
            ("sd", expected["sd"]),
        ):
            # four of its own standard errors, from 16 scrambles
            band = 4 * float(error.sel(statistic=statistic))
            assert float(got[statistic]) == pytest.approx(value, abs=band)
        for bound, sign in (("lower", -1), ("upper", 1)):
            band = 4 * float(error.sel(statistic=bound))
            end = float(got["coverage"].sel(bound=bound))
            assert end == pytest.approx(sign * expected["ci95_hi"], abs=band)
            # quantiles of 1 024 points a scramble: 0.6 % each, four of those
            assert band < 0.03 * abs(end)

    def test_a_gaussian_of_the_same_spread_would_be_wrong(self, summary):
        upper = float(summary["coverage"].sel(output="y_dominated", bound="upper"))
        gaussian = 1.959964 * published()["S1-9.2.4"]["sd"]  # 19.9
        assert gaussian - upper > 2.5

    def test_a_study_without_a_chain_has_no_footprint(self, shipped):
        run = shipped("measurement_model")
        assert run.study.footprint_units is None
        assert run.result.attributes["units"] == ""
        assert set(run.result.tree["draws"].to_dataset()) == {"outputs"}


class TestNationalFigures:
    """China 2024 against physics and against what is published of it."""

    @pytest.fixture
    def mean(self, shipped):
        run = shipped("china_grid_mixes")
        by = run.result.tree["summary/contribution/mean"].sel(scenario="national_grid")

        def of(stage, source):
            return float(by.sel(stage=stage, source=source))

        return of

    def test_electricity_of_the_cells(self, mean):
        # 13 511 kWh x 0.5777 kg CO2e/kWh, a melt loss of 0.4667 %
        # x the mean of a factor about its median: those of a lognormal, exp(sigma^2/2)
        shares = {"coal": 0.5777, "gas": 0.0318, "oil": 0.0088, "hydro": 0.1343}
        shares |= {"nuclear": 0.0447, "wind": 0.0988, "solar": 0.0832}
        shares |= {"biomass": 0.0207}
        table = {t: factors()[f"mee24_{t}"] for t in shares}
        median = sum(s * table[t].median for t, s in shares.items())
        skewed = sum(
            s * table[t].median * np.exp(np.log(table[t].gsd) ** 2 / 2)
            for t, s in shares.items()
        )
        skew = skewed / median * np.exp(np.log(1.0273) ** 2 / 2)
        expected = 13511 * 0.5777 * skew / (1 - 0.004667)
        assert mean("smelting", "electricity") == pytest.approx(expected, rel=3e-3)

    def test_carbon_dioxide_of_the_anodes(self, mean):
        # mean net anode (0.395 + 0.411 + 0.425) / 3; 2 % sulphur, 0.49 % ash
        net, impure = (0.395 + 0.411 + 0.425) / 3, 0.02 + 0.004 * 1.2277
        expected = 1000 * net * (1 - impure) * 44 / 12 / (1 - 0.004667)
        assert mean("smelting", "process") == pytest.approx(expected, rel=2e-3)

    def test_perfluorocarbons(self, mean):
        # 0.034 kg CF4 and a tenth of C2F6, AR6
        expected = 0.034 * (7380 + 0.1 * 12400) / (1 - 0.004667)
        # a skewed mean from 1 024 points
        assert mean("smelting", "pfc") == pytest.approx(expected, rel=1e-2)

    def test_heat_of_the_refinery(self, mean):
        # 10 055 MJ less 125 kWh bought, per t alumina; 80 / 17 / 3 % coal, gas, oil
        fuel = 10055 - 3.6 * 125
        burn = 0.80 * (0.08927 + 0.0101) + 0.17 * (0.05554 + 0.0100) + 0.03 * 0.094
        expected = 1.93 / (1 - 0.004667) * fuel * burn
        # methane, nitrous oxide and the skew of the small terms are left out here
        assert mean("refining", "thermal") == pytest.approx(expected, rel=3e-2)

    def test_the_whole_lies_where_others_put_chinese_metal(self, shipped):
        result = shipped("china_grid_mixes").result
        mean = result.tree["summary"]["mean"]
        # cradle to gate: some 13 to 15 t for a national grid of 0.58 kg/kWh
        assert 12_500 < float(mean.sel(scenario="national_grid")) < 15_000
        # hydropower leaves alumina, anodes and PFC: some 5 t
        assert 4_000 < float(mean.sel(scenario="hydro_contract")) < 6_500
        # captive coal: the other end of the industry
        assert 17_000 < float(mean.sel(scenario="captive_coal")) < 22_000

    def test_provinces_rank_by_their_coal(self, shipped):
        mean = shipped("china_grid_mixes").result.tree["summary"]["mean"]
        order = ["yunnan", "qinghai", "gansu", "guizhou", "shandong", "captive_coal"]
        values = [float(mean.sel(scenario=name)) for name in order]
        assert values == sorted(values)

    def test_minimal_lies_within_a_tenth_of_the_whole_chain(self, shipped):
        small = (
            shipped("minimal")
            .result.tree["summary"]["mean"]
            .sel(scenario="national_grid")
        )
        whole = shipped("china_grid_mixes").result.tree["summary"]["mean"]
        # five inputs leave out anode baking, materials, freight and casting heat
        assert float(small) == pytest.approx(
            float(whole.sel(scenario="national_grid")), rel=0.1
        )
