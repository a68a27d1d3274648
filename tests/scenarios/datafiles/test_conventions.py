"""One distribution in the fields of every format: readers, writers, refusals."""

import csv
import json
from math import exp, isnan, log, nan, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from SALib.util import scale_samples
from scipy import stats

from scenarios.datafiles.conventions import (
    CONVENTIONS,
    ExchangeError,
    from_config,
    read,
    write,
)
from scenarios.errors import ConfigError
from scenarios.language.distributions import FAMILY_MODELS
from uncertainty.distributions import (
    Marginal,
    Negated,
    Normal,
    Shifted,
    Weibull,
    build,
    truncate,
)

TABLE = Path(__file__).parents[2] / "data" / "conformance.csv"
LEVELS = np.array([0.001, 0.025, 0.3, 0.5, 0.84, 0.975, 0.999])

MEDIAN, GSD = 42.0, 1.25
SIGMA = log(GSD)
MEAN = MEDIAN * exp(SIGMA**2 / 2)
PEER = stats.lognorm(SIGMA, scale=MEDIAN)
LOWER, UPPER = PEER.ppf([0.025, 0.975])

# one lognormal, written by hand as each format defines its fields
GOLDEN: dict[str, dict[str, object]] = {
    "stats_arrays": {"loc": log(42), "scale": SIGMA, "uncertainty_type": 2},
    "brightway_excel": {"amount": 42, "uncertainty type": 2, "scale": SIGMA},
    "brightway_excel_mean": {"amount": MEAN, "uncertainty type": 2, "scale": SIGMA},
    "openlca": {
        "distributionType": "LOG_NORMAL_DISTRIBUTION",
        "geomMean": 42,
        "geomSd": 1.25,
    },
    "openlca_as_sampled": {
        "distributionType": "LOG_NORMAL_DISTRIBUTION",
        "geomMean": MEAN,
        "geomSd": 1.25,
    },
    "ecospold2": {
        "distribution": "lognormal",
        "meanValue": 42,
        "mu": 3.738,
        "variance": 0.01,
        "varianceWithPedigreeUncertainty": SIGMA**2,
    },
    "ecospold1": {"uncertaintyType": 1, "meanValue": 42, "standardDeviation95": 1.5625},
    "ilcd": {
        "uncertaintyDistributionType": "log-normal",
        "meanAmount": 42,
        "relativeStandardDeviation95In": 1.5625,
    },
    "simapro": {"distribution": "Lognormal", "mean": 42, "xsd": 1.5625},
    "salib": {"dist": "lognorm", "bounds": [log(42), SIGMA]},
    "scipy": {"dist": "lognorm", "s": SIGMA, "scale": 42},
    "ipcc_percent": {
        "distribution": "lognormal",
        "value": 42,
        "lower": 100 * (1 - LOWER / 42),
        "upper": 100 * (UPPER / 42 - 1),
    },
}
POSITIVE_ONLY = {"salib", "scipy"}


def assert_same_law(got: Marginal, expected: Marginal) -> None:
    """Quantiles, mean and sd to 1e-9, what the formats are asked to keep."""
    assert (got.mean, got.sd) == pytest.approx((expected.mean, expected.sd), rel=1e-9)
    # a quantile near 0 of a law about 0 is as good as the law is wide
    near = 1e-9 * (expected.sd + abs(expected.mean))
    for quantile in ("ppf", "isf"):
        values = getattr(got, quantile)(LEVELS), getattr(expected, quantile)(LEVELS)
        np.testing.assert_allclose(*values, rtol=1e-9, atol=near)


