"""Domain-free stochastic engine: it knows no process, gas or kWh by name."""
