"""Sections of the report, one module a part of the page."""