class TestGoldenTable:
    def test_every_convention_has_its_row(self):
        assert set(GOLDEN) == set(CONVENTIONS)

    @pytest.mark.parametrize("name", GOLDEN)
    def test_same_lognormal_is_read_from_every_convention(self, name):
        law = read(name, GOLDEN[name])
        # all are closed forms; 1e-9 leaves room for a few roundings of exp and log
        assert law.mean == pytest.approx(PEER.mean(), rel=1e-9)
        got, expected = law.ppf([0.025, 0.5, 0.975]), [LOWER, 42, UPPER]
        np.testing.assert_allclose(got, expected, rtol=1e-9)

    @pytest.mark.parametrize("name", GOLDEN)
    def test_mean_of_draws_is_that_of_the_peer(self, name):
        level = np.random.default_rng(7).random(100_000)
        draws = read(name, GOLDEN[name]).ppf(level)
        # sd / mean = 0.226, over sqrt(1e5) = 7e-4: 1 % is 14 standard errors
        assert draws.mean() == pytest.approx(PEER.mean(), rel=0.01)
        assert np.log(draws).std() == pytest.approx(SIGMA, rel=0.01)

    @pytest.mark.parametrize("name", GOLDEN)
    def test_writer_writes_the_row_by_hand(self, name):
        written = write(name, build("lognormal", {"median": 42, "gsd": 1.25}))
        by_hand = GOLDEN[name]
        if name == "ecospold2":  # the row by hand has a part of it for the pedigree
            by_hand = by_hand | {"mu": log(42), "variance": SIGMA**2}
        for field, value in by_hand.items():
            expected = value
            if not isinstance(value, str):
                expected = pytest.approx(value, rel=1e-12)  # a few roundings
            assert written[field] == expected

    @pytest.mark.parametrize("name", sorted(set(GOLDEN) - POSITIVE_ONLY))
    def test_negative_amount_is_minus_the_lognormal_of_its_absolute(self, name):
        law = build("lognormal", {"median": 42, "gsd": 1.25, "negate": True})
        fields = write(name, law)
        got = read(name, fields).ppf([0.025, 0.5, 0.975])
        np.testing.assert_allclose(got, [-UPPER, -42, -LOWER], rtol=1e-9)

    @pytest.mark.parametrize("name", sorted(POSITIVE_ONLY))
    def test_negative_lognormal_is_refused_where_it_cannot_be_held(self, name):
        law = build("lognormal", {"median": 42, "gsd": 1.25, "negate": True})
        with pytest.raises(ExchangeError, match="cannot hold lognormal with negate"):
            write(name, law)

    @pytest.mark.parametrize("name", sorted(set(GOLDEN) - {"salib", "scipy"}))
    def test_no_spread_is_a_constant_both_ways(self, name):
        law = read(name, write(name, build("lognormal", {"median": 42, "gsd": 1})))
        assert law.constant
        # through a logarithm and back in some of the formats
        assert law.point == pytest.approx(42, rel=1e-15 * 4)

    def test_xsd_of_one_is_no_spread(self):
        fields = {"distribution": "Lognormal", "mean": 42, "xsd": 1}
        assert read("simapro", fields).constant

    def test_point_is_what_the_format_states(self):
        assert read("brightway_excel", GOLDEN["brightway_excel"]).point == 42
        mean = read("brightway_excel_mean", GOLDEN["brightway_excel_mean"])
        assert mean.point == MEAN


# family -> parameters that are possible for any numbers drawn
NUMBER = st.floats(-1e3, 1e3).filter(lambda x: abs(x) > 1e-3)
WIDTH = st.floats(1e-2, 1e2)
SHAPE = st.floats(0.8, 9.0)
PART = st.floats(0.01, 0.99)


@st.composite
def laws(draw: st.DrawFn, family: str) -> Marginal:
    centre, width, a, b = (draw(s) for s in (NUMBER, WIDTH, SHAPE, SHAPE))
    inside = centre + draw(PART) * width
    ends = {"low": centre, "high": centre + width}
    own = {
        "constant": {"value": centre},
        "normal": {"mean": centre, "sd": abs(centre) * draw(st.floats(0.01, 0.3))},
        "lognormal": {"median": abs(centre), "gsd": draw(st.floats(1.001, 3))},
        "uniform": ends,
        "triangular": ends | {"mode": inside},
        "pert": ends | {"mode": inside, "lambda": a},
        "beta": ends | {"a": a, "b": b},
        "arcsine": ends,
        "loguniform": {"low": abs(centre), "high": abs(centre) * (1 + width)},
        "gamma": {"shape": a, "scale": width},
        "weibull": {"shape": a, "scale": width},
        "exponential": {"mean": width},
        "gumbel": {"location": centre, "scale": width},
        "student_t": {"mean": centre, "scale": width, "dof": 2.5 + a},
        "bernoulli": {"probability": draw(PART)},
        "discrete_uniform": {"low": float(int(centre)), "high": float(int(centre) + 3)},
        # uneven: an even one is a percentage, refused where it is wide
        "interval": ends | {"value": centre + 0.49 * (inside - centre)},
    }[family]
    return build(family, own)


HELD = [(name, family) for name, one in CONVENTIONS.items() for family in one.takes]


@pytest.mark.parametrize(("name", "family"), HELD)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_every_law_a_format_holds_comes_back_the_same(name, family, data):
    law = data.draw(laws(family))
    fields = write(name, law)
    before = dict(fields)
    assert_same_law(read(name, fields), law)
    assert fields.keys() == before.keys()


