"""Attribution against closed forms, brute force, and the axioms of Shapley."""

import itertools
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scenarios.analysis.attribution import (
    AttributionError,
    attribute,
    contributions,
)
from scenarios.loading.load import load
from scenarios.loading.restore import StudyChanged, study_of
from uncertainty.model.graph import ABSENT
from uncertainty.sensitivity.coalitions import EXACT, game_of, shapley

CONFIGS = Path(__file__).parents[3] / "configs"
INPUTS = """
run: {draws: 1024, seed: 5}
inputs:
  a: {units: "1", lognormal: {median: 2, gsd: 1.3}, source: test}
  b: {units: "1", normal: {mean: 5, sd: 0.4}, source: test}
  c: {units: "1", uniform: {low: 1, high: 3}, source: test}
  idle: {units: "1", uniform: {low: 1, high: 3}, source: test}
"""
SCENARIOS = """
scenarios:
  base: {reference: true}
  other:
    set: {a: {uniform: {low: 1, high: 2}}, b: {normal: {mean: 4, sd: 0.2}}}
"""


def study(folder, formula, scenarios=SCENARIOS, inputs=INPUTS, **settings):
    path = folder / "study.yaml"
    outputs = f'outputs:\n  y: {{units: "1", formula: "{formula}"}}\n'
    path.write_text(inputs + outputs + scenarios, encoding="utf-8")
    return load(path, settings=settings)


def parts(one, scenario="other", **options):
    """Contributions to y as {change: draws}, and the whole dataset."""
    found = contributions(one, scenario, tables=("outputs",), **options)
    found = found.sel(output="y")
    rows = found["outputs"].transpose("change", "draw")
    return dict(zip(rows["change"].values.tolist(), rows.values, strict=True)), found


def inputs_of(result, name):
    """Draws of an input in the reference and in the other scenario."""
    data = result.inputs[name]
    if "scenario" not in data.dims:
        return data.values, data.values
    return data.sel(scenario="base").values, data.sel(scenario="other").values


def gap_of(result, scenario="other"):
    values = result.drawn("outputs").sel(output="y")
    gap = values.sel(scenario=scenario).values - values.sel(scenario="base").values
    return gap


# closed forms


def test_two_changes_of_a_product_get_the_average_of_both_orders(tmp_path):
    one = study(tmp_path, "a * b")
    found, _ = parts(one)
    (a0, a1), (b0, b1) = (inputs_of(one.run(), name) for name in "ab")
    # four products of numbers near 10, each rounded: 1e-16 x 10 x a few
    np.testing.assert_allclose(found["set.a"], (a1 - a0) * (b0 + b1) / 2, atol=1e-13)
    np.testing.assert_allclose(found["set.b"], (b1 - b0) * (a0 + a1) / 2, atol=1e-13)


def test_changes_of_a_sum_get_their_own_part(tmp_path):
    one = study(tmp_path, "a + b + c")
    found, _ = parts(one)
    result = one.run()
    for name in "ab":
        before, after = inputs_of(result, name)
        # sums near 10 are rounded at 1e-15
        np.testing.assert_allclose(found[f"set.{name}"], after - before, atol=1e-14)


def test_three_changes_that_act_on_each_other_agree_with_every_order(tmp_path):
    scenarios = SCENARIOS.replace("b: {normal", "c: {value: 4}, b: {normal")
    one = study(
        tmp_path, "exp(a / 4) * max(b, 2 * c) + where(a > 1.5, c, b)", scenarios
    )
    found, _ = parts(one)
    result = one.run()
    sides = {name: inputs_of(result, name) for name in "abc"}

    def value(chosen):
        a, b, c = (sides[name][name in chosen] for name in "abc")
        return np.exp(a / 4) * np.maximum(b, 2 * c) + np.where(a > 1.5, c, b)

    for name in "abc":
        steps = []
        for order in itertools.permutations("abc"):
            before = order[: order.index(name)]
            steps.append(value((*before, name)) - value(before))
        # 6 differences of numbers near 10: rounding alone
        np.testing.assert_allclose(found[f"set.{name}"], np.mean(steps, 0), atol=1e-13)


