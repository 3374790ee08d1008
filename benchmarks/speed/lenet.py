"""LeNet-5 on 28 x 28 pictures: small steps, so that what surrounds them counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.speed import script

BATCH = 64


def network() -> Any:
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(6, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(16, 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(120, activation="relu"),
        layers.Dense(84, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])  # fmt: skip


def plain(data: Path, epochs: int, callbacks: list[Any]) -> Any:
    """Arrays into `fit`, everything else as it comes."""
    x, y, x_validation, y_validation = script.arrays(data)
    model = network()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x / 255.0, y, batch_size=BATCH, epochs=epochs, validation_data=(x_validation / 255.0, y_validation), callbacks=callbacks, verbose=2)
    return model


def tuned(data: Path, epochs: int, callbacks: list[Any]) -> Any:
    """float32 arrays, 32 steps per execution, validation in large batches."""
    x, y, x_validation, y_validation = script.arrays(data)
    model = network()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"], steps_per_execution=32)
    x, x_validation = (values.astype("float32") / 255 for values in (x, x_validation))
    model.fit(
        x, y, batch_size=BATCH, epochs=epochs, validation_data=(x_validation, y_validation), validation_batch_size=256, callbacks=callbacks, verbose=0
    )
    return model


if __name__ == "__main__":
    script.run(plain, tuned)
