"""The trainer process: `python -m studio.training RUN_FOLDER`, or `--spare` to wait for one with Keras ready."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path


def main() -> None:
    """Trains one run."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    folder = _wait_warm() if sys.argv[1:] == ["--spare"] else Path(sys.argv[1]).resolve()
    from studio.training.trainer import train_folder

    train_folder(folder)


def _wait_warm() -> Path:
    """Imports Keras and runs one tiny training step, then waits for a run folder on standard input; its end ends the process."""
    order: list[str] = []
    arrived = threading.Event()

    def listen() -> None:
        line = sys.stdin.readline()
        if not line.endswith("\n"):
            os._exit(0)
        order.append(line.strip())
        arrived.set()

    threading.Thread(target=listen, daemon=True).start()
    from studio.training.warm import warm_up

    if not arrived.is_set():
        warm_up()
    arrived.wait()
    folder = Path(order[0]).resolve()
    with (folder / "log.txt").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    return folder


if __name__ == "__main__":
    main()
