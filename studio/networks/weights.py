"""Weights and training states as .npz files: whole or not at all, never pickled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.workspace import StudioError, replaced

if TYPE_CHECKING:
    pass

META = "__meta__"


def named(variables: list[Any]) -> dict[str, Any]:
    """Variables by path (`conv1/kernel`); a path that occurs again gets `#2`."""
    found: dict[str, Any] = {}
    for variable in variables:
        name, number = variable.path, 2
        while name in found:
            name, number = f"{variable.path}#{number}", number + 1
        found[name] = variable
    return found


def values(variables: list[Any]) -> dict[str, np.ndarray]:
    """Copies of the variables' values by path."""
    return {name: np.array(variable.numpy()) for name, variable in named(variables).items()}


def assign(variables: list[Any], stored: dict[str, np.ndarray]) -> None:
    """Puts values back, all of them.

    Raises:
        StudioError: A value is missing or has another shape.
    """
    for name, variable in named(variables).items():
        if name not in stored or tuple(stored[name].shape) != tuple(variable.shape):
            raise StudioError(f"The saved state does not fit the network: {name} is missing or has another shape.")
        variable.assign(stored[name])


def save(path: Path, arrays: dict[str, np.ndarray], meta: dict[str, Any] | None = None) -> None:
    """Writes arrays and JSON values into one file."""
    content = {**arrays, META: np.frombuffer(json.dumps(meta or {}).encode(), dtype=np.uint8)}
    with replaced(path) as partial, partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **{name.replace("/", "|"): array for name, array in content.items()})


def load(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Reads what `save` wrote.

    Raises:
        StudioError: There is no such file, or it is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name.replace("|", "/"): file[name] for name in file.files}
    except FileNotFoundError as error:
        raise StudioError(f"There is no saved state {path.parent.parent.name}/checkpoints/{path.name}.") from error
    except (ValueError, OSError, EOFError) as error:
        raise StudioError(f"The saved state {path.name} is damaged: {error}.") from error
    return arrays, json.loads(bytes(arrays.pop(META)))


def meta(path: Path) -> dict[str, Any]:
    """The JSON values of a file that `save` wrote, without its arrays.

    Raises:
        StudioError: There is no such file, or it is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            found: dict[str, Any] = json.loads(bytes(file[META]))
    except (ValueError, OSError, EOFError, KeyError) as error:
        raise StudioError(f"The saved state {path.name} is damaged or gone: {error}.") from error
    return found
