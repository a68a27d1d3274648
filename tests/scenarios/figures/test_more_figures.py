import itertools
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import LineCollection, PolyCollection, QuadMesh
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle, StepPatch
from matplotlib.text import Text
from scipy import stats

from scenarios import figures
from scenarios.analysis.attribution import attribute
from scenarios.analysis.comparison.compare import compare
from scenarios.analysis.masses import chain_of
from scenarios.errors import ScenarioError
from scenarios.figures import gallery
from scenarios.figures.inputs import marks_of
from scenarios.figures.tornado import CONFIDENCE
from scenarios.loading.load import load
from scenarios.model.study import Study
from scenarios.numbers import percent
from scenarios.results.file import write_result
from scenarios.results.result import Result

CHAIN = """\
title: A small chain
declared_unit: {amount: 1, units: t, product: ingot}
run: {draws: 1024, design: DESIGN, seed: 5, replicates: 16}
inputs:
  refining.lime: {units: kg/t, triangular: {low: 80, mode: 100, high: 120}, source: a,
    label: "LABEL", spread_confidence: recalled}
  refining.heat: {units: t/t, uniform: {low: 0.9, high: 1.1}, source: a,
    spread_confidence: read}
  smelting.alumina: {units: t/t, value: 1.9, source: a}
  smelting.power: {units: kWh/t, normal: {mean: 13500, sd: 200}, source: a,
    spread_confidence: assumed}
  recovery: {units: "1", uniform: {low: 0.01, high: 0.03}, source: a}
  lime.factor: {units: kg CO2e/kg, LIME}
  grid.factor: {units: kg CO2e/kWh, lognormal: {median: 0.6, gsd: 1.05}, source: a}
products:
  lime: {units: kg, source: ancillary, emits: {made: {gas: CO2e, amount: lime.factor}}}
names: {pfc: {en: PFC}}
supplies:
  grid: {factor: grid.factor, losses: 0}
processes:
  refinery:
    stage: refining
    label: "LABEL"
    makes: {product: alumina, units: t}
    needs: {lime: refining.lime, electricity: {amount: 200 kWh/t, supply: grid}}
    emits: {heat: {gas: CO2, amount: refining.heat * (1 - recovery)}}
  pots:
    stage: smelting
    makes: {product: metal, units: t}
    needs: {alumina: smelting.alumina, electricity: {amount: smelting.power,
      supply: grid}}
    emits: {anodes: {gas: CO2, amount: 1.5}, CF4: {amount: 0.02 kg/t, source: pfc}}
  casting:
    stage: casting
    makes: {product: ingot, units: t}
    needs: {metal: 1.02}
"""
ONE_YEAR = """\
scenarios:
  coal: {reference: true, label: "LABEL"}
  same: {}
  clean: {label: "LABEL 2", set: {grid.factor: {value: 0.1}, refining.heat: 0.8}}
  heavy: {scale: {grid.factor: 1.05}}
  other: {set: {grid.factor: {independent: true}}}
"""
YEARS = """\
years: [2025, 2030, 2040]
scenarios:
  coal: {reference: true, label: "LABEL"}
  falling:
    set:
      grid.factor:
        pathway: {2025: {normal: {mean: 0.6, sd: 0.03}}, 2040: 0.2}
  early: {years: [2025], scale: {grid.factor: 0.9}}
"""
LIME = "value: 1.2, source: a"
SOURCES = """evidence: {combine: fixed, sources: [
    {value: 1.2, sd: 0.1, source: "LABEL"}, {value: 1.4, sd: 0.2}]}, source: a"""
CONFIGS = Path(__file__).parents[3] / "configs"
HOSTILE = "$x_{1}$ _a^2 & <b>%s {0}</b> \\\\frac{ 云南水电铝"
IN_SVG = ("$x_{1}$", "&lt;b&gt;%s", "云南水电铝")


