"""`studio` opens the page with the options that its help names; before another command they are refused."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from tests.studio.commands.conftest import PATIENT_SECONDS, Command


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.slow
@pytest.mark.parametrize("name", [(), ("open",)])
def test_the_page_opens_at_the_chosen_port(command: Callable[..., Command], name: tuple[str, ...]) -> None:
    port = free_port()
    opened = command(*name, "--no-browser", "--port", str(port))
    end = time.monotonic() + PATIENT_SECONDS
    while True:
        assert opened.process.poll() is None, opened.end()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                assert answer.status == 200
            return
        except urllib.error.URLError:
            assert time.monotonic() < end
            time.sleep(0.2)


@pytest.mark.parametrize("option", [("--port", "8000"), ("--host", "localhost"), ("--no-browser",), ("--password", "open")])
def test_options_of_the_page_are_refused_before_another_command(command: Callable[..., Command], option: tuple[str, ...]) -> None:
    code, out, err = command(*option, "presets").end()
    assert (code, out) == (2, "")
    assert "with no command or behind `open`" in " ".join(err.replace("│", "").split())
