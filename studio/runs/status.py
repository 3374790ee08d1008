"""Whether a run is under way: what its folder says, and whether its process lives."""

from __future__ import annotations

import os
import socket
import time
from typing import Any, Literal

import psutil
from pydantic import BaseModel, ConfigDict

State = Literal["queued", "running", "paused", "stopped", "finished", "crashed", "failed"]
ALIVE: tuple[State, ...] = ("queued", "running")
HEARTBEAT_LIMIT_SECONDS = 60.0
START_LIMIT_SECONDS = 120.0


class Status(BaseModel):
    """`status.json` of a run folder.

    Args:
        host: Name of the machine that trains.
        pid_started: Start of the process, in seconds since 1970; a process number alone may be used again.
        heartbeat: Last sign of life, in seconds since 1970.
        step: Batches done since the first epoch.
        reason: Why the run ended, or what it waits for.
        resources: Memory and load of the trainer: memory_bytes, cpu_percent, gpu_memory_bytes.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal["studio.run/1"] = "studio.run/1"
    status: State = "queued"
    name: str = ""
    host: str = ""
    pid: int | None = None
    pid_started: float | None = None
    started: float | None = None
    heartbeat: float | None = None
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps_per_epoch: int = 0
    reason: str = ""
    resources: dict[str, Any] = {}

    @property
    def is_alive(self) -> bool:
        return self.status in ALIVE


def observed(status: Status, now: float | None = None) -> Status:
    """The status with `crashed` where a run that should be alive is not."""
    if not status.is_alive:
        return status
    now = time.time() if now is None else now
    if status.pid is None:
        if status.started is not None and now - status.started > START_LIMIT_SECONDS:
            return status.model_copy(update={"status": "crashed", "reason": "The training process never started; see the log."})
        return status
    if status.host != socket.gethostname():
        silent = now - (status.heartbeat or 0)
        if silent > HEARTBEAT_LIMIT_SECONDS:
            reason = f"No sign of life from {status.host} for {silent:.0f} s."
            return status.model_copy(update={"status": "crashed", "reason": reason})
        return status
    if is_process(status.pid, status.pid_started):
        return status
    ended = f"The training process {status.pid} was ended from outside at step {status.step} (killed, or out of memory)."
    reason = f"{ended} Resume goes on from the last saved state."
    return status.model_copy(update={"status": "crashed", "reason": reason})


def is_process(pid: int, started: float | None) -> bool:
    """Whether the process lives and is the one that was meant."""
    try:
        process = psutil.Process(pid)
        same = started is None or abs(process.create_time() - started) < 2.0
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def own_identity() -> dict[str, Any]:
    """Host, pid and start time of this process, as fields of a status."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "pid_started": psutil.Process().create_time()}
