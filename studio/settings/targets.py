"""What losses and metrics ask of a target."""

from __future__ import annotations

from blocks.features import Feature
from studio.workspace import StudioError


class SettingsError(StudioError, ValueError):
    """A setting that does not go with the data or with another setting."""


def described(target: Feature) -> str:
    """A target in words, for messages: `'price' (a number)`."""
    if target.kind == "category":
        words = f"a category of {len(target.classes or ())} classes"
    else:
        words = f"{'an' if target.kind[0] in 'aeiou' else 'a'} {target.kind}" + (f" of shape {target.shape}" if target.shape else "")
    return f"{target.name!r} ({words})"


def is_class(target: Feature) -> bool:
    """Whether each sample belongs to one of at least two classes."""
    return target.kind == "category" and target.shape == () and len(target.classes or ()) >= 2


def is_number(target: Feature) -> bool:
    """Whether each sample has one number to predict."""
    return target.kind == "number" and target.shape == ()
