"""The device a run trains on: chosen, locked, and set up through tf.config (never through the environment)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from filelock import FileLock, Timeout

from studio.recipe import Training
from studio.workspace import StudioError, Workspace

POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Device:
    """A device by its name in recipes ("cpu", "gpu:0") and in TensorFlow ("/CPU:0")."""

    name: str
    place: str
    precision: str
    xla: bool


def gpus() -> list[str]:
    """Names of the GPUs that TensorFlow can use: "gpu:0" ..."""
    import tensorflow as tf

    return [f"gpu:{index}" for index, _ in enumerate(tf.config.list_physical_devices("GPU"))]


def lock_for(workspace: Workspace, name: str) -> FileLock:
    """The lock that a trainer holds as long as it uses the device."""
    return FileLock(workspace.locks / f"{name.replace(':', '-')}.lock", thread_local=False)


def acquire(workspace: Workspace, wanted: str, waiting: Callable[[str], bool]) -> tuple[str, FileLock]:
    """Takes the device, waiting for it as long as another run has it.

    Args:
        wanted: "auto", "cpu" or "gpu:N".
        waiting: Called twice a second with the device's name while waiting; False gives up.

    Raises:
        StudioError: There is no such GPU.
        InterruptedError: `waiting` gave up.
    """
    known = gpus()
    if wanted == "auto":
        names = known or ["cpu"]
    elif wanted == "cpu" or wanted in known:
        names = [wanted]
    else:
        raise StudioError(f"There is no device {wanted!r} here. Available: {', '.join(['cpu', *known])}.")
    while True:
        for name in names:
            lock = lock_for(workspace, name)
            try:
                lock.acquire(timeout=POLL_SECONDS / len(names))
            except Timeout:
                continue
            return name, lock
        if not waiting(names[0]):
            raise InterruptedError


def set_up(name: str, training: Training) -> Device:
    """Makes TensorFlow use this device alone, with the recipe's precision and determinism.

    "auto" precision is float32 on a CPU, mixed_float16 on a GPU of compute capability 7.0 or higher.
    """
    import keras
    import tensorflow as tf

    physical = tf.config.list_physical_devices("GPU")
    on_gpu = name != "cpu"
    mine = [physical[int(name.removeprefix("gpu:"))]] if on_gpu else []
    tf.config.set_visible_devices(mine, "GPU")
    for gpu in mine:
        tf.config.experimental.set_memory_growth(gpu, True)
    if training.deterministic and on_gpu:
        tf.config.experimental.enable_op_determinism()
    precision = training.precision
    if precision == "auto":
        capability = tf.config.experimental.get_device_details(mine[0]).get("compute_capability", (0, 0)) if mine else (0, 0)
        precision = "mixed_float16" if capability >= (7, 0) else "float32"
    keras.config.set_dtype_policy(precision)
    xla = training.xla == "on" or (training.xla == "auto" and on_gpu)
    return Device(name, "/GPU:0" if on_gpu else "/CPU:0", precision, xla)