@pytest.mark.parametrize("design", ["sobol", "random"])
def test_contributions_add_up_to_the_difference_of_the_run_in_every_draw(
    tmp_path, design
):
    one = study(tmp_path, "exp(a) * b / c", design=design)
    found, data = parts(one)
    gap = gap_of(one.run())
    assert gap.size == 1024
    np.testing.assert_array_equal(data["outputs_difference"], gap)
    # design section 14.12: 1e-9; rounding of a few numbers near 100 is 1e-13
    np.testing.assert_allclose(sum(found.values()), gap, atol=1e-12)


# the axioms


def test_order_in_which_changes_are_stated_does_not_matter(tmp_path):
    lines = ["a: {value: 3}", "b: {value: 4}", "c: {uniform: {low: 2, high: 3}}"]
    results = []
    for order in itertools.permutations(lines):
        text = f"scenarios:\n  base: {{}}\n  other: {{set: {{{', '.join(order)}}}}}\n"
        results.append(parts(study(tmp_path, "a * b ** c", text))[0])
    for other in results[1:]:
        assert other.keys() == results[0].keys()
        for change, values in results[0].items():
            np.testing.assert_array_equal(other[change], values)


def test_changes_that_play_the_same_part_get_the_same(tmp_path):
    text = "scenarios:\n  base: {}\n  other: {scale: {a: 1.7, b: 1.7, c: 1.7}}\n"
    found, _ = parts(study(tmp_path, "a * b * c", text))
    # rounding of three factors taken in another order
    np.testing.assert_allclose(found["scale.a"], found["scale.b"], rtol=1e-13)
    np.testing.assert_allclose(found["scale.a"], found["scale.c"], rtol=1e-13)


def test_a_change_that_does_nothing_gets_exactly_nothing(tmp_path):
    text = """
scenarios:
  base: {}
  other:
    set: {a: {value: 3}, idle: {value: 9}, b: {normal: {mean: 5, sd: 0.4}}}
    scale: {c: 1.0}
"""
    found, _ = parts(study(tmp_path, "a * b * c", text))
    for change in ("set.idle", "set.b", "scale.c"):
        assert np.count_nonzero(found[change]) == 0
    assert np.count_nonzero(found["set.a"]) == 1024


def test_the_other_way_round_every_sign_turns(tmp_path):
    one = study(tmp_path, "a * b / c")
    there, _ = parts(one)
    back, _ = parts(one, "base", reference="other")
    for change, values in there.items():
        # the same steps in the other order: rounding of numbers near 10
        np.testing.assert_allclose(back[change], -values, atol=1e-13)


def test_what_both_scenarios_state_alike_is_no_change_between_them(tmp_path):
    text = """
scenarios:
  base: {set: {a: {value: 3}, c: {value: 2}}}
  other: {set: {a: {value: 3}, b: {value: 4}}}
"""
    found, data = parts(study(tmp_path, "a * b * c", text))
    assert list(found) == ["set.b", "set.c"]
    assert data.attrs["method"] == "exact"
    np.testing.assert_allclose(
        sum(found.values()), data["outputs_difference"], atol=1e-12
    )


def test_threads_and_fewer_draws_change_no_bit(tmp_path):
    one = study(tmp_path, "a * b", draws=65_536, design="random")
    whole, _ = parts(one)
    threaded, _ = parts(one, threads=2)
    few, _ = parts(one, draws=300)
    for change, values in whole.items():
        np.testing.assert_array_equal(threaded[change], values)
        np.testing.assert_array_equal(few[change], values[:300])


# columns


