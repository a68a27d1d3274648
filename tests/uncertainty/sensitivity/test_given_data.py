import numpy as np
import pytest
import xarray as xr

from uncertainty.designs import design
from uncertainty.errors import SampleError
from uncertainty.sensitivity import DUMMY, given_data, pawn, value_of_information
from uncertainty.sensitivity.evaluation import columns_of

METHODS = [given_data, pawn, value_of_information]


def labelled(inputs: np.ndarray, outputs: np.ndarray) -> tuple[xr.DataArray, ...]:
    names = [f"x{i}" for i in range(1, len(inputs) + 1)]
    return (
        xr.DataArray(inputs, dims=("parameter", "draw"), coords={"parameter": names}),
        xr.DataArray(outputs, dims=("output", "draw"), attrs={"units": "kg"}),
    )


def scores(draws: int, inputs: int, kind: str = "sobol", seed: int = 0) -> np.ndarray:
    from scipy.special import ndtri

    names = [f"x{i}" for i in range(inputs)]
    plan = design(kind, draws=draws, seed=seed, columns=names)
    levels = columns_of(plan)
    return ndtri(np.stack([levels(name) for name in names]))


def of_lognormals(gsd: list[float]) -> np.ndarray:
    own = np.expm1(np.log(gsd) ** 2)
    return own / np.expm1((np.log(gsd) ** 2).sum())


@pytest.mark.parametrize(
    ("kind", "replicates"), [("sobol", 16), ("latin_hypercube", 16), ("random", 1)]
)
def test_a_product_of_lognormals_has_its_first_order(kind, replicates):
    gsd = [1.1, 1.3, 1.5]
    score = scores(2**14, 3, kind)
    rows = np.exp(np.log(gsd) @ score)[None]
    found = given_data(*labelled(score, rows), seed=0, replicates=replicates)
    # between parts of 1024 draws the product of two estimates errs by 1 / sqrt(2^14)
    # = 0.8 % at most, of the whole
    np.testing.assert_allclose(
        found["first_order"][0, :3], of_lognormals(gsd), atol=0.025
    )
    assert not bool(found["important"].sel(parameter=DUMMY)[0])
    assert found["rank"][0, :3].values.tolist() == [3, 2, 1]


def test_a_function_that_is_not_monotone_has_its_first_order():
    level = np.random.default_rng(0).random((3, 2**14))
    x = np.pi * (2 * level - 1)
    rows = (np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))[None]
    found = given_data(*labelled(level, rows), seed=0).isel(output=0)
    # closed form; standard error 1 %
    expected = [0.313905191147811, 0.442411144790041, 0]
    np.testing.assert_allclose(found["first_order"][:3], expected, atol=0.03)
    assert float(found["first_order_lower"][2]) <= 0 <= found["first_order_upper"][2]
    # x3 acts through x1 alone: 0.2437 of the variance, below what is left of it
    limit = found["total_order_limit"]
    assert 0.2437 - 0.03 < float(limit[2]) < 0.2437 + 0.05
    assert float(limit[0]) > 0.557 - 0.03


def test_bounds_hold_the_truth_as_often_as_they_say():
    gsd, inside = [1.2, 1.4, 1.3], []
    for seed in range(60):
        score = scores(4096, 3, "random", seed)
        rows = np.exp(np.log(gsd) @ score)[None]
        found = given_data(*labelled(score, rows), seed=seed)
        lower, upper = (found[f"first_order_{e}"][0, :3] for e in ("lower", "upper"))
        truth = of_lognormals(gsd)
        inside.append((lower <= truth) & (truth <= upper))
    # 180 trials in threes have a standard error of 2 to 3 %
    assert np.mean(inside) > 0.87


@pytest.mark.parametrize("replicates", [1, 2, 3, 5, 16])
def test_few_replicates_have_bounds_too(replicates):
    score = scores(4096, 2)[:, :3840]
    rows = (score[0] + 0.1 * score[1])[None]
    found = given_data(*labelled(score, rows), seed=0, replicates=replicates)
    assert found["important"].values.tolist() == [[True, False, False]]
    assert np.isfinite(found["first_order_upper"]).all()


def test_the_order_of_a_design_does_not_come_in_through_ties():
    score = scores(4096, 2)
    coin = (score[0] > 0).astype(float)
    rows = np.stack([coin + 0.1 * score[1], score[1]])
    found = given_data(
        *labelled(np.stack([coin, score[1]]), rows), seed=0, replicates=16
    )
    # a coin's variance is 1/4, beside 0.01
    np.testing.assert_allclose(found["first_order"][0, 0], 0.25 / 0.26, atol=0.02)
    assert abs(float(found["first_order"][1, 0])) < 0.01


def test_inside_a_block_there_is_no_first_order_but_information():
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 2**14))
    score = np.stack([a, 0.8 * a + 0.6 * b, c])
    inputs, outputs = labelled(score, score.sum(axis=0)[None])
    blocks = {"tied": ("x1", "x2")}
    found = given_data(inputs, outputs, seed=0, blocks=blocks).isel(output=0)
    assert found["first_order"].isnull().values.tolist() == [True, True, False, False]
    assert found["total_order_limit"].isnull().all()
    assert found["block"].values.tolist() == ["tied", "tied", "", ""]
    known = value_of_information(inputs, outputs, seed=0).isel(output=0)
    # Var y = 4.6; cov(x1, y) = 1.8 and var(x1) = 1: what x1 tells is 1.8^2 / 4.6
    told = np.array([1.8**2, 1.8**2, 1]) / 4.6
    # standard error of a share of the variance of 2^14 draws: about 1 %
    np.testing.assert_allclose(known["variance_reduction"][:3], told, atol=0.03)
    np.testing.assert_allclose(known["narrowing"][:3], 1 - np.sqrt(1 - told), atol=0.04)


