"""A Keras whose cache is empty, and files as it keeps them."""

from __future__ import annotations

from pathlib import Path

import h5py
import keras
import pytest
from keras.src.backend import config
from keras.src.legacy.saving import legacy_h5_format


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of weights of a Keras that has none, and that reaches no server."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(config, "_KERAS_DIR", str(tmp_path))
    for scheme in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(scheme, "http://127.0.0.1:9")
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def published(file: Path, source: keras.Model) -> None:
    """Writes weights as those of keras.applications are kept."""
    with h5py.File(file, "w") as opened:
        legacy_h5_format.save_weights_to_hdf5_group(opened, source)
