"""Compares the start of the page with that of an empty Gradio page, side by side: `python -m benchmarks.page_start`.

Measured per round, each process started anew with a warm file cache: the time until `/` answers, the time until a button can
be pressed in Chromium (of the empty page its only one, of ours Train), and the memory of the page process at that moment.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Page

from benchmarks.page import OURS, answering, chromium, free_port, started

EMPTY = """
import sys
import gradio
with gradio.Blocks() as demo:
    button, text = gradio.Button("Train"), gradio.Textbox(label="Answer")
    button.click(lambda: "answered", None, text)
demo.launch(server_port=int(sys.argv[1]), quiet=True)
"""
NAMES = {"empty": "empty Gradio page", "ours": "Block Studio"}
SETTLE_SECONDS = 3.0
"""Before each start, so that what the one before has left (a spare trainer that ends) is gone."""


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in NAMES}
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for number in range(-1, rounds):  # the first round only warms the file cache
            for name in NAMES if number % 2 else reversed(NAMES):
                figures = timed(EMPTY if name == "empty" else OURS, browser.new_page(), Path(folder))
                if number >= 0:
                    found[name].append(figures)
    print("| page | answers after, s | button after, s | memory, MB |\n|---|---|---|---|")
    medians = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in found.items()}
    for name, (answers, button, memory) in medians.items():
        print(f"| {NAMES[name]} | {answers:.2f} | {button:.2f} | {memory:.0f} |")
    (_, empty_button, empty_memory), (_, our_button, our_memory) = medians["empty"], medians["ours"]
    later, ratio = our_button - empty_button, our_memory / empty_memory
    print(f"\nUsable {later:+.2f} s later (goal: at most 1 s), with {ratio:.2f} of the memory (goal: at most 1.5).")


def timed(code: str, page: Page, folder: Path) -> tuple[float, float, float]:
    """Seconds to the first answer and to the usable button, and megabytes of memory then."""
    time.sleep(SETTLE_SECONDS)
    port = free_port()
    begun = time.perf_counter()
    with (folder / "log.txt").open("ab") as log:
        process = started(code, port, folder / "workspace", log.fileno())
    try:
        answering(process, port)
        answers = time.perf_counter() - begun
        page.goto(f"http://127.0.0.1:{port}/")
        page.get_by_role("button", name="Train", exact=True).click(trial=True)  # waits until it is visible, enabled, and stands still
        button = time.perf_counter() - begun
        memory = psutil.Process(process.pid).memory_info().rss / 1e6
    finally:
        page.close()
        process.terminate()
        process.wait(30)
    return answers, button, memory


if __name__ == "__main__":
    main()
