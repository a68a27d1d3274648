"""What drives the result: sensitivity of all outputs to all factors."""
from uncertainty.sensitivity.pick_freeze import sobol
from uncertainty.sensitivity.problem import Block, Problem, build, differences, nodes_of
__all__=["Block","Problem","build","differences","nodes_of","sobol"]
