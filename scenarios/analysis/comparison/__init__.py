"""Scenarios against each other, draw by draw."""
