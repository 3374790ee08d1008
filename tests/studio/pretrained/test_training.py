"""A training that begins with the weights of a pretrained network, ordered by the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from studio import pretrained
from studio.cli import app
from studio.networks.loaded import open_run
from studio.pretrained.graphs import constructed
from studio.runs import Run
from tests.studio.pretrained.conftest import published

NAME = "MobileNet_0_25"


def train(place: Path, *settings: str) -> Result:
    given = [f"graph.pretrained={NAME}", "batch_size=64", *settings]
    arguments = ["train", "digits", "--workspace", str(place), "--json", *(part for each in given for part in ("--set", each))]
    return CliRunner().invoke(app, arguments)


@pytest.mark.slow
def test_the_head_is_trained_on_frozen_published_layers(cache: Path, tmp_path: Path) -> None:
    application = pretrained.get(NAME)
    source = constructed(application, include_top=False, input_shape=(224, 224, 3))
    published(application.file(complete=False), source)
    ended = train(tmp_path / "workspace", "transfer.train_last=1", "epochs=1")
    assert ended.exit_code == 0, ended.output
    run = Run(Path(json.loads(ended.stdout)["folder"]))
    assert run.recipe.transfer is not None
    assert run.recipe.transfer.weights == f"imagenet:{NAME}"
    note = next(each for each in run.events()[0] if each["event"] == "started")["notes"][0]
    assert note == f"Took over {len(source.weights)} weights of {NAME} (ImageNet)."
    trained = open_run(run).network
    (theirs,) = (variable for variable in source.weights if variable.path.endswith("conv_pw_13/kernel"))
    assert any(variable.shape == theirs.shape and (variable.numpy() == theirs.numpy()).all() for variable in trained.weights)
    assert [variable.path for variable in trained.trainable_variables] == ["label/kernel", "label/bias"]


@pytest.mark.slow
def test_without_a_connection_the_run_says_what_to_fetch(cache: Path, tmp_path: Path) -> None:
    ended = train(tmp_path / "workspace", "epochs=1")
    assert ended.exit_code == 2
    assert "could not be downloaded" in ended.output
    assert f"put it into {cache} as" in ended.output
    assert "Traceback" not in ended.output


def test_an_unknown_network_exits_with_2_and_the_closest_name(tmp_path: Path) -> None:
    for setting in ("graph.pretrained=resnet_50", "transfer.weights=imagenet:resnet_50"):
        ended = CliRunner().invoke(app, ["train", "digits", "--workspace", str(tmp_path), "--set", setting])
        assert ended.exit_code == 2
        assert "Did you mean 'ResNet50'" in ended.output
