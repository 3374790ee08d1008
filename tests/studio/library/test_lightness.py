"""The library works on documents: nothing of it loads a framework, or the page."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_library_loads_no_framework() -> None:
    modules = "studio.library.graphs, studio.library.modules, studio.library.differences, studio.library.exchange, studio.commands.graphs"
    heavy = ("keras", "tensorflow", "sklearn", "gradio", "fastapi")
    code = f"import {modules}, sys; sys.exit(', '.join(name for name in {heavy} if name in sys.modules) or 0)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
