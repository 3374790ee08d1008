"""What losses and metrics ask of a target."""

from __future__ import annotations

from blocks.features import Feature
from studio.workspace import StudioError


class SettingsError(StudioError, ValueError):
    """A setting that does not go with the data or with another setting."""


def described(target: Feature) -> str:
    """A target in words, for messages: `'price' (a number)`."""
    return f"{target.name!r} ({in_words(target)})"


def in_words(target: Feature) -> str:
    """What a target is: `a number`."""
    match target.kind:
        case "category":
            return f"a category of {len(target.classes or ())} classes"
        case "labels":
            return f"any of {len(target.classes or ())} labels"
        case "tokens":
            return f"a text of up to {(target.shape[0] or 1) - 1} tokens"
        case "transcript":
            return f"a transcript of up to {target.shape[0]} characters"
        case "mask":
            return f"a mask of {len(target.classes or ())} classes"
        case _:
            return f"{'an' if target.kind[0] in 'aeiou' else 'a'} {target.kind}" + (f" of shape {target.shape}" if target.shape else "")


def is_class(target: Feature) -> bool:
    """Whether each sample belongs to one of at least two classes."""
    return target.kind == "category" and target.shape == () and len(target.classes or ()) >= 2


def is_labels(target: Feature) -> bool:
    """Whether each sample has any number of at least two labels."""
    return target.kind == "labels" and len(target.classes or ()) >= 2


def is_mask(target: Feature) -> bool:
    """Whether each pixel belongs to one of at least two classes, or to none."""
    return target.kind == "mask" and len(target.classes or ()) >= 2


def is_number(target: Feature) -> bool:
    """Whether numbers are to be predicted: one for each sample, or as many as the target's shape has."""
    return target.kind == "number"


def is_picture(target: Feature) -> bool:
    """Whether pictures are to be made: uint8 from 0 to 255, while the network gives numbers from 0 to 1."""
    return target.kind == "image"


def is_identity(target: Feature) -> bool:
    """Whether samples are to be told from each other, whatever class they are of."""
    return target.kind == "identity"


def is_text(target: Feature) -> bool:
    """Whether texts are to be written, token by token."""
    return target.kind == "tokens"


def is_transcript(target: Feature) -> bool:
    """Whether what is seen or heard is to be written down, though nobody tells where each character stands."""
    return target.kind == "transcript"
