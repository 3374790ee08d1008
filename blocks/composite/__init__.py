"""Blocks that are small networks of other blocks."""
