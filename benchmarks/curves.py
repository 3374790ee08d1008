"""Measures the live curves of a long run in Chromium: `python -m benchmarks.curves`.

A run folder with two series of 100,000 points, to which a process of this script's own goes on adding points, as a trainer does.
Measured: frames per second while the pointer moves over the curves and while the smoothing is dragged, and the bytes of each
poll for new points.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from playwright.sync_api import Page, Response

from benchmarks.page import chromium, served

POINTS_PER_SECOND = 20
SECONDS = 5.0
FRAMES = """
() => new Promise((resolve) => {
  const times = [];
  const end = performance.now() + %d;
  const frame = (now) => {
    times.push(now);
    if (now < end) requestAnimationFrame(frame);
    else resolve(times);
  };
  requestAnimationFrame(frame);
})
"""


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=100_000, help="points of each of the two series")
    points = parser.parse_args().points
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, served(Path(folder)) as address:
        run = made(Path(folder), points)
        ended = threading.Event()
        threading.Thread(target=go_on, args=(run, points, ended), daemon=True).start()
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        polls: list[int] = []
        page.on("response", lambda answer: polls.append(size(answer)) if "/metrics?" in answer.url else None)
        page.goto(f"{address}/train?run={run.name}")
        page.locator(".s-curve .uplot").first.wait_for()
        page.wait_for_timeout(4000)
        first = polls.copy()
        rows = [
            ("at rest", frames(page, lambda _: None)),
            ("pointer over the curves", frames(page, hover)),
            ("smoothing dragged", frames(page, smooth)),
        ]
        ended.set()
    print("| while | frames/s | longest frame, ms |\n|---|---|---|")
    for name, (rate, longest) in rows:
        print(f"| {name} | {rate:.0f} | {longest:.0f} |")
    later, new = statistics.median(polls[len(first) :]), 2 * POINTS_PER_SECOND
    print(f"\nThe history of {2 * points:,} points: {first[0] / 1e3:.0f} kB. A poll later, with about {new} new points: {later:.0f} B", end=" ")
    print(f"(goal: at most 3 kB and 25 B per new point, here {3000 + 25 * new} B).")


def made(workspace: Path, points: int) -> Path:
    """A folder of a run that is under way: this process passes for its trainer."""
    folder = workspace / "runs" / "long"
    (folder / "checkpoints").mkdir(parents=True)
    me = psutil.Process()
    status = {
        "format": "studio.run/1", "status": "running", "name": "long", "host": socket.gethostname(), "pid": me.pid, "pid_started": me.create_time(),
        "started": time.time() - points, "heartbeat": time.time(), "epoch": 0, "epochs": 100, "step": points, "steps_per_epoch": points // 50,
    }  # fmt: skip
    (folder / "status.json").write_text(json.dumps(status))
    (folder / "recipe.yaml").write_text("dataset: digits\n")
    with (folder / "metrics.jsonl").open("w") as file:
        file.writelines(lines(0, points, points))
    return folder


def lines(begin: int, end: int, points: int) -> list[str]:
    """Lines of two noisy falling series."""
    steps = np.arange(begin + 1, end + 1)
    now = time.time() - points
    found = []
    for step, noise in zip(steps.tolist(), np.random.default_rng(begin).normal(0, 0.1, (len(steps), 2)).tolist(), strict=True):
        for (split, name), deviation in zip((("train", "batch_loss"), ("validation", "loss")), noise, strict=True):
            value = round(2.3 / (1 + step / 5000) + 0.2 + deviation, 6)
            line = {"step": step, "epoch": 1 + step * 50 // points, "split": split, "name": name, "value": value, "time": round(now + step, 3)}
            found.append(json.dumps(line) + "\n")
    return found


def go_on(run: Path, points: int, ended: threading.Event) -> None:
    """Adds points until it is told to end."""
    step = points
    while not ended.wait(1 / POINTS_PER_SECOND):
        with (run / "metrics.jsonl").open("a") as file:
            file.writelines(lines(step, step + 1, points))
        step += 1


def frames(page: Page, act: Any) -> tuple[float, float]:
    """Frames per second and the longest time between two frames, in milliseconds, while `act` is repeated."""
    page.evaluate(f"window.measured = ({FRAMES % int(SECONDS * 1000)})()")
    end = time.monotonic() + SECONDS
    number = 0
    while time.monotonic() < end:
        act((page, number))
        page.wait_for_timeout(15)
        number += 1
    times = np.array(page.evaluate("window.measured"))
    gaps = np.diff(times)
    return float(1000 / gaps.mean()), float(gaps.max())


def hover(given: tuple[Page, int]) -> None:
    """Moves the pointer to and fro over the first curve."""
    page, number = given
    box = page.locator(".s-curve .u-over").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * (0.5 + 0.45 * np.sin(number / 10)), box["y"] + box["height"] / 2)


def smooth(given: tuple[Page, int]) -> None:
    """Sets the smoothing anew."""
    page, number = given
    page.get_by_role("slider", name="Smoothing").fill(f"{0.5 + 0.45 * np.sin(number / 10):.2f}")


def size(answer: Response) -> int:
    """Bytes of a response's body on the line."""
    return int(answer.headers.get("content-length", 0)) or len(answer.body())


if __name__ == "__main__":
    main()