def study(
    folder,
    scenarios: str,
    *,
    label: str = "",
    design: str = "sobol",
    lime: str = LIME,
) -> Study:
    text = CHAIN.replace("DESIGN", design).replace("LIME", lime) + scenarios
    path = folder / "small.yaml"
    path.write_text(text.replace("LABEL", label or "a label"), encoding="utf-8")
    return load(path)


@pytest.fixture(scope="module")
def chain(tmp_path_factory) -> Study:
    return study(tmp_path_factory.mktemp("chain"), ONE_YEAR)


@pytest.fixture(scope="module")
def tree(chain) -> Result:
    return chain.run()


@pytest.fixture(scope="module")
def yearly(tmp_path_factory) -> Result:
    return study(tmp_path_factory.mktemp("years"), YEARS).run()


@pytest.fixture(scope="module")
def compared(tree) -> xr.Dataset:
    return compare([tree])


@pytest.fixture(scope="module")
def attributed(chain) -> xr.Dataset:
    return attribute(chain, "clean")


def footprint(tree: Result, scenario: str, year: int | None = None) -> np.ndarray:
    """Draws in t CO2e/t."""
    return tree.sample(tree.cell(scenario, year)) / 1000


def texts(figure: Figure) -> str:
    found = [t.get_text() for t in figure.findobj(Text)]
    return "\n".join(text.replace("\n", " ") for text in found if text)


def segments(axes) -> np.ndarray:
    """Ends of the first level lines that are drawn together."""
    every = [c for c in axes.collections if isinstance(c, LineCollection)]
    level = next(c for c in every if np.ptp(c.get_segments()[0][:, 1]) == 0)
    return np.array([segment[:, 0] for segment in level.get_segments()])


def widths(layer: PolyCollection) -> np.ndarray:
    """Widths of the bars of one layer, row by row."""
    return np.array([np.ptp(path.vertices[:, 0]) for path in layer.get_paths()])


def numbers(axes) -> dict[float, str]:
    """What stands beside each row."""
    shown = [t for t in axes.texts if t.get_text().endswith(("%", "↑", "↓", "equal"))]
    return {t.get_position()[1]: t.get_text() for t in shown}


def one(tree: Result, kind: str, *scenarios: str) -> Figure:
    (found,) = gallery.pictures(tree, kind, scenarios or None)
    return found[1]


# --- convergence -----------------------------------------------------------


def test_convergence_starts_with_the_first_draws_of_every_replicate(tree):
    axes = figures.convergence(tree, "clean").axes
    draws = footprint(tree, "clean").reshape(16, -1)
    x, mean = axes[0].get_lines()[1].get_data()
    assert list(x) == [1024]  # 64 draws a replicate are not halved again
    np.testing.assert_allclose(mean, draws.mean())
    _, sd = axes[1].get_lines()[1].get_data()
    np.testing.assert_allclose(sd, draws.std(ddof=1))


def test_convergence_of_random_draws_doubles_up_to_all_of_them(tmp_path):
    random = study(tmp_path, ONE_YEAR, design="random").run()
    figure = figures.convergence(random)
    draws = footprint(random, "coal")
    x, mean = figure.axes[0].get_lines()[1].get_data()
    assert list(x) == [64, 128, 256, 512, 1024]
    np.testing.assert_allclose(mean, [draws[: int(n)].mean() for n in x])
    (band,) = figure.axes[0].collections
    ends = band.get_paths()[0].vertices
    error = [draws[: int(n)].std(ddof=1) / np.sqrt(n) for n in x]
    for n, middle, e in zip(x, mean, error, strict=True):
        heights = ends[ends[:, 0] == n, 1]
        # whether a variance divides by n or n - 1 makes 0.8 % of 64 draws' error
        assert heights.max() - middle == pytest.approx(2 * e, rel=0.01)
        assert middle - heights.min() == pytest.approx(2 * e, rel=0.01)
    assert "first draws, doubled" in texts(figure)


# --- fan -------------------------------------------------------------------


