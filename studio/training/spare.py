"""A spare trainer: it waits with Keras imported and makes ready what would be trained next.

Orders come as JSON lines on standard input, whose end ends the process as long as it has no run:
`{"prepare": RECIPE, "workspace": FOLDER}` as often as the draft changes, then `{"run": FOLDER}` once.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import runtime
from studio.recipe import Recipe
from studio.workspace import Workspace

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset
    from studio.training.ready import Ready

LARGEST_DATASET_BYTES = 200_000_000
"""Datasets beyond this are not made ready ahead: they would take the memory, and make the order of another one wait."""

MOST_PRODUCTS = 4_000_000_000
"""Multiply-adds of one step's forward pass beyond which a network is not made ready ahead: trying it out takes seconds of every core."""


class AbandonedError(Exception):
    """What was being made ready is not wanted any more."""


class Orders:
    """What has been asked for so far, read by a thread of its own."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._run: Path | None = None
        self._wanted: dict[str, Any] | None = None
        threading.Thread(target=self._listen, name="orders", daemon=True).start()

    def _listen(self) -> None:
        while True:
            line = sys.stdin.readline()
            if not line.endswith("\n"):
                os._exit(0)
            order = json.loads(line)
            with self._condition:
                if "run" in order:
                    self._run = Path(order["run"]).resolve()
                else:
                    self._wanted = order
                self._condition.notify()
                if self._run is not None:
                    _write_to(self._run / "log.txt")
                    return

    @property
    def run(self) -> Path | None:
        """The run folder to train, once there is one."""
        return self._run

    def next(self) -> dict[str, Any] | None:
        """Waits for something to make ready; None when there is a run to train."""
        with self._condition:
            self._condition.wait_for(lambda: self._run is not None or self._wanted is not None)
            wanted, self._wanted = self._wanted, None
            return None if self._run is not None else wanted

    def still(self, recipe: Recipe) -> None:
        """Raises AbandonedError when something else was ordered meanwhile than this recipe."""
        with self._condition:
            if self._wanted is not None or (self._run is not None and _recipe_of(self._run) != recipe.to_yaml()):
                raise AbandonedError


def wait() -> tuple[Path, Ready | None]:
    """Warms up, waits for a run, and returns its folder and what was made ready."""
    orders = Orders()
    runtime.import_keras()
    if orders.run is None:
        from studio.training.warm import warm_up

        warm_up()
    ready: Ready | None = None
    while (wanted := orders.next()) is not None:
        ready = None  # frees its memory first
        ready = _made(orders, wanted)
    folder = orders.run
    assert folder is not None  # noqa: S101 - that is what ended the loop
    return folder, ready


def _write_to(path: Path) -> None:
    """Lets all that this process prints go to a file."""
    with path.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)


def _made(orders: Orders, wanted: dict[str, Any]) -> Ready | None:
    import tensorflow as tf

    from studio.datasets import store
    from studio.training import ready

    if tf.config.list_physical_devices("GPU"):  # whose memory belongs to the run that holds its lock
        return None
    try:
        workspace, recipe = Workspace(wanted["workspace"]), Recipe.read(wanted["prepare"])
        if recipe.transfer or not is_quick(recipe, store.load(workspace, recipe.dataset)):
            return None
        made = ready.make(workspace, recipe, "cpu", between=lambda: orders.still(recipe))
        made.model.rehearse(made.validation)
        print(f"Ready to train on {recipe.dataset}.", flush=True)  # noqa: T201 - goes to the spare's log
    except AbandonedError:
        return None
    except Exception:  # noqa: BLE001 - whatever it is, the run itself will meet it and say so
        traceback.print_exc()
        return None
    return made


def is_quick(recipe: Recipe, dataset: Dataset) -> bool:
    """Whether a recipe can be made ready in passing."""
    from blocks.analysis import analyse
    from blocks.graph import Graph

    if dataset.manifest.bytes > LARGEST_DATASET_BYTES or not isinstance(recipe.graph, Graph):
        return False
    products = analyse(recipe.graph, dataset.features).multiply_adds
    return products * int(recipe.training.batch_size or 1) <= MOST_PRODUCTS


def _recipe_of(folder: Path) -> str:
    return (folder / "recipe.yaml").read_text("utf-8")
