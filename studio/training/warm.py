"""What a spare trainer does while it waits: everything that is slow the first time and the same for every run."""

from __future__ import annotations

import numpy as np


def warm_up() -> None:
    """Imports the trainer with Keras, and trains the smallest network of the usual kind for one execution.

    Where there is a GPU nothing is run, since the first operation would fix the devices that the run is to choose.
    """
    import keras
    import tensorflow as tf

    import studio.training.trainer  # noqa: F401 - the import is the purpose

    if tf.config.list_physical_devices("GPU"):
        return
    import presets
    from blocks.build import build
    from studio.networks.arrays import Samples
    from studio.networks.augmentation import Augmentation
    from studio.networks.front import bound, split
    from studio.training.steps import Compiled, Head

    with tf.device("/CPU:0"):
        part = split(bound(presets.get("SimpleCNN", filters=2).graph((8, 8, 1), classes=2), [])).network
        network = build(part)
        optimizer = keras.optimizers.Adam()
        optimizer.build(network.trainable_variables)
        head = Head("label", "label", keras.losses.SparseCategoricalCrossentropy(), 1.0, {"accuracy": keras.metrics.SparseCategoricalAccuracy()})
        samples = Samples({"image": np.zeros((8, 8, 8, 1), "uint8")}, {"label": np.zeros(8, "int32")})
        model = Compiled(network, optimizer, [head], augmentation=Augmentation(part, 0))
        model.execute(samples, np.arange(8), 4, np.full(2, 0.001, "float32"), None)
        model.evaluate(samples, 8)
    keras.backend.clear_session()
