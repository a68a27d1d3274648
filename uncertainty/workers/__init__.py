"""Blocks of pages on threads and on cluster workers, and their checkpoints."""