@pytest.mark.parametrize("alike", [True, False])
def test_an_input_that_a_scenario_draws_for_itself_keeps_its_draws(tmp_path, alike):
    own = "{independent: true}"
    text = f"""
scenarios:
  base: {{set: {{b: {own if alike else "{value: 5}"}}}}}
  other: {{set: {{a: {{value: 3}}, b: {own}}}}}
"""
    one = study(tmp_path, "a * b", text)
    found, data = parts(one)
    result = one.run()
    np.testing.assert_array_equal(data["outputs_difference"], gap_of(result))
    (a0, a1), (b0, b1) = (inputs_of(result, name) for name in "ab")
    assert abs(np.corrcoef(b0, b1)[0, 1]) < 0.1 if alike else b0.std() == 0
    np.testing.assert_allclose(found["set.b"], (b1 - b0) * (a0 + a1) / 2, atol=1e-13)


def test_changes_that_cancel_are_told_apart(tmp_path):
    text = """
scenarios:
  base: {set: {a: {value: 0}}}
  other: {set: {b: {value: 0}}}
"""
    one = study(tmp_path, "a * b + c", text)
    found, data = parts(one)
    # a x b is 0 in both scenarios, and not where only the first change is made
    np.testing.assert_array_equal(data["outputs_difference"], np.zeros(1024))
    result = one.run()
    a, b = inputs_of(result, "a")[1], inputs_of(result, "b")[0]
    # c is added and taken away again: rounding of numbers near 10
    np.testing.assert_allclose(found["set.a"], a * b / 2, atol=1e-13)
    np.testing.assert_allclose(found["set.b"], -a * b / 2, atol=1e-13)


# more changes than can be combined in full


def many(folder, formula, count=12, **settings):
    names = [f"x{i}" for i in range(count)]
    inputs = "run: {draws: 256, seed: 1}\ninputs:\n" + "".join(
        f'  {n}: {{units: "1", normal: {{mean: {1 + i / 10:.1f}, sd: 0.05}}, '
        "source: t}\n"
        for i, n in enumerate(names)
    )
    changes = ", ".join(f"{n}: {1.1 + i / 50:.2f}" for i, n in enumerate(names))
    text = f"scenarios:\n  base: {{}}\n  other: {{scale: {{{changes}}}}}\n"
    one = study(folder, formula(names), text, inputs, **settings)
    return one, names


def test_drawn_orders_add_up_and_are_exact_for_pairs(tmp_path):
    pairs = " + ".join(f"x{i} * x{i + 1}" for i in range(0, 12, 2))
    one, names = many(tmp_path, lambda _: pairs)
    found, data = parts(one)
    assert data.attrs["method"] == "sampled orders"
    np.testing.assert_allclose(
        sum(found.values()), data["outputs_difference"], atol=1e-12
    )
    result = one.run()
    for i in range(0, 12, 2):
        (a0, a1), (b0, b1) = (inputs_of(result, names[k]) for k in (i, i + 1))
        wanted = (a1 - a0) * (b0 + b1) / 2
        # 64 steps summed: rounding; an order and its reverse see both sides of a pair
        np.testing.assert_allclose(found[f"scale.x{i}"], wanted, atol=1e-12)
    assert float(data["outputs_order_error"].max()) < 1e-12


def test_error_that_drawn_orders_leave_is_told(tmp_path):
    one, names = many(tmp_path, " * ".join)
    data = attribute(one, "other", tables=("outputs",)).sel(output="y")
    data = data.sel(change=[f"scale.{name}" for name in names])
    value = 1 + np.arange(12) / 10  # the point values
    factor = 1.1 + np.arange(12) / 50

    def worth(mask):
        return np.prod([f if mask >> i & 1 else 1 for i, f in enumerate(factor)])

    worths = np.array([worth(mask) for mask in range(1 << 12)]) * value.prod()
    exact = []
    for i in range(12):
        total = 0.0
        for mask in range(1 << 12):
            if not mask >> i & 1:
                s = mask.bit_count()
                weight = math.factorial(s) * math.factorial(11 - s) / math.factorial(12)
                total += weight * (worths[mask | 1 << i] - worths[mask])
        exact.append(total)
    told = data["outputs_order_error"].values
    assert (told > 0).all()
    gap = data["outputs_contribution"].values - np.array(exact)
    # twelve errors within 4.5 of their own (32 trials each), beside what 256 draws
    # and the spread of the inputs about the point values leave: 1 %
    assert (np.abs(gap) < 4.5 * told + 0.01 * np.array(exact)).all()
    assert (told < 0.05 * np.array(exact)).all()
    assert int(data.attrs["orders"]) == 64


