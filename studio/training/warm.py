"""What a spare trainer does while it waits: everything that is slow the first time and the same for every run."""

from __future__ import annotations

import numpy as np


def warm_up() -> None:
    """Imports the trainer with Keras, and trains a tiny network for one execution.

    Where there is a GPU nothing is run, since the first operation would fix the devices that the run is to choose.
    """
    import keras
    import tensorflow as tf

    import studio.training.trainer  # noqa: F401 - the import is the purpose

    if tf.config.list_physical_devices("GPU"):
        return
    from studio.networks.arrays import Samples
    from studio.training.steps import Compiled, Head

    with tf.device("/CPU:0"):
        image = keras.Input((8, 8, 1), dtype="uint8")
        x = keras.layers.Conv2D(2, 3, activation="relu")(keras.layers.Rescaling(1 / 255)(image))
        output = keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(keras.layers.AveragePooling2D(2)(x)))
        network = keras.Model(image, output)
        optimizer = keras.optimizers.Adam()
        optimizer.build(network.trainable_variables)
        head = Head("label", "label", keras.losses.SparseCategoricalCrossentropy(), 1.0, {"accuracy": keras.metrics.SparseCategoricalAccuracy()})
        samples = Samples({"image": np.zeros((8, 8, 8, 1), "uint8")}, {"label": np.zeros(8, "int32")})
        model = Compiled(network, optimizer, [head])
        model.execute(samples, np.arange(8), 4, np.full(2, 0.001, "float32"), None)
        model.evaluate(samples, 8)
    keras.backend.clear_session()
