"""Asks an export what it says, in a clean process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from studio import runtime
from studio.export._reload import read
from studio.export.base import ExportFailedError

SCRIPT = Path(__file__).with_name("_reload.py")
TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Answer:
    """What an export said.

    Args:
        outputs: By name an array, or a list of bytes, or of arrays of different shapes.
        loaded: Packages in the process that should not have been needed.
    """

    outputs: dict[str, Any]
    labels: list[str]
    loaded: list[str]


def ask(kind: Literal["saved_model", "keras"], artefact: Path, inputs: dict[str, Any], scratch: Path) -> Answer:
    """Loads an export in a process without this program and returns its answers.

    Args:
        inputs: By name an array (samples first), a list of bytes or texts, or a list of arrays of different shapes.
        scratch: A folder for files in between.

    Raises:
        ExportFailedError: The process ended with an error; the message has its last line.
    """
    samples, result, log = scratch / "samples.npz", scratch / "answers.npz", scratch / "reload.txt"
    write_samples(samples, inputs)
    command = [sys.executable, "-I", str(SCRIPT), kind, str(artefact), str(samples), str(result)]
    with log.open("wb") as output:
        try:
            done = subprocess.run(  # noqa: S603 - our own script
                command,
                cwd=scratch,
                env=runtime.foreign(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ExportFailedError(f"The export did not answer within {TIMEOUT_SECONDS} s.") from error
    if done.returncode != 0:
        lines = [line.strip() for line in log.read_text("utf-8", errors="replace").splitlines() if line.strip()]
        reason = lines[-1][:400] if lines else f"the process ended with {done.returncode}"
        raise ExportFailedError(f"The export was written, but can't be run without this program: {reason}")
    outputs = read(str(result))
    told = json.loads(Path(f"{result}.json").read_text("utf-8"))
    return Answer(outputs, told["labels"], told["loaded"])


def write_samples(path: Path, inputs: dict[str, Any]) -> None:
    """Writes raw inputs for the other process: arrays as they are, texts and files as bytes with lengths, nothing pickled."""
    content: dict[str, np.ndarray] = {}
    for name, values in inputs.items():
        if isinstance(values, np.ndarray) and values.dtype != object:
            content[f"{name}:values"] = values
        elif len(values) and isinstance(values[0], np.ndarray):
            content |= {f"{name}:{place}": value for place, value in enumerate(values)}
        else:
            encoded = [value if isinstance(value, bytes) else str(value).encode() for value in values]
            content[f"{name}:bytes"] = np.frombuffer(b"".join(encoded), dtype=np.uint8)
            content[f"{name}:lengths"] = np.array([len(value) for value in encoded], dtype=np.int64)
    with path.open("wb") as file:
        np.savez(file, **content)  # type: ignore[arg-type]
