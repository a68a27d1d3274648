"""A small study, results and the command line, for several test files."""

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from scenarios import cli, figures
from uncertainty.storage import WRITTEN

SMALL = """\
title: A small smelter
declared_unit: {amount: 1, units: t, product: ingot}
run: {draws: 64, design: sobol, seed: 1, replicates: 4}
inputs:
  smelting.alumina:
    units: t/t
    triangular: {low: 1.91, mode: 1.93, high: 1.95}
    source: a table
  smelting.electricity:
    units: kWh/t
    normal: {mean: 13500, sd: 50}
    source: a meter
  smelting.anode_co2:
    units: t/t
    lognormal: {median: 1.6, gsd: 1.05}
    source: a guideline
  alumina.factor: {units: kg CO2e/kg, value: 1.33, source: a paper}
  casting.loss: {units: "%", uniform: {low: 0.2, high: 0.8}, source: a guess}
  casting.melt: {units: t/t, formula: 1 / (1 - casting.loss)}
dependence:
  - composition: fuel
    dirichlet:
      means: {fuel.coal: 0.8, fuel.gas: 0.2}
      concentration: 30
    source: a census
products:
  alumina:
    units: kg
    source: ancillary
    emits:
      made: {gas: CO2e, amount: alumina.factor, account: upstream}
supplies:
  smelting.power: {mix: cn_2023}
processes:
  electrolysis:
    stage: smelting
    makes: {product: metal, units: t}
    needs:
      alumina: smelting.alumina
      electricity: {amount: smelting.electricity, supply: smelting.power}
    emits:
      anodes: {gas: CO2, amount: smelting.anode_co2}
  casting:
    stage: casting
    makes: {product: ingot, units: t}
    needs:
      metal: casting.melt
outputs:
  energy:
    units: kWh/t
    formula: supply.electricity
scenarios:
  grid: {reference: true}
  hydro: {set: {smelting.power: {mix: hydro_contract}}}
  frugal: {scale: {smelting.electricity: 0.97}}
"""


@dataclass(frozen=True)
class Told:
    """What a call of the command line gave back."""

    code: int
    out: str
    err: str


Potline = Callable[..., Told]


def call(*words: str | Path) -> Told:
    """The command `potline` in this process, as its entry point calls it."""
    out, err, code, before = io.StringIO(), io.StringIO(), 0, sys.argv
    sys.argv = ["potline", *map(str, words)]
    WRITTEN.clear()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            cli.main()
    except SystemExit as leaving:
        code = int(leaving.code or 0)
    finally:
        sys.argv = before
    return Told(code, out.getvalue(), err.getvalue())


@pytest.fixture
def small() -> str:
    """A study without a fault: one chain, two supplies, three scenarios."""
    return SMALL


@pytest.fixture(scope="session")
def command() -> Potline:
    """The command `potline`, in the folder where the test stands."""
    return call


@pytest.fixture
def potline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Potline:
    """The command `potline`, with a temporary folder as its own."""
    monkeypatch.chdir(tmp_path)
    return call


@pytest.fixture
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave figures out: they take longer than all else that a small run does."""
    monkeypatch.setattr(figures, "default_figures", lambda *_: {})
