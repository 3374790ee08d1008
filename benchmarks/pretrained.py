"""Our networks beside those of keras.applications: `python -m benchmarks.pretrained [NAME ...]`.

For each, with random weights and statistics copied over: how far the predictions of raw pixels are apart at most; and how long ours
takes to build, divided by the time of Keras's constructor.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

REPEATS = 9
SPREAD = 3.0
"""Standard deviation of the values before the softmax, so that the probabilities differ from class to class and from picture to picture."""


def randomised(model: Any, prepared: Any) -> Any:
    """A network of keras.applications with random weights and statistics, whose probabilities of two pictures are spread and differ."""
    import keras
    import numpy as np

    from studio.pretrained.order import in_order

    random = np.random.default_rng(0)
    for variable in in_order(model):
        if variable.name in ("gamma", "moving_variance"):
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
        elif variable.name in ("beta", "bias", "moving_mean"):
            variable.assign(random.normal(0, 0.1, variable.shape))
        else:  # as wide as keeps signals alive in a deep network
            seen = variable.shape[:2] if "depthwise" in variable.path or "dw" in variable.path else variable.shape[:-1]
            variable.assign(random.standard_normal(variable.shape, "float32") * np.sqrt(2 / np.prod(seen)))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization) and layer.weights:
            _set_statistics(layer)
    _measure_statistics(model, prepared, random)
    head = next(layer for layer in reversed(model.layers) if layer.weights)
    one, other = np.array(keras.Model(model.input, head.input)(prepared)).reshape(2, -1)
    kernel = head.kernel.numpy()
    kernel *= SPREAD / kernel.std() / np.linalg.norm(one - other)
    head.kernel.assign(kernel)
    head.bias.assign(-((one + other) / 2) @ kernel.reshape(-1, kernel.shape[-1]))
    return model


def _measure_statistics(model: Any, prepared: Any, random: Any) -> None:
    """Means and variances near those of the pictures: with any others the values grow from layer to layer, and rounding errors with them."""
    import keras

    normalizations = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    usual = [layer.momentum for layer in normalizations]
    for layer in normalizations:
        layer.momentum = 0.0
    model(prepared, training=True)
    for layer, momentum in zip(normalizations, usual, strict=True):
        layer.momentum = momentum
        for statistic in (layer.moving_mean, layer.moving_variance):
            statistic.assign(statistic.numpy() * random.uniform(0.7, 1.3, statistic.shape))


def _set_statistics(normalization: Any) -> None:
    """What the published file of an EfficientNet brings, together with the Rescaling that Keras inserts when it reads it."""
    import numpy as np

    from studio.pretrained.graphs import DEVIATIONS, MEANS

    normalization.set_weights([np.array(MEANS), np.array(DEVIATIONS) ** 2, np.array(0)])
    normalization.finalize_state()


def prepared_by_keras(model_name: str, pixels: Any) -> Any:
    """Pixels as `preprocess_input` of a network's family leaves them."""
    import keras

    family = sys.modules[getattr(keras.applications, model_name).__module__]
    return family.preprocess_input(pixels.astype("float32"))


def agreement(name: str, size: int | None = None) -> dict[str, float]:
    """How far the predictions of raw pixels are apart at most, and how far those of two pictures are.

    Args:
        size: Of the pictures, where it isn't that of the published weights.
    """
    import keras
    import numpy as np

    from blocks.build import build
    from studio.networks import weights
    from studio.pretrained.applications import CLASSES, get
    from studio.pretrained.graphs import constructed, graph
    from studio.pretrained.weights import mapped

    keras.utils.set_random_seed(0)  # dropout takes part while statistics are measured
    application = get(name)
    side = size or application.size
    pixels = pictures(side)
    prepared = prepared_by_keras(application.constructor, pixels)
    source = randomised(constructed(application, input_shape=(side, side, 3)), prepared)
    ours = build(graph(name)) if size is None else build(_resized(graph(name), side))
    weights.assign(ours.weights, mapped(application, source))
    theirs, found = np.array(source(prepared, training=False)), np.array(ours(pixels, training=False))
    assert theirs.shape == (2, CLASSES)
    return {"difference": float(np.abs(theirs - found).max()), "spread": float(np.abs(theirs[0] - theirs[1]).max())}


def pictures(side: int) -> Any:
    """Two pictures of pixels from 0 to 255: one of fine noise, one of coarse and darker noise."""
    import numpy as np

    random = np.random.default_rng(1)
    fine, coarse = random.integers(0, 256, (side, side, 3)), random.integers(0, 100, (-(-side // 8), -(-side // 8), 3))
    return np.stack([fine, coarse.repeat(8, 0).repeat(8, 1)[:side, :side]]).astype("uint8")


def _resized(graph: Any, side: int) -> Any:
    return graph.with_node("image", params={**graph.nodes["image"].params, "shape": [side, side, 3]})


def building(name: str) -> dict[str, float]:
    """Seconds of our build and of Keras's constructor, the best of several in turn."""
    from blocks.build import build
    from studio.pretrained.applications import get
    from studio.pretrained.graphs import constructed, graph

    application, own = get(name), graph(name)
    ours, theirs = [], []
    for _ in range(REPEATS):
        theirs.append(_seconds(lambda: constructed(application)))
        ours.append(_seconds(lambda: build(own)))
    return {"ours": min(ours), "keras": min(theirs), "ratio": min(ours) / min(theirs)}


def _seconds(action: Callable[[], Any]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main() -> None:
    from studio.pretrained import applications

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="Networks; all of keras.applications without.")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parsed = parser.parse_args()
    if parsed.inside:
        print(json.dumps({**building(parsed.names[0]), **agreement(parsed.names[0])}))
        return
    print(f"{'network':24}{'ours s':>8}{'keras s':>9}{'ratio':>7}{'difference':>12}")
    for name in parsed.names or applications.all():
        command = [sys.executable, "-m", "benchmarks.pretrained", name, "--inside"]  # its memory is free again afterwards
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        if said.returncode:
            print(f"{name:24}{(said.stderr.strip().splitlines() or ['it ended'])[-1]}", flush=True)
            continue
        found = json.loads(said.stdout.splitlines()[-1])
        print(f"{name:24}{found['ours']:8.2f}{found['keras']:9.2f}{found['ratio']:7.2f}{found['difference']:12.1e}", flush=True)


if __name__ == "__main__":
    main()
