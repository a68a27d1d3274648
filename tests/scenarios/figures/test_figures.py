import itertools
import json
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image
from scipy import integrate, stats

from scenarios import figures
from scenarios.errors import ScenarioError
from scenarios.figures.base.quantities import PANELS, ROWS, quantities
from scenarios.figures.base.style import FILLS, limited, shortened, sized, wrapped
from scenarios.results.result import Result
from uncertainty.arrays import FloatArray
from uncertainty.statistics import summarise
from uncertainty.statistics.density import bandwidth, estimate

DRAWS = 2000
BOTH = ("png", "svg")
NAMES = ("grid", "hydro", "coal")
HOSTILE = (
    "$x_{1}$ and $\\frac{",
    'under_score^2 & <b>"quoted"</b> %s {0}',
    "云南水电铝 2023 年电网情景",
    "a" * 300,
    "line\nbreak\ttab\x07bell",
    "   ",
    "_hidden",
)


def level(draws: int = DRAWS) -> FloatArray:
    """Quantile levels on a grid: a sample with no sampling noise."""
    return (np.arange(draws) + 0.5) / draws


def result(
    groups: dict[str, xr.DataArray],
    *,
    units: str = "kg CO2e/t",
    labels: dict[str, str] | None = None,
    title: str = "A study",
    probability: float = 0.95,
) -> Result:
    """A result as `Study.run` makes it, of draws that are given."""
    first = next(iter(groups.values()))
    names = [str(name) for name in first["scenario"].values]
    stated = {"scenarios": {n: {"label": (labels or {}).get(n)} for n in names}}
    found = {"draws": xr.Dataset(groups)}
    for name, sample in groups.items():
        statistics = summarise(sample, probability)
        statistics["point"] = statistics["mean"] * 0.98
        is_main = name == "footprint" or not units
        found["summary" if is_main else f"summary/{name}"] = statistics
    attributes = {
        "study": "a_study",
        "title": title,
        "units": units,
        "config_json": json.dumps(stated),
        "seed": 7,
        "design": "sobol",
        "draws": first.sizes["draw"],
        "replicates": 16,
        "coverage_probability": probability,
        "reference": names[0],
    }
    return Result(found, attributes)


def chain(
    names: tuple[str, ...] = NAMES,
    *,
    stages: tuple[str, ...] = ("refining", "smelting", "scrap"),
    **options: object,
) -> Result:
    """A study with a credit (scrap) and a stage that the last scenario lacks."""
    spread = stats.norm.ppf(level())
    whole = np.full((len(names), len(stages), 2, DRAWS), np.nan)
    for i in range(len(names)):
        for j in range(len(stages)):
            whole[i, j, 0] = 900 * (j + 1) * (1 + 0.05 * spread) + 100 * i
            whole[i, j, 1] = 150.0
    if "scrap" in stages:
        whole[:, stages.index("scrap")] *= -0.1
    if len(stages) > 1:
        whole[-1, 0] = np.nan
    attrs = {"units": "kg CO2e/t", "long_name": "Carbon footprint"}
    contribution = xr.DataArray(
        whole,
        dims=("scenario", "stage", "source", "draw"),
        coords={
            "scenario": list(names),
            "stage": list(stages),
            "source": ["electricity", "thermal"],
        },
        attrs=attrs,
    )
    footprint = contribution.sum(("stage", "source"), keep_attrs=True)
    groups = {"footprint": footprint, "contribution": contribution}
    return result(groups, **options)  # type: ignore[arg-type]


def outputs(
    values: dict[str, FloatArray], scenarios: tuple[str, ...] = ("baseline",)
) -> Result:
    """A study without a chain: the same outputs in every scenario."""
    block = np.stack([np.stack(list(values.values()))] * len(scenarios))
    sample = xr.DataArray(
        block,
        dims=("scenario", "output", "draw"),
        coords={
            "scenario": list(scenarios),
            "output": list(values),
            "output_units": ("output", ["kWh/t"] * len(values)),
        },
        attrs={"units": "see output_units", "long_name": "Declared outputs"},
    )
    return result({"outputs": sample}, units="")


