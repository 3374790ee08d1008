"""An LSTM that sorts texts of 80 words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed import script

BATCH = 64
LENGTH = 80


def network(vocabulary: int) -> Any:
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input((LENGTH,), dtype="int32"),
        layers.Embedding(vocabulary, 64, mask_zero=True),
        layers.LSTM(64),
        layers.Dense(2, activation="softmax"),
    ])  # fmt: skip


def numbered(data: Path) -> tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The size of the vocabulary, and the samples with texts as word numbers, which are found once and not in each epoch."""
    import keras

    x, y, x_validation, y_validation = script.arrays(data)
    words = keras.layers.TextVectorization(max_tokens=10_000, output_sequence_length=LENGTH)
    words.adapt(x)
    return words.vocabulary_size(), np.asarray(words(x)), y, np.asarray(words(x_validation)), y_validation


def plain(data: Path, epochs: int, callbacks: list[Any]) -> Any:
    """Arrays into `fit`, everything else as it comes."""
    vocabulary, x, y, x_validation, y_validation = numbered(data)
    model = network(vocabulary)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=BATCH, epochs=epochs, validation_data=(x_validation, y_validation), callbacks=callbacks, verbose=2)
    return model


def tuned(data: Path, epochs: int, callbacks: list[Any]) -> Any:
    """int32 arrays, 4 steps per execution, validation in large batches."""
    vocabulary, x, y, x_validation, y_validation = numbered(data)
    model = network(vocabulary)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"], steps_per_execution=4)
    x, x_validation = (values.astype("int32") for values in (x, x_validation))
    model.fit(
        x, y, batch_size=BATCH, epochs=epochs, validation_data=(x_validation, y_validation), validation_batch_size=256, callbacks=callbacks, verbose=0
    )
    return model


if __name__ == "__main__":
    script.run(plain, tuned)
