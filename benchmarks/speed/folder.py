"""A folder of JPEG files of varying size, brought to 64 x 64, and a small convolutional network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed import script

BATCH = 64
SIDE = 64


def network() -> Any:
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input((SIDE, SIDE, 3)),
        layers.Rescaling(1 / 255),
        layers.Conv2D(6, 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(16, 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(120, activation="relu"),
        layers.Dense(84, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])  # fmt: skip


def files(data: Path, split: str, shuffle: bool) -> Any:
    import keras

    return keras.utils.image_dataset_from_directory(
        data / "upload" / split, image_size=(SIDE, SIDE), batch_size=BATCH, shuffle=shuffle, seed=0, verbose=False
    )


def plain(data: Path, epochs: int, callbacks: list[Any]) -> Any:
    """`image_dataset_from_directory` into `fit`, as Keras's own guide has it."""
    model = network()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(files(data, "train", True), epochs=epochs, validation_data=files(data, "validation", False), callbacks=callbacks, verbose=2)
    return model


def tuned(data: Path, epochs: int, callbacks: list[Any]) -> Any:
    """Decodes and resizes once into uint8 arrays, then arrays into `fit`; validation in large batches."""
    parts = []
    for split in ("train", "validation"):
        batches = list(files(data, split, False))
        parts += [np.concatenate([np.rint(x).astype("uint8") for x, _ in batches]), np.concatenate([y for _, y in batches])]
    x, y, x_validation, y_validation = parts
    model = network()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"], steps_per_execution=4)
    model.fit(
        x, y, batch_size=BATCH, epochs=epochs, validation_data=(x_validation, y_validation), validation_batch_size=256, callbacks=callbacks, verbose=0
    )
    return model


if __name__ == "__main__":
    script.run(plain, tuned)
