"""A real Chromium for tests: the machine's own, or else Playwright's."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Error, sync_playwright


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. Where there is none, the test is skipped, and with CI=true it fails."""
    own = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox"])
        except Error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip("There is no Chromium here: install it with the system's packages, or with `playwright install chromium`.")
        yield browser
        browser.close()
