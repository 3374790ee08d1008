"""Workspaces and files of uploads."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

from studio.workspace import Workspace

settings.register_profile("unhurried", deadline=None)  # the first example also pays for imports
settings.load_profile("unhurried")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def zipped(tmp_path: Path) -> Callable[..., Path]:
    """Makes a zip of {path: content}; None makes an empty folder."""

    def make(files: Mapping[str, bytes | str | None], name: str = "upload.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for inner, content in files.items():
                archive.writestr(inner + "/" if content is None else inner, content or b"")
        return path

    return make


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes one file."""

    def make(content: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return make
