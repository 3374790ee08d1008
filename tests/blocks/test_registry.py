"""A registry that several threads ask at once gives each of them the whole table."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from blocks.registry import Registry

SLOW = "import time\ntime.sleep(0.2)\nimport made_for_registry\nmade_for_registry.found.add({name!r}, {name!r})\n"


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[str]:
    package = tmp_path / "made_for_registry"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    for name in ("first", "second"):
        (package / f"{name}.py").write_text(SLOW.format(name=name), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    for module in ("", ".first", ".second"):
        monkeypatch.delitem(sys.modules, f"made_for_registry{module}", raising=False)
    import made_for_registry  # type: ignore[import-not-found]

    made_for_registry.found = Registry("thing", "made_for_registry")
    found: Registry[str] = made_for_registry.found
    return found


def test_every_thread_sees_the_whole_table(registry: Registry[str]) -> None:
    seen: list[list[str]] = []
    threads = [threading.Thread(target=lambda: seen.append(list(registry.all()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [["first", "second"]] * 4
