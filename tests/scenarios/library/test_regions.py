"""The world is the sum of its regions, and China is one China."""

import numpy as np
import pytest

from scenarios.language.yaml_text import read
from scenarios.library import catalogue


@pytest.fixture(scope="module")
def run(shipped):
    return shipped("world_regions")


def test_the_world_is_the_weighted_sum_of_its_regions_in_every_draw(run):
    footprint = run.draws("footprint")
    for name, fleet in run.study.config.fleets.items():
        total = sum(fleet.output.values())
        expected = sum(
            mass / total * footprint.sel(scenario=member)
            for member, mass in fleet.output.items()
        )
        got = footprint.sel(scenario=name)
        # twenty products and their sum
        np.testing.assert_allclose(got, expected, rtol=1e-13, err_msg=name)


def test_the_regions_make_the_metal_of_2024(run):
    weights = run.study.config.fleets["world"].output
    assert set(weights) == set(run.study.scenarios)
    # 72.76 Mt, regions rounded to 10 kt
    assert sum(weights.values()) == pytest.approx(72.76, abs=0.02)
    for name, members in (
        ("gulf", 6.26),
        ("russia", 3.8),
        ("north_america", 3.97),
    ):
        fleet = run.study.config.fleets[name].output
        assert sum(fleet.values()) == pytest.approx(members, abs=0.005)
        assert all(weights[member] == mass for member, mass in fleet.items())


def test_china_is_the_same_in_both_studies(run, shipped):
    world = run.result.tree["summary"].sel(scenario="china")
    alone = (
        shipped("china_grid_mixes")
        .result.tree["summary"]
        .sel(scenario="china_smelters")
    )
    # the same arithmetic at the central values, in another order
    assert float(world["point"]) == pytest.approx(float(alone["point"]), rel=1e-12)
    # 1 024 points each
    assert float(world["mean"]) == pytest.approx(float(alone["mean"]), rel=3e-3)
    assert float(world["sd"]) == pytest.approx(float(alone["sd"]), rel=0.1)


def test_china_beside_the_world_states_what_china_states(written):
    """Distributions of the copied ids are those of the national files."""
    base = read(catalogue.path("aluminium/china_2023"), "f")["inputs"]
    base |= read(catalogue.path("aluminium/china_2024"), "f")["inputs"]
    copied = read(catalogue.path("aluminium/china_in_world"), "f")["inputs"]
    world = read(catalogue.path("aluminium/world"), "f")["inputs"]
    assert len(copied) > 20
    for id, stated in copied.items():
        expected = dict(base[id.removeprefix("china.")])
        if "formula" in expected:
            words = expected["formula"].split()
            words = [f"china.{w}" if f"china.{w}" in copied else w for w in words]
            bare = {f"({w}": f"(china.{w}" for w in base}
            text = " ".join(bare.get(w, w) for w in words)
            stated = {**stated, "formula": stated["formula"].replace("china.", "")}
            expected["formula"] = text.replace("china.", "")
        assert stated == expected, id
    value = {"label", "note", "source", "confidence", "spread_confidence"}
    value |= {"kind", "nature"}
    for id, stated in base.items():
        if (
            id in world
            and f"china.{id}" not in copied
            and id != "refining.total_energy"
        ):
            same = {k: v for k, v in stated.items() if k not in value}
            assert same == {k: v for k, v in world[id].items() if k not in value}, id


def test_alumina_comes_from_somewhere_whole(run):
    for name in run.study.scenarios:
        x = run.inputs(name)
        parts = [float(x[id]) for id in x if id.startswith("origin.")]
        assert sum(parts) == pytest.approx(1, abs=1e-12), name


@pytest.mark.parametrize("name", ["norway", "iceland", "canada"])
def test_hydropower_regions_lie_where_producers_publish(run, name):
    # producers and associations: 4 to 5 t; the mean of a skewed sample may lie at 5.0
    median = float(run.result.tree["summary"]["median"].sel(scenario=name)) / 1000
    assert 4 < median < 5.05


def test_coal_burns_where_it_does(run):
    from scenarios.library.catalogue import factors, mixes

    table = factors()
    # the median of new plants of 2014 serves no grid any more
    assert not any(
        m.factor_set == "ipcc14" and m.kind == "grid" for m in mixes().values()
    )
    for id, low in (("india_coal", 0.95), ("southafrica_coal", 1.04)):
        assert table[id].median > low


class TestDeclaredProducts:
    """Bauxite, alumina, anodes, liquid metal and ingot: one line in a study each."""

    TEXT = (
        "import: [aluminium/chain, aluminium/china_2024, power/china]\n"
        "declared_unit: {{amount: 1, units: t, product: {product}}}\n"
        "run: {{draws: 256, seed: 3}}\n"
    )
    PRODUCTS = (
        *("bauxite", "alumina", "baked_anode"),
        *("liquid_aluminium", "aluminium_ingot"),
    )

    @pytest.mark.parametrize("product", PRODUCTS)
    def test_balances_close_for_each(self, written, product):
        study = written(self.TEXT.format(product=product))
        outputs = study.run().tree["draws/outputs"]
        for name, stated in study.config.outputs.items():
            if stated.balance == "closed":
                gap = abs(outputs.sel(output=name)).max()
                # per t, in t or MJ: rounding of a dozen terms of up to 1e4
                assert float(gap) < 1e-9, (product, name)

    def test_each_holds_the_one_before(self, written):
        means = {
            product: float(
                written(self.TEXT.format(product=product), point=True)
                .run()
                .tree["draws/footprint"]
                .isel(draw=0)
                .squeeze()
            )
            for product in self.PRODUCTS
        }
        melt = 1 / (1 - 0.004)  # mode of the melt loss
        metal = means["liquid_aluminium"]
        assert means["alumina"] > 2 * means["bauxite"]
        assert metal > 1.93 * means["alumina"]
        assert means["aluminium_ingot"] > metal * melt
