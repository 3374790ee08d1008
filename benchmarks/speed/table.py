"""A perceptron with two hidden layers on 50,000 rows of 40 numbers: tiny steps, where Keras's own work is most of the time."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from benchmarks.speed import script

BATCH = 256


def network() -> Any:
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input((40,)),
        layers.Dense(128, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(2, activation="softmax"),
    ])  # fmt: skip


def plain(data: Path, epochs: int, callbacks: list[Any]) -> Any:
    """Arrays into `fit`, everything else as it comes."""
    x, y, x_validation, y_validation = script.arrays(data)
    model = network()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=BATCH, epochs=epochs, validation_data=(x_validation, y_validation), callbacks=callbacks, verbose=2)
    return model


def tuned(data: Path, epochs: int, callbacks: list[Any]) -> Any:
    """The whole epoch in one execution, validation in large batches."""
    x, y, x_validation, y_validation = script.arrays(data)
    model = network()
    steps = math.ceil(len(x) / BATCH)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"], steps_per_execution=steps)
    model.fit(
        x,
        y,
        batch_size=BATCH,
        epochs=epochs,
        validation_data=(x_validation, y_validation),
        validation_batch_size=1024,
        callbacks=callbacks,
        verbose=0,
    )
    return model


if __name__ == "__main__":
    script.run(plain, tuned)
