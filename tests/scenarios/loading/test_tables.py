"""Mixes, factors and GWP sets: a study holds those that it uses, and may state own."""

import json
from dataclasses import replace

import numpy as np
import pytest

from scenarios.errors import ConfigError
from scenarios.language.tables import Tables
from scenarios.library import catalogue
from scenarios.loading.load import from_mapping
from scenarios.loading.restore import StudyChanged, study_of
from scenarios.results.result import Result

STUDY = """\
title: Electricity from a meter
import: [power/china]
declared_unit: {amount: 1, units: kWh, product: energy}
run: {draws: 256, seed: 3}
characterisation: {uncertain: true}
supplies: {power: {mix: cn_2023_mix}}
processes:
  meter:
    stage: power
    makes: {product: energy, units: kWh}
    needs: {electricity: {amount: 1, supply: power}}
    emits: {leak: {gas: SF6, amount: 0.000001 kg/kWh}}
scenarios:
  yunnan: {reference: true}
  captive: {set: {power: {mix: captive_coal}}}
  shares: {set: {power: {shares: {coal: 0.5, wind: 0.5}, factor_set: mee23}}}
  formula: {set: {power: {factor: 0.5 * power.mee23_gas}}}
"""
OWN = """\
mixes:
  cn_2023_mix:
    label: Yunnan as I know it
    source: my own meters
    factor_set: mine
    shares: {coal: 0.1, hydro: 0.9}
    concentration: 100
factors:
  mine_coal: {kind: technology, technology: coal, median: 0.9, gsd: 1.1, source: me}
  mine_hydro: {kind: technology, technology: hydro, median: 0.02, source: me}
gwp_sets:
  AR6: {source: mine, values: {CO2: 1, SF6: 24000}}
"""


def another_library() -> Tables:
    """The library of a later release: other numbers, another order, a row less."""
    before = catalogue.tables()
    mixes = {
        id: mix.model_copy(
            update={"shares": {"coal": 1.0}, "factor": None, "factor_set": "mee23"}
        )
        for id, mix in reversed(before.mixes.items())
        if id != "captive_coal"
    }
    factors = {
        id: factor.model_copy(update={"median": 2 * factor.median, "gsd": 1.5})
        for id, factor in reversed(before.factors.items())
    }
    sets = {
        id: one.model_copy(update={"values": {g: 2 * v for g, v in one.values.items()}})
        for id, one in before.gwp_sets.items()
    }
    return Tables(mixes, factors, sets)


@pytest.fixture
def later(monkeypatch):
    """Puts another library in place of this one."""

    def put() -> None:
        other = another_library()
        monkeypatch.setattr(catalogue, "tables", lambda: other)
        monkeypatch.setattr(catalogue, "checksum", lambda: "another")

    return put


def same_bits(one: Result, other: Result) -> bool:
    return all(
        np.array_equal(
            one.groups[group][name], other.groups[group][name], equal_nan=True
        )
        for group in ("draws", "inputs")
        for name in one.groups[group]
    )


class TestComplete:
    def test_a_study_holds_the_rows_that_it_uses_with_source_and_marks(self, written):
        config = written(STUDY).config
        # and the one that the supply of power/china takes
        assert {"cn_2023_mix", "captive_coal"} < set(config.mixes)
        assert len(config.mixes) == 3
        used = {"coal", "hydro", "wind", "solar", "gas"}
        assert {f"mee23_{technology}" for technology in used} < set(config.factors)
        assert len(config.factors) < len(catalogue.factors()) / 2
        assert set(config.gwp_sets) == {"AR6"}
        for rows in (config.mixes, config.factors, config.gwp_sets):
            for row in rows.values():
                assert row.source
                assert row.licence
                assert row.confidence

    def test_its_config_runs_with_another_library_to_the_same_bits(
        self, written, later
    ):
        study = written(STUDY)
        first = study.run()
        later()
        again = written(study.text)
        assert again.text == study.text
        assert same_bits(first, again.run())
        # the library has really changed: what a study does not hold is another now
        assert not same_bits(
            first, written(STUDY.replace("captive_coal", "cn_2023_mix")).run()
        )

    def test_so_does_the_study_of_a_result(self, written, later):
        result = written(STUDY).run()
        later()
        assert same_bits(result, study_of(result).run())

    def test_a_result_of_before_needs_the_library_it_was_made_with(
        self, written, later
    ):
        result = written(STUDY).run()
        stated = {k: v for k, v in result.stated.items() if k != "factors"}
        old = result.attributes | {"config_json": json.dumps(stated)}
        before = replace(result, attributes=old)
        assert same_bits(result, study_of(before).run())
        later()
        with pytest.raises(StudyChanged, match="the library is not the one"):
            study_of(before)

    def test_a_row_that_nothing_uses_stays_in_the_library(self, small, written):
        config = written(small).config
        assert set(config.mixes) == {"cn_2023", "hydro_contract"}