@pytest.mark.parametrize(
    ("name", "family"), [(n, f) for n, f in HELD if CONVENTIONS[n].takes[f]]
)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_modifiers_a_format_holds_come_back_with_the_law(name, family, data):
    base = data.draw(laws(family))
    modifiers = CONVENTIONS[name].takes[family]
    words: dict[str, object] = {}
    if "bounds" in modifiers:
        low, high = base.ppf([0.05, 0.9])
        words["bounds"] = {"low": float(low), "high": float(high)}
    if "negate" in modifiers:
        words["negate"] = data.draw(st.booleans())
    if "offset" in modifiers:
        words["offset"] = data.draw(NUMBER)
    fields = {
        "lognormal": lambda: {"median": base.median, "gsd": base.gsd},
        "normal": lambda: {"mean": base.mean, "sd": base.sd},
        "exponential": lambda: {"mean": base.mean},
        "loguniform": lambda: {"low": base.low, "high": base.high},
        "gumbel": lambda: {"location": base.location, "scale": base.scale},
        "student_t": lambda: {"mean": base.mean, "scale": base.scale, "dof": base.dof},
        "interval": lambda: {"low": base.low, "high": base.high, "value": base.value},
    }.get(family, lambda: {"shape": base.shape, "scale": base.scale})()
    law = build(family, fields | words)
    assert_same_law(read(name, write(name, law)), law)


@pytest.mark.parametrize("family", ["normal", "uniform", "triangular", "pert", "beta"])
@pytest.mark.parametrize("name", ["stats_arrays", "scipy"])
def test_credit_of_a_family_that_mirrors_is_written_by_its_parameters(name, family):
    own = {
        "normal": {"mean": 3, "sd": 0.8},
        "uniform": {"low": 1, "high": 4},
        "triangular": {"low": 1, "mode": 3, "high": 4},
        "pert": {"low": 1, "mode": 3, "high": 4},
        "beta": {"a": 2, "b": 5, "low": 1, "high": 4},
    }[family]
    law = build(family, own | {"negate": True, "offset": 0.5})
    fields = write(name, law)
    assert not fields.get("negative")  # the library honours it for few families
    assert_same_law(read(name, fields), law)


@pytest.mark.parametrize(
    ("family", "own"),
    [
        ("interval", {"low": 2.0, "high": 5.0, "shape": "lognormal"}),
        ("percent", {"value": 3.0, "plus_minus": 20.0}),
        ("pedigree", {"value": 3.0, "basic": 0.0006, "scores": (2, 3, 1, 2, 1)}),
        ("truncated_normal", {"mean": 3.0, "sd": 1.0, "low": 2.5}),
        ("lognormal", {"mean": 16.5, "cv": 0.25}),
    ],
)
def test_laws_stated_in_other_words_are_written_as_what_they_are(family, own):
    law = build(family, own)
    assert_same_law(read("stats_arrays", write("stats_arrays", law)), law)


def test_offset_and_mirror_in_any_order_are_written_right():
    law = truncate(Negated(Shifted(Weibull(2.0, 3.0), 5.0)), -7.5, -5.5)
    assert_same_law(read("stats_arrays", write("stats_arrays", law)), law)


class TestPeers:
    @pytest.mark.parametrize("family", sorted(CONVENTIONS["salib"].takes))
    def test_salib_draws_the_law_from_the_fields_written(self, family):
        law = build(family, PLAIN[family])
        fields = write("salib", law)
        problem = {
            "num_vars": 1,
            "names": ["x"],
            "bounds": [fields["bounds"]],
            "dists": [fields["dist"]],
        }
        drawn = scale_samples(LEVELS[:, None].copy(), problem)[:, 0]
        # SALib goes through the same closed forms in scipy: a few roundings
        np.testing.assert_allclose(drawn, law.ppf(LEVELS), rtol=1e-12)

    @pytest.mark.parametrize("family", sorted(CONVENTIONS["scipy"].takes))
    def test_scipy_has_the_law_from_the_fields_written(self, family):
        law = build(family, PLAIN[family])
        fields = write("scipy", law)
        frozen = getattr(stats, fields.pop("dist"))(**fields)
        # scipy's inverse of the incomplete beta is good to about 1e-10
        np.testing.assert_allclose(frozen.ppf(LEVELS), law.ppf(LEVELS), rtol=1e-10)

    def test_cut_normal_goes_to_both_as_their_truncated_one(self):
        law = build("normal", {"mean": 3, "sd": 0.8, "bounds": {"low": 1, "high": 3.5}})
        fields = write("scipy", law)
        frozen = getattr(stats, fields.pop("dist"))(**fields)
        # scipy's truncated quantile is good to 1e-11 or so
        np.testing.assert_allclose(frozen.ppf(LEVELS), law.ppf(LEVELS), rtol=1e-9)
        assert write("salib", law) == {"dist": "truncnorm", "bounds": [1, 3.5, 3, 0.8]}


PLAIN: dict[str, dict[str, object]] = {
    "normal": {"mean": 3, "sd": 0.8},
    "lognormal": {"median": 42, "gsd": 1.25},
    "uniform": {"low": 1, "high": 3},
    "loguniform": {"low": 1, "high": 30},
    "triangular": {"low": 1, "mode": 2.5, "high": 4},
    "pert": {"low": 1, "mode": 2.5, "high": 4},
    "beta": {"a": 2, "b": 5, "low": 1, "high": 4},
    "arcsine": {"low": 1, "high": 4},
    "gamma": {"shape": 3, "scale": 2, "offset": 10},
    "weibull": {"shape": 3, "scale": 2, "offset": 10},
    "exponential": {"mean": 2, "offset": 10},
    "gumbel": {"location": 3, "scale": 2},
    "student_t": {"mean": 3, "scale": 2, "dof": 5},
}


