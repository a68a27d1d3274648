"""Sentences and terminal tables."""