def test_bands_of_a_fan_are_quantiles_of_each_year(yearly):
    figure = figures.fan(yearly)
    axes = figure.axes[1]
    bands = [c for c in axes.collections if isinstance(c, PolyCollection)]
    assert len(bands) == 3
    summary = yearly.summary("footprint")["coverage"].sel(scenario="falling")
    for year in (2025, 2030, 2040):
        draws = footprint(yearly, "falling", year)
        widest = summary.sel(year=year, bound=["lower", "upper"]).values / 1000
        inner = [np.quantile(draws, ends) for ends in ((0.1, 0.9), (0.25, 0.75))]
        for band, ends in zip(bands, [widest, *inner], strict=True):
            vertices = band.get_paths()[0].vertices
            heights = vertices[vertices[:, 0] == year, 1]
            np.testing.assert_allclose([heights.min(), heights.max()], ends)
    reference, median = axes.get_lines()
    assert list(median.get_xdata()) == [2025, 2030, 2040]
    medians = [np.median(footprint(yearly, "falling", y)) for y in (2025, 2030, 2040)]
    # the summary's median is an order statistic: no mean of the middle two
    np.testing.assert_allclose(median.get_ydata(), medians, rtol=1e-3)
    np.testing.assert_allclose(
        reference.get_ydata(), figure.axes[0].get_lines()[0].get_ydata()
    )
    assert "bands: 95, 80 and 50 % of the draws" in texts(figure)


def test_a_scenario_of_one_year_is_a_bar_in_the_fan(yearly):
    axes = figures.fan(yearly).axes[2]
    upright = [c for c in axes.collections if isinstance(c, LineCollection)]
    assert len(upright) == 3
    assert all((c.get_segments()[0][:, 0] == 2025).all() for c in upright)


def test_a_study_without_years_has_no_fan(tree):
    with pytest.raises(ScenarioError, match="no years: 'A small chain' has no fan"):
        figures.fan(tree)
    assert "fan" not in figures.default_figures(tree)


def test_a_study_with_years_has_a_fan_among_its_default_figures(yearly):
    assert "fan" in figures.default_figures(yearly)


def test_of_too_many_scenarios_a_fan_shows_those_that_move_most(yearly, monkeypatch):
    module = sys.modules["scenarios.figures.fan"]
    monkeypatch.setattr(module, "PANELS", 2)
    # the third scenario has one year and does not move
    three = yearly.only(["early", "falling", "coal"])
    figure = figures.fan(three)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "falling",
        "a label",
    ]
    assert "1 more, which move least over the years." in texts(figure)


# --- differences -----------------------------------------------------------


def test_differences_are_of_draws_and_not_of_means(tree, compared):
    left, right = figures.differences(compared).axes
    names = ["same", "clean", "heavy", "other"]
    gaps = [footprint(tree, name) - footprint(tree, "coal") for name in names]
    gaps.sort(key=np.mean)  # the lowest on top
    dots = left.get_lines()[-1].get_xdata()
    np.testing.assert_allclose(dots, [g.mean() for g in gaps], atol=1e-12)
    for ends, gap in zip(segments(left), gaps, strict=True):
        # an order statistic may lie one rank from the interpolated quantile
        rank = np.sort(gap)
        assert rank[24] <= ends[0] <= rank[27]
        assert rank[-28] <= ends[1] <= rank[-25]
    lower, tie, higher = (
        list(widths(c)) for c in right.collections if isinstance(c, PolyCollection)
    )
    assert lower == [np.mean(g < 0) for g in gaps]
    assert tie == [0, 0, 1, 0]
    np.testing.assert_allclose(np.add(np.add(lower, tie), higher), 1)


def test_a_twentieth_more_of_the_same_is_higher_in_every_draw(compared):
    right = figures.differences(compared).axes[1]
    shown = numbers(right)
    # clean, other, same, heavy
    assert [shown[row] for row in (2, 0, 3)] == ["equal", "100 %", "0 %"]