def texts(figure: Figure) -> str:
    """Everything written on a figure, joined into lines of its own."""
    found = [t.get_text() for t in figure.findobj(Text)]  # type: ignore[attr-defined]
    return "\n".join(text.replace("\n", " ") for text in found if text)


def layers(axes) -> list[FloatArray]:
    """Start and end of each bar of each layer, shape (row, 2)."""
    every = [c for c in axes.collections if isinstance(c, PolyCollection)]
    return [np.array([p.vertices[:2, 0] for p in c.get_paths()]) for c in every]


def row_labels(figure: Figure) -> list[str]:
    axes = figure.axes[0]
    return [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]


def rising(study: Result) -> list[str]:
    """Scenarios from the lowest footprint to the highest, as figures show them."""
    mean = study.summary("footprint")["mean"]
    return [str(name) for name in mean["scenario"].values[np.argsort(mean.values)]]


ALL = ("stage_bars", "source_bars", "density", "intervals")


@pytest.fixture(scope="module")
def tree() -> Result:
    return chain(labels={"grid": "National grid"})


@pytest.mark.parametrize("name", ALL)
def test_figure_says_units_draws_design_and_what_the_interval_is(tree, name):
    written = texts(getattr(figures, name)(tree))
    assert "Carbon footprint (t CO2e/t)" in written
    assert "2000 draws (sobol, 16 replicates, seed 7)" in written
    assert "95 % coverage interval, probabilistically symmetric" in written
    assert "A study" in written


@pytest.mark.parametrize("name", ALL)
def test_figure_names_each_scenario_by_its_label_else_its_name(tree, name):
    written = texts(getattr(figures, name)(tree))
    for label in ("National grid", "hydro", "coal"):
        assert re.search(rf"^{label}", written, re.MULTILINE)
    assert "\ngrid" not in written


def test_interval_says_its_own_probability():
    written = texts(figures.stage_bars(chain(probability=0.9)))
    assert "90 % coverage interval" in written
    assert "95 %" not in written


@pytest.mark.parametrize(
    ("draw", "dropped"),
    [(figures.stage_bars, "source"), (figures.source_bars, "stage")],
)
def test_bars_are_the_means_of_the_contributions_and_add_up_to_the_footprint(
    tree, draw, dropped
):
    axes = draw(tree).axes[0]
    mean = tree.summary("contribution")["mean"].sum(dropped)
    kept = next(str(dim) for dim in mean.dims if dim != "scenario")
    mean = mean.sel(scenario=rising(tree)) / 1000
    expected = [mean.sel({kept: layer}).values for layer in mean[kept].values]
    # what is alike in all rows stands first
    expected.sort(key=np.ptp)
    found = [np.diff(bars)[:, 0] for bars in layers(axes)]
    np.testing.assert_allclose(found, expected)
    whole = tree.summary("footprint")["mean"].sel(scenario=rising(tree)) / 1000
    np.testing.assert_allclose(np.sum(found, axis=0), whole)


def test_stack_leaves_no_gap_and_puts_credits_left_of_zero(tree):
    axes = figures.stage_bars(tree).axes[0]
    for row in range(len(NAMES)):
        bars = [layer[row] for layer in layers(axes)]
        positive = [sorted(bar) for bar in bars if bar[1] > bar[0]]
        negative = [sorted(bar) for bar in bars if bar[1] < bar[0]]
        assert len(negative) == 1
        assert negative[0][1] == 0
        assert positive[0][0] == 0
        for one, after in itertools.pairwise(positive):
            assert one[1] == pytest.approx(after[0])


def test_a_stage_that_a_scenario_lacks_has_no_width_there():
    study = chain()
    axes = figures.stage_bars(study).axes[0]
    lacking = rising(study).index("coal")
    widths = [np.diff(bars)[:, 0] for bars in layers(axes)]
    without = [one for one in widths if one[lacking] == 0]
    assert len(without) == 1
    assert sum(without[0] > 0) == len(NAMES) - 1


@pytest.mark.parametrize("name", ["stage_bars", "intervals"])
def test_line_of_each_row_is_the_coverage_interval(tree, name):
    axes = getattr(figures, name)(tree).axes[0]
    lines = next(c for c in axes.collections if isinstance(c, LineCollection))
    ends = np.array([segment[:, 0] for segment in lines.get_segments()])
    expected = (
        tree.summary("footprint")["coverage"].transpose("scenario", "bound") / 1000
    )
    np.testing.assert_allclose(ends, expected.sel(scenario=rising(tree)))


