"""Every ready preset through its whole life at its smallest input: `python -m benchmarks.every_preset [NAME ...]`.

Each is built, takes a training step, is saved as .keras and read again, exported as a SavedModel and loaded again, and expanded to
primitive blocks: all must give the same for the same samples. The last columns are what that means: how far the answers move when every
weight is the next number that float32 knows, and how far those to two samples are apart. Each runs in a process of its own, so that
memory is given back.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ALLOWED = 1e-4
"""Largest difference between outputs that counts as equal: other kernels may add up in another order."""
ROUNDINGS = 10
"""Or so many times what the smallest change of the weights makes: a deep residual network at random weights enlarges it from block to block."""
FORMS = ("saved", "exported", "expanded")
COMPARED = (*FORMS, "rounding", "spread")
PATIENCE_S = 1800.0


def lived(name: str, folder: Path) -> dict[str, Any]:
    """The seconds of each stage, and the largest differences to the network in memory."""
    import keras
    import numpy as np
    import tensorflow as tf

    import presets
    from blocks import build
    from blocks.flattening import flatten
    from tests.blocks.networks import SETTLED_ON, settle, take_weights
    from tests.blocks.networks import samples as drawn
    from tests.presets.ready import SMALLER, sample, smallest_graph
    from tests.presets.test_every_preset import check_step

    keras.utils.set_random_seed(0)
    clock, found = time.perf_counter, {}
    preset = presets.get(name, **SMALLER.get(name, {}))
    graph, samples = smallest_graph(preset), sample(preset)
    began = clock()
    model = build(graph)
    found["build_s"] = clock() - began
    began = clock()
    check_step(model, samples)
    found["step_s"] = clock() - began
    settle(model, drawn(model, SETTLED_ON))
    expected = model(samples, training=False)
    found["spread"] = difference(*([output[place] for output in tf.nest.flatten(expected)] for place in (0, 1)))

    path = folder / "model.keras"
    model.save(path)
    found["saved"] = difference(keras.saving.load_model(path, compile=False)(samples, training=False), expected)

    archive = keras.export.ExportArchive()
    archive.track(model)
    signature = tf.nest.map_structure(lambda values: tf.TensorSpec((None, *values.shape[1:]), values.dtype), samples)
    archive.add_endpoint("serve", lambda values: model(values, training=False), [signature])
    archive.write_out(str(folder / "saved_model"), verbose=False)
    served = tf.saved_model.load(str(folder / "saved_model"))
    found["exported"] = difference(served.serve(samples), expected)

    expanded = build(flatten(graph))
    take_weights(expanded, model)
    found["expanded"] = difference(expanded(samples, training=False), expected)
    model.set_weights([np.nextafter(values, np.inf, dtype=values.dtype) if values.dtype == "float32" else values for values in model.get_weights()])
    found["rounding"] = difference(model(samples, training=False), expected)
    return {"weights": model.count_params(), **found}


def difference(found: Any, expected: Any) -> float:
    """The largest one between two outputs; not a number where one of them holds such."""
    import numpy as np
    import tensorflow as tf

    pairs = zip(tf.nest.flatten(found), tf.nest.flatten(expected), strict=True)
    return float(np.max([np.max(np.abs(np.asarray(one, "float32") - np.asarray(other, "float32"))) for one, other in pairs]))


def is_equal(found: dict[str, Any]) -> bool:
    """Whether all forms gave the same; where an output is no number, or the same for every sample, they did not."""
    allowed = min(max(ALLOWED, ROUNDINGS * found["rounding"]), found["spread"] / ROUNDINGS)
    return found["spread"] > 0 and all(found[form] <= allowed for form in FORMS)


def apart(name: str) -> dict[str, Any]:
    """The figures of a preset, found by a process of its own."""
    done = subprocess.run([sys.executable, "-m", __spec__.name, "--one", name], capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        return {"name": name, "failed": (done.stderr.splitlines() or ["It ended without a word."])[-1]}
    return dict(json.loads(lines[-1]))


def main() -> int:
    """Prints a line for each preset; 1 where one failed or gave something else."""
    import presets

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="Ready presets; all when left out.")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps({"name": chosen.one, **lived(chosen.one, Path(folder))}))
        return 0
    bad = 0
    print(f"{'preset':24}{'weights':>14}{'build s':>9}{'step s':>9}" + "".join(f"{column:>10}" for column in COMPARED))
    for name in chosen.names or presets.all():
        found = apart(name)
        wrong = "failed" in found or not is_equal(found)
        bad += wrong
        if "failed" in found:
            print(f"{name:24}  FAILED: {found['failed']}", flush=True)
            continue
        compared = "".join(f"{found[column]:10.1e}" for column in COMPARED)
        print(f"{name:24}{found['weights']:14,}{found['build_s']:9.2f}{found['step_s']:9.2f}{compared}{'  DIFFERS' if wrong else ''}", flush=True)
    print(f"{bad} of {len(chosen.names or presets.all())} failed.")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
