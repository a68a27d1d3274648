"""Exchange of distributions with other tools: every field by its own convention."""

from scenarios.datafiles.conventions.conventions import (
    CONVENTIONS,
    Convention,
    from_config,
    read,
    write,
)
from scenarios.datafiles.conventions.fields import MEANINGS, ExchangeError

__all__ = [
    "CONVENTIONS",
    "MEANINGS",
    "Convention",
    "ExchangeError",
    "from_config",
    "read",
    "write",
]
