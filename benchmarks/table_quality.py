"""Compares default trainings of tables with scikit-learn on the same samples: `python -m benchmarks.table_quality [FOLDER | FILE ...]`.

Each table is imported, trained and measured by the commands, with nothing chosen. Below 500 samples both sides are measured by
cross-validation on the same five folds, above on the test split. Allowed are 0.02 or two test samples less than the better of
a linear model and a random forest, whichever is more; classes are compared by accuracy, numbers by R2.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUILT_IN = ("breast_cancer", "penguins", "wine", "iris", "diabetes", "concrete")
ENDINGS = (".csv", ".tsv", ".xlsx", ".parquet")
SMALL = 500
FOLDS = 5
ALLOWED = 0.02


@dataclass(frozen=True)
class Row:
    """One table. The figures are accuracies, or R2 where a number is predicted."""

    name: str
    target: str
    samples: int
    ours: float
    rivals: dict[str, float]
    allowed: float
    seconds: float

    @property
    def difference(self) -> float:
        """Ours less the better of the rivals."""
        return self.ours - max(self.rivals.values())


def main() -> None:
    """Measures and prints a table; exits with 1 if a goal is missed and `--check` is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", type=Path, help="files, or folders of them, beside the built-in tables")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a goal is missed")
    arguments = parser.parse_args()
    files = [file for path in arguments.tables for file in (sorted(path.iterdir()) if path.is_dir() else [path]) if file.suffix in ENDINGS]
    rows = []
    print("| table | target | samples | ours | linear | forest | difference | allowed | training, s |\n|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for source in (*BUILT_IN, *files):
            row = measured(source, folder)
            rows.append(row)
            rivals = " | ".join(f"{value:.3f}" for value in row.rivals.values())
            sides = f"{row.ours:.3f} | {rivals} | {row.difference:+.3f} | -{row.allowed:.3f} | {row.seconds:.0f}"
            print(f"| {row.name} | {row.target} | {row.samples} | {sides} |", flush=True)
    missed = [row.name for row in rows if row.difference < -row.allowed]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} within what is allowed." + (f" Below: {', '.join(missed)}." if missed else ""))
    if arguments.check and missed:
        sys.exit(1)


def measured(source: str | Path, folder: str) -> Row:
    """Trains on one table and compares."""
    name = source if isinstance(source, str) else studio(folder, "datasets", "add", str(source))["dataset"]
    shown = studio(folder, "datasets", "show", name)
    begun = time.perf_counter()
    run = studio(folder, "train", name)["run"]
    seconds = time.perf_counter() - begun
    small = shown["samples"] < SMALL
    answer = studio(folder, "evaluate", run, "--baseline", *(("--folds", str(FOLDS)) if small else ()))
    sides = answer["baselines"]
    figure = "accuracy" if "accuracy" in sides["network"] else "r2"
    rivals = {model: figures[figure] for model, figures in sides.items() if model != "network"}
    tested = shown["samples"] if small else answer["samples"]
    target = next(feature["name"] for feature in shown["features"] if feature["role"] == "target")
    return Row(name, target, shown["samples"], sides["network"][figure], rivals, max(ALLOWED, 2 / tested), seconds)


def studio(folder: str, *command: str) -> dict[str, Any]:
    """The answer of a command."""
    ended = subprocess.run(
        [sys.executable, "-m", "studio.cli", *command, "--json", "--workspace", folder], capture_output=True, text=True, check=False
    )
    if ended.returncode:
        sys.exit(f"{' '.join(command)}: {ended.stderr}")
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


if __name__ == "__main__":
    main()
