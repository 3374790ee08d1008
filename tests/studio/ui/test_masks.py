"""Masks as parts of pages: over their pictures, in the colours of their classes."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from blocks.features import Feature
from studio.datasets import store
from studio.ui import dataset_view, shown
from studio.ui.shown.base import address
from studio.workspace import Workspace
from tests.studio.trained import encoded

TARGET = Feature(
    name="mask", role="target", kind="mask", shape=(4, 8), dtype="int32", classes=("ground", "cat"), statistics={"colours": [[0, 0, 0], [255, 0, 0]]}
)
MASK = np.zeros((4, 8), np.uint8)
MASK[1:3, 2:4] = 1
MASK[0, 0] = 255


def opened(part: dict[str, Any], name: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(part[name].partition(",")[2]))))


def check(part: dict[str, Any], ratio: float) -> None:
    painted = opened(part, "mask")
    assert (painted[..., 3] == np.where(MASK == 1, 255, 0)).all()
    assert (painted[MASK == 1][:, :3] == (255, 0, 0)).all()
    assert part["ratio"] == ratio
    assert [(each["name"], each["colour"], each["clear"]) for each in part["legend"]] == [("ground", "#000000", True), ("cat", "#ff0000", False)]


def test_what_was_said_lies_over_the_picture_and_has_its_form() -> None:
    picture = {"kind": "picture", "picture": address(encoded(np.zeros((10, 30, 3), np.uint8)))}
    check(shown.of("mask").said(TARGET, {"masks": MASK[None]}, 0, picture) or {}, 3.0)
    told = shown.of("mask").told(TARGET, {"pictures": {"mask": encoded(MASK)}}, None) or {}
    check(told, 2.0)
    assert (told["height"], told["width"], told["picture"]) == (4, 8, None)
    assert told["download"] == address(encoded(MASK))
    assert sum(each["share"] for each in told["legend"]) == 1


def test_the_data_page_shows_pictures_with_masks_and_the_shares_of_classes(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    name = store.load(workspace, "shapes").name
    page = dataset_view.samples(workspace, name, limit=3)
    assert page["kind"] == "parts"
    for sample in page["samples"]:
        image, mask = sample["parts"]
        assert (image["kind"], mask["kind"], mask["role"]) == ("picture", "mask", "target")
        assert opened(mask, "picture").shape[0] == 240
    (part,) = dataset_view.details(workspace, name)["overview"]
    assert part["kind"] == "areas"
    assert [each["name"] for each in part["areas"]] == ["background", "circle", "square", "triangle"]
    assert abs(sum(each["share"] for each in part["areas"]) - 1) < 1e-9
