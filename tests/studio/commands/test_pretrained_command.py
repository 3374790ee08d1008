"""`studio pretrained`: what there is, and what has been downloaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from studio import pretrained
from studio.cli import app

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of Keras."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def test_it_says_which_weights_are_here(cache: Path) -> None:
    (cache / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5").touch()
    (cache / "efficientnetb1.h5").touch()
    ended = RUNNER.invoke(app, ["pretrained", "--json"])
    assert ended.exit_code == 0, ended.output
    found = json.loads(ended.stdout)["pretrained"]
    assert list(found) == list(pretrained.all())
    assert [name for name, each in found.items() if each["cached"]] == ["EfficientNetB1"]
    assert [name for name, each in found.items() if each["headless_cached"]] == ["VGG16"]
    assert found["EfficientNetB1"]["input_shape"] == [240, 240, 3]
    assert found["EfficientNetB1"]["file"] == str(cache / "efficientnetb1.h5")
    assert not found["NASNetMobile"]["preset"]


def test_the_table_and_one_network(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cache / "mobilenet_2_5_224_tf_no_top.h5").touch()
    lines = RUNNER.invoke(app, ["pretrained"]).stdout.splitlines()
    assert len(lines) == 1 + len(pretrained.all())
    assert next(line.split() for line in lines if line.startswith("MobileNet_0_25")) == ["MobileNet_0_25", "224x224x3", "ImageNet", "without", "head"]
    monkeypatch.setenv("COLUMNS", "400")
    one = [line.split() for line in RUNNER.invoke(app, ["pretrained", "MobileNet_0_25"]).stdout.splitlines()[1:]]
    assert one == [
        ["1,000", "classes", str(cache / "mobilenet_2_5_224_tf.h5"), "no"],
        ["any", "classes", str(cache / "mobilenet_2_5_224_tf_no_top.h5"), "yes"],
    ]


def test_an_unknown_network_is_refused() -> None:
    ended = RUNNER.invoke(app, ["pretrained", "Xceptoin"])
    assert ended.exit_code == 2
    assert "Did you mean 'Xception'?" in ended.stderr
