"""Errors of the engine: each says what is wrong, where, and how to mend it."""


class UncertaintyError(Exception):
    """Base of every error the engine raises on purpose."""


class DistributionError(UncertaintyError, ValueError):
    """A distribution is asked for that cannot exist.

    ``parameter`` names the parameter at fault, empty where several together are.
    """

    def __init__(self, message: str, parameter: str = "") -> None:
        super().__init__(message)
        self.parameter = parameter


class ExpressionError(UncertaintyError, ValueError):
    """A formula is not plain arithmetic over names, or its units do not agree."""


class UnitsError(UncertaintyError, ValueError):
    """A units string cannot be read, or two units do not measure the same thing."""


class DependenceError(UncertaintyError, ValueError):
    """A stated dependence between inputs cannot exist."""


class DesignError(UncertaintyError, ValueError):
    """A design on the unit cube cannot be built as asked."""


class SampleError(UncertaintyError, ValueError):
    """A sample cannot answer what is asked of it."""


class ModelError(UncertaintyError):
    """A model cannot be built, or a run of it produced an impossible value."""


class StorageError(UncertaintyError):
    """A result cannot be written or read."""


class ClusterError(UncertaintyError):
    """Workers cannot be reached, or lost a block too often."""