def test_numbers_beside_the_rows_are_mean_and_interval_to_two_digits_of_the_sd():
    # 1 t +- 0.05 t: two digits of the sd are three decimals
    footprint = xr.DataArray(
        [1000 + 50 * stats.norm.ppf(level())],
        dims=("scenario", "draw"),
        coords={"scenario": ["only"]},
        attrs={"units": "kg CO2e/t", "long_name": "Carbon footprint"},
    )
    found = quantities(result({"footprint": footprint}))[0]
    assert found.interval(0) == "1.000 (0.902 to 1.098)"


def test_a_mean_that_rounds_to_zero_has_no_sign():
    sample = outputs({"y": 10 * stats.norm.ppf(level()) - 1e-9})
    assert quantities(sample)[0].interval(0) == "0 (−20 to 20)"


def test_intervals_mark_mean_median_and_point_value(tree):
    axes = figures.intervals(tree).axes[0]
    lines = [line for line in axes.get_lines() if len(line.get_xdata()) == len(NAMES)]
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["mean", "median", "point value"]
    summary = tree.summary("footprint").sel(scenario=rising(tree))
    for line, word in zip(lines, ("mean", "median", "point"), strict=True):
        np.testing.assert_allclose(line.get_xdata(), summary[word] / 1000)


def test_footer_of_a_density_says_how_many_draws_its_ends_leave_off():
    heavy = stats.cauchy().ppf(level())
    axes = figures.density(outputs({"y": heavy})).axes[0]
    curve = axes.get_lines()[0].get_xdata()
    off = 100 * np.mean((heavy < min(curve)) | (heavy > max(curve)))
    assert off > 1
    assert f"Up to {off:.2g} % of the draws" in texts(axes.figure)


def test_a_label_that_starts_with_an_underscore_is_in_the_legend():
    study = chain(("a", "b"), labels={"a": "_hidden"}, stages=("_one", "_two"))
    for draw, names in (
        (figures.density, ["_hidden", "b"]),
        (figures.stage_bars, ["_one", "_two"]),
    ):
        legend = draw(study, ["a", "b"]).axes[0].get_legend()
        found = [text.get_text().split(":")[0] for text in legend.get_texts()]
        assert found == names


def test_a_blank_label_gives_way_to_the_name():
    study = chain(("a", "b"), labels={"a": "  "})
    assert row_labels(figures.intervals(study, ["a", "b"])) == ["a", "b"]


def test_rows_rise_from_the_top(tree):
    axes = figures.intervals(tree).axes[0]
    assert row_labels(axes.figure) == ["coal", "National grid", "hydro"]
    assert rising(tree) == ["coal", "grid", "hydro"]
    bottom, top = axes.get_ylim()
    assert bottom > top


def test_the_title_is_the_finding_and_the_study_stands_in_the_footer(tree):
    figure = figures.intervals(tree)
    mean = tree.summary("footprint")["mean"] / 1000
    title = figure.get_suptitle().replace("\n", " ")
    assert title.startswith(f"Lowest: coal, {float(mean.sel(scenario='coal')):.1f}")
    assert "highest: hydro, " in title
    assert figure.get_supxlabel().startswith("A study. 2000 draws")
    bars = figures.stage_bars(chain(stages=("one", "two"))).get_suptitle()
    assert bars.startswith("Two makes ")


@pytest.mark.parametrize(
    ("size", "width"), [("column", 88), ("page", 180), ("slide", 254)]
)
def test_a_figure_is_as_wide_as_where_it_is_shown(tree, tmp_path, size, width):
    with sized(size):
        png, svg = figures.save(figures.intervals(tree), tmp_path / size, BOTH)
    with Image.open(png) as picture:
        assert picture.width / 300 * 25.4 == pytest.approx(width, abs=0.2)
    stated = re.search(r'<svg[^>]* width="([\d.]+)pt"', svg.read_text(encoding="utf-8"))
    assert float(stated[1]) / 72 * 25.4 == pytest.approx(width, abs=0.2)


