"""Streams: named, apart from one another, the same for ever."""

import random
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import uncertainty
from uncertainty import seeds
from uncertainty.errors import DesignError
from uncertainty.seeds import PAGE, generator, page_slice, pages, uniforms

SEEDS = [0, 1, 2**63 - 1, 2**200]

NAMES = st.tuples(
    st.integers(0, 2**70),
    st.text(max_size=8),
    st.lists(st.integers(-5, 5) | st.text(max_size=8), max_size=3).map(tuple),
)


def first_words(seed, purpose, keys) -> tuple[int, ...]:
    words = generator(seed, purpose, *keys).integers(0, 2**63, size=2)
    return tuple(words.tolist())


class TestGenerator:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_the_same_name_gives_the_same_stream(self, seed):
        one = generator(seed, "random", "power.loss", 3).normal(size=9)
        two = generator(seed, "random", "power.loss", 3).normal(size=9)
        assert one.tolist() == two.tolist()

    @given(one=NAMES, other=NAMES)
    def test_two_names_give_two_streams(self, one, other):
        # by chance two words of 63 bits agree once in 2**126
        assert (first_words(*one) == first_words(*other)) == (one == other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ((1, "p", ("ab", "c")), (1, "p", ("a", "bc"))),
            ((1, "p", ("a", "b")), (1, "p", ("b", "a"))),
            ((1, "p", ("1",)), (1, "p", (1,))),
            ((1, "p", (1, 2)), (1, "p", (12,))),
            ((1, "p", ("a', 'b",)), (1, "p", ("a", "b"))),
            ((1, "p", ()), (1, "p", ("",))),
            ((0, "p", ()), (2**128, "p", ())),
            ((1, "熔炼", ()), (1, "冶炼", ())),
        ],
    )
    def test_names_that_read_alike_stay_apart(self, one, other):
        assert first_words(*one) != first_words(*other)

    def test_numpy_numbers_and_strings_name_the_same_stream_as_plain_ones(self):
        plain = first_words(7, "p", ("a", 3))
        assert first_words(np.int64(7), "p", (np.str_("a"), np.uint8(3))) == plain

    def test_two_generators_of_one_name_do_not_share_their_state(self):
        one, two = generator(1, "p"), generator(1, "p")
        one.random(100)
        assert two.random() == generator(1, "p").random()

    @pytest.mark.parametrize("seed", [-1, 1.0, True, None, "1"])
    def test_what_is_no_seed_is_refused(self, seed):
        with pytest.raises(
            DesignError,
            match=re.escape(f"seed must be a whole number, 0 or more, not {seed!r}"),
        ):
            generator(seed, "random")

    def test_only_this_module_makes_generators(self):
        maker = re.compile(r"default_rng|RandomState|PCG64|SeedSequence|random\.seed")
        root = Path(uncertainty.__file__).parents[1]
        sources = [
            p for d in ("uncertainty", "scenarios") for p in root.glob(f"{d}/**/*.py")
        ]
        assert len(sources) > 3
        makers = {p.name for p in sources if maker.search(p.read_text("utf-8"))}
        # SALib draws from the global state, which is set before and put back after it
        assert makers == {"seeds.py", "salib_methods.py"}


class TestNewSeed:
    def test_it_differs_from_one_call_to_the_next(self):
        drawn = {seeds.new_seed() for _ in range(50)}
        # 50 seeds of 53 bits: two agree once in 7e12 runs
        assert len(drawn) == 50

    def test_it_survives_being_held_as_a_double(self):
        assert all(int(float(s)) == s for s in (seeds.new_seed() for _ in range(99)))


class TestUniforms:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_pages_follow_one_another_on_the_stream_of_the_column(self, seed):
        stream = generator(seed, "random", "anode.carbon").random(3 * PAGE)
        read = [uniforms(seed, "random", "anode.carbon", page) for page in range(3)]
        assert np.array_equal(np.concatenate(read), stream)

    def test_a_short_page_is_the_start_of_the_whole_one(self):
        whole = uniforms(1, "random", "a", 2)
        assert np.array_equal(uniforms(1, "random", "a", 2, 17), whole[:17])

    def test_a_zero_from_the_generator_is_lifted_off_the_end(self, monkeypatch):
        class Zeros:
            def __init__(self, bits):
                pass

            def random(self, size):
                return np.zeros(size)

        monkeypatch.setattr(np.random, "Generator", Zeros)
        assert uniforms(1, "random", "a", 0, 3).tolist() == [2.0**-54] * 3

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"size": PAGE + 1}, "a page holds 10000 draws, 10001 were asked of it"),
            ({"size": -1}, "a page holds 10000 draws, -1 were asked of it"),
            ({"page": -1}, "page must be a whole number, 0 or more, not -1"),
            ({"page": 0.5}, "page must be a whole number, 0 or more, not 0.5"),
            ({"seed": -1}, "seed must be a whole number, 0 or more, not -1"),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, change, message):
        asked = {"seed": 1, "purpose": "random", "column": "a", "page": 0} | change
        with pytest.raises(DesignError, match=re.escape(message)):
            uniforms(**asked)


class TestPages:
    @given(draws=st.integers(1, 10**9))
    def test_last_page_ends_with_the_last_draw(self, draws):
        last = page_slice(pages(draws) - 1, draws)
        assert last.stop == draws
        assert 0 < last.stop - last.start <= PAGE

    @given(draws=st.integers(PAGE + 1, 10**9), data=st.data())
    def test_each_page_begins_where_the_one_before_ends(self, draws, data):
        page = data.draw(st.integers(1, pages(draws) - 1))
        assert page_slice(0, draws).start == 0
        assert page_slice(page, draws).start == page_slice(page - 1, draws).stop

    @pytest.mark.parametrize("page", [-1, 2])
    def test_a_page_beyond_the_draws_is_refused(self, page):
        message = f"no page {page}: 20000 draws fill 2 pages, counted from 0"
        with pytest.raises(DesignError, match=re.escape(message)):
            page_slice(page, 20_000)


def global_state() -> tuple[object, ...]:
    """State of both generators that any library may share."""
    return random.getstate(), np.random.get_state()  # noqa: NPY002 (only looked at)


def test_global_random_state_is_left_alone():
    before = global_state()
    seeds.new_seed()
    generator(0, "random", "a").normal(size=10)
    uniforms(0, "random", "a", 0)
    np.testing.assert_equal(global_state(), before)
