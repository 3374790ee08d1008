"""Trainings that begin with the weights of networks of keras-hub, ordered by the command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

pytest.importorskip("keras_hub", reason="keras-hub is an extra; the development group brings it")

from benchmarks.hub import Saved, saved
from studio import hub
from studio.cli import app
from studio.networks.loaded import open_run
from studio.runs import Run

NAME = "mobilenet_v3_small_100_imagenet"


def train(place: Path, *settings: str) -> Result:
    given = ["batch_size=64", "epochs=1", "transfer.train_last=1", *settings]
    arguments = ["train", "digits", "--workspace", str(place), "--json", *(part for each in given for part in ("--set", each))]
    return CliRunner().invoke(app, arguments)


def check(run: Run, made: Saved) -> None:
    """Raises AssertionError where the head is not all that was trained."""
    trained = open_run(run).network
    assert [variable.path for variable in trained.trainable_variables] == ["label/kernel", "label/bias"]
    theirs = next(variable for variable in made.backbone.weights if variable.path.endswith("input_conv/kernel"))
    ours = next(variable for variable in trained.weights if variable.path == "body_input_conv/kernel")
    assert (ours.numpy() == theirs.numpy()).all()


@pytest.mark.slow
def test_the_head_is_trained_on_the_frozen_layers_of_a_folder_that_may_go(tmp_path: Path) -> None:
    made = saved("MobileNet", tmp_path / "my net")
    ended = train(tmp_path / "workspace", f"graph.pretrained=hub:{made.folder}")
    assert ended.exit_code == 0, ended.output
    run = Run(Path(json.loads(ended.stdout)["folder"]))
    check(run, made)
    assert run.recipe.transfer is not None
    assert run.recipe.transfer.weights is not None
    note = next(each for each in run.events()[0] if each["event"] == "started")["notes"][0]
    assert note == f"Took over {len([each for each in made.backbone.weights if 'seed' not in each.path])} weights of my net (keras-hub)."
    shutil.rmtree(made.folder)
    again = CliRunner().invoke(app, ["train", str(run.folder / "recipe.yaml"), "--workspace", str(tmp_path / "workspace"), "--json"])
    assert again.exit_code == 0, again.output
    check(Run(Path(json.loads(again.stdout)["folder"])), made)


@pytest.mark.slow
def test_what_has_been_downloaded_serves_offline(cache: Path, tmp_path: Path) -> None:
    made = saved("MobileNet", hub.get(NAME).folder)
    ended = train(tmp_path / "workspace", f"graph.pretrained=hub:{NAME}")
    assert ended.exit_code == 0, ended.output
    run = Run(Path(json.loads(ended.stdout)["folder"]))
    check(run, made)
    assert run.recipe.transfer is not None
    assert run.recipe.transfer.weights == f"hub:{NAME}"


def test_what_can_not_be_had_exits_with_2_and_one_sentence(cache: Path, tmp_path: Path) -> None:
    for setting, said in (
        (f"graph.pretrained=hub:{NAME}", "could not be downloaded from Kaggle"),
        ("transfer.weights=hub:resnet_50_imagnet", "Did you mean 'resnet_50_imagenet'"),
    ):
        ended = train(tmp_path / "workspace", setting)
        assert ended.exit_code == 2
        assert said in " ".join(ended.output.split())
        assert "Traceback" not in ended.output


def test_the_command_lists_them(cache: Path) -> None:
    saved("MobileNet", hub.get(NAME).folder)
    ended = CliRunner().invoke(app, ["pretrained", "--hub", "--json"])
    assert ended.exit_code == 0, ended.output
    found = json.loads(ended.stdout)["pretrained"]
    assert set(found) == {f"hub:{name}" for name in hub.all()}
    assert [name for name, each in found.items() if each["cached"]] == [f"hub:{NAME}"]
    assert found["hub:resnet_50_imagenet"]["class"] == "ResNetBackbone"
    rows = CliRunner().invoke(app, ["pretrained", "--hub"]).stdout.splitlines()
    assert len(rows) == 1 + len(found)
    one = CliRunner().invoke(app, ["pretrained", f"hub:{NAME}"])
    assert one.stdout.splitlines()[1:] == [f"folder: {hub.get(NAME).folder}", "downloaded: yes"]
