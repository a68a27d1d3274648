"""Dependence: rank correlations, shared draws, shares that sum to one."""

from uncertainty.dependence.composition import Composition, dirichlet
from uncertainty.dependence.copula import (
    CorrelationError,
    GaussianCopula,
    Move,
    autoregressive,
    copula,
    copulas,
    exchangeable,
)
from uncertainty.dependence.correlation import (
    gaussian_correlation,
    kendall_correlation,
    nearest_correlation,
    spearman_correlation,
)
from uncertainty.dependence.coupling import (
    Block,
    Coupling,
    Shared,
    drawn,
    score_correlations,
)
from uncertainty.dependence.logistic_normal import LogRatio, logistic_normal
from uncertainty.dependence.pearson import pearson
from uncertainty.dependence.shares import shares
from uncertainty.dependence.stick_breaking import stick_breaking

__all__ = [
    "Block",
    "Composition",
    "CorrelationError",
    "Coupling",
    "GaussianCopula",
    "LogRatio",
    "Move",
    "Shared",
    "autoregressive",
    "copula",
    "copulas",
    "dirichlet",
    "drawn",
    "exchangeable",
    "gaussian_correlation",
    "kendall_correlation",
    "logistic_normal",
    "nearest_correlation",
    "pearson",
    "score_correlations",
    "shares",
    "spearman_correlation",
    "stick_breaking",
]
