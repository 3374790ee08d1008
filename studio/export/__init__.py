"""Trained networks as files that run without this program."""