def test_weights_of_all_steps_of_a_change_add_up_to_one():
    for count in (1, 2, 7, EXACT, EXACT + 1, 30):
        for steps in game_of(count, 1, 64).steps:
            # up to 512 weights added
            assert sum(weight for _, weight in steps) == pytest.approx(1, rel=1e-12)
    assert game_of(12, 1, 64) == game_of(12, 1, 64)
    assert game_of(12, 1, 64) != game_of(12, 2, 64)


# on a chain


@pytest.fixture(scope="module")
def chain():
    text = (CONFIGS / "minimal.yaml").read_text(encoding="utf-8")
    text = re.sub(
        r"hydro: \{.*",
        "hydro: {set: {smelting.power: {mix: hydro_contract, losses: 0}, "
        "smelting.ac_electricity: {value: 13000}, smelting.anode_co2: {value: 1.4}}}",
        text,
    )
    return text


def test_attribution_of_a_footprint_is_whole_and_labelled(tmp_path, chain):
    path = tmp_path / "minimal.yaml"
    path.write_text(chain, encoding="utf-8")
    one = load(path, settings={"draws": 4096})
    data = attribute(one, "hydro")
    changes = ["set.smelting.ac_electricity", "set.smelting.anode_co2"]
    assert data["change"].values.tolist() == [*changes, "set.smelting.power"]
    whole = float(data["footprint_scenario"] - data["footprint_reference"])
    parts_sum = float(data["footprint_contribution"].sum())
    # means of 4096 numbers near 1e4, rounded
    assert parts_sum == pytest.approx(whole, rel=1e-12)
    assert float(data["footprint_difference"]) == pytest.approx(whole, rel=1e-12)
    assert float(data["footprint_share"].sum()) == pytest.approx(1, rel=1e-12)
    assert data["footprint_contribution"].attrs["units"] == "kg CO2e/t"
    for name, variable in data.data_vars.items():
        assert "units" in variable.attrs, name
        assert variable.attrs["long_name"], name
    ends = data["footprint_contribution_interval"].sel(change="set.smelting.power")
    mean = float(data["footprint_contribution"].sel(change="set.smelting.power"))
    assert ends.values[0] < mean < ends.values[1]
    assert data.attrs["reference"] == "national_grid"
    data.to_netcdf(tmp_path / "attribution.nc", engine="h5netcdf")


def test_details_of_a_footprint_add_up_to_its_attribution():
    one = load(CONFIGS / "china_grid_mixes.yaml")
    tables = ("footprint", "contribution", "accounts", "by_gas", "outputs")
    data = contributions(one, "captive_coal", tables=tables, draws=64)
    for table in tables[1:-1]:
        dims = [d for d in data[table].dims if d not in {"change", "draw"}]
        total = data[table].sum(dims).transpose("change", "draw")
        # some 20 numbers near 1e4, rounded at 1e-12
        np.testing.assert_allclose(total, data["footprint"], rtol=0, atol=1e-9)
    nothing = data["contribution"].sel(stage="mining", source="pfc")
    assert bool(nothing.isnull().all())
    energy = data["outputs"].sel(output="electricity_total")
    assert str(energy["output_units"].item()) == "MWh/t"
    assert np.count_nonzero(energy) == 0


