"""A workspace whose runs and datasets are left as they are, and memories for single tests."""

from __future__ import annotations

import pytest

from studio.inspection.memory import Memory


@pytest.fixture
def memory() -> Memory:
    return Memory()
