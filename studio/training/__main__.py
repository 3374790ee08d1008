"""The trainer process: `python -m studio.training RUN_FOLDER`, or `--spare` to wait for one with Keras ready."""

from __future__ import annotations

import sys
from pathlib import Path

from studio import runtime


def main() -> None:
    """Trains one run."""
    runtime.prepare()
    if sys.argv[1:] == ["--spare"]:
        from studio.training.spare import wait

        folder, ready = wait()
    else:
        folder, ready = Path(sys.argv[1]).resolve(), None
    from studio.training.trainer import train_folder

    train_folder(folder, ready)


if __name__ == "__main__":
    main()
