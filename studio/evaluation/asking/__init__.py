"""What a network is asked with: each module takes in some kinds of raw input, from files, from the page, and in exported models."""

from __future__ import annotations

from studio.evaluation.asking.base import Asking, Batch, Plain, Port, Usage, of, of_files, registry

__all__ = ["Asking", "Batch", "Plain", "Port", "Usage", "of", "of_files", "registry"]
