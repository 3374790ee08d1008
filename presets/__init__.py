"""Presets: known architectures as graphs of the same blocks that a person can place.

`all` lists the ready variants, `get` takes one of them, or a family with parameters; `.graph()` makes the network.
Importing this package imports neither Keras nor TensorFlow.
"""

from __future__ import annotations

from typing import Any

from presets import base
from presets.base import Golden, Preset, PresetError, Stages

__all__ = ["Golden", "Preset", "PresetError", "Stages", "all", "families", "get"]


def all() -> dict[str, Preset]:  # noqa: A001 - the public name that scripts use
    """Every ready variant by name."""
    return base.registry.all()


def families() -> dict[str, type[Preset]]:
    """Every family of presets by name: what `get` takes with parameters."""
    base.registry.all()
    return dict(sorted(base.families.items()))


def get(name: str, **params: Any) -> Preset:
    """A ready variant ("ResNet20"), or a family with parameters ("ResNet", depth=20).

    Raises:
        UnknownNameError: There is no such preset; the message names the closest one.
        InvalidValueError: A parameter is refused.
    """
    return base.get(name, params)
