"""Every composite with 100 drawn parameter sets: the analysis says what is built."""

from __future__ import annotations

import pytest

import blocks
from blocks import Composite
from tests.blocks.drawn import check_drawn


@pytest.mark.parametrize("name", [name for name, block in blocks.all().items() if issubclass(block, Composite)])
def test_drawn_parameters(name: str) -> None:
    check_drawn(name)