def test_an_output_can_be_compared_only_if_it_is_there(compared):
    with pytest.raises(ScenarioError, match=r"no output 'x'; there are footprint"):
        figures.differences(compared, output="x")


def test_one_scenario_and_the_reference_make_a_figure_but_the_reference_none(tree):
    assert "heavy" in texts(one(tree, "differences", "heavy"))
    data = compare([tree]).sel(scenario=["coal"])
    with pytest.raises(ScenarioError, match="no scenario to compare with"):
        figures.differences(data)


@pytest.mark.parametrize("p", [0.9999, 0.99951, 1 - 1e-9])
def test_a_probability_below_one_is_never_shown_as_all(p):
    assert percent(p) == "> 99.9 %"
    assert percent(1 - p) == "< 0.1 %"


# --- ranks and pairs -------------------------------------------------------


def rows_of(axes) -> list[str]:
    return [t.get_text() for t in axes.get_yticklabels()]


def test_rank_map_counts_ranks_and_is_ordered_by_their_mean(tree, compared):
    axes = figures.rank_heat_map(compared).axes[0]
    names = tree.scenarios
    block = np.array([footprint(tree, name) for name in names])
    ranks = stats.rankdata(block, axis=0)  # ties share their mean rank
    order = np.argsort(ranks.mean(axis=1), kind="stable")
    called = {"coal": "a label", "clean": "a label 2"}
    assert rows_of(axes) == [called.get(names[i], names[i]) for i in order]
    (mesh,) = (c for c in axes.collections if isinstance(c, QuadMesh))
    shares = mesh.get_array().reshape(5, 5)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(shares @ np.arange(1, 6), ranks.mean(axis=1)[order])


def test_pair_map_says_how_often_the_row_lies_below_the_column(tree, compared):
    axes = figures.pair_heat_map(compared).axes[0]
    called = {"a label": "coal", "a label 2": "clean"}
    rows = [row.rsplit("  ", 1)[0] for row in rows_of(axes)]
    draws = [footprint(tree, called.get(row, row)) for row in rows]
    (mesh,) = (c for c in axes.collections if isinstance(c, QuadMesh))
    shares = mesh.get_array().reshape(5, 5)
    for i, j in itertools.product(range(5), repeat=2):
        if i == j:
            assert shares.mask[i, j]
        else:
            assert shares[i, j] == np.mean(draws[i] < draws[j])
    assert "Grey: the scenario itself." in texts(axes.figure)
    equal = {t.get_position() for t in axes.texts if t.get_text() == "="}
    pair = sorted((rows.index("a label"), rows.index("same")))
    assert equal == {tuple(pair), tuple(pair[::-1])}
    assert "=: equal in every draw." in texts(axes.figure)


def test_ranks_are_among_the_scenarios_asked_for(tree):
    axes = one(tree, "ranks", "heavy", "clean").axes[0]
    assert rows_of(axes) == ["a label 2", "heavy"]
    numbers = [t.get_text() for t in axes.texts]
    assert numbers == ["100", "100"]


def test_each_year_has_a_map_with_the_ranks_of_that_year(yearly):
    figure = one(yearly, "ranks")
    titles = [axes.get_title(loc="left")[:4] for axes in figure.axes]
    assert titles == ["2025", "2030", "2040"]
    meshes = [axes.collections[0].get_array() for axes in figure.axes]
    assert [mesh.shape[-1] for mesh in meshes] == [3, 2, 2]
    assert "Grey: not in that year." in texts(figure)


# --- waterfall -------------------------------------------------------------


def bars(axes) -> list[tuple[float, float]]:
    return [
        (patch.get_x(), patch.get_x() + patch.get_width())
        for container in axes.containers
        for patch in container
    ]


