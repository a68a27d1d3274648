"""The words that a config may say, and its YAML text with line numbers."""
