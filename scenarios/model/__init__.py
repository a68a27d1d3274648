"""From a checked study to a graph of formulas: what each scenario and year computes."""
