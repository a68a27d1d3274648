"""From a path or a mapping to a checked study."""