class TestConformance:
    """Published values through the public readers."""

    @staticmethod
    def rows() -> list[dict[str, str]]:
        with TABLE.open(encoding="utf-8", newline="") as file:
            return [
                row
                for row in csv.DictReader(file)
                if row["topic"] == "stats_arrays codes" or row["id"].startswith("conv-")
            ]

    @staticmethod
    def law(case: str, x: dict[str, float]) -> Marginal:
        if "uncertainty_type" in x:
            return read("stats_arrays", x)
        if case == "conv-spold2-ln":
            field = "varianceWithPedigreeUncertainty"
            spread = {"meanValue": x["meanValue"], field: x["varianceWithPedigree"]}
            return read("ecospold2", {"distribution": "lognormal", **spread})
        if case == "conv-sa-ln":
            own = {"loc": x["loc"], "scale": x["scale"]}
            return read("stats_arrays", own | {"uncertainty_type": 2})
        word = {"conv-simapro-ln": "Lognormal", "conv-simapro-n": "Normal"}[case]
        own = {"mean": x["mean_field"], "xsd": x["xsd_field"]}
        return read("simapro", own | {"distribution": word})

    def test_every_code_and_every_convention_of_the_table_is_replayed(self):
        rows = self.rows()
        codes = {json.loads(r["inputs"]).get("uncertainty_type") for r in rows}
        assert codes >= set(range(14))
        assert len(rows) == 115

    @pytest.mark.parametrize("row", rows(), ids=lambda r: f"{r['id']} {r['quantity']}")
    def test_published_value_comes_back(self, row):
        inputs = json.loads(row["inputs"])
        x = inputs.pop("x", nan)  # where the row wants the density
        law = self.law(row["id"], inputs)
        name = row["quantity"]
        if name.startswith("q"):
            got = float(law.ppf(float(name[1:])))
        else:
            got = {
                "mean": lambda: law.mean,
                "sd": lambda: law.sd,
                "median": lambda: float(law.ppf(0.5)),
                "gsd": lambda: float(law.isf(stats.norm.sf(1)) / law.ppf(0.5)),
                "cdf": lambda: float(law.cdf(x)),
                "pdf": lambda: float(law.cdf(x + 1e-5) - law.cdf(x - 1e-5)) / 2e-5,
            }[name]()
        # the table's own tolerance, 1e-14 of the value for those it wants exact; a
        # central difference of 1e-5 leaves 1e-9
        allowed = max(float(row["tol_abs"]), 5e-9 if name == "pdf" else 0)
        assert got == pytest.approx(float(row["expected"]), rel=1e-14, abs=allowed)

    @pytest.mark.parametrize("code", range(14))
    def test_every_code_is_written_back(self, code):
        row = next(
            json.loads(r["inputs"])
            for r in self.rows()
            if json.loads(r["inputs"]).get("uncertainty_type") == code
        )
        law = read("stats_arrays", row)
        written = write("stats_arrays", law)
        assert written["uncertainty_type"] == (code or 1)  # undefined becomes fixed
        assert_same_law(read("stats_arrays", written), law)


