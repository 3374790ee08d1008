"""What the scripts of all workloads share: their command line, the arrays, and a note at the end of each epoch."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Script = Callable[[Path, int, list[Any]], Any]
"""Trains on a data folder for a number of epochs with the given callbacks, and returns the Keras model."""


def run(plain: Script, tuned: Script) -> None:
    """Runs `plain` or `tuned` as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("form", choices=("plain", "tuned"))
    parser.add_argument("data", type=Path, help="the workload's data folder")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--record", type=Path, help="file that gets one JSON line per epoch")
    arguments = parser.parse_args()
    if arguments.form == "tuned":
        os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
    import keras

    keras.utils.set_random_seed(0)
    callbacks = [recorder(arguments.record)] if arguments.record else []
    model = {"plain": plain, "tuned": tuned}[arguments.form](arguments.data, arguments.epochs, callbacks)
    if arguments.record:
        _append(arguments.record, {"weights": model.count_params()})


def recorder(path: Path) -> Any:
    """A callback that notes when each epoch ended and how good it was. It does nothing within an epoch."""
    import keras

    class Recorder(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            _append(path, {"epoch": epoch + 1, "time": time.time(), "accuracy": float((logs or {})["val_accuracy"])})

    return Recorder()


def arrays(data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training and validation samples and labels."""
    with np.load(data / "arrays.npz", allow_pickle=False) as stored:
        return stored["x_train"], stored["y_train"], stored["x_validation"], stored["y_validation"]


def _append(path: Path, line: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
