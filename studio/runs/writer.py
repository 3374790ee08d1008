"""The one writer of a run folder: its trainer."""

from __future__ import annotations

import json
import math
import threading
import time
from pathlib import Path
from typing import Any, TextIO

import psutil

from studio.runs.run import Run
from studio.runs.status import State, Status, own_identity
from studio.workspace import full_disk, read_json, write_json

HEARTBEAT_SECONDS = 1.0


class RunWriter:
    """Writes status, metrics and events of a run, and a heartbeat each second while it is open."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._status = Status.model_validate(read_json(run.status_path)).model_copy(update=own_identity())
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._metrics: TextIO | None = None
        self._process = psutil.Process()
        self._heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> RunWriter:
        self.update()
        self._heart.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._heart.join()
        self.make_room()
        if self._metrics:
            self._metrics.close()

    def make_room(self) -> None:
        """Gives away what was kept for the end: from here on only that is written."""
        self.run.reserve_path.unlink(missing_ok=True)

    @property
    def status(self) -> Status:
        return self._status

    def update(self, **changes: Any) -> None:
        """Changes fields of the status and writes it at once."""
        with self._lock:
            self._status = self._status.model_copy(update={**changes, "heartbeat": time.time()})
            write_json(self.run.status_path, self._status.model_dump(mode="json"))

    def progress(self, epoch: int, step: int) -> None:
        """Notes how far training is; it is written with the next heartbeat."""
        self._status = self._status.model_copy(update={"epoch": epoch, "step": step})

    def end(self, status: State, reason: str) -> None:
        """Writes the final status and an event of that name."""
        self.event(status, reason=reason)
        self.update(status=status, reason=reason)

    def event(self, kind: str, **details: Any) -> None:
        """Appends one line to events.jsonl."""
        line = json.dumps(
            {"event": kind, "time": round(time.time(), 3), "epoch": self._status.epoch, "step": self._status.step, **details}, ensure_ascii=False
        )
        with self.run.events_path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def values(self, step: int, epoch: int, split: str, values: dict[str, float]) -> None:
        """Appends one line per value to metrics.jsonl; JSON knows no infinite numbers, so those are left out."""
        if self._metrics is None:
            self._metrics = self.run.metrics_path.open("a", encoding="utf-8")
        now = round(time.time(), 3)
        for name, value in values.items():
            if not math.isfinite(value):
                continue
            line = {"step": step, "epoch": epoch, "split": split, "name": name, "value": float(f"{value:.7g}"), "time": now}
            self._metrics.write(json.dumps(line) + "\n")
        self._metrics.flush()

    def cut_metrics(self, last_step: int) -> None:
        """Takes off the lines behind a step, which training is about to write again."""
        path = self.run.metrics_path
        if not path.exists():
            return
        kept = [line for line in path.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n") and json.loads(line)["step"] <= last_step]
        partial = path.with_suffix(".tmp")
        partial.write_text("".join(kept), "utf-8")
        partial.replace(path)

    def take_wish(self) -> str | None:
        """The wish somebody left in control.json, once."""
        try:
            wish = read_json(self.run.control_path)["wish"]
        except FileNotFoundError:
            return None
        Path(self.run.control_path).unlink(missing_ok=True)
        return str(wish)

    def _beat(self) -> None:
        while not self._closed.wait(HEARTBEAT_SECONDS):
            try:
                self.update(resources=self._resources())
            except OSError as error:
                if not full_disk(error):
                    raise

    def _resources(self) -> dict[str, Any]:
        with self._process.oneshot():
            found: dict[str, Any] = {"memory_bytes": self._process.memory_info().rss, "cpu_percent": self._process.cpu_percent()}
        return {**found, **self._gpu()}

    def _gpu(self) -> dict[str, Any]:
        import sys

        tensorflow = sys.modules.get("tensorflow")
        devices = tensorflow.config.list_logical_devices("GPU") if tensorflow and self._status.status == "running" else []
        if not tensorflow or not devices:
            return {}
        used = tensorflow.config.experimental.get_memory_info(devices[0].name.removeprefix("/device:"))
        return {"gpu_memory_bytes": int(used["current"]), "gpu_memory_peak_bytes": int(used["peak"])}