def test_waterfall_leads_from_the_reference_to_the_scenario(tree, attributed):
    axes = figures.waterfall(attributed).axes[0]
    found = bars(axes)
    assert found[0] == pytest.approx((0, footprint(tree, "coal").mean()))
    assert found[-1] == pytest.approx((0, footprint(tree, "clean").mean()))
    for before, after in itertools.pairwise(found[:-2]):
        assert after[0] == pytest.approx(before[1])
    *_, last, total, scenario = found
    assert last[1] == pytest.approx(scenario[1])
    assert total == pytest.approx((found[0][1], scenario[1]))
    sizes = np.abs([end - start for start, end in found[1:-2]])
    assert list(sizes) == sorted(sizes, reverse=True)
    assert rows_of(axes) == [
        *("coal", "grid.factor", "refining.heat", "Total change", "clean")
    ]


def test_each_row_of_a_waterfall_has_the_interval_of_what_it_names(tree, attributed):
    axes = figures.waterfall(attributed).axes[0]
    first = bars(axes)[0][1]
    both = {"bound": ["lower", "upper"]}
    change, whole = (
        attributed[f"footprint_{name}_interval"].sel(both) / 1000
        for name in ("contribution", "difference")
    )
    drawn = segments(axes)
    assert len(drawn) == 5
    grid = change.sel(change="set.grid.factor")
    np.testing.assert_allclose(drawn[1], first + grid)
    np.testing.assert_allclose(drawn[3], first + whole)
    for row, name in ((0, "coal"), (4, "clean")):
        ordered = np.sort(footprint(tree, name))
        assert ordered[24] <= drawn[row][0] <= ordered[27]
        assert ordered[-28] <= drawn[row][1] <= ordered[-25]
        mean, (low, high) = ordered.mean(), drawn[row]
        numbers = f"{mean:.2f} ({low:.2f} to {high:.2f})"
        assert numbers in texts(axes.figure)


def test_one_change_is_the_total_change_and_has_one_row(chain):
    axes = figures.waterfall(attribute(chain, "heavy")).axes[0]
    assert rows_of(axes) == ["coal", "grid.factor (scaled)", "heavy"]
    assert len(segments(axes)) == 3


def made_up(count: int, size: float) -> xr.Dataset:
    """An attribution to many changes, the k-th of them k times as large."""
    means = size * np.arange(1.0, count + 1) * np.where(np.arange(count) % 3, 1, -1)
    both = means[:, None] + np.array([-0.1, 0.1]) * size
    total = means.sum()
    units = {"units": "kg CO2e/t"}
    return xr.Dataset(
        {
            "footprint_contribution": ("change", means, units),
            "footprint_contribution_interval": (("change", "bound"), both, units),
            "footprint_difference": ((), total, units),
            "footprint_difference_interval": ("bound", total + np.array([-9.0, 9.0])),
            "footprint_reference": ((), 10_000.0, units),
            "footprint_reference_interval": ("bound", [8_000.0, 12_000.0]),
            "footprint_scenario": ((), 10_000.0 + total, units),
            "footprint_scenario_interval": ("bound", [9_000.0, 11_000.0]),
        },
        coords={
            "change": [f"levers.l{i}" for i in range(count)],
            "bound": ["lower", "upper"],
        },
        attrs={
            "study": "made up",
            "reference": "before",
            "scenario": "after",
            "method": "sampled",
            "orders": 200,
            "draws": 100,
            "coverage_probability": 0.9,
        },
    )


def test_the_smallest_of_many_changes_share_a_row_and_the_sum_still_closes():
    figure = figures.waterfall(made_up(26, 50.0))
    axes = figure.axes[0]
    found = bars(axes)
    assert len(found) == 23
    assert "other changes (7)" in texts(figure)
    assert "from 200 sampled orders" in texts(figure)
    assert "90 % coverage interval" in texts(figure)
    assert found[-3][1] == pytest.approx(found[-1][1])
    assert found[-2] == pytest.approx((found[0][1], found[-1][1]))


