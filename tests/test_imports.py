"""What must not be loaded where it is not needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("tensorflow", "keras", "sklearn", "torch")
LIGHT = (
    "blocks", "presets", "studio", "studio.recipe", "studio.runs", "studio.datasets.store", "studio.pretrained",
    "studio.drafts", "studio.jobs", "studio.cli", "studio.ui.app",
)  # fmt: skip


@pytest.mark.parametrize("module", LIGHT)
def test_importing_loads_no_framework(module: str) -> None:
    also = () if ".ui" in module else ("gradio",)
    code = f"import {module}, sys; found = [name for name in {HEAVY + also!r} if name in sys.modules]; sys.exit(', '.join(found) or 0)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180, check=False)
    assert ended.returncode == 0, ended.stderr[-500:]
