"""What belongs together is drawn together: technologies and factors, year and year."""

import numpy as np
import pytest

STUDY = """
title: Ties of the factors
import: [aluminium/chain, aluminium/china_2023, power/china]
run: {draws: 4096, seed: 44905}
scenarios:
  national: {reference: true, set: {smelting.power: {mix: cn_2023}}}
  henan: {set: {smelting.power: {mix: cn_henan_consumed_2023}}}
  shandong: {set: {smelting.power: {mix: cn_shandong_consumed_2023}}}
  national_2024: {set: {smelting.power: {mix: cn_2024}}}
  shandong_2024: {set: {smelting.power: {mix: cn_shandong_consumed_2024}}}
"""


@pytest.fixture(scope="module")
def draws(tmp_path_factory):
    from scenarios.loading.load import load

    path = tmp_path_factory.mktemp("ties") / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    tree = load(path).run().tree
    footprint = tree["draws/footprint"]
    names = footprint["scenario"].values
    return tree, {str(name): footprint.sel(scenario=name).values for name in names}


def test_a_technology_has_one_draw_in_both_years(draws):
    tree, _ = draws
    for technology in ("coal", "gas", "hydro", "nuclear", "wind", "solar"):
        old, new = (
            np.log(tree["inputs"][f"power.mee{year}_{technology}"].values)
            for year in ("23", "24")
        )
        ratio = new - old
        assert old.std() > 0
        assert ratio.std() < 1e-9, technology


def test_the_national_factor_moves_with_coal(draws):
    tree, found = draws
    coal = tree["inputs"]["power.mee23_coal"].values
    method = tree["inputs"]["power.mee23_method"].values
    # sigma of coal and of the method are 0.0296 x 0.95 and 0.0269: about half and half
    tie = np.corrcoef(np.log(found["national"]), np.log(coal))[0, 1]
    assert 0.4 < tie < 0.9
    assert abs(np.corrcoef(method, coal)[0, 1]) < 0.05


@pytest.mark.parametrize("province", ["henan", "shandong"])
def test_a_difference_to_the_national_factor_is_narrower(draws, province):
    _, found = draws
    sd = (found[province] - found["national"]).std()
    apart = np.hypot(found[province].std(), found["national"].std())
    # spreads of the shares and of the method stay; those of coal cancel
    assert 0.5 * apart < sd < 0.85 * apart


def test_a_later_year_is_lower_nearly_always(draws):
    _, found = draws
    assert (found["national_2024"] < found["national"]).all()


def test_a_province_has_one_share_in_both_years(draws):
    tree, found = draws
    shares = [id for id in tree["inputs"] if id.startswith("mix.cn_shandong_consumed")]
    assert sorted(shares) == [
        "mix.cn_shandong_consumed_2023.coal",
        "mix.cn_shandong_consumed_2023.other",
    ]
    less = found["shandong"] - found["shandong_2024"]
    # the year changes the factors alone: fossil power 0.918 to 0.896 kg/kWh
    assert less.min() > 0
    assert less.std() < 0.1 * less.mean()