class TestStatsArrays:
    def test_bounds_of_a_negative_lognormal_lie_on_the_values_drawn(self):
        row = {"loc": 0, "scale": 0.5, "negative": True, "uncertainty_type": 2}
        law = read("stats_arrays", row | {"minimum": -2, "maximum": -0.5})
        assert law.support == (-2, -0.5)
        # scipy's lognormal between 0.5 and 2, mirrored
        peer = stats.lognorm(0.5)
        level = 0.3 * peer.cdf(2) + 0.7 * peer.cdf(0.5)
        assert float(law.ppf(0.7)) == pytest.approx(-peer.ppf(level), rel=1e-12)

    def test_negative_flag_is_ignored_where_the_library_ignores_it(self):
        row = {"loc": 3, "scale": 1, "negative": True, "uncertainty_type": 3}
        assert read("stats_arrays", row) == Normal(3, 1)

    def test_nan_is_no_value(self):
        row = {"loc": 3, "scale": 1, "shape": nan, "minimum": nan, "maximum": nan}
        assert read("stats_arrays", row | {"uncertainty_type": 3}) == Normal(3, 1)
        written = write("stats_arrays", Normal(3, 1))
        assert isnan(written["shape"])
        assert isnan(written["minimum"])

    def test_numpy_scalars_are_numbers_and_flags(self):
        row = {
            "loc": np.float64(1),
            "scale": np.float32(0.5),
            "negative": np.bool_(True),
            "uncertainty_type": np.uint8(2),
        }
        assert float(read("stats_arrays", row).ppf(0.5)) == pytest.approx(-exp(1))

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            (
                {"uncertainty_type": 14},
                "14 is no code of stats_arrays; there are 0 con",
            ),
            ({"uncertainty_type": 2.5}, r"2\.5 is not a whole number"),
            ({"loc": 1}, "uncertainty_type: missing; stats_arrays states it here"),
            ({"uncertainty_type": 2, "loc": 1}, "scale: missing"),
            (
                {"uncertainty_type": 11, "loc": 2, "scale": 5, "shape": 0.1},
                r"shape: 0\.1: .* only 0, Gumbel, is supported",
            ),
            (
                {"uncertainty_type": 6, "loc": 0.3, "minimum": 0.5},
                r"minimum: 0\.5 says nothing here",
            ),
            (
                {"uncertainty_type": 2, "loc": 1, "scale": -0.5},
                "scale: -0.5 is below 0; it is the sd of ln x",
            ),
            (
                {"uncertainty_type": 2, "loc": 1, "scale": 1, "negative": "perhaps"},
                "negative: 'perhaps' is not true or false",
            ),
            (
                {"uncertainty_type": 12, "loc": 1, "scale": 1, "shape": 2},
                "stats_arrays: dof: 2 leaves no finite sd",
            ),
            ({"uncertainty_type": 3, "loc": "1,5"}, "no number; write a decimal point"),
            ({"uncertainty_type": 3, "loc": "#NUM!"}, "a spreadsheet error; mend it"),
            (
                {"uncertainty_type": 3, "loc": "5 %"},
                "write the number without the sign",
            ),
            ({"uncertainty_type": 3, "loc": "1_0"}, "write a plain number"),
            ({"uncertainty_type": 3, "loc": "ten"}, "write a plain number"),
            ({"uncertainty_type": 3, "loc": True}, "True is not a number"),
            ({"uncertainty_type": 3, "loc": "inf"}, "inf is not a finite number"),
        ],
    )
    def test_impossible_row_says_which_field(self, row, message):
        with pytest.raises(ExchangeError, match=message):
            read("stats_arrays", row)


class TestBrightwayExcel:
    def test_amount_that_is_the_mean_is_told_from_a_median(self):
        row = {"amount": MEAN, "uncertainty type": 2, "loc": log(42), "scale": SIGMA}
        with pytest.raises(ExchangeError, match="its mean; use brightway_excel_mean"):
            read("brightway_excel", row)
        assert_same_law(
            read("brightway_excel_mean", row), read("simapro", GOLDEN["simapro"])
        )

    def test_amount_that_is_neither_is_refused(self):
        row = {"amount": 50, "uncertainty type": 2, "loc": log(42), "scale": SIGMA}
        with pytest.raises(ExchangeError, match="amount is 50; keep one of the two"):
            read("brightway_excel", row)

    @pytest.mark.parametrize("name", ["brightway_excel", "brightway_excel_mean"])
    def test_sign_must_agree_with_the_flag(self, name):
        row = {"amount": 42, "uncertainty type": 2, "scale": 0.2, "negative": True}
        with pytest.raises(ExchangeError, match="does not agree with the amount, 42"):
            read(name, row)

    def test_amount_of_zero_has_no_lognormal(self):
        row = {"amount": 0, "uncertainty type": 2, "scale": 0.2}
        with pytest.raises(ExchangeError, match="0 has no lognormal"):
            read("brightway_excel", row)

    def test_amount_of_other_laws_is_the_point_and_not_read(self):
        row = {"amount": 9, "uncertainty type": 3, "loc": 3, "scale": 1}
        assert read("brightway_excel", row) == Normal(3, 1)
        assert write("brightway_excel", Normal(3, 1))["amount"] == 3

    def test_fixed_amount_is_a_constant(self):
        assert read("brightway_excel", {"amount": 9, "uncertainty type": 0}).mean == 9


class TestOpenLca:
    def test_the_two_readings_of_geom_mean_differ_as_mean_and_median(self):
        fields = GOLDEN["openlca"]
        ratio = read("openlca", fields).mean / read("openlca_as_sampled", fields).mean
        assert ratio == pytest.approx(exp(SIGMA**2 / 2), rel=1e-12)

    def test_note_says_what_openlca_draws(self):
        assert "since 2024-11 draws with geomMean as the mean" in str(
            CONVENTIONS["openlca"].note
        )

    def test_formula_is_refused(self):
        fields = GOLDEN["openlca"] | {"geomSdFormula": "1 + spread"}
        with pytest.raises(ExchangeError, match="geomSdFormula: cannot be worked out"):
            read("openlca", fields)

    def test_geometric_sd_below_one_is_refused(self):
        with pytest.raises(ExchangeError, match=r"geomSd: 0\.2 is below 1"):
            read("openlca", GOLDEN["openlca"] | {"geomSd": 0.2})

    def test_law_it_does_not_have_is_refused_by_name(self):
        with pytest.raises(
            ExchangeError, match="cannot hold gamma; it has constant, l"
        ):
            write("openlca", build("gamma", {"shape": 2, "scale": 1}))


