"""Presets of keras-hub in folders, and a cache of kagglehub that reaches no server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from blocks import Feature

LABEL = Feature(name="label", role="target", kind="category", dtype="int32", classes=("a", "b", "c"))
RESNET: dict[str, Any] = {
    "input_conv_filters": [64], "input_conv_kernel_sizes": [7], "stackwise_num_filters": [64], "stackwise_num_blocks": [1],
    "stackwise_num_strides": [1], "block_type": "basic_block", "image_shape": [None, None, 3],
}  # fmt: skip
Write = Callable[..., Path]


def pictures(*shape: int | None) -> list[Feature]:
    return [Feature(name="picture", role="input", kind="image", shape=shape, dtype="uint8"), LABEL]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """Writes a preset by hand, without weights."""

    def write(kind: str = "ResNetBackbone", arguments: Any = None, converter: Any = None, module: str = "keras_hub.models") -> Path:
        folder = tmp_path / "mine"
        folder.mkdir(exist_ok=True)
        config = {"module": module, "class_name": kind, "config": RESNET if arguments is None else arguments}
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        if converter is not None:
            (folder / "image_converter.json").write_text(json.dumps({"class_name": "ImageConverter", "config": converter}), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of a kagglehub that has nothing, and that reaches no server."""
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "kagglehub"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    return tmp_path / "kagglehub"
