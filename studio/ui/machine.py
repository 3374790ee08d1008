"""What the device chip shows: the processor or graphics card that would train, and its memory."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from typing import Any

import psutil

_SECONDS_KEPT = 5.0
_QUERY = ["--query-gpu=name,memory.used,memory.total,utilization.gpu", "--format=csv,noheader,nounits"]


def device() -> dict[str, Any]:
    """The first GPU if there is one, else the CPU.

    Returns:
        `kind` ("gpu" or "cpu"), `name`, `count` (GPUs or CPU cores), `used_bytes`, `total_bytes`, `load` (0 to 1).
    """
    cards = _CARDS.read()
    if cards:
        return {**cards[0], "count": len(cards)}
    memory = psutil.virtual_memory()
    return {
        "kind": "cpu",
        "name": "CPU",
        "count": psutil.cpu_count() or 1,
        "used_bytes": memory.total - memory.available,
        "total_bytes": memory.total,
        "load": psutil.cpu_percent() / 100,
    }


def parse_cards(text: str) -> list[dict[str, Any]]:
    """Reads the lines of `nvidia-smi`: name, used and total MiB, utilisation in percent; a figure may be "[N/A]"."""
    cards = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) < 4:
            continue
        used, total, load = (float(part) if part.replace(".", "", 1).isdigit() else 0.0 for part in parts[-3:])
        name = ", ".join(parts[:-3])
        cards.append({"kind": "gpu", "name": name, "used_bytes": int(used * 2**20), "total_bytes": int(total * 2**20), "load": load / 100})
    return cards


class _Cards:
    """Asks `nvidia-smi` at most once per `_SECONDS_KEPT`, for any number of pages."""

    def __init__(self) -> None:
        self._program = shutil.which("nvidia-smi")
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._cards: list[dict[str, Any]] = []

    def read(self) -> list[dict[str, Any]]:
        if self._program is None:
            return []
        with self._lock:
            if time.monotonic() - self._asked >= _SECONDS_KEPT:
                self._cards = self._ask(self._program)
                self._asked = time.monotonic()
            return self._cards

    @staticmethod
    def _ask(program: str) -> list[dict[str, Any]]:
        try:
            answer = subprocess.run([program, *_QUERY], capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            return []  # a driver that hangs or vanished: the chip shows the CPU
        return parse_cards(answer.stdout) if answer.returncode == 0 else []


_CARDS = _Cards()
