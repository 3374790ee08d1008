"""Readers: from files of an upload to plain values."""
