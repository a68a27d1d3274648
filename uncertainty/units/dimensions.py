"""Dimensions: what a quantity measures, whatever units it is written in."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Dimension:
    """What a quantity measures: a product of powers of base dimensions.

    ``powers`` is sorted by name and holds no zero; build one with `Dimension.of`.
    """

    powers: tuple[tuple[str, Fraction], ...] = ()

    @classmethod
    def of(cls, powers: Iterable[tuple[str, Fraction | float]]) -> "Dimension":
        """Multiply ``name ** power`` over the pairs; a name may occur again."""
        total: dict[str, Fraction] = {}
        for name, power in powers:
            exact = Fraction(power).limit_denominator(1_000_000)  # 0.333... is 1/3
            total[name] = total.get(name, Fraction(0)) + exact
        return cls(tuple(sorted((n, p) for n, p in total.items() if p)))

    @property
    def dimensionless(self) -> bool:
        """Whether it is a pure number."""
        return not self.powers

    def __mul__(self, other: "Dimension") -> "Dimension":
        """Dimension of a product."""
        return Dimension.of(self.powers + other.powers)

    def __truediv__(self, other: "Dimension") -> "Dimension":
        """Dimension of a ratio."""
        return self * other**-1

    def __pow__(self, power: Fraction | float) -> "Dimension":
        """Dimension of a power."""
        by = Fraction(power).limit_denominator(1_000_000)
        return Dimension.of((name, p * by) for name, p in self.powers)

    def __str__(self) -> str:
        """Shortest of the spellings over base dimensions, energy and power."""
        spellings = [self.powers]
        for name, derived in _DERIVED.items():
            for power in (1, -1, 2, -2):
                rest = self / derived**power
                spellings.append((*rest.powers, (name, Fraction(power))))
        best = min(spellings, key=lambda powers: sum(abs(p) for _, p in powers))
        words = [(n.strip("[]"), p) for n, p in best]
        over = "*".join(_word(n, p) for n, p in words if p > 0) or "1"
        under = "*".join(_word(n, -p) for n, p in words if p < 0)
        if not words:
            return "dimensionless"
        return f"{over}/({under})" if "*" in under else f"{over}/{under}".strip("/")


def _word(name: str, power: Fraction) -> str:
    return name if power == 1 else f"{name}^{float(power):g}"


DIMENSIONLESS = Dimension()
"""The dimension of a pure number."""

_POWER = Dimension.of([("[mass]", 1), ("[length]", 2), ("[time]", -3)])
_DERIVED = {"energy": _POWER * Dimension.of([("[time]", 1)]), "power": _POWER}
