"""Values over years: knots, and what stands between two of them."""

from collections.abc import Sequence

from scenarios.errors import ScenarioError


class OutsidePathway(ScenarioError):
    """A year lies before the first or behind the last knot of a pathway."""


def weights(knots: Sequence[int], year: int | None, *, step: bool) -> dict[int, float]:
    """Weights of the knots that make the value of one year.

    Parameters
    ----------
    knots : sequence of int
        Years, rising.
    year : int or None
        None for a study without years, which has no place on a pathway.
    step : bool
        A knot holds until the next, instead of a straight line between them.

    Returns
    -------
    dict of knot to weight
        One or two knots; the weights sum to one.

    Raises
    ------
    OutsidePathway
        Nothing is extrapolated.

    Examples
    --------
    >>> weights([2023, 2030], 2025, step=False)
    {2023: 0.7142857142857143, 2030: 0.2857142857142857}
    """
    if year is None:
        raise OutsidePathway("a pathway needs `years:` in the study")
    if not knots[0] <= year <= knots[-1]:
        raise OutsidePathway(
            f"{year} lies outside the pathway from {knots[0]} to {knots[-1]}; "
            "add a knot"
        )
    before = max(knot for knot in knots if knot <= year)
    if before == year or step:
        return {before: 1.0}
    behind = min(knot for knot in knots if knot > year)
    share = (year - before) / (behind - before)
    return {before: 1.0 - share, behind: share}