class TestEcoSpold:
    def test_text_of_an_xml_attribute_is_a_number(self):
        fields = {"distribution": "lognormal", "meanValue": "3", "variance": "2.5e-3"}
        law = read("ecospold2", fields)
        assert law.ppf(stats.norm.cdf(1)) == pytest.approx(3 * exp(0.05), rel=1e-12)

    def test_variance_with_pedigree_is_the_one_drawn(self):
        fields = {"distribution": "normal", "meanValue": 3, "variance": 1}
        law = read("ecospold2", fields | {"varianceWithPedigreeUncertainty": 4})
        assert law == Normal(3, 2)

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            (
                {"variance": 0.04, "varianceWithPedigreeUncertainty": 0.01},
                r"0\.01 is less than variance 0\.04; the pedigree only adds",
            ),
            (
                {"variance": 0.04, "mu": 3},
                r"mu: 3 is not the ln of meanValue, 1\.09861",
            ),
            ({"variance": -0.04}, r"variance: -0\.04 is below 0"),
            ({"variance": 0.04, "meanValue": 0}, "0 has no lognormal"),
            (
                {"variance": 0.04, "distribution": "beta"},
                "beta of EcoSpold 2 is not sup",
            ),
            ({"variance": 0.04, "distribution": "lognorm"}, "did you mean lognormal"),
            (
                {"distribution": "undefined", "minValue": 2},
                "minValue: 2 says nothing here",
            ),
            ({"sigma": 0.2}, "sigma is never guessed, it could be the sd of ln x"),
        ],
    )
    def test_contradiction_in_ecospold_2_is_refused(self, fields, message):
        good = {"distribution": "lognormal", "meanValue": 3}
        with pytest.raises(ExchangeError, match=message):
            read("ecospold2", good | fields)

    def test_minimum_of_a_lognormal_is_a_quantile_and_no_bound(self):
        fields = GOLDEN["ecospold1"] | {"minValue": 26.88, "maxValue": 65.6}
        assert_same_law(
            read("ecospold1", fields), read("ecospold1", GOLDEN["ecospold1"])
        )

    def test_normal_field_holds_two_standard_deviations(self):
        fields = {"uncertaintyType": 2, "meanValue": 42, "standardDeviation95": 8.4}
        assert read("ecospold1", fields) == Normal(42, 4.2)

    @pytest.mark.parametrize("name", ["ecospold1", "ilcd"])
    def test_mean_of_a_triangle_is_no_mode(self, name):
        fields = write(name, build("triangular", {"low": 1, "mode": 3, "high": 4}))
        del fields["mostLikelyValue"]
        with pytest.raises(ExchangeError, match="missing; a mean is no mode"):
            read(name, fields)

    def test_unknown_type_of_ecospold_1_is_refused(self):
        with pytest.raises(ExchangeError, match="5 is no type of EcoSpold 1"):
            read("ecospold1", {"uncertaintyType": 5, "meanValue": 1})

    def test_spread_of_an_undefined_law_is_refused(self):
        with pytest.raises(
            ExchangeError, match=r"standardDeviation95: 1\.2 says nothing"
        ):
            read("ecospold1", {"meanValue": 1, "standardDeviation95": 1.2})

    def test_gsd_squared_that_may_be_a_percentage_is_refused(self):
        fields = GOLDEN["ilcd"] | {"relativeStandardDeviation95In": 120}
        with pytest.raises(
            ExchangeError, match=r"a percentage, which is a GSD\^2 of 1.2"
        ):
            read("ilcd", fields)


class TestSimaPro:
    def test_empty_columns_of_zero_say_nothing(self):
        fields = GOLDEN["simapro"] | {"min": 0, "max": 0}
        assert_same_law(read("simapro", fields), read("simapro", GOLDEN["simapro"]))

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"xsd": 0.9}, r"xsd: 0\.9 is below 1; it is GSD\^2, 1 for no spread"),
            ({"min": 3}, "min: 3 says nothing here; SimaPro CSV has it for Triangle"),
            ({"mean": 0}, "0 has no lognormal; write Undefined"),
            ({"distribution": "Undefined"}, r"xsd: 1\.5625 says nothing here"),
            ({"distribution": "Pert"}, "'Pert' is no distribution of SimaPro CSV"),
            ({"gsd": 1.25}, "gsd is never guessed, it could be the geometric sd"),
            ({"maen": 1}, "maen: is no field of SimaPro CSV; did you mean mean?"),
        ],
    )
    def test_impossible_row_says_which_column(self, fields, message):
        with pytest.raises(ExchangeError, match=message):
            read("simapro", GOLDEN["simapro"] | fields)


