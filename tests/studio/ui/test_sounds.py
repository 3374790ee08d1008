"""Sounds on the pages: what is drawn of them, and the route that plays them."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from studio.datasets import store
from studio.ui import dataset_view
from studio.ui.ranged import ranged
from studio.ui.sounds import BANDS, COLUMNS, OUTLINE, outline, part_of, spectrogram
from studio.workspace import Workspace
from tests.studio.datasets.sounds import RATE, tone, wav


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace(tmp_path_factory.mktemp("workspace"))
    store.load(made, "sounds")
    return made


def drawn(values: np.ndarray) -> np.ndarray:
    """The loudness in the picture, high pitches first."""
    return np.asarray(Image.open(io.BytesIO(spectrogram(values.astype("float32"), RATE))).convert("L"), dtype=float)


def test_a_tone_is_a_bright_line_at_its_pitch() -> None:
    low, high = (int(drawn(tone(hertz)).mean(axis=1).argmax()) for hertz in (300, 3_000))
    assert drawn(tone(300)).shape == (BANDS, COLUMNS)
    assert low - high > BANDS / 3


@pytest.mark.parametrize("values", [np.zeros(1), np.zeros(RATE), np.full(3, 0.5), tone(300, seconds=0.001)])
def test_odd_sounds_are_drawn_too(values: np.ndarray) -> None:
    assert drawn(values).shape == (BANDS, COLUMNS)
    found = outline(values.astype("float32"))
    assert len(found) == 2 * OUTLINE
    assert all(-1 <= value <= 1 for value in found)


def test_a_part_tells_length_rate_and_address() -> None:
    part = part_of(wav(tone(300, seconds=0.5)), "api/somewhere")
    assert (part["kind"], part["seconds"], part["rate"], part["sound"]) == ("sound", 0.5, RATE, "api/somewhere")
    assert part["picture"].startswith("data:image/png;base64,")
    assert len(base64.b64decode(part["picture"].partition(",")[2])) < 20_000


def test_the_page_shows_samples_and_figures(workspace: Workspace) -> None:
    page = dataset_view.samples(workspace, "sounds", limit=6)
    assert (page["kind"], page["total"]) == ("parts", 150)
    assert [sample["label"] for sample in page["samples"]] == ["bell", "chirp", "hiss", "hum", "knock", "pluck"]
    sound, label = page["samples"][1]["parts"]
    assert (sound["kind"], sound["role"], label["label"]) == ("sound", "input", "chirp")
    figures = dataset_view.details(workspace, "sounds")["figures"]["inputs"][0]
    assert (figures["kind"], figures["statistics"]["sample_rate"]) == ("sound", 8_000)


def test_the_route_gives_the_file_or_a_part_of_it(client: TestClient) -> None:
    client.get("/api/datasets/sounds/samples")
    whole = client.get("/api/datasets/sounds/sounds/3", params={"feature": "sound"})
    assert (whole.status_code, whole.headers["content-type"], whole.content[:4]) == (200, "audio/wav", b"RIFF")
    part = client.get("/api/datasets/sounds/sounds/3", params={"feature": "sound"}, headers={"range": "bytes=8-11"})
    assert (part.status_code, part.content) == (206, b"WAVE")
    assert part.headers["content-range"] == f"bytes 8-11/{len(whole.content)}"
    wrong = [(150, "sound", "rows are 0 to 149"), (-1, "sound", "rows are 0 to 149"), (0, "label", "no sound 'label'"), (0, "x", "no feature 'x'")]
    for row, feature, words in wrong:
        refused = client.get(f"/api/datasets/sounds/sounds/{row}", params={"feature": feature})
        assert (refused.status_code, words in refused.json()["error"]) == (400, True)


@pytest.mark.parametrize(
    ("header", "status", "content"),
    [
        (None, 200, b"0123456789"),
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-3", 206, b"789"),
        ("bytes=-30", 206, b"0123456789"),
        ("bytes=5-99", 206, b"56789"),
        ("bytes=10-12", 416, b""),
        ("bytes=4-2", 416, b""),
        ("bytes=-", 200, b"0123456789"),
        ("bytes=1-2,4-5", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
def test_ranges(header: str | None, status: int, content: bytes) -> None:
    answer = ranged(b"0123456789", "audio/wav", header)
    assert (answer.status_code, answer.body) == (status, content)
