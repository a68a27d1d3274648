"""Exchange of distributions with other tools: every field by its own convention."""

from scenarios.exchange.conventions import (
    CONVENTIONS,
    Convention,
    from_config,
    read,
    write,
)
from scenarios.exchange.fields import MEANINGS, ExchangeError

__all__ = [
    "CONVENTIONS",
    "MEANINGS",
    "Convention",
    "ExchangeError",
    "from_config",
    "read",
    "write",
]