def test_a_limit_is_a_line_at_its_value(tree):
    with limited([2.5]):
        figure = figures.intervals(tree)
    upright = [line.get_xdata() for line in figure.axes[0].get_lines()]
    assert any(list(x) == [2.5, 2.5] for x in upright)
    assert "Red line: 2.5 t CO2e/t." in texts(figure)
    assert "Red line" not in texts(figures.intervals(tree))


@pytest.mark.parametrize("name", ["stage_bars", "source_bars", "intervals"])
def test_scenarios_asked_for_are_shown_in_that_order_once(tree, name):
    figure = getattr(figures, name)(tree, ["coal", "grid", "coal"])
    assert row_labels(figure) == ["coal", "National grid"]


@pytest.mark.parametrize("name", ALL)
def test_a_scenario_that_is_not_there_is_refused_with_the_nearest(tree, name):
    with pytest.raises(
        ScenarioError, match=r"no scenario 'hydra'; did you mean hydro\?"
    ):
        getattr(figures, name)(tree, ["hydra"])


def test_no_scenario_at_all_is_refused(tree):
    with pytest.raises(ScenarioError, match="no scenario named, nothing to show"):
        figures.density(tree, [])


def test_years_make_rows_of_their_own_and_absent_cells_none():
    values = np.full((2, 2, DRAWS), np.nan)
    values[0, 0] = 5000 + 100 * stats.norm.ppf(level())
    values[0, 1] = 6000 + 100 * stats.norm.ppf(level())
    values[1, 1] = 4000 + 100 * stats.norm.ppf(level())
    footprint = xr.DataArray(
        values,
        dims=("scenario", "year", "draw"),
        coords={"scenario": ["a", "b"], "year": [2030, 2040]},
        attrs={"units": "kg CO2e/t", "long_name": "Carbon footprint"},
    )
    whole = footprint.expand_dims(stage=["only"], source=["one"])
    whole = whole.transpose("scenario", "year", "stage", "source", "draw")
    study = result({"footprint": footprint, "contribution": whole})
    rows = ["a, 2030", "a, 2040", "b, 2040"]
    assert row_labels(figures.intervals(study)) == rows
    bars = figures.stage_bars(study)
    assert row_labels(bars) == rows
    widths = np.diff(layers(bars.axes[0])[0])[:, 0]
    np.testing.assert_allclose(widths, [5, 6, 4])
    assert texts(figures.density(study)).count("to") >= len(rows)


def test_more_layers_than_fills_are_put_together_and_still_add_up():
    stages = tuple(f"stage_{i}" for i in range(12))
    study = chain(stages=stages)
    axes = figures.stage_bars(study).axes[0]
    assert len(layers(axes)) == len(FILLS)
    assert axes.get_legend().get_texts()[-1].get_text() == "other (5)"
    total = sum(np.diff(bars)[:, 0] for bars in layers(axes))
    mean = study.summary("footprint")["mean"].sel(scenario=rising(study))
    np.testing.assert_allclose(total, mean / 1000)


def test_too_many_scenarios_are_cut_and_the_footer_says_how_many():
    names = tuple(f"s{i:03}" for i in range(ROWS + 15))
    study = chain(names, stages=("only",))
    for name in ALL:
        figure = getattr(figures, name)(study)
        assert len(row_labels(figure)) == ROWS
        assert "15 more scenarios, nearest to the reference." in texts(figure)


def test_too_many_outputs_are_cut_and_the_footer_says_how_many():
    study = outputs({f"y{i}": i + level() for i in range(PANELS + 3)})
    figure = figures.intervals(study)
    assert len(figure.axes) == PANELS
    assert "Not shown: 3 more outputs." in texts(figure)


def test_up_to_four_scenarios_share_their_axes_and_five_have_a_ridge_each():
    few = figures.density(chain(tuple("abcd"), stages=("only",)))
    assert few.axes[0].get_legend() is not None
    assert "equal height" not in texts(few)
    assert "Bold" not in texts(few)
    many = figures.density(chain(tuple("abcde"), stages=("only",)))
    assert many.axes[0].get_legend() is None
    assert row_labels(many) == list("abcde")
    assert "equal height" in texts(many)
    assert "Bold: reference scenario." in texts(many)