def test_small_changes_leave_zero_off_the_axis_and_draw_no_bar_from_it():
    figure = figures.waterfall(made_up(3, 10.0))
    assert "The axis does not start at zero." in texts(figure)
    assert len(bars(figure.axes[0])) == 4
    assert figure.axes[0].get_xlim()[0] > 9
    # the ends are a hundred times as uncertain as the changes: in numbers alone
    assert len(segments(figure.axes[0])) == 4
    assert "10.0000 (8.0000 to 12.0000)" in texts(figure)
    assert "would not fit: see numbers" in texts(figure)


def test_waterfall_of_a_study_with_years_is_of_the_last(yearly):
    figure = one(yearly, "waterfall", "falling")
    ends = footprint(yearly, "falling", 2040).mean()
    assert bars(figure.axes[0])[-1][1] == pytest.approx(ends)
    assert "falling, 2040" in texts(figure)


def test_the_reference_has_no_waterfall(tree):
    with pytest.raises(ScenarioError, match="coal is the reference; a waterfall leads"):
        one(tree, "waterfall", "coal")


# --- tornado ---------------------------------------------------------------


def test_tornado_bars_are_one_standard_uncertainty_to_either_side(tree):
    figure = figures.tornado(tree)
    axes = figure.axes[0]
    data = tree.first_order.sel(scenario="coal")
    shares = np.sort(data["variance_share"].values)[::-1]
    shares = shares[shares > 0]
    sd = float(data["sd"]) / 1000
    widths = [end - start for start, end in bars(axes)]
    np.testing.assert_allclose(widths, 2 * sd * np.sqrt(shares))
    # grid factor: 5 % of (13 500 x 1.02 + 200 x 1.938) kWh x 0.6 kg/kWh, by hand
    by_hand = np.log(1.05) * (13500 * 1.02 + 200 * 1.938) * 0.6 / 1000
    # a lognormal's sd is median x sigma x (1 + sigma^2 ...): 0.24 % above at 5 %
    assert widths[0] / 2 == pytest.approx(by_hand, rel=0.005)


def test_tornado_says_direction_and_confidence_of_the_spread(tree):
    figure = figures.tornado(tree)
    axes = figure.axes[0]
    rows = [t.get_text() for t in axes.get_yticklabels()]
    shares = numbers(axes)
    at = rows.index("smelting.power")
    colour = axes.containers[at][0].get_facecolor()
    assert to_hex(colour) == CONFIDENCE["assumed"][0].lower()
    assert shares[rows.index("grid.factor")].endswith("↑")
    assert "spread assumed" in texts(figure)


def test_an_input_that_lowers_the_footprint_has_an_arrow_down(tree):
    # without the grid the recovery of heat matters enough to be seen in the draws
    axes = figures.tornado(tree, "clean").axes[0]
    rows = [t.get_text() for t in axes.get_yticklabels()]
    shown = numbers(axes)
    assert shown[rows.index("recovery")].endswith("↓")


def test_inputs_beyond_the_top_share_a_row_and_keep_their_variance(tree):
    axes = figures.tornado(tree, top=2).axes[0]
    data = tree.first_order.sel(scenario="coal")
    widths = np.array([end - start for start, end in bars(axes)])
    np.testing.assert_allclose((widths**2).sum(), 4 * float(data["sd"]) ** 2 / 1e6)


def test_a_study_of_constants_has_no_tornado_and_no_input_marginals(chain):
    from dataclasses import replace

    fixed = replace(chain, point=True).run()
    for draw in (figures.tornado, lambda tree: next(figures.inputs(tree))):
        with pytest.raises(ScenarioError, match="coal: no input is uncertain"):
            draw(fixed)


# --- inputs ----------------------------------------------------------------


