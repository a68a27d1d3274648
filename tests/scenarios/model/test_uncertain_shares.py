"""Shares of a mix with spreads of their own sum to one and keep what was typed."""

import numpy as np
import pytest

from scenarios.errors import ConfigError

STUDY = """
run: {draws: 16384, design: sobol, seed: 1}
declared_unit: {amount: 1, units: t, product: metal}
inputs:
  smelter.electricity: {units: kWh/t, value: 13500, source: a meter}
supplies: {smelter.power: {factor: 0.5 kg CO2e/kWh, losses: 0}}
processes:
  electrolysis:
    stage: smelting
    makes: {product: metal, units: t}
    needs: {electricity: {amount: smelter.electricity, supply: smelter.power}}
"""
MINE = """
scenarios:
  today: {reference: true}
  mine: {source: a plan, set: {smelter.power: POWER}}
"""
STATED = {"coal": (0.45, 0.05), "wind": (0.30, 0.03), "solar": (0.15, 0.03)}
SHARES = (
    "{shares: {coal: {value: 0.45, sd: 0.05}, wind: 0.30 +- 0.03, "
    "solar: 15 % +- 3 %, hydro: 0.1}, factor_set: mee24, losses: 0.04}"
)
MEAN, SD = 0.005, 0.05
"""How far means and spreads of shares may be from the stated ones, relative."""


def check(draws, stated=STATED):
    """Means and spreads of shares as stated, and their sum one in every draw."""
    for technology, (mean, sd) in stated.items():
        found = draws(technology)
        assert found.mean() == pytest.approx(mean, rel=MEAN)
        assert found.std(ddof=1) == pytest.approx(sd, rel=SD)


def inputs(result, name):
    """Draws of the shares of a mix, by technology."""
    return lambda technology: result.inputs[f"mix.{name}.{technology}"].values


def test_a_change_of_a_scenario_keeps_what_was_typed(written):
    result = written(STUDY + MINE.replace("POWER", SHARES)).run()
    draws = inputs(result, "mine_smelter_power")
    check(draws)
    hydro = float(draws("hydro"))
    assert hydro == 0.1
    total = sum(draws(t) for t in STATED) + hydro
    assert np.abs(total - 1).max() < 1e-12  # rounding of four shares


def test_a_supply_and_a_mix_say_the_same(written):
    supply = STUDY.replace("{factor: 0.5 kg CO2e/kWh, losses: 0}", SHARES)
    mix = STUDY.replace(
        "{factor: 0.5 kg CO2e/kWh, losses: 0}", "{mix: smelter_power, losses: 0.04}"
    )
    stated = SHARES.replace("losses: 0.04", "source: a plan")
    mix += f"mixes: {{smelter_power: {stated}}}\n"
    one, other = (written(text).run() for text in (supply, mix))
    check(inputs(one, "smelter_power"))
    assert (one.footprint.values == other.footprint.values).all()


def test_the_stored_study_runs_to_the_same_bits(written, tmp_path):
    from scenarios import load

    result = written(STUDY + MINE.replace("POWER", SHARES)).run()
    (tmp_path / "again.yaml").write_text(result.config_text, encoding="utf-8")
    again = load(tmp_path / "again.yaml").run()
    assert (again.footprint.values == result.footprint.values).all()


def test_columns_of_a_file_of_mixes_have_spreads(written, tmp_path):
    header, *rows = "year,coal,coal_sd,wind,wind_sd", "2030,60,3,40,3", "2040,20,2,80,2"
    (tmp_path / "m.csv").write_text("\n".join([header, *rows]) + "\n")
    text = STUDY + MINE.replace("POWER", "{path: mine}") + "years: [2030, 2040]\n"
    text += "paths: {mine: {file: m.csv, factor_set: mee24, losses: 0.04, source: own}}"
    result = written(text).run()
    check(inputs(result, "mine_2030"), {"coal": (0.6, 0.03), "wind": (0.4, 0.03)})
    check(inputs(result, "mine_2040"), {"coal": (0.2, 0.02), "wind": (0.8, 0.02)})


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ("coal: {value: 0.5, spread: 0.1}, wind: 0.5", "0.45 +- 0.05 or {value"),
        ("coal: about half, wind: 0.5", "0.45 +- 0.05 or {value"),
        ("coal: 0.5 +- 0.1, wind: 0.4", "add up to 0.9, not to 1"),
        ("coal: 0.5 +- 0.1, win: 0.5", "mee24 has no factor for win"),
        ("coal: 0.45 +- 0.5, wind: 0.55", "sd 0.5 is out of reach"),
    ],
)
def test_what_cannot_be_is_told(written, shares, says):
    power = f"{{shares: {{{shares}}}, factor_set: mee24, losses: 0.04}}"
    with pytest.raises(ConfigError) as caught:
        written(STUDY + MINE.replace("POWER", power))
    (fault,) = caught.value.faults
    assert says in fault.message
    assert fault.where.startswith("scenarios.mine.set.smelter.power")


def test_spreads_that_cannot_hold_together_are_told_with_their_numbers(written):
    # of two shares both have the same spread
    shares = "{coal: 0.5 +- 0.1, wind: 0.5 +- 0.02}"
    power = f"{{shares: {shares}, factor_set: mee24, losses: 0.04}}"
    study = written(STUDY + MINE.replace("POWER", power))
    (told,) = [text for text in map(str, study.warnings) if "composition" in text]
    assert "0.02" in told
    assert "0.1" in told