class TestLibraries:
    def test_salib_triangle_states_its_peak_as_a_fraction(self):
        law = read("salib", {"dist": "triang", "bounds": [1, 3, 0.25]})
        assert law == build("triangular", {"low": 1, "mode": 1.5, "high": 3})

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"dist": "triang", "bounds": [1, 3, 2]}, "2: the peak is a fraction of"),
            ({"dist": "triang", "bounds": [3, 0.5]}, "2 numbers; triangular takes 3"),
            ({"dist": "norm", "bounds": "3"}, "'3' is not a list of numbers"),
            ({"dist": "lognorm", "bounds": [1, -1]}, "-1 is negative; it is the sd of"),
            (
                {"dist": "gauss", "bounds": [1, 1]},
                "'gauss' is no distribution of SALib",
            ),
            ({"bounds": [1, 1]}, "dist: missing; one of unif"),
        ],
    )
    def test_impossible_salib_input_is_refused(self, fields, message):
        with pytest.raises(ExchangeError, match=message):
            read("salib", fields)

    @pytest.mark.parametrize(
        ("law", "message"),
        [
            (Normal(3, 0), "SALib cannot hold constant"),
            (build("normal", {"mean": 3, "sd": 1, "bounds": {"low": 1}}), "both sides"),
            (
                build("triangular", {"low": 1, "mode": 2, "high": 2}),
                "no triangle with its peak at the upper end",
            ),
        ],
    )
    def test_law_that_salib_lacks_is_refused(self, law, message):
        with pytest.raises(ExchangeError, match=message):
            write("salib", law)

    def test_shape_that_the_law_of_scipy_lacks_is_refused(self):
        fields = {"dist": "norm", "s": 0.2, "scale": 3}
        with pytest.raises(ExchangeError, match="s: is no parameter of scipy's norm"):
            read("scipy", fields)

    def test_negative_scale_of_scipy_is_refused(self):
        with pytest.raises(ExchangeError, match="scale: -1 is negative"):
            read("scipy", {"dist": "norm", "scale": -1})

    def test_scipy_defaults_are_those_of_scipy(self):
        assert read("scipy", {"dist": "norm"}) == Normal(0, 1)


class TestIpccPercent:
    def test_symmetric_percentage_is_a_normal_of_the_95_percent_interval(self):
        fields = {"distribution": "normal", "value": 10, "lower": 5, "upper": 5}
        low, high = read("ipcc_percent", fields).ppf([0.025, 0.975])
        assert (low, high) == pytest.approx((9.5, 10.5), rel=1e-12)

    @pytest.mark.parametrize("value", [10.0, -10.0])
    @pytest.mark.parametrize("shape", ["normal", "lognormal"])
    def test_uneven_ends_and_the_value_all_come_back(self, shape, value):
        fields = {"distribution": shape, "value": value, "lower": 20, "upper": 35}
        law = read("ipcc_percent", fields)
        expected = value - 2, value, value + 3.5
        assert law.ppf([0.025, 0.5, 0.975]) == pytest.approx(expected, rel=1e-9)
        written = write("ipcc_percent", law)
        assert (written["lower"], written["upper"]) == pytest.approx((20, 35), rel=1e-9)

    def test_level_is_the_one_stated(self):
        fields = {"distribution": "normal", "value": 10, "lower": 5, "upper": 5}
        law = read("ipcc_percent", fields | {"level": 0.9})
        assert law.cdf(10.5) - law.cdf(9.5) == pytest.approx(0.9, rel=1e-12)

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"lower": 80, "upper": 80}, "80 is above 60, where a normal law"),
            ({"lower": -5}, "lower: -5 is below 0; write it without its sign"),
            ({"value": 0}, "0 has no percentage"),
            ({"distribution": "lognormal", "lower": 100}, "lower: 100 reaches 0"),
        ],
    )
    def test_impossible_percentage_is_refused(self, fields, message):
        good = {"distribution": "normal", "value": 10, "lower": 5, "upper": 5}
        with pytest.raises(ExchangeError, match=message):
            read("ipcc_percent", good | fields)

    def test_wide_normal_and_one_about_zero_are_not_written(self):
        with pytest.raises(ExchangeError, match=r"plus or minus 196 % of a normal"):
            write("ipcc_percent", Normal(1, 1))
        with pytest.raises(ExchangeError, match="0 has no percentage"):
            write("ipcc_percent", Normal(0, 1))
        even = build("interval", {"low": 1, "value": 3, "high": 5})
        with pytest.raises(ExchangeError, match=r"plus or minus 66\.67 % of a normal"):
            write("ipcc_percent", even)