@pytest.mark.parametrize("name", ["stages", "sources"])
def test_without_a_chain_there_are_no_bars(name):
    study = outputs({"y": level()})
    assert name not in figures.default_figures(study)
    with pytest.raises(ScenarioError, match=rf"no chain: 'A study' .* no {name};"):
        figures.stage_bars(study, by=name[:-1])


def test_without_a_chain_each_output_has_a_panel_with_its_units():
    study = outputs({"y_one": level(), "y_two": 5 + level()})
    found = figures.default_figures(study)
    assert list(found) == ["intervals"]
    for draw in (figures.density, figures.intervals):
        labels = [axes.get_xlabel() for axes in draw(study).axes]
        assert labels == ["y_one (kWh/t)", "y_two (kWh/t)"]


def test_with_a_chain_every_figure_is_offered_and_drawn_for_chosen_scenarios(tree):
    found = figures.default_figures(tree, ["coal"])
    assert list(found) == [*("stages", "sources", "intervals")]
    for draw in found.values():
        written = texts(draw())
        assert "coal" in written
        assert "hydro" not in written


@pytest.mark.parametrize("scenarios", [("baseline",), tuple("abcdef")])
@pytest.mark.parametrize("value", [0.0, -3.5, 1e9])
def test_a_constant_is_a_vertical_line_in_the_density(value, scenarios):
    study = outputs({"y": np.full(DRAWS, value)}, scenarios)
    axes = figures.density(study).axes[0]
    upright = [
        segment
        for lines in axes.collections
        if isinstance(lines, LineCollection)
        for segment in lines.get_segments()
        if np.ptp(segment[:, 0]) == 0 and np.ptp(segment[:, 1]) > 0
    ]
    assert len(upright) == len(scenarios)
    assert all(segment[0, 0] == value for segment in upright)
    figures.intervals(study)


# --- density ---------------------------------------------------------------


def test_density_agrees_with_the_direct_sum_of_kernels():
    sample = np.random.default_rng(1).gamma(5, size=4000)
    grid, density = estimate(sample)
    width = bandwidth(np.sort(sample))
    peer = stats.gaussian_kde(sample, width / sample.std(ddof=1))
    inside = (grid > sample.min() + 5 * width) & (grid < grid[-1] - 5 * width)
    assert inside.sum() > 50
    # binning at an eighth of the bandwidth widens the kernel's variance by
    # 1 / (6 x 64) = 0.3 %; the peak moves by half of that
    np.testing.assert_allclose(
        density[inside], peer(grid[inside]), atol=0.003 * density.max()
    )


def test_density_of_a_uniform_keeps_its_sharp_ends():
    grid, density = estimate(3 + 2 * level(20_000))
    assert grid[0] == pytest.approx(3, abs=1e-3)  # the first of 20 000 quantiles
    assert grid[-1] == pytest.approx(5, abs=2e-2)  # points a quarter bandwidth apart
    # a kernel that spills over would be half as high at the ends
    np.testing.assert_allclose(density, 0.5, rtol=0.01)


@given(scale=st.floats(1e-6, 1e6), shift=st.floats(-1e3, 1e3))
def test_density_follows_a_change_of_units(scale, shift):
    sample = stats.gamma(3).ppf(level(500))
    grid, density = estimate(sample)
    moved_grid, moved = estimate(scale * (sample + shift))
    # rounding may move the number of bins by one, and a bin is an eighth bandwidth
    at = np.interp(scale * (grid + shift), moved_grid, moved)
    np.testing.assert_allclose(at * scale, density, atol=0.01 * density.max())


@pytest.mark.parametrize(
    "law", [stats.norm(), stats.expon(), stats.lognorm(2), stats.cauchy()]
)
def test_density_has_the_mass_that_it_shows(law):
    grid, density = estimate(law.ppf(level(20_000)))
    shown_mass = law.cdf(grid[-1]) - law.cdf(grid[0])
    # heavy tails leave bins wider than the bandwidth; the trapezes miss some of a
    # peak of few points
    assert integrate.trapezoid(density, grid) == pytest.approx(shown_mass, rel=0.01)
    assert shown_mass > 0.98


