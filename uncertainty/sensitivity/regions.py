"""Where in the space of inputs something happens: boxes (PRIM) and trees (CART).

Both are searched on the draws of a run and judged on draws that the search has not
seen, so that a region that only fits noise is not reported.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import special

from uncertainty.arrays import FloatArray
from uncertainty.errors import SampleError

BoolArray = npt.NDArray[np.bool_]
Limits = Mapping[int, tuple[float, float]]
"""Low and high end of each restricted input, infinite where there is none."""

FOLDS = 4
"""Parts of the draws; a region is searched on all but one and judged on that one."""
ALPHA = 0.05
"""Part of a box that one peel takes off."""
BY_CHANCE = 0.01
"""Largest probability by chance with which a region is reported."""
SLACK = 0.01
"""Loss of the score (see `prim`) for which a restriction is not kept."""
FURTHER = (0.1, 0.5)
"""Coverage and density below which a box after the first is not reported."""
SMALLEST = 20
"""Draws in a region, at the least."""
PEELED = 2**12
"""Draws that are peeled, more where events are rare; ends are set on all of them."""
PEELED_EVENTS = 100
LEAVES = 8


@dataclass(frozen=True)
class Region:
    """A box in the space of inputs, and how much of an event lies in it.

    Attributes
    ----------
    limits : mapping of int to (float, float)
        Ends by the position of the input; both ends are inside.
    draws, events : int
        In the region.
    coverage : float
        Part of all events that lie in it.
    density : float
        Part of its draws that are events.
    mass : float
        Part of all draws that lie in it.
    quasi_p : mapping of int to float
        Probability by chance of the events in it, if the one restriction were idle.
    held_out : tuple of float
        Coverage and density on draws that the search has not seen; of a tree, those
        of all its leaves together.
    p : float
        Probability by chance of so many events in those draws.
    """

    limits: Limits
    draws: int = 0
    events: int = 0
    coverage: float = 0.0
    density: float = 0.0
    mass: float = 0.0
    quasi_p: Mapping[int, float] = field(default_factory=dict)
    held_out: tuple[float, float] = (np.nan, np.nan)
    p: float = 1.0

    def inside(self, x: FloatArray) -> BoolArray:
        """Which draws of `x`, shape (input, draw), lie in it."""
        return _inside(self.limits, x)


@dataclass(frozen=True)
class Step:
    """One box on the way from all draws to a small one.

    Attributes
    ----------
    coverage, density, mass : float
    restricted : int
        Inputs that are restricted.
    """

    coverage: float
    density: float
    mass: float
    restricted: int


@dataclass(frozen=True)
class Found:
    """What a search reports, and what it looked at.

    Attributes
    ----------
    regions : tuple of Region
        That hold on draws not searched; empty where none does.
    path : tuple of Step
        Boxes that the first peeling went through; empty for a tree.
    """

    regions: tuple[Region, ...]
    path: tuple[Step, ...] = ()


def prim(x: FloatArray, event: BoolArray, *, most: int = 3) -> Found:
    """Boxes of inputs in which an event is concentrated.

    Parameters
    ----------
    x : ndarray, shape (input, draw)
        In the order of the design, replicate by replicate.
    event : ndarray of bool, shape (draw,)
    most : int
        Boxes to look for, each among the draws outside those before it.

    Returns
    -------
    Found

    Raises
    ------
    SampleError
        Fewer than `SMALLEST` events, or draws without it, in all of the draws.

    Notes
    -----
    Patient rule induction (Friedman and Fisher, Statist. Comput. 9 (1999) 123): the
    box loses `ALPHA` of its draws at a time where the density gains most for what is
    lost. Of the boxes on this way the one with the highest score is kept, the
    harmonic mean of coverage and density. Restrictions go that change the score by
    less than `SLACK`, or whose quasi-p (Bryant and Lempert, Technol. Forecast. Soc.
    Change 77 (2010) 34) times the number of inputs is above `BY_CHANCE`. Ends of the
    others are moved to where the score is highest, one by one, which takes the place
    of pasting.

    Examples
    --------
    >>> import numpy as np
    >>> from uncertainty.seeds import generator
    >>> x = generator(1, "example").random((3, 4000))
    >>> box = prim(x, (x[0] > 0.7) & (x[2] < 0.5)).regions[0]
    >>> {i: (round(low, 2), round(high, 2)) for i, (low, high) in box.limits.items()}
    {0: (0.7, inf), 2: (-inf, 0.5)}
    """
    path: list[Step] = []
    found: list[Region] = []
    for (box,) in _judged(x, event, partial(_cover, most=most), path):
        small = box.coverage < FURTHER[0] or box.density < FURTHER[1]
        if box.p > BY_CHANCE or (found and small):
            break
        found.append(box)
    return Found(tuple(found), tuple(path))


def cart(x: FloatArray, event: BoolArray) -> Found:
    """Leaves of a classification tree in which an event is the rule.

    Parameters
    ----------
    x : ndarray, shape (input, draw)
    event : ndarray of bool, shape (draw,)

    Returns
    -------
    Found
        Leaves in which the event is likelier than not, the largest first; they are
        judged together on draws not searched.

    Raises
    ------
    SampleError
        As for `prim`, or scikit-learn is not there.

    Notes
    -----
    Breiman et al. (1984), by scikit-learn: at most `LEAVES` leaves of a fiftieth of
    the draws each; a split stays only if it lowers the impurity by a thousandth.
    """
    (leaves,) = _judged(x, event, _leaves, [])
    return Found(tuple(leaf for leaf in leaves if leaf.p <= BY_CHANCE))


Search = Callable[[FloatArray, BoolArray, list[Step]], Iterator[list[Limits]]]
"""Yields regions that are judged together."""


def _judged(
    x: FloatArray, event: BoolArray, search: Search, path: list[Step]
) -> Iterator[list[Region]]:
    """Regions of a search on all draws, judged by searches on parts of them."""
    events = int(event.sum())
    if min(events, event.size - events) < SMALLEST:
        raise SampleError(
            f"{events} of {event.size} draws: a search takes {SMALLEST} of either kind"
        )
    part = np.arange(event.size) * FOLDS // event.size
    seen = [part != fold for fold in range(FOLDS)]
    searches = [search(x[:, some], event[some], []) for some in seen]
    # draws outside regions found before: of each fold's own part, and of all
    free = np.vstack([~np.array(seen), np.ones((1, event.size), dtype=bool)])
    for limits in search(x, event, path):
        draws = hits = chance = 0.0
        for rest, one in zip(free, searches, strict=False):
            there = rest & _any(next(one, []), x)
            draws += there.sum()
            hits += (event & there).sum()
            chance += there.sum() * (event & rest).sum() / max(rest.sum(), 1)
            rest &= ~there
        regions = [_measured(one, x, event, free[FOLDS]) for one in limits]
        if draws:
            held_out = (float(hits / events), float(hits / draws))
            p = _at_least(hits, draws, chance / draws)
            regions = [replace(one, held_out=held_out, p=p) for one in regions]
        yield regions
        free[FOLDS] &= ~_any(limits, x)


def _any(regions: list[Limits], x: FloatArray) -> BoolArray:
    """Draws in one of some regions."""
    found = np.zeros(x.shape[1], dtype=bool)
    for limits in regions:
        found |= _inside(limits, x)
    return found


def _thinned(x: FloatArray, event: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Every so many-th draw: enough of them, and of events."""
    step = max(min(event.size // PEELED, int(event.sum()) // PEELED_EVENTS), 1)
    return x[:, ::step], event[::step]


def _measured(
    limits: Limits, x: FloatArray, event: BoolArray, rest: BoolArray
) -> Region:
    """Shares of a region in all draws, of what regions before it have left."""
    there = rest & _inside(limits, x)
    n, hits = int(there.sum()), int((event & there).sum())
    quasi = {}
    for i in limits:
        wide = rest & _inside({k: v for k, v in limits.items() if k != i}, x)
        quasi[i] = _at_least(hits, n, float(event[wide].mean()))
    coverage, density = hits / int(event.sum()), hits / n if n else 0.0
    return Region(limits, n, hits, coverage, density, n / event.size, quasi)


def _at_least(hits: float, n: float, rate: float) -> float:
    """Probability of `hits` or more of n by chance, each with probability `rate`."""
    if hits <= 0:
        return 1.0
    return float(special.betainc(hits, n - hits + 1, rate))


def _inside(limits: Limits, x: FloatArray) -> BoolArray:
    found = np.ones(x.shape[1], dtype=bool)
    for i, (low, high) in limits.items():
        found &= (x[i] >= low) & (x[i] <= high)
    return found


def _score(hits: float, n: float, events: float) -> float:
    """Harmonic mean of coverage and density."""
    return 2 * hits / (n + events)


def _cover(
    x: FloatArray, event: BoolArray, path: list[Step], most: int
) -> Iterator[list[Limits]]:
    """Boxes one after the other, each among the draws that those before leave."""
    rest = np.ones(event.size, dtype=bool)
    for i in range(most):
        if min(event[rest].sum(), (~event[rest]).sum()) < SMALLEST:
            return
        limits = _box(x[:, rest], event[rest], [] if i else path)
        if not limits:
            return
        yield [limits]
        rest &= ~_inside(limits, x)


def _box(x: FloatArray, event: BoolArray, path: list[Step]) -> Limits:
    """The box of the highest score; empty where all draws have it."""
    few, few_event = inner, inner_event = _thinned(x, event)
    events, draws = int(inner_event.sum()), inner_event.size
    limits: Limits = {}
    best, best_score = limits, _score(events, draws, events)
    while True:
        hits, n = int(inner_event.sum()), inner_event.size
        path.append(Step(hits / events, hits / n, n / draws, len(limits)))
        if _score(hits, n, events) > best_score:
            best, best_score = limits, _score(hits, n, events)
        if n < 2 * SMALLEST or hits < max(SMALLEST, events / 4) or hits == n:
            break
        peel = _peel(inner, inner_event)
        if peel is None:
            break
        i, low, high, kept = peel
        old = limits.get(i, (-np.inf, np.inf))
        limits = {**limits, i: (max(low, old[0]), min(high, old[1]))}
        inner, inner_event = inner[:, kept], inner_event[kept]
    best = _sure(_needed(best, few, few_event), few, few_event)
    for size in range(len(best), 0, -1):
        for i in best:
            best = {**best, i: _best_ends(i, best, x, event)}
        best = _sure(_needed(best, x, event), x, event)
        if len(best) == size:
            break
    return best


def _sure(limits: Limits, x: FloatArray, event: BoolArray) -> Limits:
    """The box without restrictions that chance explains, the likeliest first."""
    every = np.ones(event.size, dtype=bool)
    while limits:
        quasi = _measured(limits, x, event, every).quasi_p
        idle = max(limits, key=lambda i: quasi[i])
        if quasi[idle] * len(x) <= BY_CHANCE:  # any of all might have been taken
            break
        limits = {i: ends for i, ends in limits.items() if i != idle}
    return limits


def _peel(
    x: FloatArray, event: BoolArray
) -> tuple[int, float, float, BoolArray] | None:
    """Input, ends and kept draws of the peel that gains most for what it loses."""
    n, hits = event.size, int(event.sum())
    take = max(int(ALPHA * n), 1)
    order = np.partition(x, (take, n - 1 - take), axis=1)
    best, answer = 0.0, None
    for sign, cut in ((1.0, order[:, take]), (-1.0, -order[:, n - 1 - take])):
        y = sign * x
        out = y < cut[:, None]
        tied = ~out.any(axis=1)  # all of these are one value: it goes as a whole
        out[tied] = y[tied] <= cut[tied, None]
        lost = out.sum(axis=1)
        lost_hits = out[:, event].sum(axis=1)
        left = n - lost
        usable = (lost > 0) & (left >= SMALLEST)
        density = (hits - lost_hits) / np.maximum(left, 1)
        gain = np.where(usable, (density - hits / n) / np.maximum(lost, 1), -np.inf)
        i = int(np.argmax(gain))
        if gain[i] > best:
            best, kept = float(gain[i]), ~out[i]
            end = float(y[i][kept].min())
            ends = (end, np.inf) if sign > 0 else (-np.inf, -end)
            answer = (i, *ends, kept)
    return answer


def _needed(limits: Limits, x: FloatArray, event: BoolArray) -> Limits:
    """The box without restrictions that change the score by less than `SLACK`."""
    ids = list(limits)
    events = int(event.sum())
    kept = np.array([_inside({i: limits[i]}, x) for i in ids])
    while ids:
        broken = np.count_nonzero(~kept, axis=0)
        there = np.vstack([broken == 0, broken - ~kept == 0])  # with all; without each
        scores = 2 * there[:, event].sum(axis=1) / (there.sum(axis=1) + events)
        idle = int(np.argmax(scores[1:]))
        if scores[1 + idle] < (1 - SLACK) * scores[0]:
            break
        kept = np.delete(kept, idle, axis=0)
        del ids[idle]
    return {i: limits[i] for i in ids}


def _best_ends(
    i: int, limits: Limits, x: FloatArray, event: BoolArray
) -> tuple[float, float]:
    """Ends of one restriction at which the score is highest, one after the other."""
    events = int(event.sum())
    others = _inside({k: v for k, v in limits.items() if k != i}, x)
    values, hit = x[i][others], event[others]
    ends = limits[i]
    for side, sign in enumerate((1.0, -1.0)):
        if not np.isfinite(ends[side]):
            continue
        low = sign * values
        far = sign * ends[1 - side]
        inside = low <= (far if np.isfinite(far) else np.inf)
        order = np.argsort(-low[inside], kind="stable")
        y, h = low[inside][order], np.cumsum(hit[inside][order])
        last = np.append(np.diff(y) != 0, True)  # equal values stay together
        score = np.where(last, 2 * h / (np.arange(1, y.size + 1) + events), -1.0)
        # the end lies half-way to the next value, where a draw more changes nothing
        k = int(np.argmax(score))
        end = float(y[k] if k + 1 == y.size else (y[k] + y[k + 1]) / 2)
        stated = -np.inf if k + 1 == y.size else end
        ends = (stated, ends[1]) if side == 0 else (ends[0], -stated)
    return ends


def _leaves(
    x: FloatArray, event: BoolArray, path: list[Step]
) -> Iterator[list[Limits]]:
    """Boxes of the leaves in which the event is likelier than not."""
    try:
        from sklearn.tree import DecisionTreeClassifier
    except ImportError:
        raise SampleError(
            "a tree takes scikit-learn: pip install 'potline[discover]'"
        ) from None
    tree = DecisionTreeClassifier(
        max_leaf_nodes=LEAVES,
        min_samples_leaf=max(SMALLEST, event.size // 50),
        min_impurity_decrease=0.001,
        random_state=0,  # of ties between splits alone
    )
    made = tree.fit(x.T, event).tree_
    found: list[tuple[float, Limits]] = []
    todo: list[tuple[int, dict[int, tuple[float, float]]]] = [(0, {})]
    while todo:
        node, limits = todo.pop()
        if made.children_left[node] < 0:
            share = made.value[node][0][-1]
            if share > 0.5:
                found.append((made.n_node_samples[node] * share, limits))
            continue
        i, cut = int(made.feature[node]), float(made.threshold[node])
        low, high = limits.get(i, (-np.inf, np.inf))
        above = limits | {i: (float(np.nextafter(cut, np.inf)), high)}
        todo.append((int(made.children_right[node]), above))
        below = limits | {i: (low, cut)}
        todo.append((int(made.children_left[node]), below))
    found.sort(key=lambda leaf: -leaf[0])
    yield [limits for _, limits in found if limits]