def test_a_stage_that_only_one_side_has_counts_from_nothing(tmp_path):
    one = study(tmp_path, "a")
    model = one.model()
    table = model.outputs["outputs"]
    table.nodes[0, 0, 0] = ABSENT
    split = shapley(model, [table], game_of(1, 0, 0), ["change"])
    node = int(split.outputs["outputs"].nodes[0, 0, 0, 0])
    # 1 x (scenario - 0): the difference of a sum in which the reference has no part
    assert model.graph.columns([node]) == ["a"]
    assert int(split.outputs["outputs_reference"].nodes[0, 0, 0]) == ABSENT
    table.nodes[1, 0, 0] = ABSENT
    split = shapley(model, [table], game_of(1, 0, 0), ["change"])
    assert int(split.outputs["outputs"].nodes[0, 0, 0, 0]) == ABSENT


# the study behind a result


def test_a_result_gives_its_study_back(tmp_path, chain):
    path = tmp_path / "minimal.yaml"
    path.write_text(chain, encoding="utf-8")
    result = load(path, {"casting.melt_loss": "0.5 %"}, {"draws": 512, "seed": 9}).run()
    again = study_of(result)
    assert again.name == "minimal"
    found = contributions(again, "hydro")
    footprint = result.drawn("footprint")
    gap = footprint.sel(scenario="hydro") - footprint.sel(scenario="national_grid")
    # design section 14.12; a difference in kg/kg, then in kg/t, is rounded otherwise
    np.testing.assert_allclose(found["footprint_difference"], gap, rtol=0, atol=1e-9)
    total = found["footprint"].sum("change")
    np.testing.assert_allclose(total, gap, rtol=0, atol=1e-9)


def test_a_result_holds_what_its_study_took_of_the_library(shipped):
    result = shipped("minimal").result
    other = {**result.attributes, "library_checksum": "0"}
    assert study_of(replace(result, attributes=other)).config == result.config
    # a release before kept no rows of mixes: its result is of another study now
    stated = {k: v for k, v in result.stated.items() if k not in ("mixes", "factors")}
    old = {**other, "config_json": json.dumps(stated)}
    with pytest.raises(StudyChanged, match="the library is not the one that"):
        study_of(replace(result, attributes=old))


# what cannot be attributed


def test_unknown_names_are_answered_with_the_nearest(tmp_path):
    one = study(tmp_path, "a")
    with pytest.raises(AttributionError, match=r"'othr'; did you mean other\?"):
        attribute(one, "othr")
    with pytest.raises(AttributionError, match="no scenario 'x'"):
        attribute(one, "other", "x")
    with pytest.raises(AttributionError, match="no output 'footprint'; the study has"):
        attribute(one, "other")


def test_scenarios_that_state_the_same_have_nothing_to_attribute(tmp_path):
    with pytest.raises(AttributionError, match="base and base differ in no change"):
        attribute(study(tmp_path, "a"), "base", tables=("outputs",))


def test_draws_are_those_of_the_run_where_inputs_depend_on_each_other(written):
    study = written(
        "title: t\n"
        "inputs:\n"
        '  a: {units: "1", lognormal: {median: 2, gsd: 1.3}, source: t}\n'
        '  b: {units: "1", lognormal: {median: 3, gsd: 1.5}, source: t}\n'
        "dependence: [{rank_correlation: 0.8, between: [a, b]}]\n"
        'outputs: {y: {units: "1", formula: a * b}}\n'
        "scenarios: {one: {}, two: {scale: {a: 2}, set: {b: 1}}}\n"
    )
    found = contributions(study, "two", "one", tables=("outputs",))
    draws = study.run().tree["draws/outputs"]
    gap = draws.sel(scenario="two") - draws.sel(scenario="one")
    # the same products in another order
    np.testing.assert_allclose(found["outputs_difference"], gap, rtol=1e-12)
