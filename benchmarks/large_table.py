"""Measures the import of a large table and the way to the first step of its training: `python -m benchmarks.large_table [--rows N]`.

The table has numbers with gaps, categories, a date and a free text, and a class to predict. Beside it stands what pandas takes
to read the same file. Memory is the peak of the process and those that it started.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

ROWS = 1_000_000
CHUNK = 100_000
MAKERS = ("Ford", "Volkswagen", "Renault", "Mazda", "Fiat", "Volvo")
READ = "import sys, pandas; pandas.read_csv(sys.argv[1])"
LIMIT_SECONDS = 3600.0
EVERY_SECONDS = 0.05


@dataclass(frozen=True)
class Taken:
    """What a command took.

    Args:
        seconds: On the wall until it ended, or until what was waited for was there.
        processor_seconds: Of all its processes.
        megabytes: The most memory that they held at once.
    """

    seconds: float
    processor_seconds: float
    megabytes: float


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.csv"
        write(file, arguments.rows)
        workspace = str(Path(folder) / "workspace")
        studio = [sys.executable, "-m", "studio.cli"]
        print(f"{arguments.rows:,} rows, {file.stat().st_size / 1e6:.0f} MB\n")
        print("| step | seconds | processor seconds | peak memory, MB |\n|---|---|---|---|")
        show("pandas.read_csv", taken([sys.executable, "-c", READ, str(file)]))
        show("import", taken([*studio, "datasets", "add", str(file), "--workspace", workspace]))
        order = ["train", "large", "--set", "training.epochs=1", "--workspace", workspace]
        show("to the first point of a training", taken([*studio, *order], Path(workspace) / "runs"))


def write(file: Path, rows: int) -> None:
    """A table with a bit of everything."""
    rng = np.random.default_rng(0)
    with file.open("w", encoding="utf-8") as out:
        out.write("when,city,model,a,b,c,d,e,f,g,label\n")
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            numbers = rng.normal(size=(count, 7)).round(4)
            days = np.datetime64("2015-01-01") + rng.integers(0, 3000, count)
            makers, cities, gaps = rng.integers(0, len(MAKERS), count), rng.integers(0, 50, count), rng.random(count) < 0.05
            labels = (numbers[:, 0] + numbers[:, 1] * numbers[:, 2] + makers / 3 + rng.normal(size=count) > 1).astype(int)
            for row in range(count):
                cells = ",".join("" if column == 0 and gaps[row] else str(value) for column, value in enumerate(numbers[row]))
                out.write(f"{days[row]},city {cities[row]},{MAKERS[makers[row]]} no. {start + row},{cells},{'yes' if labels[row] else 'no'}\n")


def taken(command: list[str], runs: Path | None = None) -> Taken:
    """Runs a command to its end, or until a run in the folder has its first point; then everything is ended."""
    begun = time.perf_counter()
    process = psutil.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
    most, used = 0.0, {}
    while process.poll() is None and time.perf_counter() - begun < LIMIT_SECONDS:
        held = 0
        for each in [process, *process.children(recursive=True)]:
            try:
                held += each.memory_info().rss
                used[each.pid] = sum(each.cpu_times()[:2])
            except psutil.NoSuchProcess:
                continue
        most = max(most, held / 1e6)
        if runs is not None and any(file.stat().st_size for file in runs.glob("*/metrics.jsonl")):
            break
        time.sleep(EVERY_SECONDS)
    seconds = time.perf_counter() - begun
    for each in [*process.children(recursive=True), process] if process.poll() is None else []:
        each.kill()
    if process.wait() > 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Taken(seconds, sum(used.values()), most)


def show(step: str, found: Taken) -> None:
    """A row of the table."""
    print(f"| {step} | {found.seconds:.1f} | {found.processor_seconds:.1f} | {found.megabytes:.0f} |", flush=True)


if __name__ == "__main__":
    main()
