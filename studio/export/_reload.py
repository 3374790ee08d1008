"""Runs an exported model in a process of its own: no code of this program, and of the packages only what the format needs.

`python -I _reload.py KIND ARTEFACT SAMPLES RESULT`
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from typing import Any

BATCH = 32
OURS = ("blocks", "presets", "studio")


class Without:
    """Finds modules as Python does, but for these packages nothing: as on a machine where they aren't installed."""

    def __init__(self, finder: Any, packages: tuple[str, ...]) -> None:
        self.finder, self.packages = finder, packages

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return None if name.partition(".")[0] in self.packages else self.finder.find_spec(name, path, target)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.finder, name)


def hide(packages: tuple[str, ...]) -> None:
    """Takes packages out of sight."""
    sys.meta_path[:] = [Without(finder, packages) for finder in sys.meta_path]


def read(path: str) -> dict[str, Any]:
    """The raw inputs that `studio.export.reload` wrote."""
    import numpy

    found: dict[str, Any] = {}
    with numpy.load(path, allow_pickle=False) as file:
        for key in file.files:
            name, _, part = key.rpartition(":")
            if part == "values":
                found[name] = file[key]
            elif part == "lengths":
                content, place, texts = file[f"{name}:bytes"].tobytes(), 0, []
                for length in file[key].tolist():
                    texts.append(content[place : place + length])
                    place += length
                found[name] = texts
            elif part.isdigit():
                found.setdefault(name, []).append(file[key])
    return found


def written(parts: dict[str, list[Any]]) -> dict[str, Any]:
    """Outputs, batch by batch, in the form that `read` takes: numbers as one array where they fit together, strings as bytes with lengths."""
    import numpy

    found: dict[str, Any] = {}
    for name, values in parts.items():
        if values[0].dtype == object:
            texts = [text for part in values for text in part.reshape(-1)]
            found[f"{name}:bytes"] = numpy.frombuffer(b"".join(texts), dtype=numpy.uint8)
            found[f"{name}:lengths"] = numpy.array([len(text) for text in texts], dtype=numpy.int64)
        elif len({part.shape[1:] for part in values}) == 1:
            found[f"{name}:values"] = numpy.concatenate(values)
        else:
            found |= {f"{name}:{place}": sample for place, sample in enumerate(sample for part in values for sample in part)}
    return found


def of_saved_model(path: str) -> Any:
    """The default signature as a function from raw inputs to outputs."""
    import tensorflow as tf

    model = tf.saved_model.load(path)
    serve = model.signatures["serving_default"]

    def call(batch: dict[str, Any]) -> dict[str, Any]:
        # The model is named here so that it lives as long as the function: signatures alone don't keep its variables.
        assert model is not None  # noqa: S101
        answer = serve(**{name: tf.constant(values) for name, values in batch.items()})
        return {name: values.numpy() for name, values in answer.items()}

    return call


def of_keras(path: str) -> Any:
    """A .keras file as a function from raw inputs to outputs."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow as tf

    beside = os.path.join(os.path.dirname(path), "layers.py")  # noqa: PTH118, PTH120 - as little as possible is imported here
    if os.path.exists(beside):  # noqa: PTH110
        runpy.run_path(beside)
    model = keras.saving.load_model(path, compile=False)

    def call(batch: dict[str, Any]) -> dict[str, Any]:
        tensors = {name: tf.constant(values) for name, values in batch.items()}
        fed = tensors if isinstance(model.input, dict) else next(iter(tensors.values()))
        given = model(fed, training=False)
        return {name: keras.ops.convert_to_numpy(values) for name, values in (given if isinstance(given, dict) else {"outputs": given}).items()}

    return call


def main(kind: str, artefact: str, samples: str, result: str) -> None:
    """Answers all samples and writes outputs and versions."""
    import numpy

    hide((*OURS, "keras", "tf_keras") if kind == "saved_model" else OURS)
    call = {"saved_model": of_saved_model, "keras": of_keras}[kind](artefact)
    inputs = read(samples)
    count = len(next(iter(inputs.values())))
    step = 1 if any(isinstance(values, list) and len(values) and isinstance(values[0], numpy.ndarray) for values in inputs.values()) else BATCH
    parts: dict[str, list[Any]] = {}
    for start in range(0, count, step):
        batch = {name: values[start : start + step] for name, values in inputs.items()}
        for name, values in call(batch).items():
            parts.setdefault(name, []).append(values)
    labels = [label.decode() for values in parts.pop("label", []) for label in values]
    numpy.savez(result, **written(parts))
    loaded = [name for name in (*OURS, *(["keras"] if kind == "saved_model" else [])) if name in sys.modules]
    with open(f"{result}.json", "w") as file:  # noqa: PTH123 - as little as possible is imported here
        json.dump({"labels": labels, "loaded": loaded}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
