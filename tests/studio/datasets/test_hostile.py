"""Uploads that are odd or meant badly: accepted with a warning or refused with one sentence, and nothing left behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.datasets import add, load, manifests
from studio.workspace import Workspace
from tests.studio.datasets.uploads import refusal

SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "hostile"

_entries = json.loads((SAMPLES / "manifest.json").read_text("utf-8")) if (SAMPLES / "manifest.json").is_file() else []


@pytest.mark.skipif(not _entries, reason="the collection of odd uploads is not beside this checkout; the other tests make their own")
@pytest.mark.parametrize("entry", _entries, ids=[entry["file"] for entry in _entries])
def test_every_odd_upload_ends_as_its_manifest_says(entry: dict[str, str], workspace: Workspace) -> None:
    outside = {path.name for path in Path("/tmp").glob("HOSTILE*")}  # noqa: S108 (that is where these uploads aim)
    message = refusal(lambda: add(workspace, SAMPLES / entry["file"]))
    if message:
        assert "\n" not in message
        assert 20 < len(message) < 400
        assert list(workspace.datasets.iterdir()) == []
        assert entry["expect"] == "reject"
    else:
        [manifest] = manifests(workspace)
        assert entry["expect"] in ("ok", "warn") or "skipped" in entry["check"]
        assert manifest.warnings or entry["expect"] == "ok"
        assert len(load(workspace, manifest.name).targets()) == manifest.samples
        assert entry["kind"] != "segmentation" or manifest.classes == ("background", "object")
    assert list(workspace.incoming.iterdir()) == []
    assert {path.name for path in Path("/tmp").glob("HOSTILE*")} == outside  # noqa: S108


@pytest.mark.skipif(not _entries, reason="the collection of odd uploads is not beside this checkout; the other tests make their own")
def test_particulars(workspace: Workspace) -> None:
    rotated = load(workspace, add(workspace, SAMPLES / "img_exif_rotated.zip").name).table(["width", "height"])
    assert ((rotated["width"] == 32) & (rotated["height"] == 64)).sum() == 1
    chinese = add(workspace, SAMPLES / "csv_gb18030.csv")
    assert [feature.name for feature in chinese.features] == ["城市", "面积", "价格", "等级"]
    apple = add(workspace, SAMPLES / "layout_macosx_dsstore.zip")
    assert (len(apple.classes or ()), apple.samples) == (2, 24)
    truncated = add(workspace, SAMPLES / "img_truncated_jpeg.zip")
    assert truncated.samples == 24
    assert sum(warning.count(".jpg") + warning.count(".png") for warning in truncated.warnings) == 4
    assert any("green" in warning for warning in add(workspace, SAMPLES / "layout_empty_class.zip").warnings)
    assert "bomb" in str(add(workspace, SAMPLES / "img_png_bomb_30000.zip").warnings)
