"""What drives a study's results: the domain's door to `uncertainty.sensitivity`.

From a study or a stored result to indices of every output asked for, its factors
named by the study's own papers; then to a table, one object for machines, and a file.
"""

from scenarios.drivers.analysis import Left, Order, check, explain, explain_all
from scenarios.drivers.errors import DriverError
from scenarios.drivers.groups import GROUPINGS
from scenarios.drivers.problem import problem_of
from scenarios.drivers.question import Question
from scenarios.drivers.storing import as_object, store
from scenarios.drivers.telling import tell

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
    "tell",
]
