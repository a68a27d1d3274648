"""What drives the result: sensitivity of all outputs to all factors.

Examples
--------
>>> from uncertainty.sensitivity.methods import CARDS
>>> CARDS["sobol"].answers
'shares of the variance, first, total and second order'
"""

from uncertainty.sensitivity.analyse import analyse, of_run, plain_run
from uncertainty.sensitivity.decision import decision_value
from uncertainty.sensitivity.dgsm import dgsm, mean_square_derivatives
from uncertainty.sensitivity.given_data import given_data
from uncertainty.sensitivity.hsic import hsic
from uncertainty.sensitivity.methods import CARDS, Card
from uncertainty.sensitivity.morris import morris
from uncertainty.sensitivity.nodes import differences, nodes_of, passing
from uncertainty.sensitivity.pawn import pawn
from uncertainty.sensitivity.pick_freeze import sobol
from uncertainty.sensitivity.problem import DUMMY, Block, Problem, build
from uncertainty.sensitivity.rank import rank
from uncertainty.sensitivity.salib import salib
from uncertainty.sensitivity.shapley import linear_effects, shapley
from uncertainty.sensitivity.value_of_information import value_of_information
from uncertainty.sensitivity.verdicts import SHARE, with_verdicts

__all__ = [
    "CARDS",
    "DUMMY",
    "SHARE",
    "Block",
    "Card",
    "Problem",
    "analyse",
    "build",
    "decision_value",
    "dgsm",
    "differences",
    "given_data",
    "hsic",
    "linear_effects",
    "mean_square_derivatives",
    "morris",
    "nodes_of",
    "of_run",
    "passing",
    "pawn",
    "plain_run",
    "rank",
    "salib",
    "shapley",
    "sobol",
    "value_of_information",
    "with_verdicts",
]
