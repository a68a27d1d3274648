"""Data-quality scores that stand for a spread: the pedigree approach of ecoinvent."""

from dataclasses import dataclass
from functools import cached_property
from math import exp, log, sqrt
from typing import ClassVar, Literal

from uncertainty.distributions.base import (
    Delegated,
    Marginal,
    above_zero,
    fault,
    not_negative,
)
from uncertainty.distributions.continuous import Lognormal

INDICATORS = (
    "reliability",
    "completeness",
    "temporal",
    "geographical",
    "technological",
    "sample_size",
)


def _variances(*rows: tuple[float, ...]) -> tuple[tuple[float, ...], ...]:
    """Variances of the logarithm that belong to rows of GSD^2 factors."""
    return tuple(tuple((log(factor) / 2) ** 2 for factor in row) for row in rows)


PEDIGREE_TABLES = {
    # Weidema et al., ecoinvent report 1 (v3) 2013, table 10.5: variances as printed
    "ecoinvent_3": (
        (0, 0.0006, 0.002, 0.008, 0.04),
        (0, 0.0001, 0.0006, 0.002, 0.008),
        (0, 0.0002, 0.002, 0.008, 0.04),
        (0, 0.000025, 0.0001, 0.0006, 0.002),
        (0, 0.0006, 0.008, 0.04, 0.12),
    ),
    # Frischknecht et al., ecoinvent report 1 (v2) 2007: factors of GSD^2. Two cells
    # are empty there (geographical 4, technological 2) and take the score before
    "ecoinvent_2": _variances(
        (1, 1.05, 1.10, 1.20, 1.50),
        (1, 1.02, 1.05, 1.10, 1.20),
        (1, 1.03, 1.10, 1.20, 1.50),
        (1, 1.01, 1.02, 1.02, 1.10),
        (1, 1.00, 1.20, 1.50, 2.00),
        (1, 1.02, 1.05, 1.10, 1.20),
    ),
    # Ciroth et al., Int. J. LCA 21 (2016) 1338, online 2013. Scores of 5 that they
    # had no data for take the score before; sample size adds nothing
    "empirical_2013": _variances(
        (1, 1.54, 1.61, 1.69, 1.69),
        (1, 1.03, 1.04, 1.08, 1.08),
        (1, 1.03, 1.10, 1.19, 1.29),
        (1, 1.04, 1.08, 1.11, 1.11),
        (1, 1.18, 1.65, 2.08, 2.80),
        (1, 1.00, 1.00, 1.00, 1.00),
    ),
}


@dataclass(frozen=True)
class Pedigree(Delegated):
    """Lognormal whose spread comes from data-quality scores.

    Parameters
    ----------
    value : float
        Median, above 0.
    basic : float
        Basic variance of ln x, such as 0.0006. A basic factor U of GSD^2 has the
        variance (ln U / 2)^2, whichever the table.
    scores : tuple of float or None
        Reliability, completeness, temporal, geographical and technological
        correlation, each 1 to 5; None leaves an indicator out. The two older tables
        take a sixth, sample size.
    table : {"ecoinvent_3", "ecoinvent_2", "empirical_2013"}
        Whose factors; the same scores mean another spread under each.

    Raises
    ------
    DistributionError
        value not above 0; basic negative, or 1 and more, which is a factor and no
        variance; a wrong number of scores, or a score that is not one of 1 to 5.

    Notes
    -----
    Variance of ln x = basic + sum over the indicators; gsd = exp of its root. The
    range from value / GSD^2 to value * GSD^2 spans 95.45 % of the law (two sd of the
    logarithm, not 1.96), although it is often called the 95 % interval. `point` is the
    value.

    Examples
    --------
    >>> round(Pedigree(2.0, 0.0006, (2, 1, 1, 1, 1)).mean, 3)
    2.001
    """

    value: float
    basic: float
    scores: tuple[float | None, ...]
    table: Literal["ecoinvent_3", "ecoinvent_2", "empirical_2013"] = "ecoinvent_3"
    family: ClassVar[str] = "pedigree"

    def _check(self) -> None:
        hint = f"write {-self.value:g} and negate: true" if self.value else ""
        above_zero("value", self.value, hint)
        not_negative("basic", self.basic)
        if self.basic >= 1:
            variance = (log(self.basic) / 2) ** 2
            text = f"{self.basic:g} is a factor of GSD^2, not a variance"
            raise fault("basic", f"{text}; write {variance:.4g}")
        most = len(PEDIGREE_TABLES[self.table])
        if not 5 <= len(self.scores) <= most:
            takes = "5" if most == 5 else "5, or 6 with sample_size"
            text = f"{len(self.scores)} given; {self.table} takes {takes}"
            raise fault("scores", text)
        for i, score in enumerate(self.scores):
            if score is not None and score not in (1, 2, 3, 4, 5):
                text = f"{INDICATORS[i]} is {score:g}; scores are 1 to 5, or null"
                raise fault(f"scores[{i}]", text)

    @property
    def variance_of_log(self) -> float:
        """Basic variance and those of the scores together."""
        rows = zip(PEDIGREE_TABLES[self.table], self.scores, strict=False)
        return self.basic + sum(
            row[int(score) - 1] for row, score in rows if score is not None
        )

    @property
    def remark(self) -> str:
        """The table, the gsd it gives, and what the square of that spans."""
        gsd = exp(sqrt(self.variance_of_log))
        return (
            f"gsd {gsd:.4g} by the table {self.table}; value / gsd^2 to value * gsd^2 "
            "spans 95.45 %, not 95 %"
        )

    @cached_property
    def law(self) -> Marginal:
        """The lognormal."""
        return Lognormal(median=self.value, gsd=exp(sqrt(self.variance_of_log)))
