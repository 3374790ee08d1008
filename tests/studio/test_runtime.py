"""What processes set before they import Keras."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from studio import runtime


def test_what_the_environment_says_already_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    monkeypatch.setenv(runtime.ONEDNN, "0")
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    runtime.prepare()
    assert (os.environ["TF_CPP_MIN_LOG_LEVEL"], os.environ[runtime.ONEDNN]) == ("0", "0")
    assert os.environ["KERAS_BACKEND"] == "tensorflow"


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="oneDNN is for x86")
@pytest.mark.slow
def test_convolutions_run_in_onednn() -> None:
    code = """
from studio import runtime
runtime.prepare()
import numpy as np, tensorflow as tf
call = tf.function(lambda x, w: tf.nn.conv2d(x, w, 1, "VALID"))
call(tf.ones((1, 28, 28, 3)), tf.ones((5, 5, 3, 6)))
"""
    environment = {name: value for name, value in os.environ.items() if name != runtime.ONEDNN} | {"ONEDNN_VERBOSE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "exec,cpu,convolution" in done.stdout


def test_somebody_elses_program_is_not_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(runtime.ONEDNN, "1")
    found = runtime.foreign()
    assert runtime.ONEDNN not in found
    assert found["CUDA_VISIBLE_DEVICES"] == "-1"


@pytest.mark.slow
@pytest.mark.parametrize("error", ["", "def import_keras(): raise ImportError('no Keras')\nruntime.import_keras = import_keras"])
def test_a_command_prints_no_remarks_of_tensorflow(error: str) -> None:
    code = f"""
import os
from studio import runtime
runtime.prepare()
{error}
try:
    runtime.on_cpu()
except ImportError:
    os.write(2, b"told")
else:
    import tensorflow as tf
    assert not tf.config.get_visible_devices("GPU")
    os.write(2, b"heard")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ("told" if error else "heard")


@pytest.mark.slow
def test_keras_comes_without_what_its_wrappers_would_import() -> None:
    code = """
import sys
from studio import runtime
runtime.prepare()
runtime.import_keras()
assert "keras" in sys.modules and not {"sklearn", "scipy"} & set(sys.modules)
import sklearn.linear_model, scipy.ndimage
runtime.import_keras()
assert sys.modules["sklearn"] is sklearn and sys.modules["scipy"] is scipy
"""
    subprocess.run([sys.executable, "-c", code], check=True)
