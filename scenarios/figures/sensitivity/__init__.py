"""Figures of sensitivity indices."""