def test_two_values_give_two_peaks_of_their_weights():
    sample = np.where(level() < 0.3, 1.0, 10.0)
    grid, density = estimate(sample)
    low = grid < 5.5
    assert integrate.trapezoid(density[low], grid[low]) == pytest.approx(0.3, abs=0.02)


def test_a_few_draws_apart_from_all_others_are_drawn():
    sample = np.where(level() < 0.99, 1.0, 3.0)
    grid, density = estimate(sample)
    assert grid[0] == 1
    assert grid[-1] == pytest.approx(3, abs=0.1)  # points a quarter bandwidth apart
    high = grid > 2
    found = integrate.trapezoid(density[high], grid[high])
    # the last point may stand short of the end, where half of the mass lies
    assert found == pytest.approx(0.01, rel=0.2)


# --- files -----------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_the_same_result_gives_the_same_bytes(tree, name, tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        paths = figures.save(
            getattr(figures, name)(tree), folder / "figure", ("png", "svg")
        )
        assert paths == [folder / "figure.png", folder / "figure.svg"]
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
    assert (first / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_a_figure_that_is_saved_twice_keeps_its_bytes(tree, tmp_path):
    figure = figures.density(tree)
    one = [p.read_bytes() for p in figures.save(figure, tmp_path / "a", BOTH)]
    two = [p.read_bytes() for p in figures.save(figure, tmp_path / "b", BOTH)]
    assert one == two


def test_the_users_own_settings_do_not_reach_a_figure(tree, tmp_path):
    plain = figures.save(figures.intervals(tree), tmp_path / "a", ["svg"])[0]
    with matplotlib.rc_context(
        {"font.size": 20, "axes.grid": True, "svg.hashsalt": "x"}
    ):
        other = figures.save(figures.intervals(tree), tmp_path / "b", ["svg"])[0]
    assert plain.read_bytes() == other.read_bytes()


def test_svg_keeps_text_as_text_and_no_date(tree, tmp_path):
    path = figures.save(figures.stage_bars(tree), tmp_path / "v1.2", ["svg"])[0]
    assert path.name == "v1.2.svg"
    text = path.read_text()
    assert "National grid</text>" in text
    assert "t CO2e/t" in text
    assert "<dc:date>" not in text


@pytest.mark.parametrize("number", [4, 7])
def test_hostile_labels_are_drawn_as_text(number, tmp_path):
    names = tuple("abcdefg")[:number]
    labels = dict(zip(names, HOSTILE, strict=False))
    study = chain(names, labels=labels, stages=HOSTILE, title=" ".join(HOSTILE))
    for name, draw in figures.default_figures(study).items():
        figures.save(draw(), tmp_path / name, BOTH)
        drawn = (tmp_path / f"{name}.svg").read_text()
        for kept in ("$x_{1}$", "under_score^2 &amp; &lt;b&gt;", "云南水电铝 2023"):
            assert kept in drawn


def test_a_format_that_is_not_known_is_refused_before_anything_is_written(
    tree, tmp_path
):
    with pytest.raises(
        ScenarioError, match=r"no figure format 'gif'; there are png, svg"
    ):
        figures.save(figures.intervals(tree), tmp_path / "x", ["png", "gif"])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error_that_names_the_file(tree, tmp_path):
    with pytest.raises(ScenarioError, match=r"x\.png: cannot be written"):
        figures.save(figures.intervals(tree), tmp_path / "none" / "x", ["png"])


def test_a_failed_write_leaves_the_old_file_and_no_other(tree, tmp_path, monkeypatch):
    old = tmp_path / "x.png"
    old.write_text("old")

    def full(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ScenarioError, match=r"x\.png: cannot be written \(disk full\)"):
        figures.save(figures.intervals(tree), old.with_suffix(""), ["png"])
    assert [p.name for p in tmp_path.iterdir()] == ["x.png"]
    assert old.read_text() == "old"


def test_settings_of_matplotlib_are_left_as_they_were(tree, tmp_path):
    before = dict(matplotlib.rcParams)
    for name, draw in figures.default_figures(tree).items():
        figures.save(draw(), tmp_path / name, BOTH)
    with pytest.raises(ScenarioError):
        figures.density(tree, ["none"])
    assert dict(matplotlib.rcParams) == before


def test_pyplot_is_never_imported():
    code = (
        "import sys; from scenarios import figures; "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"


# --- text ------------------------------------------------------------------


@given(st.text(max_size=300), st.integers(4, 60), st.integers(1, 4))
def test_wrapped_text_keeps_its_lines_and_has_no_control_characters(
    text, columns, most
):
    lines = wrapped(text, columns, most=most).split("\n")
    assert len(lines) <= most
    assert all(len(line) <= columns for line in lines)
    assert all(c.isprintable() for line in lines for c in line)


def test_text_that_is_cut_ends_in_an_ellipsis():
    assert wrapped("a" * 100, 10, most=2) == "a" * 10 + "\n" + "a" * 9 + "…"
    assert wrapped("one two", 10, most=1) == "one two"


def cut(labels: list[str], columns: int, most: int) -> list[str]:
    """Labels as they are written, in one line each."""
    shown = shortened(labels, columns, most=most)
    for text in shown:
        lines = text.split("\n")
        assert len(lines) <= most
        assert all(len(line) <= columns for line in lines)
    return [text.replace("\n", " ") for text in shown]


def test_labels_that_are_cut_stay_different():
    sweep = [
        f"Captive coal and hydropower: share = {x / 100}" for x in range(0, 101, 5)
    ]
    for columns, most in ((30, 1), (46, 1), (20, 2)):
        shown = cut(sweep, columns, most)
        assert len(set(shown)) == len(sweep)
        for label, text in zip(sweep, shown, strict=True):
            assert text.startswith("Captive")
            assert text.endswith(f" {label.rpartition(' ')[2]}")
    chinese = ["云南水电铝厂在二〇二三年的电网情景之下的方案" + n for n in "一二三"]
    assert len(set(cut(chinese, 20, 1))) == 3
    long = ["a" * 300 + end for end in "xyz"]
    assert len(set(cut(long, 20, 2))) == 3


def test_labels_that_differ_before_the_cut_and_equal_ones_are_as_wrapped():
    labels = ["one two three four five", "six seven eight nine ten", "one", "one"]
    assert shortened(labels, 12, most=1) == [wrapped(x, 12, most=1) for x in labels]


def test_years_in_which_nothing_changes_share_a_row_and_are_named_together():
    spread = 100 * stats.norm.ppf(level())
    values = np.stack([np.stack([5000 + spread] * 3), np.stack([4000 + spread] * 3)])
    values[0, 2] += 1
    footprint = xr.DataArray(
        values,
        dims=("scenario", "year", "draw"),
        coords={"scenario": ["a", "b"], "year": [2030, 2040, 2050]},
        attrs={"units": "kg CO2e/t", "long_name": "Carbon footprint"},
    )
    figure = figures.intervals(result({"footprint": footprint}))
    assert row_labels(figure) == ["a, 2030 to 2040", "a, 2050", "b, 2030 to 2050"]
    means = figure.axes[0].get_lines()[0].get_xdata()
    np.testing.assert_allclose(means, [5, 5.001, 4])


def test_of_too_many_scenarios_the_farthest_from_the_reference_are_shown():
    names = tuple(f"s{i:03}" for i in range(ROWS + 15))
    study = chain(names, stages=("only",))  # each 100 kg above the one before
    figure = figures.intervals(study)
    assert row_labels(figure) == [names[0], *names[16:]]


def test_of_too_many_scenarios_with_years_those_that_move_are_shown_as_a_whole():
    count = ROWS // 2 + 1
    names = [f"s{i:02}" for i in range(count)]
    spread = 100 * stats.norm.ppf(level())
    moves = 10.0 * np.arange(1, count + 1)[::-1]  # the last moves least
    values = np.stack([[5000 + spread, 5000 + move + spread] for move in moves])
    footprint = xr.DataArray(
        values,
        dims=("scenario", "year", "draw"),
        coords={"scenario": names, "year": [2030, 2040]},
        attrs={"units": "kg CO2e/t", "long_name": "Carbon footprint"},
    )
    figure = figures.intervals(result({"footprint": footprint}))
    rows = [f"{name}, {year}" for name in names[:-1] for year in (2030, 2040)]
    assert row_labels(figure) == rows
    assert "2 more scenarios and years, which move least." in texts(figure)
