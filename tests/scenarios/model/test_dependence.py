"""Dependence as a study states it: from the text of a config to its stored draws."""

from itertools import combinations
from math import sqrt

import numpy as np
import pytest
from scipy import stats

from scenarios.errors import ConfigError
from uncertainty.dependence import spearman_correlation
from uncertainty.distributions import build

DESIGNS = ["random", "sobol", "latin_hypercube"]
DRAWS = 100_000
LAWS = {
    "a": ("lognormal", {"median": 2, "gsd": 1.8}),
    "b": ("triangular", {"low": 1, "mode": 1, "high": 4}),
    "c": ("uniform", {"low": -1, "high": 1}),
    "d": ("normal", {"mean": 5, "sd": 1}),
}
TIES = """
  - {rank_correlation: 0.6, between: [a, b], source: s}
  - {rank_correlation: -0.4, between: [a, c], source: s}
  - {rank_correlation: -0.2, between: [b, c], source: s}
"""


def text_of(
    dependence="", *, laws=LAWS, scenarios="", years="", design="random", draws=DRAWS
) -> str:
    lines = [
        f'  {id}: {{units: "1", {family}: {parameters}, source: s}}'.replace("'", "")
        for id, (family, parameters) in laws.items()
    ]
    parts = [
        "title: Ties",
        f"run: {{draws: {draws}, design: {design}, seed: 44905}}",
        years,
        "inputs:",
        *lines,
        f"dependence:{dependence}" if dependence else "",
        "outputs:",
        f'  all: {{units: "1", formula: "{" + ".join(laws)}"}}',
        f"scenarios:{scenarios}" if scenarios else "",
    ]
    return "\n".join(part for part in parts if part)


def draws_of(result, scenario=None, year=None) -> dict[str, np.ndarray]:
    """Stored draws of every input, as one scenario and year has them."""
    found = {}
    for id, x in result.inputs.items():
        for dim, label in (("scenario", scenario), ("year", year)):
            x = x.sel({dim: label}) if dim in x.dims else x
        found[id] = x.values
    return found


def band(rho: float, draws: int = DRAWS) -> float:
    """Four standard errors of Spearman's coefficient (Fieller and others, 1957)."""
    return 4 * (1 - rho**2) * sqrt(1.06 / (draws - 3))


class TestRankCorrelation:
    @pytest.mark.parametrize("design", DESIGNS)
    def test_draws_have_the_stated_ones_and_the_stated_laws(self, written, design):
        found = draws_of(written(text_of(TIES, design=design)).run())
        stated = {("a", "b"): 0.6, ("a", "c"): -0.4, ("b", "c"): -0.2}
        for pair in combinations(LAWS, 2):
            rho, n = stated.get(pair, 0.0), len(found["a"])
            got = stats.spearmanr(*(found[id] for id in pair)).statistic
            # draws of the other designs are no worse than independent ones
            assert got == pytest.approx(rho, abs=band(rho, n)), pair
        for id, (family, parameters) in LAWS.items():
            law = build(family, parameters)
            # Kolmogorov: 2.23 / sqrt(n) is passed once in 10 000 samples
            far = stats.ks_1samp(found[id], law.cdf).statistic
            assert far < 2.23 / sqrt(len(found[id]))

    def test_twenty_by_twenty_matrix_comes_back(self, written):
        names = [f"x{i}" for i in range(20)]
        loads = np.linspace(-0.9, 0.95, 20)
        pairs = {
            (a, b): float(spearman_correlation(loads[i] * loads[j]))
            for (i, a), (j, b) in combinations(enumerate(names), 2)
        }
        ties = "".join(
            f"\n  - {{rank_correlation: {rho!r}, between: [{a}, {b}], source: s}}"
            for (a, b), rho in pairs.items()
        )
        laws = {name: ("lognormal", {"median": 1, "gsd": 1.5}) for name in names}
        result = written(text_of(ties, laws=laws)).run()
        found = stats.spearmanr(np.array(list(draws_of(result).values())).T).statistic
        assert len(pairs) == 190
        for (a, b), rho in pairs.items():
            got = found[names.index(a), names.index(b)]
            assert got == pytest.approx(rho, abs=band(rho)), (a, b)

    def test_every_pair_of_a_list_has_it(self, written):
        ties = "\n  - {rank_correlation: 0.5, between: [a, b, d], source: s}"
        found = draws_of(written(text_of(ties)).run())
        for pair in combinations("abd", 2):
            got = stats.spearmanr(*(found[id] for id in pair)).statistic
            assert got == pytest.approx(0.5, abs=band(0.5))

    def test_an_untied_input_keeps_its_draws(self, written):
        before = draws_of(written(text_of()).run())
        after = draws_of(written(text_of(TIES)).run())
        np.testing.assert_array_equal(before["d"], after["d"])
        np.testing.assert_array_equal(before["a"], after["a"])  # the first of a set

    def test_draws_do_not_depend_on_threads(self, written):
        study = written(text_of(TIES, draws=30_000))
        one, two = (study.run(threads=n) for n in (1, 2))
        for id, values in draws_of(one).items():
            np.testing.assert_array_equal(values, draws_of(two)[id])

    def test_the_first_order_sd_holds_the_correlation(self, written):
        from uncertainty.run.first_order import first_order

        laws = dict.fromkeys(("a", "b"), LAWS["d"])
        ties = "\n  - {rank_correlation: 0.5, between: [a, b], source: s}"
        study = written(text_of(ties, laws=laws))
        model = study.model()
        found = first_order(model, model.outputs["outputs"], study.blocks)
        # two normals: Pearson's r is that of the scores, 2 sin(pi rho / 6)
        r = 2 * np.sin(np.pi * 0.5 / 6)
        assert float(found["sd"][0, 0]) == pytest.approx(sqrt(2 + 2 * r), rel=1e-12)


