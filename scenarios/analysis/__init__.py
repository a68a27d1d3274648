"""Questions that are put to a result."""
