"""Measures the import of very many small pictures: `python -m benchmarks.many_pictures [--count N]`.

The pictures are imported by the page, which is asked meanwhile. Beside that stands a plain loop that decodes the same files with Pillow.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np
import psutil
from PIL import Image

from benchmarks.page import served
from benchmarks.watching import HEADING, LIMIT_SECONDS, Taken, Watched, taken

COUNT, CLASSES, SIDE = 100_000, 10, 32
DECODE = """
import sys
from pathlib import Path
from PIL import Image
for file in sorted(Path(sys.argv[1]).rglob("*.png")):
    with Image.open(file) as image:
        image.load()
"""
PAUSE_SECONDS = 0.1


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pictures = Path(folder) / "pictures"
        write(pictures, arguments.count)
        print(f"{arguments.count:,} PNG files of {SIDE} x {SIDE} pixels\n\n{HEADING}")
        plain = taken([sys.executable, "-c", DECODE, str(pictures)])
        print(plain.row("decoded with Pillow, one after the other"), flush=True)
        imported, answers = by_page(Path(folder) / "workspace", pictures)
        print(imported.row("imported by the page (its own process not counted)"))
        print(f"\nThe page answered {len(answers)} times meanwhile: median {np.median(answers):.0f} ms, longest {max(answers):.0f} ms")
        print(f"Speed against the plain loop: {plain.seconds / imported.seconds:.2f}")


def write(folder: Path, count: int) -> None:
    """Noisy pictures in class folders."""
    rng = np.random.default_rng(0)
    for number in range(count):
        place = folder / f"class {number % CLASSES}"
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)).save(place / f"{number:06}.png")


def by_page(workspace: Path, pictures: Path) -> tuple[Taken, list[float]]:
    """What an import took that was begun from the page, and the milliseconds of each answer that the page gave meanwhile."""
    with served(workspace) as address, httpx.Client(base_url=address, timeout=LIMIT_SECONDS) as page:
        page.get("/data").raise_for_status()
        before = set(psutil.Process().children(recursive=True))
        begun = time.perf_counter()
        state = page.post("/api/imports", json={"path": str(pictures)}, headers={"origin": address}).raise_for_status().json()
        importer = next(iter(set(psutil.Process().children(recursive=True)) - before))
        watched = Watched(importer)
        answers = []
        while not state["done"] and time.perf_counter() - begun < LIMIT_SECONDS:
            for route in ("/data", "/api/imports"):
                asked = time.perf_counter()
                answer = page.get(route)
                answers.append((time.perf_counter() - asked) * 1000)
            state = next(each for each in answer.json()["imports"] if each["id"] == state["id"])
            if importer.is_running() and importer.status() != psutil.STATUS_ZOMBIE:
                watched.look()
            time.sleep(PAUSE_SECONDS)
        if state["problem"]:
            sys.exit(state["problem"])
        return Taken(time.perf_counter() - begun, sum(watched.used.values()), watched.megabytes), answers


if __name__ == "__main__":
    main()