IMPOSSIBLE = """
  - {rank_correlation: 0.9, between: [a, b], source: s}
  - {rank_correlation: 0.9, between: [b, c], source: s}
  - {rank_correlation: -0.9, between: [a, c], source: s%s}
"""


class TestImpossibleCorrelations:
    def test_the_pair_to_blame_is_named_with_its_place(self, written):
        with pytest.raises(ConfigError) as caught:
            written(text_of(IMPOSSIBLE % ""))
        (fault,) = caught.value.faults
        assert fault.file.endswith("study.yaml")
        assert fault.where == "dependence.0.rank_correlation"
        assert fault.line == 9
        assert "rank correlation 0.9 between a and b" in fault.message
        assert "nearest: true" in fault.message

    def test_a_pair_that_nobody_stated_is_placed_at_one_of_the_two(self, written):
        stated = {"ab": 0.9, "bc": 0.95, "cd": 0.9, "ad": 0.9, "bd": 0.9}
        ties = "".join(
            f"\n  - {{rank_correlation: {rho}, between: [{a}, {b}], source: s}}"
            for (a, b), rho in stated.items()
        )
        with pytest.raises(ConfigError) as caught:
            written(text_of(ties))
        (fault,) = caught.value.faults
        assert "0 between a and c (0 where none is stated)" in fault.message
        assert (fault.where, fault.line) == ("dependence.0.rank_correlation", 9)

    def test_the_nearest_matrix_is_taken_on_request_and_told(self, written):
        study = written(text_of(IMPOSSIBLE % ", nearest: true"))
        (warning,) = study.warnings
        assert "nearest valid matrix taken: rank correlations moved by up to" in warning
        # by symmetry each pair moves alike: 0.9 -> 0.45 and back to the ranks
        found = draws_of(study.run())
        for pair in combinations("abc", 2):
            got = stats.spearmanr(*(found[id] for id in pair)).statistic
            assert abs(got) == pytest.approx(float(warning.split()[-1]), abs=0.02)

    def test_it_holds_for_its_own_set_alone(self, written):
        laws = LAWS | dict.fromkeys("xyz", LAWS["d"])
        other = IMPOSSIBLE % ", nearest: true"
        for pair in ("[a, b]", "[b, c]", "[a, c]"):
            other = other.replace(pair, pair.translate(str.maketrans("abc", "xyz")))
        with pytest.raises(ConfigError, match="between a and b"):
            written(text_of(IMPOSSIBLE % "" + other, laws=laws))

    def test_a_matrix_that_is_valid_is_not_moved(self, written):
        ties = TIES.replace("[a, b]", "[a, b], nearest: true")
        assert written(text_of(ties)).warnings == ()


