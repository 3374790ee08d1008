"""What holds for every test."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest

from studio import runtime

runtime.prepare()

# A shell that starts the tests in the background has them ignore Ctrl-C, and every process that they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def plain_precision() -> Iterator[None]:
    """A training in this process sets the precision of the process, as in a trainer of its own; the next test begins without it."""
    yield
    if "keras" in sys.modules:
        import keras

        keras.config.set_dtype_policy("float32")
