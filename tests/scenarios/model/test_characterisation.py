"""Global warming potentials: published sets, and the error that gases share."""

import numpy as np
import pytest
import xarray as xr
from scipy.special import ndtri

from scenarios.errors import ConfigError

# IPCC AR4 WG I Table 2.14; AR5 WG I Table 8.A.1; AR6 WG I Tables 7.15 and 7.SM.7
PUBLISHED = {
    "AR4": {"CO2": 1, "CH4": 25, "N2O": 298, "CF4": 7390, "C2F6": 12200, "SF6": 22800},
    "AR5": {"CO2": 1, "CH4": 28, "N2O": 265, "CF4": 6630, "C2F6": 11100, "SF6": 23500},
    "AR6": {
        "CO2": 1,
        "CH4": 29.8,  # fossil
        "N2O": 273,
        "CF4": 7380,
        "C2F6": 12400,
        "SF6": 25200,
    },
}
MASSES = {  # kg/t
    "CO2": 1500.0,
    "CO2_biogenic": 40.0,
    "CH4": 2.0,
    "N2O": 0.1,
    "CF4": 0.03,
    "C2F6": 0.003,
    "SF6": 0.001,
}
STUDY = """
title: Every gas
declared_unit: {{amount: 1, units: t, product: thing}}
run: {{draws: 16384, design: sobol, seed: 2}}
characterisation: {{set: {name}, uncertain: {uncertain}}}
products:
  lime:
    units: kg
    source: ancillary
    emits: {{cradle_to_gate: {{gas: CO2e, amount: 1.1 kg CO2e/kg, account: upstream}}}}
processes:
  making:
    stage: making
    makes: {{product: thing, units: t}}
    needs: {{lime: 77 kg/t}}
    emits:
{emits}
"""
EMITS = "\n".join(
    f"      {gas}: {{amount: {mass} kg/t}}" for gas, mass in MASSES.items()
)


@pytest.fixture
def by_gas(written):
    """kg CO2e/t by gas: (gas, draw)."""

    def make(name, *, uncertain=False) -> xr.DataArray:
        text = STUDY.format(
            name=name, uncertain="true" if uncertain else "false", emits=EMITS
        )
        return written(text).run().tree["draws/by_gas"].isel(scenario=0)

    return make


class TestSets:
    @pytest.mark.parametrize("name", PUBLISHED)
    def test_each_gas_counts_as_published(self, by_gas, name):
        found = by_gas(name).isel(draw=0)
        for gas, potential in PUBLISHED[name].items():
            got = float(found.sel(gas=gas)) / MASSES[gas]
            assert got == pytest.approx(potential, rel=1e-14), gas

    @pytest.mark.parametrize("name", PUBLISHED)
    def test_biogenic_carbon_dioxide_is_kept_apart_and_counts_nothing(
        self, by_gas, name
    ):
        assert (by_gas(name).sel(gas="CO2_biogenic") == 0).all()

    def test_the_set_moves_only_what_is_given_as_a_gas(self, by_gas):
        one, two = by_gas("AR5").isel(draw=0), by_gas("AR6").isel(draw=0)
        for gas in ("unspecified", "CO2", "CO2_biogenic"):
            assert float(one.sel(gas=gas)) == float(two.sel(gas=gas))
        assert float(one.sel(gas="unspecified")) == pytest.approx(77 * 1.1, rel=1e-14)
        for gas in ("CH4", "N2O", "CF4", "C2F6", "SF6"):
            ratio = float(two.sel(gas=gas)) / float(one.sel(gas=gas))
            expected = PUBLISHED["AR6"][gas] / PUBLISHED["AR5"][gas]
            assert ratio == pytest.approx(expected, rel=1e-14)

    def test_a_set_that_is_not_there_is_refused(self, written):
        text = STUDY.format(name="AR7", uncertain="false", emits=EMITS)
        with pytest.raises(ConfigError, match="no GWP set is called AR7; known: AR4"):
            written(text)

    @pytest.mark.parametrize("name", ["AR4", "AR5"])
    def test_a_set_without_an_error_cannot_be_uncertain(self, written, name):
        text = STUDY.format(name=name, uncertain="true", emits=EMITS)
        with pytest.raises(ConfigError, match=f"{name} states no uncertainty"):
            written(text)


# AR6, at 90 %: shared by all, and of each gas in all
SHARED = 0.26
TOTAL = {"CH4": 0.40, "N2O": 0.47, "CF4": 0.33, "C2F6": 0.33, "SF6": 0.33}


class TestError:
    @pytest.fixture
    def relative(self, by_gas):
        drawn = by_gas("AR6", uncertain=True)
        gases = list(TOTAL)
        central = [MASSES[g] * PUBLISHED["AR6"][g] for g in gases]
        weights = xr.DataArray(central, dims="gas", coords={"gas": gases})
        return drawn.sel(gas=gases) / weights

    def test_means_are_the_published_values(self, relative):
        # scrambled Sobol' points: better than 1e-4 for a linear function
        np.testing.assert_allclose(relative.mean("draw"), 1, rtol=1e-4)

    def test_spread_is_the_stated_half_width(self, relative):
        sd = relative.std("draw")
        width = float(ndtri(0.95))  # 90 %, two-sided
        for gas, total in TOTAL.items():
            # 2^14 points of a scrambled sequence: 1e-3 is three times what is seen
            assert float(sd.sel(gas=gas)) == pytest.approx(total / width, rel=1e-3)

    @pytest.mark.parametrize(
        ("one", "other"), [("CF4", "CH4"), ("CH4", "N2O"), ("CF4", "N2O")]
    )
    def test_gases_move_together_by_the_part_they_share(self, relative, one, other):
        pair = [relative.sel(gas=gas).values for gas in (one, other)]
        expected = SHARED**2 / (TOTAL[one] * TOTAL[other])
        assert np.corrcoef(*pair)[0, 1] == pytest.approx(expected, abs=2e-3)

    @pytest.mark.parametrize("gas", ["C2F6", "SF6"])
    def test_gases_without_a_budget_move_with_cf4(self, relative, gas):
        pair = [relative.sel(gas=g).values for g in ("CF4", gas)]
        # the same numbers times another constant
        np.testing.assert_allclose(pair[0], pair[1], rtol=1e-13)

    def test_carbon_dioxide_has_no_error_and_neither_has_what_is_stated_as_co2e(
        self, by_gas
    ):
        drawn = by_gas("AR6", uncertain=True)
        for gas in ("CO2", "CO2_biogenic", "unspecified"):
            one = drawn.sel(gas=gas)
            assert (one == one.isel(draw=0)).all()

    def test_a_certain_set_has_no_spread(self, by_gas):
        drawn = by_gas("AR6")
        assert (drawn == drawn.isel(draw=0)).all()