FORMS = {
    "dirichlet": (
        "dirichlet: {means: {s.coal: 0.6, s.gas: 0.3, s.oil: 0.1}, concentration: 30}",
        [sqrt(p * (1 - p) / 31) for p in (0.6, 0.3, 0.1)],
    ),
    "shares": (
        "shares: {means: {s.coal: 0.6, s.gas: 0.3, s.oil: 0.1}, "
        "sds: {s.coal: 0.08, s.gas: 0.06, s.oil: 0.05}}",
        [0.08, 0.06, 0.05],
    ),
    "logistic_normal": (
        "logistic_normal: {means: {s.coal: 0.6, s.gas: 0.3, s.oil: 0.1}, "
        "sds: {s.coal: 0.08, s.gas: 0.06, s.oil: 0.05}}",
        [0.08, 0.06, 0.05],
    ),
}


def shares_of(form: str, **more: object) -> str:
    return text_of(f"\n  - {{composition: s, {form}, source: s}}\n", **more).replace(
        'formula: "a + b + c + d"', 'formula: "s.coal + s.gas + s.oil"'
    )


class TestCompositions:
    @pytest.mark.parametrize("design", DESIGNS)
    @pytest.mark.parametrize("form", FORMS)
    def test_shares_sum_to_one_and_keep_means_and_spreads(self, written, form, design):
        text, sds = FORMS[form]
        study = written(shares_of(text, design=design))
        result = study.run()
        assert not [w for w in study.warnings if "composition" in w]
        whole = result.drawn("outputs").values
        assert abs(whole - 1).max() < 1e-12
        found = draws_of(result)
        for id, mean, sd in zip(
            ("s.coal", "s.gas", "s.oil"), (0.6, 0.3, 0.1), sds, strict=True
        ):
            n = found[id].size
            # rule 11: 0.5 % of the mean, 5 % of the sd, or sampling where that is more
            slack = max(0.005 * mean, 4 * sd / sqrt(n))
            assert found[id].mean() == pytest.approx(mean, abs=slack), id
            assert found[id].std() == pytest.approx(sd, rel=0.05), id
            assert found[id].min() >= 0

    def test_a_correlation_between_shares_is_met(self, written):
        form = (
            "logistic_normal: {means: {s.coal: 0.4, s.gas: 0.2, s.oil: 0.2, "
            "s.wood: 0.2}, sds: {s.coal: 0.05, s.gas: 0.04, s.oil: 0.04, "
            "s.wood: 0.04}, correlations: "
            "[{between: [s.gas, s.oil], correlation: 0.2}]}"
        )
        found = draws_of(written(shares_of(form)).run())
        got = np.corrcoef(found["s.gas"], found["s.oil"])[0, 1]
        # the law's own tolerance of 0.05, and four standard errors of r
        assert got == pytest.approx(0.2, abs=0.05 + 4 / sqrt(DRAWS))

    def test_spreads_out_of_reach_are_told_with_numbers(self, written):
        form = (
            "shares: {means: {s.coal: 0.5, s.gas: 0.3, s.oil: 0.2}, "
            "sds: {s.coal: 0.15, s.gas: 0.05, s.oil: 0.03}}"
        )
        study = written(shares_of(form))
        told = [w for w in study.warnings if w.startswith("composition s: ")]
        assert len(told) == 1
        assert "was asked for" in told[0]
        # and what it says is realised is what the draws have
        name, numbers = told[0].removeprefix("composition s: ").split(": sd ", 1)
        realised = float(numbers.split(" was asked for, ")[1].split(" ")[0])
        found = draws_of(study.run())
        # sd of a sample of 1e5 is known to 1 / sqrt(2 n) = 0.2 %; four of those
        assert found[name].std() == pytest.approx(realised, rel=0.01)

    def test_warnings_are_stored_with_the_result(self, written):
        result = written(text_of(IMPOSSIBLE % ", nearest: true", draws=100)).run()
        assert "nearest valid matrix taken" in result.attributes["warnings"]


