"""One small chain of fixed inputs, in a year and along a pathway."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scenarios.loading.load import load
from scenarios.model.study import Study

CHAIN = """\
title: A small chain
declared_unit: {amount: 1, units: t, product: ingot}
run: {draws: 2048, design: sobol, seed: 5, replicates: 8}
inputs:
  refining.heat: {units: t/t, uniform: {low: 0.9, high: 1.1}, source: a,
    label: "HEAT", spread_confidence: read}
  smelting.power: {units: kWh/t, normal: {mean: 13500, sd: 400}, source: a,
    spread_confidence: assumed}
  grid.factor: {units: kg CO2e/kWh, lognormal: {median: 0.6, gsd: 1.05}, source: a,
    spread_confidence: recalled}
  upkeep: {units: CNY/t, value: 0, source: a}
names: {pfc: {en: PFC, zh: 全氟化碳}}
supplies:
  grid: {factor: grid.factor, losses: 0}
processes:
  refinery:
    stage: refining
    makes: {product: alumina, units: t}
    needs: {electricity: {amount: 200 kWh/t, supply: grid}}
    emits: {heat: {gas: CO2, amount: refining.heat}}
  pots:
    stage: smelting
    makes: {product: metal, units: t}
    needs: {alumina: 1.9, electricity: {amount: smelting.power, supply: grid}}
    emits: {anodes: {gas: CO2, amount: 1.5}, CF4: {amount: 0.02 kg/t, source: pfc}}
  casting:
    stage: casting
    makes: {product: ingot, units: t}
    needs: {metal: 1.02}
"""
ONE_YEAR = """\
outputs:
  cost_of_levers: {units: CNY/t, formula: upkeep}
scenarios:
  coal: {reference: true, label: "COAL"}
  cells:
    label: "CELLS"
    scale: {smelting.power: 0.93}
    set: {upkeep: {triangular: {low: -200, mode: -100, high: -50}}}
  hydro:
    label: "HYDRO"
    set:
      grid.factor: {uniform: {low: 0.3, high: 0.4}}
      refining.heat: 0.8
      upkeep: {triangular: {low: 400, mode: 600, high: 900}}
  other: {label: "OTHER", set: {grid.factor: {independent: true}}}
"""
YEARS = """\
years: [2025, 2030, 2040]
scenarios:
  coal: {reference: true, label: "COAL"}
  hydro:
    label: "HYDRO"
    set:
      grid.factor:
        pathway: {2025: {normal: {mean: 0.6, sd: 0.03}}, 2040: 0.2}
"""
WORDS = {
    "HEAT": "Heat of calcination",
    "COAL": "Captive coal",
    "CELLS": "Efficient cells",
    "HYDRO": "Hydropower",
    "OTHER": "Another coal plant",
}

Make = Callable[..., Study]


@pytest.fixture(scope="session")
def make(tmp_path_factory) -> Make:
    """Read the study, with labels in place of the English ones."""

    def read(*, years: bool = False, words: dict[str, str] = WORDS) -> Study:
        text = CHAIN + (YEARS if years else ONE_YEAR)
        for place, word in words.items():
            text = text.replace(f'"{place}"', f'"{word}"')
        path: Path = tmp_path_factory.mktemp("figures") / "small.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path)

    return read


@pytest.fixture(scope="session")
def drawn() -> Callable:
    """Draw a figure of any kind, of a study and its result."""
    from scenarios.analysis.abatement_cost import abatement
    from scenarios.analysis.sensitivity import Order, Question, explain
    from scenarios.figures import gallery, macc
    from scenarios.figures.sensitivity.sensitivity import ranked

    def draw(kind: str, study: Study, tree):
        if kind == "macc":
            return macc(abatement(tree, "cost_of_levers"))
        if kind == "sensitivity":
            question = Question(("footprint",), ("coal",))
            order = Order("sobol", n=128, seed=5)
            return ranked(explain(study, question, order), study.title)
        chosen = ["hydro"] if kind == "waterfall" else None
        ((_, figure),) = gallery.pictures(tree, kind, chosen)
        return figure

    return draw
