"""Compares the start of the page with that of an empty Gradio page, side by side: `python -m benchmarks.page_start`.

Measured per round, each process started anew with a warm file cache: the time until `/` answers, the time until a button can
be pressed in Chromium (of the empty page its only one, of ours Train), and the memory of the page process at that moment.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
EMPTY = """
import sys
import gradio
with gradio.Blocks() as demo:
    button, text = gradio.Button("Train"), gradio.Textbox(label="Answer")
    button.click(lambda: "answered", None, text)
demo.launch(server_port=int(sys.argv[1]), quiet=True)
"""
OURS = """
import sys
from studio.cli import main
sys.argv = ["studio", "open", "--no-browser", "--port", sys.argv[1], "--workspace", sys.argv[2]]
main()
"""
NAMES = {"empty": "empty Gradio page", "ours": "Block Studio"}
LIMIT_SECONDS = 120.0
POLL_SECONDS = 0.02
SETTLE_SECONDS = 3.0
"""Before each start, so that what the one before has left (a spare trainer that ends) is gone."""


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in NAMES}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for number in range(-1, rounds):  # the first round only warms the file cache
            for name in NAMES if number % 2 else reversed(NAMES):
                figures = timed(EMPTY if name == "empty" else OURS, browser.new_page(), Path(folder))
                if number >= 0:
                    found[name].append(figures)
        browser.close()
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
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "PYTHONPATH": str(ROOT)}
    begun = time.perf_counter()
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-c", code, str(port), str(folder / "workspace")], env=environment, stdout=log, stderr=log)
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


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answering(process: subprocess.Popen[bytes], port: int) -> None:
    """Returns as soon as the page answers.

    Raises:
        URLError: The process has ended, or takes too long.
    """
    end = time.perf_counter() + LIMIT_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).close()
        except urllib.error.URLError:
            if process.poll() is not None or time.perf_counter() > end:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return


if __name__ == "__main__":
    main()