class TestNothingIsGuessed:
    @pytest.mark.parametrize(
        ("fields", "could_be"),
        [
            ({"uncertainty": 10}, ["95 % interval in percent", "sd over the mean"]),
            ({"sd": 1.5}, ["standard deviation of x", "sd of ln x", "geometric sd"]),
            ({"xsd": 1.5625}, [r"GSD\^2", "twice the sd of a normal"]),
            ({"gsd": 1.25}, ["the geometric sd", r"its square, GSD\^2"]),
            ({"GSD^2": 1.25}, [r"its square, GSD\^2"]),
            ({"sigma": 0.2}, ["sd of ln x", "standard deviation of x"]),
            ({"variance": 0.04}, ["variance of ln x", "variance of x"]),
        ],
    )
    def test_spread_without_a_convention_is_answered_with_what_it_could_mean(
        self, fields, could_be
    ):
        with pytest.raises(ExchangeError, match="format: missing") as caught:
            from_config({"distribution": "lognormal", "mean": 42, **fields})
        for meaning in could_be:
            assert caught.match(meaning)
        assert caught.match("never guessed")

    @pytest.mark.parametrize("name", sorted(CONVENTIONS))
    def test_uncertainty_is_a_field_of_no_convention(self, name):
        with pytest.raises(
            ExchangeError, match=r"uncertainty: .* never guessed"
        ) as caught:
            read(name, GOLDEN[name] | {"uncertainty": 10})
        assert caught.value.parameter == "uncertainty"

    def test_unknown_convention_has_the_nearest_named(self):
        with pytest.raises(ExchangeError, match="did you mean simapro"):
            read("simpro", {})
        with pytest.raises(
            ExchangeError, match="'gis' is no convention; there are stat"
        ):
            write("gis", Normal(0, 1))


class TestConfigDoor:
    def test_foreign_form_is_the_family_and_parameters_of_a_config(self):
        form = {"format": "simapro", "distribution": "lognormal"}
        family, own = from_config(form | {"mean": 42, "xsd": 1.5625})
        assert family == "lognormal"
        assert own == {"median": 42.0, "gsd": pytest.approx(1.25, rel=1e-15)}

    @pytest.mark.parametrize(("name", "family"), HELD)
    def test_config_takes_what_comes_out(self, name, family):
        own = {
            "constant": {"value": 3},
            "bernoulli": {"probability": 0.3},
            "discrete_uniform": {"low": 1, "high": 3},
            "interval": {"low": 2, "value": 3, "high": 5},
        }
        law = build(family, {**own, **PLAIN}[family])
        word, stated = from_config({"format": name, **write(name, law)})
        if word != "constant":  # a config writes a bare figure for it
            assert_same_law(FAMILY_MODELS[word](**stated).marginal(), law)

    def test_bounds_are_those_of_a_config(self):
        row = {"format": "stats_arrays", "loc": 3, "scale": 1, "uncertainty_type": 3}
        _, own = from_config(row | {"minimum": 1})
        assert own == {"mean": 3.0, "sd": 1.0, "bounds": {"low": 1.0}}

    def test_mapping_is_not_written_to(self):
        form = {"format": "scipy", "dist": "norm", "loc": 3}
        from_config(form)
        assert form == {"format": "scipy", "dist": "norm", "loc": 3}


def test_every_field_of_every_convention_is_explained():
    for one in CONVENTIONS.values():
        assert all(len(text) > 3 for text in one.fields.values()), one.name
        assert one.note


def test_reading_is_exact_for_a_tiny_spread():
    # exp and log about 1 lose what a spread of 1e-6 keeps to 1e-10 of itself
    fields = {"dist": "lognorm", "s": 1e-6, "scale": 2.0}
    law = read("scipy", fields)
    assert law.sd / law.mean == pytest.approx(sqrt(np.expm1(1e-12)), rel=1e-9)


class TestInAStudy:
    """A config may state an input in another tool's convention, by name."""

    TEXT = (
        "title: t\ninputs:\n  a: {{units: kg, source: t, {way}}}\n"
        "outputs: {{y: {{units: kg, formula: a}}}}\n"
    )

    @pytest.mark.parametrize(
        "stated",
        [
            "{format: simapro, distribution: lognormal, mean: 42, xsd: 1.5625}",
            "{format: stats_arrays, uncertainty_type: 2, loc: 3.7376696182833684,"
            " scale: 0.22314355131420976}",
            "{format: scipy, dist: lognorm, s: 0.22314355131420976, scale: 42}",
        ],
    )
    def test_one_lognormal_in_three_conventions(self, written, stated):
        study = written(self.TEXT.format(way=f"convention: {stated}"))
        law = study.definitions["a"].marginal
        # ln 42 and ln 1.25 are written to 16 digits
        np.testing.assert_allclose(
            law.ppf([0.025, 0.5, 0.975]),
            42 * 1.25 ** np.array([-1.959963984540054, 0, 1.959963984540054]),
            rtol=1e-9,
        )

    def test_a_spread_without_its_convention_is_refused_in_its_place(self, written):
        way = "convention: {mean: 42, xsd: 1.5625}"
        with pytest.raises(ConfigError, match=r"line 3: inputs\.a\.convention"):
            written(self.TEXT.format(way=way))