class TestSharedDraws:
    TIE = "\n  - {same_draw: [a, b, c], mirrored: [c], source: s}"

    @pytest.mark.parametrize("design", DESIGNS)
    def test_they_read_one_level(self, written, design):
        found = draws_of(written(text_of(self.TIE, design=design, draws=5000)).run())
        level = {
            id: build(*LAWS[id]).cdf(values)
            for id, values in found.items()
            if id != "d"
        }
        # quantile tables are right to 1e-7 sd, the cdf to rounding
        np.testing.assert_allclose(level["a"], level["b"], atol=1e-6)
        np.testing.assert_allclose(level["a"], 1 - level["c"], atol=1e-6)

    def test_a_follower_has_the_correlations_of_what_it_follows(self, written):
        ties = (
            "\n  - {same_draw: [a, b], source: s}"
            "\n  - {rank_correlation: 0.7, between: [a, d], source: s}"
        )
        study = written(text_of(ties))
        found = draws_of(study.run())
        got = stats.spearmanr(found["b"], found["d"]).statistic
        assert got == pytest.approx(0.7, abs=band(0.7))

    def test_first_order_knows_of_a_follower_and_its_partner(self, written):
        from uncertainty.run.first_order import first_order

        laws = dict.fromkeys("abd", LAWS["d"])
        ties = (
            "\n  - {same_draw: [a, b], mirrored: [b], source: s}"
            "\n  - {rank_correlation: 0.7, between: [a, d], source: s}"
        )
        study = written(text_of(ties, laws=laws))
        model = study.model()
        found = first_order(model, model.outputs["outputs"], study.blocks)
        # a + b is a constant, and so their covariances with d cancel
        assert float(found["sd"][0, 0]) == pytest.approx(1, rel=1e-12)


class TestScenariosOfTheirOwn:
    def test_a_stated_correlation_holds_and_the_law_too(self, written):
        scenarios = """
  base: {reference: true}
  one: {set: {a: {independent: true, correlated: 0.8}}}
  two: {set: {a: {independent: true, correlated: 0.5}}}
"""
        result = written(text_of(scenarios=scenarios)).run()
        a = {s: draws_of(result, s)["a"] for s in ("base", "one", "two")}
        score = [2 * np.sin(np.pi * rho / 6) for rho in (0.8, 0.5)]
        through = float(spearman_correlation(score[0] * score[1]))
        for pair, rho in (
            (("base", "one"), 0.8),
            (("base", "two"), 0.5),
            (("one", "two"), through),
        ):
            got = stats.spearmanr(*(a[s] for s in pair)).statistic
            assert got == pytest.approx(rho, abs=band(rho)), pair
        for values in a.values():
            law = build(*LAWS["a"])
            assert stats.ks_1samp(values, law.cdf).statistic < 2.23 / sqrt(DRAWS)

    def test_correlated_inputs_that_are_independent_together_stay_so(self, written):
        scenarios = """
  base: {reference: true}
  own: {set: {a: {independent: true}, b: {independent: true}}}
"""
        study = written(text_of(TIES, scenarios=scenarios))
        found, base = (draws_of(study.run(), s) for s in ("own", "base"))
        got = stats.spearmanr(found["a"], found["b"]).statistic
        assert got == pytest.approx(0.6, abs=band(0.6))
        assert abs(stats.spearmanr(found["a"], base["a"]).statistic) < band(0)
        assert abs(stats.spearmanr(found["a"], base["b"]).statistic) < band(0)

    def test_a_correlation_that_ends_is_told(self, written):
        scenarios = """
  base: {reference: true}
  own: {set: {a: {independent: true, correlated: 0.5}}}
"""
        study = written(text_of(TIES, scenarios=scenarios))
        told = [w for w in study.warnings if w.startswith("scenario own: ")]
        assert len(told) == 2
        assert "between a and c" in told[0]
        score = 2 * np.sin(np.pi * 0.5 / 6) * 2 * np.sin(np.pi * 0.6 / 6)
        there = float(spearman_correlation(score))
        assert f"0.6 between a and b is {there:.2g} there" in told[1]
        found = draws_of(study.run(), "own")
        got = stats.spearmanr(found["a"], found["b"]).statistic
        assert got == pytest.approx(there, abs=band(there))

    def test_a_strong_tie_and_a_strong_correlation_go_together(self, written):
        # with 0 between the own column and the partner this matrix would be invalid
        ties = "\n  - {rank_correlation: 0.95, between: [a, b], source: s}"
        scenarios = """
  base: {reference: true}
  own: {set: {a: {independent: true, correlated: 0.95}}}
"""
        result = written(text_of(ties, scenarios=scenarios, draws=20_000)).run()
        found = draws_of(result, "own")
        assert stats.spearmanr(found["a"], found["b"]).statistic > 0.85


