"""Allocation as a switch, and products made of another product's chain."""

import numpy as np

from scenarios.loading.load import from_mapping


def fixed(value, units):
    return {"units": units, "value": value, "source": "test"}


def spread(mean, sd, units):
    return {"units": units, "normal": {"mean": mean, "sd": sd}, "source": "test"}


FURNACE = {
    "declared_unit": {"amount": 1, "units": "t", "product": "metal"},
    "inputs": {
        "furnace.co2": spread(2, 0.2, "t/t"),
        "furnace.allocation": fixed(1, "1"),
        "slag.per_metal": spread(0.3, 0.02, "t/t"),
        "slag.credit": fixed(0, "t CO2e/t"),
        "slag.price": spread(20, 2, "EUR/t"),
        "metal.price": spread(400, 40, "EUR/t"),
        "replaced.factor": spread(0.8, 0.1, "t CO2e/t"),
        "scrap.taken": fixed(0.25, "t/t"),
        "scrap.pre_consumer_burden": fixed(0, "t CO2e/t"),
        "primary.factor": spread(3, 0.3, "t CO2e/t"),
    },
    "products": {
        "scrap": {
            "units": "t",
            "source": "ancillary",
            "emits": {"CO2e": {"amount": "scrap.pre_consumer_burden"}},
        }
    },
    "processes": {
        "furnace": {
            "stage": "furnace",
            "makes": {"product": "metal", "units": "t"},
            "allocation": "furnace.allocation",
            "needs": {"scrap": "scrap.taken"},
            "emits": {
                "CO2": {"amount": "furnace.co2"},
                "slag": {"gas": "CO2e", "amount": "-slag.per_metal * slag.credit"},
            },
        }
    },
    "scenarios": {
        "cut_off": {"reference": True},
        "mass": {"set": {"furnace.allocation": "1 / (1 + slag.per_metal)"}},
        "economic": {
            "set": {
                "furnace.allocation": "metal.price / "
                "(metal.price + slag.per_metal * slag.price)"
            }
        },
        "substitution": {"set": {"slag.credit": "replaced.factor"}},
        "burden": {"set": {"scrap.pre_consumer_burden": "primary.factor"}},
    },
    "run": {"draws": 512, "seed": 5},
}


def test_each_rule_is_a_scenario_in_the_same_draws():
    result = from_mapping(FURNACE).run()
    x = {id: data.values for id, data in result.inputs.items()}
    co2, slag = x["furnace.co2"], x["slag.per_metal"]
    price, other = x["metal.price"], x["slag.price"]
    by_hand = [
        co2,
        co2 / (1 + slag),
        co2 * price / (price + slag * other),
        co2 - slag * x["replaced.factor"],
        co2 + 0.25 * x["primary.factor"],
    ]
    # an input that one scenario alone draws has the scenario's dim in the result
    for found, values in zip(result.footprint.values / 1000, by_hand, strict=True):
        np.testing.assert_allclose(found, values, rtol=1e-13)


PARTS = {
    "import": ["aluminium/chain", "aluminium/china_2024", "power/china"],
    "declared_unit": {"amount": 1, "units": "kg", "product": "vehicle_parts"},
    "inputs": {
        "body.metal": spread(0.7, 0.02, "kg/kg"),
        "foil.metal": spread(0.4, 0.03, "kg/kg"),
    },
    "processes": {
        "joining": {
            "stage": "joining",
            "makes": {"product": "vehicle_parts", "units": "kg"},
            "needs": {"body": "1 kg/kg", "foil": "1 kg/kg"},
        },
        "pressing": {
            "stage": "body",
            "makes": {"product": "body", "units": "kg"},
            "needs": {"aluminium_ingot": "body.metal"},
        },
        "rolling": {
            "stage": "foil",
            "makes": {"product": "foil", "units": "kg"},
            "needs": {
                "aluminium_ingot": "foil.metal",
                "electricity": {"amount": "1 kWh/kg", "supply": "smelting.power"},
            },
        },
    },
    "operator": {"owns": ["joining"]},
    "scenarios": {
        "grid": {"reference": True},
        "hydro": {"set": {"smelting.power": {"mix": "hydro_contract"}}},
    },
    "run": {"draws": 1024, "seed": 5},
}


def of_one(part):
    """The same chain with one of the two parts alone."""
    processes = PARTS["processes"]
    joining = processes["joining"] | {"needs": {part: "1 kg/kg"}}
    return from_mapping(PARTS | {"processes": processes | {"joining": joining}})


def test_an_input_that_two_products_share_is_one_column():
    study = from_mapping(PARTS)
    columns = list(study.model().columns)
    assert "power.mee24_coal" in columns
    assert len(columns) == len(set(columns))
    whole = study.run().footprint.values
    cut = whole[0] - whole[1]
    parts = [of_one(part).run().footprint.values for part in ("body", "foil")]
    cuts = [part[0] - part[1] for part in parts]
    # a cleaner mix moves both parts in the same draws: their differences add up in each
    np.testing.assert_allclose(cut, sum(cuts), rtol=1e-12)
    # and so they spread further than two that were drawn apart
    assert cut.std() > np.hypot(*(c.std() for c in cuts))
