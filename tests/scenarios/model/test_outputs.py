"""Outputs that read each other, formulas of any depth, and what is not a number."""

import numpy as np
import pytest

from scenarios.errors import ConfigError
from scenarios.model.cell import Cell
from uncertainty.model.graph import Graph

INPUTS = """
run: {draws: 64, design: random, seed: 3}
years: [2025, 2030]
inputs:
  power: {units: kWh/t, normal: {mean: 13500, sd: 100}, source: s}
  factor: {units: kg CO2e/kWh, lognormal: {median: 0.6, gsd: 1.1}, source: s}
  plants: {units: "1", uniform: {low: 1, high: 2}, source: s, nature: variability}
"""
OUTPUTS = """
outputs:
  carbon_t: {units: t CO2e/t, formula: half + 0 * carbon}
  half: {units: kg CO2e/t, formula: carbon / 2}
  carbon: {units: t CO2e/t, formula: power * factor * plants}
"""


def draws(tree, name):
    return tree["draws/outputs"].sel(output=name).values


class TestOutputsReadOutputs:
    def test_in_whatever_order_and_units_they_are_stated(self, written):
        tree = written(INPUTS + OUTPUTS).run().tree
        x = tree["inputs"].to_dataset()
        tonnes = x["power"] * x["factor"] * x["plants"] / 1000
        # a few roundings, and the units
        np.testing.assert_allclose(draws(tree, "carbon"), [[tonnes] * 2], rtol=1e-14)
        np.testing.assert_allclose(
            draws(tree, "half"), [[tonnes * 500] * 2], rtol=1e-14
        )
        np.testing.assert_allclose(
            draws(tree, "carbon_t"), draws(tree, "half") / 1000, rtol=1e-14
        )

    def test_of_a_fleet_they_are_the_mean_of_what_its_members_answer(self, written):
        text = (
            INPUTS
            + """
outputs:
  square: {units: kg2 CO2e2/t2, formula: carbon ** 2}
  carbon: {units: kg CO2e/t, formula: power * factor * plants}
scenarios:
  old: {reference: true}
  new: {scale: {power: 0.5}}
fleets:
  both: {weights: {old: 0.25, new: 0.75}}
"""
        )
        tree = written(text.replace("kg2 CO2e2/t2", "(kg CO2e/t)**2")).run().tree
        square, carbon = draws(tree, "square"), draws(tree, "carbon")
        np.testing.assert_allclose(square[:2], carbon[:2] ** 2, rtol=1e-14)
        # the mean of the squares, not the square of the mean
        assert (square[2] > carbon[2] ** 2).all()

    def test_a_name_that_an_input_has_too_is_the_inputs(self, written):
        text = (
            INPUTS
            + """
outputs:
  power: {units: MWh/t, formula: 2 * power}
  more: {units: kWh/t, formula: power}
"""
        )
        tree = written(text).run().tree
        power = tree["inputs/power"].values
        np.testing.assert_allclose(draws(tree, "power"), [[power / 500] * 2])
        np.testing.assert_array_equal(draws(tree, "more"), [[power] * 2])

    @pytest.mark.parametrize(
        ("outputs", "message"),
        [
            ("one: {units: kg, formula: two}\n  two: {units: kg, formula: 2 * one}",
             r"outputs.one.formula: the outputs need each other: one -> two -> one"),
            ("one: {units: kg, formula: 2 * one}",
             r"outputs.one.formula: the outputs need each other: one -> one"),
            ("one: {units: kg, formula: two}\n  two: {units: kWh, formula: 1 kWh}",
             r"outputs.one.formula: two measures energy, not mass"),
            ("one: {units: kg, formula: twoo}\n  two: {units: kg, formula: 1 kg}",
             r"no input, result or output is called twoo; did you mean two\?"),
        ],
    )  # fmt: skip
    def test_a_circle_or_a_wrong_one_is_a_fault_with_its_place(
        self, written, outputs, message
    ):
        with pytest.raises(ConfigError, match=message):
            written(f"{INPUTS}outputs:\n  {outputs}\n")

    def test_an_input_may_not_read_one(self, written):
        text = INPUTS + '  twice: {units: "1", formula: 2 * carbon}\n' + OUTPUTS
        message = "carbon is an output; only outputs may read it"
        with pytest.raises(ConfigError, match=message):
            written(text)


class TestDepth:
    def test_ten_thousand_formulas_may_read_each_other(self, written):
        count = 10_000
        chained = (
            f'  a{i}: {{units: "1", formula: a{i - 1} + 1}}'
            for i in range(count, 0, -1)
        )
        text = (
            'inputs:\n  a0: {units: "1", uniform: {low: 0, high: 1}, source: s}\n'
            + "\n".join(chained)
            + f'\noutputs: {{last: {{units: "1", formula: a{count}}}}}\n'
            + "run: {draws: 64, design: random, seed: 1}\n"
        )
        tree = written(text).run().tree
        steps = tree["inputs/a0"].values
        for _ in range(count):
            steps = steps + 1
        np.testing.assert_array_equal(draws(tree, "last"), [steps])

    def test_ten_thousand_outputs_may_too(self):
        texts = {f"b{i}": f"b{i + 1} + 1" for i in range(10_000)} | {"b10000": "x"}
        cell = Cell(Graph(), {}, outputs=texts)
        cell.results["x"] = cell.graph.constant(2.0)
        assert cell.graph.value(cell.output("b0")) == 10_002.0


def test_nothing_times_what_is_not_a_number_is_not_a_number(written):
    text = INPUTS + 'outputs: {none: {units: "1", formula: 0 * log(plants - 5)}}'
    with pytest.raises(ConfigError, match=r"outputs.none.formula: is not finite"):
        written(text)