class TestYears:
    YEARS = "years: [2023, 2024, 2030]"

    def run(self, written, change, dependence="", draws=DRAWS):
        scenarios = f"\n  base: {{reference: true, set: {{a: {change}}}}}\n"
        text = text_of(dependence, scenarios=scenarios, years=self.YEARS, draws=draws)
        return written(text).run()

    def test_the_same_quantile_by_default(self, written):
        result = written(text_of(years=self.YEARS, draws=1000)).run()
        assert "year" not in result.inputs["a"].dims

    def test_one_draw_of_its_own_for_all_years(self, written):
        result = self.run(written, "{independent: true}", draws=1000)
        assert "year" not in result.inputs["a"].dims

    def test_a_draw_a_year_has_nothing_in_common_with_others(self, written):
        result = self.run(written, "{independent: year}")
        a = [draws_of(result, "base", year)["a"] for year in (2023, 2024, 2030)]
        for one, other in combinations(a, 2):
            assert abs(stats.spearmanr(one, other).statistic) < band(0)
        for values in a:
            law = build(*LAWS["a"])
            assert stats.ks_1samp(values, law.cdf).statistic < 2.23 / sqrt(DRAWS)

    def test_a_stated_correlation_fades_with_the_gap(self, written):
        result = self.run(written, "{independent: year, correlated: 0.9}")
        a = {y: draws_of(result, "base", y)["a"] for y in (2023, 2024, 2030)}
        r = 2 * np.sin(np.pi * 0.9 / 6)
        for pair in combinations(a, 2):
            rho = float(spearman_correlation(r ** (pair[1] - pair[0])))
            got = stats.spearmanr(*(a[year] for year in pair)).statistic
            assert got == pytest.approx(rho, abs=band(rho)), pair

    def test_correlated_inputs_stay_so_in_a_year(self, written):
        scenarios = (
            "\n  base: {reference: true, set: "
            "{a: {independent: year}, b: {independent: year}}}\n"
        )
        text = text_of(TIES, scenarios=scenarios, years=self.YEARS)
        result = written(text).run()
        one, other = (draws_of(result, "base", y) for y in (2023, 2030))
        got = stats.spearmanr(one["a"], one["b"]).statistic
        assert got == pytest.approx(0.6, abs=band(0.6))
        assert abs(stats.spearmanr(one["a"], other["b"]).statistic) < band(0)


class TestTiesOfAnImport:
    """A study may fix what a library ties, and the rest of the tie stays."""

    @pytest.fixture
    def importing(self, written, tmp_path):
        ties = "\n  - {rank_correlation: 0.5, between: [a, b, d], source: s}"
        base = text_of(ties).split("outputs:")[0]
        (tmp_path / "base.yaml").write_text(base)

        def make(inputs, *arguments):
            outputs = 'outputs: {all: {units: "1", formula: a + b + c + d}}'
            text = f"import: [base.yaml]\ninputs:\n{inputs}\n{outputs}\n"
            return written(text, *arguments)

        return make

    def test_a_number_leaves_the_others_tied(self, importing):
        study = importing('  a: {units: "1", value: 3, source: s}')
        assert study.warnings == ()
        (block,) = study.blocks
        assert block.columns == ("b", "d")
        found = draws_of(study.run())
        got = stats.spearmanr(found["b"], found["d"]).statistic
        assert got == pytest.approx(0.5, abs=band(0.5))

    def test_a_number_of_the_command_line_too(self, importing):
        study = importing('  e: {units: "1", value: 3, source: s}', {"b": "2"})
        (block,) = study.blocks
        assert block.columns == ("a", "d")

    def test_a_formula_is_told(self, importing):
        study = importing('  a: {units: "1", formula: 2 * c}')
        told = "a is a formula here, so it is not tied to b, d as "
        assert [w for w in study.warnings if w.startswith(told)]

    def test_two_numbers_leave_nothing_to_tie(self, importing):
        fixed = (
            '  a: {units: "1", value: 3, source: s}\n'
            '  b: {units: "1", value: 3, source: s}'
        )
        assert importing(fixed).blocks == ()

    def test_another_law_keeps_the_tie(self, importing):
        study = importing('  a: {units: "1", uniform: {low: 0, high: 1}, source: s}')
        assert study.blocks[0].columns == ("a", "b", "d")

    def test_the_stored_config_loads_again(self, importing, written):
        study = importing('  a: {units: "1", value: 3, source: s}')
        assert written(study.text).blocks == study.blocks


