"""Figures of scenarios against a reference."""
