"""The page for measurements: a page process as `studio` starts it, and Chromium to look at it with."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OURS = """
import sys
from studio.cli import main
sys.argv = ["studio", "--no-browser", "--port", sys.argv[1], "--workspace", sys.argv[2]]
main()
"""
LIMIT_SECONDS = 120.0
POLL_SECONDS = 0.02


@contextmanager
def served(workspace: Path) -> Iterator[str]:
    """The address of a page process that answers; it ends with the context."""
    port = free_port()
    process = started(OURS, port, workspace, subprocess.DEVNULL)
    try:
        answering(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


def started(code: str, port: int, workspace: Path, output: int | None) -> subprocess.Popen[bytes]:
    """A process that runs `code` with the port and the workspace as its arguments."""
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code, str(port), str(workspace)], env=environment, stdout=output, stderr=output)


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
