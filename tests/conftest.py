"""What holds for every test."""

from __future__ import annotations

import gc
import random
import signal
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from studio import runtime

runtime.prepare()

# A shell that starts the tests in the background has them ignore Ctrl-C, and every process that they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Every test and its fixtures begin with the same chance: layers without a seed take one from Python's generator."""
    random.seed(0)
    np.random.seed(0)


@pytest.fixture(scope="module", autouse=True)
def light_heap() -> None:
    """What the modules before have left behind is looked through no more: with it Keras's `clear_session` would take seconds each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def plain_precision() -> Iterator[None]:
    """A training in this process sets the precision of the process, as in a trainer of its own; the next test begins without it."""
    yield
    if "keras" in sys.modules:
        import keras

        keras.config.set_dtype_policy("float32")
