"""A page process of its own, and a real Chromium to look at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from studio.datasets.builtin import SAMPLES
from tests.chromium import chromium

START_SECONDS = 120.0
ROOT = Path(__file__).parents[2]
SERVE = """
import sys
from studio.ui.app import serve
from studio.workspace import Workspace
serve(Workspace(sys.argv[1]), port=int(sys.argv[2]), warm=sys.argv[3] == "warm")
"""


@pytest.fixture(scope="module")
def workspace_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


class Site:
    """A page process on a workspace; killed and started again, it keeps its port.

    Args:
        warm: Whether a spare trainer waits.
    """

    def __init__(self, folder: Path, *, warm: bool = False) -> None:
        self.folder = folder
        self.warm = warm
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        arguments = [str(self.folder), str(self.port), "warm" if self.warm else ""]
        self.process = subprocess.Popen([sys.executable, "-c", SERVE, *arguments], env={**os.environ, "PYTHONPATH": paths})
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{self.address}/api/pulse", timeout=10).close()  # noqa: S310 - our own server
                return
            except urllib.error.URLError:
                assert self.process.poll() is None, "the page process has ended"
                assert time.monotonic() < end, "the page process does not answer"
                time.sleep(0.2)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> None:
        """Asks it to end."""
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture(scope="module")
def site(workspace_folder: Path) -> Iterator[str]:
    """The address of a running page process."""
    running = Site(workspace_folder)
    yield running.address
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with its module: while it is there, its process has a running event loop, which other tests must not find."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A person who was never here, in English, light, 1440 x 900."""
    yield from fresh(browser)


def fresh(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US", color_scheme="light")
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A fresh tab; it must not have logged an error in the end."""
    yield from watched(context)


def watched(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: errors.append(request.url) if not request.url.startswith(("http://127.0.0.1", "data:", "blob:")) else None)
    yield page
    page.close()
    assert errors == []


@pytest.fixture
def empty_library(page: Page, site: str) -> Iterator[None]:
    """No network and no module is left for the next test."""
    yield
    for place, key in (("graphs", "graphs"), ("graphs/modules", "modules")):
        for each in page.request.get(f"{site}/api/{place}").json()[key]:
            page.request.delete(f"{site}/api/{place}/{each['name']}")


@pytest.fixture
def drawings(tmp_path: Path) -> list[Path]:
    """Two drawings of one sign and one of another."""
    with zipfile.ZipFile(SAMPLES / "signs.zip") as archive:
        return [Path(archive.extract(name, tmp_path)) for name in ("sign 03/01.png", "sign 03/07.png", "sign 11/02.png")]
