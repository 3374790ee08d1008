"""What a process sets before it imports Keras."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import tempfile
from collections.abc import Iterator

LOG_LEVEL, ERRORS, NOTHING = "TF_CPP_MIN_LOG_LEVEL", "2", "3"
"""What TensorFlow prints on the standard error; read once, when it is imported."""
ONEDNN = "TF_ENABLE_ONEDNN_OPTS"
"""Whether TensorFlow computes on the CPU with oneDNN's routines; read once, when TensorFlow is imported."""

STANDARD_ERROR = 2
"""Its file descriptor, which compiled code writes to whatever Python does."""
FOR_WRAPPERS = ("sklearn", "scipy")
"""What Keras imports if it is there, and does without otherwise."""


def prepare() -> None:
    """Chooses TensorFlow as Keras's backend, its quick routines, and that it tells errors only; what the environment says already holds.

    TensorFlow uses oneDNN by itself on the newest processors only (those with AVX-512 VNNI or AMX). On an EPYC without them,
    oneDNN made the training of LeNet-5 2.9 times as fast, of ResNet-20 1.5 times, of a table's MLP 1.3 times, and of an LSTM no slower.
    """
    os.environ.setdefault(LOG_LEVEL, ERRORS)
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


def on_cpu() -> None:
    """Imports TensorFlow and Keras for a command: GPUs are left to the trainers, and what TensorFlow remarks about the machine is not heard."""
    chosen = os.environ.get(LOG_LEVEL, ERRORS)
    os.environ[LOG_LEVEL] = NOTHING if chosen == ERRORS else chosen
    with _unheard():
        import_keras()
        import tensorflow as tf

        tf.get_logger().setLevel("ERROR")
        tf.config.set_visible_devices([], "GPU")
        tf.constant(0)  # devices are looked for now
    os.environ[LOG_LEVEL] = chosen  # for the processes that it starts


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Without what compiled code prints on the standard error meanwhile; it is told where an error follows."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as told:
        kept = os.dup(STANDARD_ERROR)
        os.dup2(told.fileno(), STANDARD_ERROR)
        try:
            yield
        except BaseException:
            told.seek(0)
            os.write(kept, told.read())
            raise
        finally:
            os.dup2(kept, STANDARD_ERROR)
            os.close(kept)


def foreign() -> dict[str, str]:
    """The environment of a process that stands for somebody else's program: without what `prepare` chose for speed, and without GPUs."""
    inherited = {name: value for name, value in os.environ.items() if name != ONEDNN}
    return {**inherited, LOG_LEVEL: NOTHING, "CUDA_VISIBLE_DEVICES": "-1"}
