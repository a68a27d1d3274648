"""What drives a study's results: the domain's door to `uncertainty.sensitivity`.

From a study or a stored result to indices of every output asked for, its factors
named by the study's own papers; then to a table, one object for machines, and a file.
"""

from scenarios.analysis.sensitivity.analyse import (
    Left,
    Order,
    check,
    explain,
    explain_all,
)
from scenarios.analysis.sensitivity.errors import DriverError
from scenarios.analysis.sensitivity.file import as_object, store
from scenarios.analysis.sensitivity.groups import GROUPINGS
from scenarios.analysis.sensitivity.problem import problem_of
from scenarios.analysis.sensitivity.targets import Question

__all__ = [
    "GROUPINGS",
    "DriverError",
    "Left",
    "Order",
    "Question",
    "as_object",
    "check",
    "explain",
    "explain_all",
    "problem_of",
    "store",
]
