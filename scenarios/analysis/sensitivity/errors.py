"""Error of a sensitivity analysis that cannot be made as asked."""

from scenarios.errors import ScenarioError


class DriverError(ScenarioError):
    """A sensitivity analysis cannot be made as asked; says how it could be."""