def test_an_interval_narrows_as_normal_theory_has_it():
    weights = np.array([3, 2, 1])
    score = scores(2**15, 3)
    inputs, outputs = labelled(score, (weights @ score)[None])
    found = value_of_information(inputs, outputs, seed=0).isel(output=0)
    shares = weights**2 / 14
    # ends of a 95 % interval of 1024 draws err by 3.7 % of the width; 32 bins leave 1 %
    np.testing.assert_allclose(
        found["narrowing"][:3], 1 - np.sqrt(1 - shares), atol=0.03
    )
    np.testing.assert_allclose(found["variance_reduction"][:3], shares, atol=0.02)
    assert float(found["width"]) == pytest.approx(2 * 1.96 * 14**0.5, rel=0.02)
    assert found["expected_width"].attrs["units"] == "kg"
    assert float(found["expected_width"][3]) == pytest.approx(float(found["width"]))
    assert found["rank"].values.tolist() == [1, 2, 3, 4]


def test_knowing_the_only_input_leaves_nothing():
    score = scores(2**14, 1)
    rows = np.exp(score)
    found = value_of_information(*labelled(score, rows), seed=0).isel(output=0)
    # what a line leaves of exp within the outermost of 32 bins
    assert float(found["narrowing"][0]) > 0.95


@pytest.mark.parametrize("ties", [False, True])
def test_pawn_is_salibs(ties):
    from SALib.analyze import pawn as analyser

    level = np.random.default_rng(1).random((3, 1000))
    rows = np.stack([level[0] + level[1] ** 2, level[2] * level[0]])
    if ties:
        level, rows = np.round(level, 2), np.round(rows, 1)
    found = pawn(*labelled(level, rows), seed=0).isel(parameter=slice(3))
    spec = {"num_vars": 3, "names": list("abc"), "bounds": [[0, 1]] * 3}
    names = {name: f"pawn_{name}" for name in ("minimum", "mean", "median", "maximum")}
    for row, output in enumerate(rows):
        theirs = analyser.analyze(spec, level.T.copy(), output, S=10)
        for key, name in (names | {"stdev": "pawn_stdev", "CV": "pawn_cv"}).items():
            # the same counts divided in another order
            np.testing.assert_allclose(found[name][row], theirs[key], atol=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_absent_and_constant_outputs_have_no_index(method):
    score = scores(2048, 2)
    rows = np.stack([score[0], np.full(2048, 7.0), np.full(2048, np.nan)])
    found = method(*labelled(score, rows), seed=0)
    for name, values in found.data_vars.items():
        if values.dtype == float and name != "width" and "output" in values.dims:
            assert values[1:].isnull().all(), name
    assert found["rank"][0, 0] == 1
    if "important" in found:
        assert not found["important"][1:].any()
        assert bool(found["important"][0, 0])


@pytest.mark.parametrize("method", METHODS)
def test_a_sample_that_tells_nothing_is_refused(method):
    score = scores(1024, 2)
    inputs, outputs = labelled(score, score)
    with pytest.raises(SampleError, match="1024 draws of the inputs, 512 of the outp"):
        method(inputs, outputs[:, :512], seed=0)
    with pytest.raises(SampleError, match=r"128 draws are too few .* take 256 or more"):
        method(inputs[:, :128], outputs[:, :128], seed=0)
    bad = xr.where(outputs["output"] + outputs["draw"] == 3, np.inf, outputs)
    with pytest.raises(SampleError, match="2 draws not finite, and no index"):
        method(inputs, bad, seed=0)
    bad = inputs.where(inputs["draw"] != 3)
    with pytest.raises(SampleError, match="inputs: 2 draws not finite"):
        method(bad, outputs, seed=0)
    with pytest.raises(SampleError, match="'dummy' is kept"):
        method(inputs.assign_coords(parameter=["x1", DUMMY]), outputs, seed=0)


def test_parts_and_bins_have_to_fit_the_draws():
    score = scores(1024, 2)
    inputs, outputs = labelled(score, score)
    with pytest.raises(SampleError, match="1024 draws do not split into 3 replicates"):
        given_data(inputs, outputs, seed=0, replicates=3)
    with pytest.raises(SampleError, match=r"64 bins of 64 draws .* take 2 to 16"):
        given_data(inputs, outputs, seed=0, bins=64)
    with pytest.raises(SampleError, match="1 bins of 1024 draws: take 2 to 32"):
        value_of_information(inputs, outputs, seed=0, bins=1)
    with pytest.raises(SampleError, match="200 slices of 1024 draws"):
        pawn(inputs, outputs, seed=0, slices=200)
    with pytest.raises(ValueError, match="probability must lie between 0 and 1"):
        value_of_information(inputs, outputs, seed=0, probability=1)


@pytest.mark.parametrize("method", METHODS)
def test_arguments_are_not_written_to(method):
    score = scores(1024, 2)
    inputs, outputs = labelled(score, score[::-1])
    before = inputs.copy(deep=True), outputs.copy(deep=True)
    method(inputs, outputs, seed=0)
    assert inputs.identical(before[0])
    assert outputs.identical(before[1])
