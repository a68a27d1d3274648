"""Figure of readings and their fits: every mark against what it stands for."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from scipy import stats

from scenarios.figures.base.saving import save
from scenarios.figures.fit import readings_fit
from uncertainty.distributions.fitting import FitReport, report


@pytest.fixture(scope="module")
def found() -> FitReport:
    sample = stats.lognorm(0.3, scale=40).rvs(30, random_state=2)
    return report(sample, "kg CO2/t", 5, resamples=99)


@pytest.fixture(scope="module")
def figure(found) -> Figure:
    return readings_fit(found, "anode.carbon")


def test_title_and_axis_name_the_readings_and_their_units(figure):
    assert figure.get_suptitle() == "anode.carbon: lognormal"
    assert figure.axes[1].get_xlabel() == "anode.carbon (kg CO2/t)"


def test_footer_says_how_many_readings_samples_and_which_seed(figure):
    text = " ".join(figure.get_supxlabel().split())
    assert text.startswith("30 readings.")
    assert "95 % intervals" in text
    assert "from 99 samples of the fitted law (seed 5)" in text


def test_steps_are_the_readings_and_lines_the_four_best_supported(figure, found):
    steps, *lines = figure.axes[0].get_lines()
    # ecdf starts with the least reading at share 0
    np.testing.assert_array_equal(steps.get_xdata()[1:], np.sort(found.values))
    # a running sum of 1 / 30
    np.testing.assert_allclose(steps.get_ydata()[1:], np.arange(1, 31) / 30, rtol=1e-12)
    assert [line.get_label() for line in lines] == [f.family for f in found.fits[:4]]
    for line, fit in zip(lines, found.fits, strict=False):
        np.testing.assert_array_equal(
            line.get_ydata(), fit.marginal.cdf(line.get_xdata())
        )


def test_bars_are_the_three_intervals(figure, found):
    bars = [c for c in figure.axes[1].collections if isinstance(c, LineCollection)]
    for bar, answer in zip(bars, found.answers, strict=True):
        ((left, _), (right, _)) = bar.get_segments()[0]
        assert (left, right) == (answer.lower, answer.upper)
    names = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert names == ["mean (Student t)", "mean (bootstrap)", "next reading"]


def test_each_law_has_its_panel_best_supported_first(figure, found):
    panels = figure.axes[2:]
    titles = [panel.get_title() for panel in panels]
    assert titles == [f"{fit.family}, p {found.p_words(fit)}" for fit in found.fits]
    for panel, fit in zip(panels, found.fits, strict=True):
        points = panel.get_lines()[1]
        np.testing.assert_array_equal(points.get_ydata(), np.sort(found.values))
        place = np.arange(1, 31)
        expected = fit.marginal.ppf(stats.beta(place, 31 - place).median())
        # scipy's median of the beta goes through another inverse, good to 1e-10
        np.testing.assert_allclose(points.get_xdata(), expected, rtol=1e-9)


def test_band_holds_95_percent_of_the_points_of_a_known_law(figure, found):
    panel, fit = figure.axes[2], found.fits[0]
    (band,) = panel.collections
    path = band.get_paths()[0].vertices
    levels = fit.marginal.cdf([path[:, 1].min(), path[:, 1].max()])
    # the least of 30 lies below its 2.5 % point with chance 1 - (1 - u)^30 = 0.025,
    # which is Beta(1, 30); the greatest likewise
    low = 1 - 0.975 ** (1 / 30)
    np.testing.assert_allclose(levels, [low, 1 - low], rtol=1e-9)


def test_laws_left_out_are_named_and_have_no_panel():
    left = report((-1.0, 2.0, 2.5, 3.0, 4.2), "", 0, resamples=9)
    figure = readings_fit(left, "balance")
    assert len(figure.axes) == 2 + 3
    assert "Not fitted: lognormal, gamma, weibull" in figure.get_supxlabel()
    assert figure.axes[1].get_xlabel() == "balance"


def test_many_readings_are_thinned_in_the_quantile_panels_alone():
    many = report(stats.norm(-50, 1).rvs(900, random_state=1), "t", 0, resamples=1)
    figure = readings_fit(many, "x")
    assert figure.axes[0].get_lines()[0].get_xdata().size == 901
    ends = figure.axes[2].get_lines()[1].get_ydata()
    assert ends.size == 400
    assert (ends[0], ends[-1]) == (min(many.values), max(many.values))


def test_the_same_report_gives_the_same_bytes(found, tmp_path):
    for name in ("a", "b"):
        figure = readings_fit(found, "$x_{1}$ & <b>")
        save(figure, tmp_path / name, ("png", "svg"))
    for kind in ("png", "svg"):
        first, second = (tmp_path / f"{name}.{kind}" for name in ("a", "b"))
        assert first.read_bytes() == second.read_bytes()
    assert "$x_{1}$ &amp; &lt;b&gt;" in (tmp_path / "a.svg").read_text("utf-8")


def test_fitting_alone_loads_neither_matplotlib_nor_scipy_stats():
    code = "import sys, uncertainty.distributions.fitting; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "matplotlib" not in loaded
    assert "scipy.stats" not in loaded
