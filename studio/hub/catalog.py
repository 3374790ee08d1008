"""The presets of keras-hub by name, read from the installed package without importing it: it would bring TensorFlow along."""

from __future__ import annotations

import ast
import importlib.util
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from blocks.errors import closest
from studio.hub.errors import HubError
from studio.hub.families import FAMILIES, REFUSED, refusal

PREFIX = "hub:"
"""What stands before the name of a network of keras-hub, or before a folder."""
EXTRA = "pip install 'blockstudio[hub]'"
PACKAGE = "keras_hub"
KAGGLE = "kaggle://"
CONFIG, CONVERTER, WEIGHTS = "config.json", "image_converter.json", "model.weights.h5"
"""The files of a preset that are read, as `save_to_preset` calls them."""


@dataclass(frozen=True)
class Published:
    """A preset of keras-hub.

    Args:
        kind: The class of its backbone.
        handle: Where Kaggle has it: owner/model/framework/variation/version.
        parameters: Of the complete network, as keras-hub counts them.
    """

    name: str
    kind: str
    handle: str
    parameters: int

    @property
    def folder(self) -> Path:
        """Where its files are kept once they have been downloaded: the cache of kagglehub."""
        cache_folder = os.environ.get("KAGGLEHUB_CACHE")
        return (Path(cache_folder) if cache_folder else Path.home() / ".cache" / "kagglehub") / "models" / self.handle

    @property
    def is_here(self) -> bool:
        """Whether they have been downloaded."""
        return (self.folder / CONFIG).is_file() and (self.folder / WEIGHTS).is_file()

    @property
    def address(self) -> str:
        """Its page."""
        owner, model, framework, variation, _ = self.handle.split("/")
        return f"https://www.kaggle.com/models/{owner}/{model}/{framework}/{variation}"


def is_installed() -> bool:
    """Whether there is a keras-hub."""
    return importlib.util.find_spec(PACKAGE) is not None


def package() -> Path:
    """The folder of keras-hub.

    Raises:
        HubError: It is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise HubError(f"Networks of keras-hub need the package keras-hub, which is not installed. Install it with: {EXTRA}")
    return Path(found.origin).parent


def all() -> dict[str, Published]:  # noqa: A001 - as the other registries have it
    """The networks that can be taken, by name.

    Raises:
        HubError: keras-hub is not installed.
    """
    return {name: each for name, each in _every(package()).items() if each.kind in FAMILIES}


def get(name: str) -> Published:
    """One of them.

    Raises:
        HubError: There is none of that name, or it can't be taken; or keras-hub is not installed.
    """
    every = _every(package())
    found = every.get(name)
    if found is not None and found.kind in FAMILIES:
        return found
    if found is not None:
        raise HubError(refusal(name, found.kind))
    near = closest(name, all())
    others = "`studio pretrained --hub` lists those that there are; a folder that save_to_preset wrote is taken, too."
    advice = f"Did you mean {near!r}?" if near else others
    raise HubError(f"keras-hub has no network {name[:80]!r} for pictures. {advice}")


@cache
def _every(folder: Path) -> dict[str, Published]:
    """All presets of networks for pictures, in the tables that keras-hub keeps beside its classes."""
    modules = {kind: family.module for kind, family in FAMILIES.items()} | {kind: module for kind, (module, _) in REFUSED.items()}
    found: dict[str, Published] = {}
    for kind, module in modules.items():
        table = folder / "src" / "models" / module / f"{module}_presets.py"
        for name, preset in (_table(table.read_text(encoding="utf-8")) if table.is_file() else {}).items():
            parameters = preset.get("metadata", {}).get("params") or 0
            found[name] = Published(name, kind, str(preset["kaggle_handle"]).removeprefix(KAGGLE), parameters)
    return found


def _table(source: str) -> dict[str, Any]:
    """The dictionaries with a handle that a module assigns; nothing of it is run."""
    found: dict[str, Any] = {}
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Dict) and None not in statement.value.keys:
            entries = ast.literal_eval(statement.value)
            found |= {name: preset for name, preset in entries.items() if isinstance(preset, dict) and "kaggle_handle" in preset}
    return found
