"""Measures the import of a large table and the way to the first step of its training: `python -m benchmarks.large_table [--rows N]`.

The table has numbers with gaps, categories, a date and a free text, and a class to predict. Beside it stands what pandas takes
to read the same file. Memory is the peak of the process and those that it started.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.watching import HEADING, taken

ROWS = 1_000_000
CHUNK = 100_000
MAKERS = ("Ford", "Volkswagen", "Renault", "Mazda", "Fiat", "Volvo")
READ = "import sys, pandas; pandas.read_csv(sys.argv[1])"


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
        print(HEADING)
        print(taken([sys.executable, "-c", READ, str(file)]).row("pandas.read_csv"), flush=True)
        print(taken([*studio, "datasets", "add", str(file), "--workspace", workspace]).row("import"), flush=True)
        order = ["train", "large", "--set", "training.epochs=1", "--workspace", workspace]
        runs = Path(workspace) / "runs"
        found = taken([*studio, *order], lambda: any(file.stat().st_size for file in runs.glob("*/metrics.jsonl")))
        print(found.row("to the first point of a training"))


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


if __name__ == "__main__":
    main()
