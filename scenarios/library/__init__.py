"""Package data: the aluminium chain, power tables and GWP sets."""
