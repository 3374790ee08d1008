"""ResNet-20 on 32 x 32 pictures: nearly all of the time is spent in convolutions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.speed import script

BATCH = 64


def network() -> Any:
    import keras
    from keras import layers

    def convolution(x: Any, filters: int, size: int = 3, strides: int = 1) -> Any:
        x = layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False, kernel_initializer="he_uniform")(x)
        return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)

    image = keras.Input((32, 32, 3))
    x = layers.ReLU()(convolution(image, 16))
    for filters in (16, 32, 64):
        for block in range(3):
            strides = 2 if block == 0 and filters > 16 else 1
            y = convolution(layers.ReLU()(convolution(x, filters, strides=strides)), filters)
            shortcut = convolution(x, filters, size=1, strides=strides) if strides > 1 else x
            x = layers.ReLU()(layers.Add()([y, shortcut]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))


def plain(data: Path, epochs: int, callbacks: list[Any]) -> Any:
    """Arrays into `fit`, everything else as it comes."""
    x, y, x_validation, y_validation = script.arrays(data)
    model = network()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x / 255.0, y, batch_size=BATCH, epochs=epochs, validation_data=(x_validation / 255.0, y_validation), callbacks=callbacks, verbose=2)
    return model


def tuned(data: Path, epochs: int, callbacks: list[Any]) -> Any:
    """float32 arrays and validation in large batches; nothing else helps on a CPU without changing the arithmetic."""
    x, y, x_validation, y_validation = script.arrays(data)
    model = network()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    x, x_validation = (values.astype("float32") / 255 for values in (x, x_validation))
    model.fit(
        x, y, batch_size=BATCH, epochs=epochs, validation_data=(x_validation, y_validation), validation_batch_size=256, callbacks=callbacks, verbose=0
    )
    return model


if __name__ == "__main__":
    script.run(plain, tuned)
