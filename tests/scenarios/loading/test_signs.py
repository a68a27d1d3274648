"""What takes a sign that it hardly can have is told with its share of the draws."""

import re

import pytest

TEXT = """
title: Credit
declared_unit: {amount: 1, units: t, product: block}
run: {draws: 1024, seed: 1}
inputs:
  taken: {units: kg/kg, uniform: {low: 0.2, high: 0.4}, source: t}
  d: {units: "1", normal: {mean: 1, sd: 0.4}, source: t}
  quotient: {units: "1", formula: "taken / %s"}
products:
  clay: {units: kg, source: ancillary, emits: {CO2e: {amount: 3 kg CO2e/kg}}}
processes:
  inner: {stage: s, makes: {product: inner, units: kg}, needs: {clay: taken}}
  pressing: {stage: s, makes: {product: block, units: t}, needs: {inner: %s}}
scenarios:
  grid: {reference: true}
outputs:
  x: {units: "1", formula: quotient}
"""


@pytest.mark.parametrize(
    ("amount", "share"), [("0.3 - taken", 50), ("taken - 0.25", 25)], ids=str
)
def test_a_demand_below_zero_is_told_where_it_is_made(written, amount, share):
    study = written(TEXT % ("(1 + d**2)", amount))
    (inner,) = [w for w in study.warnings if "demand for inner" in w]
    assert "line 12: processes.inner: " in inner
    # 1024 stratified draws, so within a draw or two
    assert float(re.search(r"zero in ([0-9.]+) %", inner)[1]) == pytest.approx(
        share, abs=0.5
    )
    assert any("demand for clay" in w for w in study.warnings)
    assert not any("denominator" in w for w in study.warnings)


def test_a_denominator_of_both_signs_is_told_at_its_formula(written):
    study = written(TEXT % ("d", "taken"))
    (one,) = [w for w in study.warnings if "denominator" in w]
    assert "line 8: inputs.quotient.formula: " in one
    # normal(1, 0.4) lies below zero with 0.62 %
    assert "zero in 0.6" in one or "zero in 0.5" in one or "zero in 0.7" in one
    assert not any("demand for" in w for w in study.warnings)


def test_what_keeps_its_sign_is_not_told(written):
    study = written(TEXT % ("(d**2 + 0.1)", "taken * 2"))
    assert not any("zero" in w for w in study.warnings if "%" in w)