def test_each_uncertain_input_has_a_histogram_with_law_point_and_bounds(chain, tree):
    (figure,) = figures.inputs(tree, marks=marks_of(chain, "coal"))
    shown = {a.get_title(loc="left"): a for a in figure.axes if a.get_title(loc="left")}
    assert set(shown) == {
        *("a label", "refining.heat", "smelting.power", "recovery", "grid.factor")
    }
    lime = shown["a label"]
    words = lime.get_xlabel().replace("\n", " ")
    assert words == "kg/t triangular (low 80, mode 100, high 120)"
    upright = sorted(line.get_xdata()[0] for line in lime.get_lines())
    np.testing.assert_allclose(upright, [80, 100, 120])
    steps = [p for p in lime.patches if isinstance(p, StepPatch)]
    # 0.1 % of 1024 draws is left off on either side
    assert steps[0].get_data().values.sum() == pytest.approx(1024, abs=4)


def test_inputs_are_of_the_scenario_asked_for(chain, tree):
    (figure,) = figures.inputs(tree, "clean", marks=marks_of(chain, "clean"))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert "grid.factor" not in titles
    assert "2 constants" not in texts(figure)


def test_many_inputs_take_several_pages(tree, monkeypatch):
    # the package's `inputs` is the function
    module = sys.modules["scenarios.figures.inputs"]
    monkeypatch.setattr(module, "ROWS", 1)
    monkeypatch.setattr(module, "COLUMNS", 2)
    found = list(gallery.pictures(tree, "inputs"))
    assert [name for name, _ in found] == ["inputs_01", "inputs_02", "inputs_03"]
    assert [len(figure.axes) for _, figure in found] == [2, 2, 2]
    titles = [a.get_title(loc="left") for _, f in found for a in f.axes]
    assert len([t for t in titles if t]) == 5
    assert "page 3 of 3" in texts(found[-1][1])


# --- process flow ----------------------------------------------------------


def test_masses_of_the_chain_are_those_worked_out_by_hand(chain):
    found = {s.name: s for s in chain_of(chain, "coal").stations}
    assert found["casting"].mass == pytest.approx(1)
    assert found["pots"].mass == pytest.approx(1.02)
    assert found["refinery"].mass == pytest.approx(1.9 * 1.02)
    assert found["refinery"].users == {"pots": pytest.approx(1.9 * 1.02)}
    (lime,) = found["refinery"].bought
    assert (lime.name, lime.units) == ("lime", "t")
    assert lime.value == pytest.approx(0.1 * 1.9 * 1.02)
    (power,) = chain_of(chain, "coal").shared
    assert power.value == pytest.approx(13.5 * 1.02 + 0.2 * 1.9 * 1.02)


def test_bands_are_as_wide_as_the_mass_and_columns_as_the_footprint(chain, tree):
    figure = figures.process_flow(tree, chain_of(chain, "coal"), "coal")
    upper, lower = figure.axes
    heights = sorted(
        patch.get_path().get_extents().height
        for patch in upper.patches
        if isinstance(patch, PathPatch)
    )
    # curved bands rise as much as their ends part; these are level
    alumina = 1.9 * 1.02
    assert heights[:3] == pytest.approx([0.1 * alumina, 1, 1.02])
    columns = [bar.get_height() for bar in lower.patches if isinstance(bar, Rectangle)]
    stages = tree.summary("contribution")["mean"].sel(scenario="coal").sum("source")
    by_stage = [float(stages.sel(stage=s)) for s in ("refining", "smelting")]
    np.testing.assert_allclose(columns, [*np.divide(by_stage, 1000), 0])
    assert sum(columns) == pytest.approx(footprint(tree, "coal").mean())


def test_masses_of_the_shipped_chain_join_in_the_pots():
    made = chain_of(load(CONFIGS / "china_grid_mixes.yaml"), "yunnan")
    found = {station.product: station for station in made.stations}
    assert list(found["bauxite"].users) == ["alumina_refining"]
    assert set(found["baked_anode"].users) == {"electrolysis"}
    assert found["aluminium_ingot"].mass == pytest.approx(1)
    assert {a.name for a in made.shared} >= {"natural_gas", "rail_freight"}


