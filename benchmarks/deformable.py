"""Time and memory of a DeformableConv2D beside a plain Conv2D: `python -m benchmarks.deformable`."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from typing import Any

SIZE, CHANNELS, BATCH, REPEATS = 56, 64, 8, 5
LAYERS: dict[str, dict[str, Any]] = {
    "Conv2D": {},
    "DeformableConv2D": {},
    "DeformableConv2D modulated": {"modulated": True},
    "DeformableConv2D 4 groups": {"deformable_groups": 4},
}


def measured(name: str) -> dict[str, float]:
    """Milliseconds of a forward and of a training pass, and the megabytes that they add to the process at most."""
    import keras
    import numpy as np
    import tensorflow as tf

    from blocks.layers.deformable_convolution import DeformableConv2D

    kind = keras.layers.Conv2D if name == "Conv2D" else DeformableConv2D
    layer = kind(CHANNELS, 3, padding="same", **LAYERS[name])
    pictures = tf.constant(np.random.default_rng(0).normal(size=(BATCH, SIZE, SIZE, CHANNELS)), "float32")
    layer.build(pictures.shape)
    if kind is DeformableConv2D:
        layer.offsets.kernel.assign(np.random.default_rng(1).normal(0, 0.05, layer.offsets.kernel.shape))

    def trained(values: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(values)
            loss = tf.reduce_sum(layer(values) ** 2)
        return tape.gradient(loss, [values, *(variable.value for variable in layer.trainable_variables)])

    forward, train = tf.function(layer), tf.function(trained)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "forward_ms": milliseconds(lambda: forward(pictures)),
        "training_ms": milliseconds(lambda: train(pictures)),
        "added_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    }


def milliseconds(work: Any) -> float:
    """The quickest of some runs, after one to warm up."""
    work()
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken) * 1000


def main() -> None:
    print(f"{BATCH} pictures of {SIZE} x {SIZE} x {CHANNELS}, {CHANNELS} filters of 3 x 3")
    for name in LAYERS:
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run([sys.executable, "-m", "benchmarks.deformable", name], capture_output=True, text=True, check=True, env=environment)
        figures = json.loads(done.stdout.splitlines()[-1])
        print(f"{name:28} " + "  ".join(f"{key} {value:7.0f}" for key, value in figures.items()))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measured(sys.argv[1])))
    else:
        main()
