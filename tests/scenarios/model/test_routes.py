"""Several processes that make one product: a route by name, a blend, the rest."""

import numpy as np
import pytest

from scenarios.errors import ConfigError
from scenarios.loading.load import from_mapping

CHAIN = {
    "title": "Two ways to one metal",
    "declared_unit": {"amount": 1, "units": "t", "product": "sheet"},
    "inputs": {
        "ore": {"units": "t/t", "normal": {"mean": 2, "sd": 0.1}, "source": "test"},
        "scrap": {"units": "1", "uniform": {"low": 0.2, "high": 0.4}, "source": "t"},
    },
    "products": {
        "ore": {
            "units": "t",
            "source": "process",
            "emits": {"CO2": {"amount": "0.5 t/t"}},
        }
    },
    "processes": {
        "rolling": {
            "stage": "rolling",
            "makes": {"product": "sheet", "units": "t"},
            "needs": {"metal": "1.25 t/t"},
        },
        "furnace": {
            "stage": "furnace",
            "makes": {"product": "metal", "units": "t"},
            "needs": {"ore": "ore"},
            "emits": {"CO2": {"amount": "1 t/t"}},
        },
        "melting": {
            "stage": "melting",
            "makes": {"product": "metal", "units": "t"},
            "emits": {"CO2": {"amount": "0.25 t/t"}},
        },
    },
    "routes": {"metal": "furnace"},
    "outputs": {"melted": {"units": "t/t", "formula": "made.melting"}},
    "scenarios": {
        "furnace": {"reference": True},
        "melting": {"routes": {"metal": "melting"}},
        "both": {"routes": {"metal": {"melting": "scrap", "furnace": "rest"}}},
    },
    "run": {"draws": 256, "seed": 3},
}


def test_a_scenario_chooses_the_route_by_name():
    study = from_mapping(CHAIN)
    result = study.run()
    found = result.footprint.values / 1000
    ore, scrap = (result.inputs[id].values for id in ("ore", "scrap"))
    furnace = 1.25 * (1 + 0.5 * ore)
    both = scrap * 1.25 * 0.25 + (1 - scrap) * furnace
    np.testing.assert_allclose(found[0], furnace, rtol=1e-14)
    np.testing.assert_allclose(found[1], 1.25 * 0.25, rtol=1e-14)
    np.testing.assert_allclose(found[2], both, rtol=1e-14)
    melted = result.tree["draws/outputs"].sel(output="melted").values
    np.testing.assert_allclose(melted[2], 1.25 * scrap, rtol=1e-14)


def test_a_route_is_a_change_to_which_a_difference_is_attributed():
    from scenarios.analysis.attribution import attribute

    data = attribute(from_mapping(CHAIN), "melting")
    assert data["change"].values.tolist() == ["routes.metal"]
    assert float(data["footprint_share"].values.sum()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("routes", "says"),
    [
        ({}, "metal is made by furnace already; state under `routes`"),
        ({"metal": "meltng"}, "meltng does not make metal; did you mean melting?"),
        ({"metall": "melting"}, "no process makes metall; did you mean metal?"),
        ({"metal": {"melting": 0.5, "furnace": 0.4}}, "add up to 0.9, not to 1"),
    ],
)
def test_a_route_that_cannot_be_is_told(routes, says):
    with pytest.raises(ConfigError) as caught:
        from_mapping(CHAIN | {"routes": routes})
    assert says in str(caught.value)


def test_shares_that_leave_a_gap_in_some_draw_are_told():
    wide = CHAIN["inputs"] | {
        "scrap": {"units": "1", "uniform": {"low": 0.5, "high": 1.5}, "source": "t"}
    }
    with pytest.raises(Exception, match="do not add up to one in every draw"):
        from_mapping(CHAIN | {"inputs": wide}).run()


def test_an_import_does_not_name_the_study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(
        "title: Base\ndescription: Why the base was made.\nlicence: secret\n"
    )
    stated = {k: v for k, v in CHAIN.items() if k != "title"}
    study = from_mapping(stated | {"import": ["base.yaml"]}, name="mine")
    assert (study.title, study.config.description) == ("mine", None)
    assert study.config.licence is None


def test_a_cost_is_in_any_currency_and_in_one():
    lever = {"processes": {"furnace": {"emits": {"CO2": {"scale": 0.5}}}}}
    rate = {"units": "CNY/EUR", "value": 7.8, "source": "test"}
    stated = CHAIN | {
        "inputs": CHAIN["inputs"] | {"rate": rate},
        "levers": {
            "capture": lever | {"cost": "40 EUR/t"},
            "gas": lever | {"cost": "78 CNY/t / rate"},
        },
        "outputs": {"cost": {"units": "EUR/t", "formula": "lever_cost"}},
        "scenarios": {
            "furnace": {"reference": True},
            "less": {"levers": {"capture": 0.5, "gas": 1}},
        },
    }
    stated["levers"]["gas"]["cost"] = "gas.cost / rate"
    stated["inputs"]["gas.cost"] = {"units": "CNY/t", "value": 78, "source": "test"}
    result = from_mapping(stated).run()
    cost = result.tree["draws/outputs"].sel(output="cost", scenario="less").values
    np.testing.assert_allclose(cost, 30.0, rtol=1e-14)
    stated["levers"]["gas"]["cost"] = "gas.cost"
    with pytest.raises(ConfigError, match="is in CNY, another lever's cost in EUR"):
        from_mapping(stated)