# --- all kinds -------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gases", "accounts"])
def test_bars_by_gas_and_account_add_up_to_the_footprint(tree, kind):
    axes = one(tree, kind).axes[0]
    layers = [c for c in axes.collections if isinstance(c, PolyCollection)]
    total = sum(widths(layer) for layer in layers)
    mean = np.sort(tree.summary("footprint")["mean"].values)
    np.testing.assert_allclose(total, mean / 1000)


# tests/scenarios/test_figures.py has the others
HERE = set(figures.KINDS) - {"inputs", "stages", "sources", "density", "intervals"}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Callable[[str], Result]:
    found = {
        name: study(tmp_path_factory.mktemp(name), text, label=HOSTILE).run()
        for name, text in (("one", ONE_YEAR), ("fan", YEARS))
    }
    folder = tmp_path_factory.mktemp("evidence")
    made = study(folder, ONE_YEAR, label=HOSTILE, lime=SOURCES)
    found["evidence"] = made.run()
    return lambda kind: found.get(kind, found["one"])


@pytest.mark.parametrize("kind", sorted(HERE))
def test_every_kind_draws_hostile_labels_as_text_and_the_same_bytes_each_time(
    hostile, kind, tmp_path
):
    tree = hostile(kind)
    chosen = ["clean"] if kind == "waterfall" else None
    written = []
    for number in range(2):
        for name, figure in gallery.pictures(tree, kind, chosen):
            (path,) = figures.save(figure, tmp_path / f"{name}_{number}", ["svg"])
            written.append(path.read_bytes())
    assert len(written) == 2
    assert written[0] == written[1]
    drawn = re.sub(r"<[^>]*>", " ", written[0].decode())
    for kept in IN_SVG:
        assert kept in " ".join(drawn.split())


@pytest.mark.parametrize("kind", ["convergence", "tornado", "process", "inputs"])
def test_figures_of_one_scenario_say_which_and_name_their_file_after_it(tree, kind):
    ((name, figure),) = gallery.pictures(tree, kind, ["heavy"])
    assert name == f"{kind}_heavy"
    assert "heavy" in texts(figure)
    assert "1024 draws (sobol, 16 replicates, seed 5)" in texts(figure)


@pytest.mark.parametrize("kind", ["differences", "waterfall", "convergence", "fan"])
def test_figures_with_an_interval_say_its_level_and_units(tree, yearly, kind):
    source = yearly if kind == "fan" else tree
    chosen = ["clean"] if kind == "waterfall" else None
    ((_, figure),) = gallery.pictures(source, kind, chosen)
    written = texts(figure)
    assert "95 % coverage interval, probabilistically symmetric" in written
    assert "t CO2e/t" in written
    assert "1024 draws" in written


def test_a_kind_that_is_not_known_is_refused_with_the_nearest(tree):
    with pytest.raises(
        ScenarioError, match=r"no figure is called rank; did you mean ranks\? *;"
    ):
        gallery.pictures(tree, "rank")


def test_a_scenario_that_is_not_known_is_refused(tree):
    with pytest.raises(ScenarioError, match="no scenario 'heavi'; did you mean heavy"):
        gallery.pictures(tree, "tornado", ["heavi"])


def test_the_command_draws_one_kind(command, tree, tmp_path):
    write_result(tree, tmp_path / "results.nc")
    told = command("plot", tmp_path, "--kind", "tornado", "--scenario", "clean")
    assert told.code == 0
    assert told.out.split() == [
        str(tmp_path / f"tornado_clean.{ending}") for ending in ("png", "svg")
    ]
    assert (tmp_path / "tornado_clean.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_help_lists_every_kind_with_what_it_shows(command, language):
    told = command("--language", language, "plot", "--help")
    assert told.code == 0
    for name, kind in figures.KINDS.items():
        mark = r"\*" if kind.is_default else " "
        (shown,) = re.findall(rf"^  {mark} {name} +(.+)$", told.out, re.MULTILINE)
        # every kind has its line in the other language too
        assert (shown == kind.shows) == (language == "en")
