"""Commands of the command line, one module each, light until they are called."""
