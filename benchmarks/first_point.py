"""Measures the time from a click on Train to the first point on the curve: `python -m benchmarks.first_point`.

A page process with a warm spare trainer, as `studio` starts it; a real Chromium on /train; one run after the other, each once
the spare has made ready what the draft orders (a person who has looked at the page for some seconds), and, for comparison, at
once after a change of the draft (nothing is ready but Keras).
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Response

from benchmarks.page import LIMIT_SECONDS, chromium, served

DATASETS = ("digits", "penguins", "concrete", "languages")
READY = "Ready to train on"


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="*", default=DATASETS)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, served(Path(folder)) as address:
        page = browser.new_page()
        log = Path(folder) / "spare.log"
        print("| dataset | all made ready, s | only Keras ready, s |\n|---|---|---|")
        for dataset in arguments.datasets:
            found = {rested: [seconds(page, address, log, dataset, rested) for _ in range(arguments.rounds)] for rested in (True, False)}
            print(f"| {dataset} | {described(found[True])} | {described(found[False])} |", flush=True)


def described(values: list[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def seconds(page: Page, address: str, log: Path, dataset: str, rested: bool) -> float:
    """From the click to the first point drawn; the run is stopped then.

    Args:
        log: That of the spare trainer.
        rested: Whether the click comes when everything is ready; otherwise a draft is trained right after it was made.
    """
    asked(f"{address}/api/pulse")  # wakes the launcher before anything is counted
    before = count(log)
    draft = asked(f"{address}/api/drafts", {"recipe": {"dataset": dataset, "training": {"seed": time.time_ns() % 2**31}}})
    wait_until(lambda: count(log) > before)
    if not rested:
        draft = asked(f"{address}/api/drafts", {"recipe": {"dataset": dataset, "training": {"seed": time.time_ns() % 2**31}}})
    known = {row["run"] for row in asked(f"{address}/api/runs")["runs"]}

    def is_first_point(answer: Response) -> bool:
        found = re.search(r"/api/runs/([^/]+)/metrics", answer.url)
        return found is not None and found[1] not in known and bool(answer.json()["groups"])

    page.goto(f"{address}/train?draft={draft['id']}")
    button = page.get_by_role("button", name="Train", exact=True)
    button.click(trial=True)
    begun = time.perf_counter()
    with page.expect_response(is_first_point, timeout=LIMIT_SECONDS * 1000):
        button.click()
    page.evaluate("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")  # until it is drawn
    taken = time.perf_counter() - begun
    for run in asked(f"{address}/api/pulse")["active"]:
        asked(f"{address}/api/runs/{run['run']}/wish", {"wish": "stop"})
    wait_until(lambda: not asked(f"{address}/api/pulse")["active"])
    return taken


def count(log: Path) -> int:
    """How often a spare has said that it is ready."""
    return log.read_text("utf-8", errors="replace").count(READY) if log.exists() else 0


def wait_until(condition: Any) -> None:
    """Waits, and keeps the page's pulse going meanwhile.

    Raises:
        TimeoutError: It took too long.
    """
    end = time.monotonic() + LIMIT_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("The spare trainer did not get ready.")
        time.sleep(0.1)


def asked(address: str, body: dict[str, Any] | None = None) -> Any:
    """The JSON answer to a request."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data, {"content-type": "application/json"}), timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())


if __name__ == "__main__":
    main()
