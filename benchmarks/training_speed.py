"""Compares the speed of training with scripts written by hand, side by side: `python -m benchmarks.training_speed`.

Every contestant trains the same network on the same samples with the same batches in a process of its own, validation in
each epoch included. Rounds alternate the order of the contestants, because a machine's speed drifts. Measured is the time
from the end of the first epoch to the end of the last one, on the wall and in processor time, so that start-up, imports and
compilation do not count; they are told apart as "first epoch after".
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.speed import data, ours  # noqa: E402

POLL_SECONDS = 0.02
CONTESTANTS = ("ours", "plain", "tuned")
TITLES = {"lenet": "LeNet-5", "resnet": "ResNet-20", "text": "LSTM", "folder": "image folder", "table": "table MLP"}
EPOCHS = {"lenet": 6, "resnet": 3, "text": 4, "folder": 5, "table": 12}
AGAINST_PLAIN = {"lenet": 1.1, "resnet": 1.0, "text": 1.0, "folder": 1.5, "table": 1.8}
AGAINST_TUNED = {"lenet": 0.95, "resnet": 0.95, "text": 0.95, "folder": 0.95, "table": 0.9}


class MeasurementError(Exception):
    """A contestant that did not get through; the message ends with its log."""


@dataclass(frozen=True)
class Timing:
    """One training.

    Args:
        first: Seconds from the start of the process to the end of the first epoch.
        wall: Seconds per epoch after that.
        cpu: Processor seconds per epoch after that, of all cores together.
        accuracy: On the validation split after the last epoch.
    """

    workload: str
    contestant: str
    first: float
    wall: float
    cpu: float
    accuracy: float
    weights: int


def main() -> None:
    """Measures and prints a table; exits with 1 if a goal is missed and `--check` is given."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as scratch:
        place = arguments.data or Path(scratch) / "data"
        timings = [timing for workload in arguments.workloads for timing in measured(workload, arguments, place, Path(scratch))]
    rows = [summary(workload, timings) for workload in arguments.workloads]
    print(machine())
    print(table(rows))
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"machine": machine(), "rows": rows, "timings": [asdict(timing) for timing in timings]}, indent=1) + "\n"
        )
    missed = [sentence for row in rows for sentence in row["missed"]]
    print("\n".join(missed))
    if arguments.check and missed:
        sys.exit(1)


def measured(workload: str, arguments: argparse.Namespace, place: Path, scratch: Path) -> list[Timing]:
    """All trainings of one workload, the order turned round from one round to the next."""
    folder = data.make(workload, place)
    entrant = ours.Ours(workload, folder, scratch / workload) if "ours" in arguments.contestants else None
    found = []
    with looking(entrant.workspace.folder) if entrant and arguments.page else nullcontext(lambda _: None) as show:
        for number in range(arguments.rounds):
            for contestant in arguments.contestants[:: 1 if number % 2 == 0 else -1]:
                epochs = arguments.epochs or EPOCHS[workload]
                timing = timed(workload, contestant, folder, epochs, scratch / f"{workload}-{contestant}-{number}", entrant, show)
                print(
                    f"{workload} {contestant}: {timing.wall:.3f} s, {timing.cpu:.3f} CPU s per epoch, accuracy {timing.accuracy:.3f}", file=sys.stderr
                )
                found.append(timing)
    return found


@contextmanager
def looking(workspace: Path) -> Iterator[Callable[[str | None], object]]:
    """The page in Chromium; what is yielded has it show a run's live curves, or nothing for None."""
    from benchmarks.page import chromium, served

    with chromium() as browser, served(workspace) as address:
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        yield lambda run: tab.goto(f"{address}/train?run={run}" if run else "about:blank", wait_until="commit")


def timed(
    workload: str, contestant: str, folder: Path, epochs: int, record: Path, entrant: ours.Ours | None, show: Callable[[str | None], object]
) -> Timing:
    """One training in a process of its own.

    Raises:
        MeasurementError: It failed, or it took too few epochs.
    """
    log = record.with_suffix(".log")
    begun = time.time()
    if entrant and contestant == "ours":
        process, lines = entrant.start(epochs, log)
        show(lines.parent.name)
    else:
        show(None)
        lines = record.with_suffix(".jsonl")
        command = [sys.executable, "-m", f"benchmarks.speed.{workload}", contestant, str(folder), "--epochs", str(epochs), "--record", str(lines)]
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=ROOT, env=_environment(), stdout=output, stderr=output)
    ends = followed(process, lines)
    if process.returncode != 0 or len(ends) != epochs:
        raise MeasurementError(f"{workload} {contestant} ended with {process.returncode} after {len(ends)} of {epochs} epochs.\n{_tail(log, lines)}")
    last = ours.figures(lines) if contestant == "ours" else _figures(lines)
    (_, first, before), (_, end, after) = ends[0], ends[-1]
    return Timing(
        workload, contestant, first - begun, (end - first) / (epochs - 1), (after - before) / (epochs - 1), last["accuracy"], last["weights"]
    )


