"""Adaptive runs of a study: what was asked for, and what the result says of it."""

import pytest

from uncertainty.run.adaptive import numerical_tolerance

STUDY = """
run: {{design: {design}, seed: 44905, until: {{{until}}}}}
inputs:
  x: {{units: kWh/t, normal: {{mean: 13500, sd: 100}}, source: s}}
  y: {{units: kg CO2e/kWh, lognormal: {{median: 0.6, gsd: 1.1}}, source: s}}
outputs:
  carbon: {{units: kg CO2e/t, formula: x * y}}
  power: {{units: MWh/t, formula: x}}
"""


@pytest.mark.parametrize("design", ["random", "sobol", "latin_hypercube"])
class TestUntil:
    def test_the_result_says_how_many_draws_and_what_tolerance(self, written, design):
        text = STUDY.format(design=design, until="digits: 2, output: carbon")
        result = written(text).run()
        assert result.stop.reached
        drawn = result.drawn("outputs")
        assert result.draws == drawn.sizes["draw"]
        sd = float(drawn.sel(output="carbon").std())
        # in the output's own units
        assert result.stop.tolerance == numerical_tolerance(sd, 2)
        assert 0 < result.stop.worst < 1

    def test_the_terminal_says_it_too(self, written, design):
        from scenarios.words import run as lines
        from scenarios.words.catalogue import Words

        text = STUDY.format(design=design, until="digits: 2, output: carbon")
        result = written(text).run()
        notes = "\n".join(lines.notes(result, Words("en")))
        assert f"{result.draws} draws (enough for a tolerance of" in notes

    def test_another_output_has_a_tolerance_of_its_own(self, written, design):
        text = STUDY.format(design=design, until="digits: 2, output: power")
        assert written(text).run().stop.tolerance == 0.005  # sd 0.1 MWh/t

    def test_a_cap_is_told_as_not_enough(self, written, design):
        text = STUDY.format(
            design=design, until="digits: 5, output: carbon, cap: 20000"
        )
        result = written(text).run()
        assert not result.stop.reached
        assert result.stop.worst > 1
        assert 10_000 < result.draws <= 20_000

    def test_threads_change_nothing(self, written, design):
        study = written(STUDY.format(design=design, until="output: carbon"))
        one, two = (study.run(threads=n) for n in (1, 2))
        assert one.draws == two.draws
        assert bool((one.drawn("outputs") == two.drawn("outputs")).all())


def test_the_footprint_is_watched_unless_told(written, small):
    text = small.replace("replicates: 4", "replicates: 4, until: {digits: 2}")
    result = written(text).run()
    spread = result.footprint.std("draw", ddof=1)
    smallest = min(numerical_tolerance(float(sd), 2) for sd in spread)
    assert result.stop.tolerance == smallest