class TestOwn:
    def test_what_a_study_states_wins_over_the_library(self, written):
        fixed = STUDY.replace("uncertain: true", "uncertain: false")
        study = written(fixed + OWN)
        one = study.run().inputs
        assert float(one["gwp.SF6"]) == 24000
        assert set(study.config.factors) > {"mine_coal", "mine_hydro"}
        # shares that sum to one, with the spread that the concentration gives
        coal = one["mix.cn_2023_mix.coal"]
        assert float(coal.mean()) == pytest.approx(0.1, rel=0.02)
        sd = np.sqrt(0.1 * 0.9 / 101)
        assert float(coal.std()) == pytest.approx(sd, rel=0.05)
        hydro = one["mix.cn_2023_mix.hydro"]
        np.testing.assert_allclose(coal + hydro, 1, rtol=1e-14)

    def test_a_factor_by_hand(self, written):
        text = STUDY.replace("captive_coal", "wind_only") + (
            "mixes:\n  wind_only: {source: me, factor: wind_farm}\n"
            "factors:\n  wind_farm: {median: 11 , units: g CO2e/kWh, source: me}\n"
        )
        found = written(text, point=True).run().drawn("footprint")
        leak = 1e-6 * 25200
        wanted = pytest.approx(0.011 + leak, rel=1e-12)
        assert float(found.sel(scenario="captive")[0]) == wanted

    @pytest.mark.parametrize(
        ("more", "line", "message"),
        [
            ("mixes: {m: {source: s}}", 1, "mixes.m: a mix takes shares above 0"),
            (
                "mixes: {m: {source: s, factor: mee23_col}}",
                1,
                "no factor is called mee23_col; did you mean mee23_coal?",
            ),
            (
                "mixes:\n  m:\n    factor_set: mine\n    shares: {gas: 1}",
                3,
                "mixes.m.factor_set: no factor set is called mine",
            ),
            (
                "mixes: {m: {factor_set: gulf, shares: {coal: 1}, source: s}}",
                1,
                "mixes.m.shares.coal: gulf has no factor for coal",
            ),
            (
                "mixes: {m: {factor_set: mee23, shares: {coal: 0.5}, source: s}}",
                1,
                "mixes.m.shares: the shares add up to 0.5, not to 1",
            ),
            (
                "mixes:\n"
                "  a: {factor_set: mee23, shares: {coal: 1}, shares_of: p, source: s}\n"
                "  b: {factor_set: mee24, shares: {gas: 1}, shares_of: p, source: s}",
                3,
                "mixes.b.shares_of: its shares or their spread differ from those of p",
            ),
            (
                "factors: {f: {median: 1, units: kg, source: s}}",
                1,
                "factors.f.units: kg is no emission factor of electricity",
            ),
            (
                "factors: {f: {median: 1, units: kgg, source: s}}",
                1,
                "factors.f.units: kgg: kgg is not a unit known here",
            ),
            ("factors: {f: {median: -1}}", 1, "factors.f.median: must be above 0"),
            ("mixes: {m: {shars: {coal: 1}}}", 1, "unknown key; did you mean shares?"),
            (
                "gwp_sets: {mine: {values: {CO2: 1}, uncertainty: {level: 0.9, "
                "shared_percent: 1, total_percent: {}, own_like: {CH4: CO2}}}}",
                1,
                "CH4 moves with CO2, which has no total_percent itself",
            ),
        ],
    )
    def test_a_row_at_fault_is_told_with_its_line(self, written, more, line, message):
        lines = STUDY.count("\n")
        with pytest.raises(ConfigError) as caught:
            written(f"{STUDY}{more}\n")
        assert f"line {lines + line}: " in str(caught.value)
        assert message in str(caught.value)

    def test_a_mix_file_may_take_factors_of_the_study(self, tmp_path, written):
        (tmp_path / "mine.csv").write_text("year,coal,hydro\n2030,1,3\n")
        text = (
            STUDY.replace("characterisation: {uncertain: true}", "years: [2030]")
            + OWN
            + "paths: {p: {file: mine.csv, factor_set: mine, source: me}}\n"
        )
        text = text.replace("{mix: captive_coal}", "{path: p}")
        found = written(text, point=True).run().drawn("footprint")
        wanted = 0.25 * 0.9 + 0.75 * 0.02 + 1e-6 * 24000
        got = float(found.sel(scenario="captive", year=2030)[0])
        assert got == pytest.approx(wanted, rel=1e-12)


def test_a_study_that_names_a_gas_set_of_its_own():
    stated = {
        "declared_unit": {"units": "kg", "product": "x"},
        "characterisation": {"set": "mine"},
        "gwp_sets": {"mine": {"source": "me", "values": {"CO2": 1, "HFC": 100}}},
        "processes": {
            "p": {
                "stage": "s",
                "makes": {"product": "x", "units": "kg"},
                "emits": {"HFC": {"amount": 0.01}},
            }
        },
    }
    assert float(from_mapping(stated).run().drawn("footprint").max()) == 1.0