class TestShippedLibrary:
    @pytest.fixture
    def china(self, shipped):
        return shipped("china_grid_mixes")

    def test_correlations_of_the_inventory_are_in_the_draws(self, china):
        stated = [d for d in china.study.config.dependence if d.rank_correlation]
        assert len(stated) == 3
        found = china.inputs("national_grid")
        for one in stated:
            assert (one.rank_correlation, one.spread_confidence) == (0.5, "assumed")
            for a, b in combinations(one.between, 2):
                got = stats.spearmanr(found[a], found[b]).statistic
                # 1 024 scrambled points are no worse than as many independent ones
                assert got == pytest.approx(0.5, abs=band(0.5, 1024)), (a, b)

    def test_fuel_shares_are_compositions(self, china):
        found = china.inputs("national_grid")
        for stage, fuels in (
            ("refining", ("coal", "gas", "oil")),
            ("anode", ("gas", "oil")),
        ):
            whole = sum(found[f"{stage}.{fuel}_share"] for fuel in fuels)
            assert float(abs(whole - 1).max()) < 1e-12

    def test_pfc_inputs_are_stated_as_the_inventory_has_them(self, china):
        stated = china.study.config.inputs
        slope = stated["smelting.pfc_slope"].percent
        assert (slope.value, slope.plus_minus, slope.level) == (0.143, 6, 0.95)
        assert stated["smelting.c2f6_ratio"].percent.plus_minus == 11
        assert stated["smelting.anode_effect_minutes"].lognormal is not None
        follows = "smelting.c2f6_ratio * smelting.cf4"
        assert stated["smelting.c2f6"].formula == follows

    def test_a_plant_may_state_its_own_electricity_as_a_number(self, written):
        text = (
            "import: [aluminium/chain, aluminium/china_2023, power/china]\n"
            "run: {draws: 64}\n"
        )
        study = written(text, {"smelting.ac_electricity": "13300"})
        tied = {column for block in study.blocks for column in block.columns}
        assert "smelting.anode_net" not in tied
        assert "refining.lime_home_ore" in tied


FLEET = """
title: Two plants
declared_unit: {amount: 1, units: t, product: metal}
run: {draws: 100000, design: random, seed: 44905}
inputs:
  a: {units: t/t, normal: {mean: 2, sd: 0.1}, nature: variability, source: s}
  b: {units: t/t, normal: {mean: 1, sd: 0.1}, nature: variability, source: s}
dependence:
  - {rank_correlation: 0.9, between: [a, b], source: s}
processes:
  cells:
    stage: cells
    makes: {product: metal, units: t}
    emits:
      anodes: {gas: CO2, amount: a}
      heat: {gas: CO2, amount: b}
scenarios:
  one: {reference: true}
  two: {label: The other}
fleets:
  all: {weights: {one: 0.5, two: 0.5}}
"""


def test_members_of_a_fleet_keep_the_correlation_of_what_varies(written):
    footprint = written(FLEET).run().tree["draws/footprint"]
    single, fleet = (footprint.sel(scenario=name).values for name in ("one", "all"))
    # two members with draws of their own have half the variance of one, but only if
    # a and b are tied inside each: else a quarter. The ratio of two variances of 1e5
    # draws is known to 1 %; four of those
    assert fleet.var() / single.var() == pytest.approx(0.5, rel=0.04)


def test_a_fleet_of_a_measurement_model_averages_its_members(written):
    text = text_of(
        "\n  - {rank_correlation: 0.9, between: [a, b], source: s}",
        laws={"a": LAWS["d"], "b": LAWS["d"]},
        scenarios="\n  one: {reference: true}\n  two: {label: The other}\n",
    )
    text = text.replace("source: s}", "source: s, nature: variability}")
    study = written(f"{text}fleets: {{all: {{weights: {{one: 0.5, two: 0.5}}}}}}\n")
    draws = study.run().tree["draws/outputs"]
    single, fleet = (draws.sel(scenario=name).values for name in ("one", "all"))
    # as above: half the variance, and the ratio is known to 1 %
    assert fleet.var() / single.var() == pytest.approx(0.5, rel=0.04)


def test_the_stored_config_repeats_every_tie(written, tmp_path):
    ties = TIES + "\n  - {same_draw: [d, e], source: s}"
    laws = LAWS | {"e": LAWS["d"]}
    scenarios = """
  base: {reference: true}
  own: {set: {a: {independent: true, correlated: 0.5}}}
"""
    study = written(text_of(ties, laws=laws, scenarios=scenarios, draws=500))
    again = written(study.text)
    assert again.blocks == study.blocks
    one, two = study.run().tree["draws"], again.run().tree["draws"]
    assert bool((one["outputs"] == two["outputs"]).all())