def followed(process: subprocess.Popen[bytes], lines: Path) -> list[tuple[int, float, float]]:
    """Waits for the end of a training and returns (epoch, time of its end, processor seconds by then) of every epoch."""
    watched = psutil.Process(process.pid)
    ends: list[tuple[int, float, float]] = []
    position = 0
    while process.poll() is None:
        size = lines.stat().st_size if lines.exists() else 0
        if size > position:
            try:
                used = sum(watched.cpu_times()[:4])
            except psutil.NoSuchProcess:
                break
            with lines.open("rb") as file:
                file.seek(position)
                new = file.read()
            whole = new[: new.rfind(b"\n") + 1]
            position += len(whole)
            ends += [(end["epoch"], end["time"], used) for end in map(_epoch, whole.splitlines()) if end]
        time.sleep(POLL_SECONDS)
    process.wait()
    return ends


def summary(workload: str, timings: list[Timing]) -> dict[str, Any]:
    """Medians over the rounds, ratios to ours (more than 1: ours is faster), and the goals that are missed."""
    row: dict[str, Any] = {"workload": workload, "missed": []}
    those = [timing for timing in timings if timing.workload == workload]
    for contestant in dict.fromkeys(timing.contestant for timing in those):
        own = [timing for timing in those if timing.contestant == contestant]
        row[contestant] = {
            name: statistics.median(getattr(timing, name) for timing in own) for name in ("wall", "cpu", "first", "accuracy", "weights")
        }
    if len({timing.weights for timing in those}) > 1:
        row["missed"].append(f"{workload}: the networks differ: {', '.join(f'{timing.contestant} {timing.weights:,}' for timing in those)} weights.")
    for rival, goals in (("plain", AGAINST_PLAIN), ("tuned", AGAINST_TUNED)):
        if "ours" in row and rival in row:
            row[f"against {rival}"] = {name: row[rival][name] / row["ours"][name] for name in ("wall", "cpu")}
            if row[f"against {rival}"]["wall"] < goals[workload]:
                row["missed"].append(
                    f"{workload}: {row[f'against {rival}']['wall']:.2f} of the {rival} script's speed; the goal is {goals[workload]}."
                )
    return row


def table(rows: list[dict[str, Any]]) -> str:
    """The summary in Markdown."""
    lines = [
        "| workload | contestant | s per epoch | CPU s per epoch | first epoch after, s | accuracy | ours is faster by (wall, CPU) | goal |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        for contestant in (name for name in CONTESTANTS if name in row):
            own, ratio = row[contestant], row.get(f"against {contestant}")
            goal = {"plain": AGAINST_PLAIN, "tuned": AGAINST_TUNED}.get(contestant, {}).get(row["workload"], "")
            faster = f"{ratio['wall']:.2f}, {ratio['cpu']:.2f}" if ratio else ""
            figures = f"{own['wall']:.3f} | {own['cpu']:.3f} | {own['first']:.1f} | {own['accuracy']:.3f}"
            lines.append(f"| {TITLES[row['workload']]} | {contestant} | {figures} | {faster} | {goal} |")
    return "\n".join(lines)


def machine() -> str:
    """What it was measured on."""
    from importlib.metadata import version

    packages = ", ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras", "numpy"))
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {packages}"


def _epoch(line: bytes) -> dict[str, Any] | None:
    values = json.loads(line)
    return values if "accuracy" in values else ours.epoch_of(values)


def _figures(lines: Path) -> dict[str, Any]:
    *epochs, last = (json.loads(line) for line in lines.read_text("utf-8").splitlines())
    return {"accuracy": epochs[-1]["accuracy"], "weights": last["weights"]}


def _environment() -> dict[str, str]:
    return {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "KERAS_BACKEND": "tensorflow"}


def _tail(log: Path, lines: Path) -> str:
    status = lines.parent / "status.json"
    reason = json.loads(status.read_text("utf-8")).get("reason", "") if status.exists() else ""
    return f"{reason}\n{log.read_text('utf-8', errors='replace')[-2000:]}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", default=[], metavar="WORKLOAD", help=f"some of {', '.join(EPOCHS)}; all if none is named")
    parser.add_argument("--contestants", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="at least 2; by default enough for some seconds")
    parser.add_argument("--data", type=Path, help="where the data are kept from one time to the next")
    parser.add_argument("--json", type=Path, help="file for all figures")
    parser.add_argument("--page", action="store_true", help="while ours trains, the page shows its curves in Chromium on the same machine")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a goal is missed")
    arguments = parser.parse_args()
    arguments.workloads = arguments.workloads or list(EPOCHS)
    unknown = [workload for workload in arguments.workloads if workload not in EPOCHS]
    if unknown:
        parser.error(f"there is no workload {unknown[0]!r}. Known: {', '.join(EPOCHS)}.")
    if arguments.epochs is not None and arguments.epochs < 2:
        parser.error("--epochs: at least 2, because the first one is not counted.")
    return arguments


if __name__ == "__main__":
    main()
