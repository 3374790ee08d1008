"""What the tests of the pages of trained networks share: an engine without a process, and pictures."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
from PIL import Image, ImageDraw


class StandInEngine:
    """Answers at once, by the function's name; what is not there raises."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[tuple[str, tuple[Any, ...]]] = []
        self.warmed = 0
        self.closed = False

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        self.asked.append((function.__name__, args))
        future: Future[Any] = Future()
        answer = self.answers[function.__name__]
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer(*args) if callable(answer) else answer)
        return future

    def warm(self) -> None:
        self.warmed += 1

    def close(self) -> None:
        self.closed = True


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def address(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


def stroke(size: int = 280, at: tuple[int, int] = (40, 40)) -> bytes:
    """A thick upright stroke, drawn small and away from the middle."""
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([at, (at[0], at[1] + 100)], fill=(255, 255, 255, 255), width=20)
    return png(image)


def signs(ground: int, ink: int) -> list[bytes]:
    """Pictures of 28 x 28 with a bar of 20 x 4 in the middle."""
    pixels = np.full((28, 28), ground, np.uint8)
    pixels[4:24, 12:16] = ink
    return [png(Image.fromarray(pixels))] * 8


def wait_for(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
