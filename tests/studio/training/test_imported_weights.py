"""Trainings that begin with the weights of an imported network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from blocks import Graph
from studio import runs
from studio.datasets import store
from studio.networks.keras_import import import_file
from studio.networks.loaded import open_run
from studio.recipe import Recipe, Transfer
from studio.runs import Run
from studio.training.planning import plan
from studio.training.prepare import adapted_graph
from studio.training.spare import is_quick
from studio.training.trainer import train_folder
from studio.ui import redraft
from studio.workspace import Workspace
from tests.studio.trained import trained as by_recipe


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def network(classes: int) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 1), dtype="uint8", name="image"),
            layers.Rescaling(1 / 16, name="rescaling"),
            layers.Conv2D(6, 3, activation="relu", name="conv"),
            layers.Flatten(name="flatten"),
            layers.Dense(classes, activation="softmax", name="label"),
        ],
        name="theirs",
    )


def trained(workspace: Workspace, found: dict[str, Any], **training: Any) -> Run:
    values = {"dataset": "digits", "graph": found["graph"], "transfer": found["transfer"], "training": {"epochs": 1, **training}}
    return by_recipe(workspace, values)


def test_training_goes_on_from_imported_weights(workspace: Workspace, tmp_path: Path) -> None:
    model = network(10)
    digits = store.load(workspace, "digits")
    rows = [np.asarray(keras.utils.img_to_array(_decoded(each)), "uint8") for each in digits.images("train")]
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(np.stack(rows), digits.targets("train"), epochs=12, verbose=0)
    model.save(tmp_path / "theirs.keras")
    found = import_file(str(tmp_path / "theirs.keras"), str(workspace.folder))
    run = trained(workspace, found, optimizer={"name": "sgd", "learning_rate": 1e-6})
    assert run.events()[0][0]["notes"] == ["Took over 4 weights of theirs.keras."]
    assert run.results()["test"]["accuracy"] > 0.9
    stored = open_run(run).stored
    np.testing.assert_allclose(stored["conv/kernel"], model.get_layer("conv").kernel.numpy(), atol=1e-3)


def _decoded(content: bytes) -> Any:
    import io

    from PIL import Image

    return Image.open(io.BytesIO(content))


def test_what_does_not_fit_the_data_is_told(workspace: Workspace, tmp_path: Path) -> None:
    network(1000).save(tmp_path / "theirs.keras")
    found = import_file(str(tmp_path / "theirs.keras"), str(workspace.folder))
    run = trained(workspace, found)
    assert run.events()[0][0]["notes"] == [
        "Took over 2 weights of theirs.keras.",
        "Starts anew: label: kernel is 216 x 1000 in theirs.keras and 216 x 10 here.",
    ]
    again = redraft.draft_recipe(workspace, run)
    assert again["transfer"] == found["transfer"]
    assert Recipe.read(again).transfer == run.recipe.transfer
    assert is_quick(run.recipe, store.load(workspace, "digits"))  # such a one is none the less never made ready ahead


def test_weights_that_are_gone_fail_the_run_with_a_reason(workspace: Workspace, tmp_path: Path) -> None:
    network(10).save(tmp_path / "theirs.keras")
    found = import_file(str(tmp_path / "theirs.keras"), str(workspace.folder))
    for path in workspace.imported.iterdir():
        path.unlink()
    planned = plan(workspace, Recipe.read({"dataset": "digits", "graph": found["graph"], "transfer": found["transfer"]}))
    run = runs.create(workspace, planned.recipe, planned.network)
    train_folder(run.folder)
    assert run.status().status == "failed"
    assert "There are no imported weights" in run.status().reason


def test_a_vocabulary_that_came_along_stays_with_its_embedding(workspace: Workspace, tmp_path: Path) -> None:
    words = layers.TextVectorization(max_tokens=50, output_sequence_length=6, name="words")
    words.adapt(["qui est la", "wer ist da", "who is there", "quien esta ahi"])
    text = keras.Input((), dtype="string", name="text")
    embedded = layers.Embedding(words.vocabulary_size(), 4, name="embedding")(words(text))
    label = layers.Dense(4, activation="softmax", name="label")(layers.GlobalAveragePooling1D(name="pool")(embedded))
    keras.Model(text, label, name="theirs").save(tmp_path / "theirs.keras")
    found = import_file(str(tmp_path / "theirs.keras"), str(workspace.folder))
    vocabulary = found["graph"]["nodes"]["words"]["params"]["vocabulary"]
    languages = store.load(workspace, "languages")
    kept, anew = (
        adapted_graph(Graph.model_validate(found["graph"]), languages, transfer).nodes["words"].params["vocabulary"]
        for transfer in (Transfer.model_validate(found["transfer"]), None)
    )
    assert list(kept) == list(vocabulary)
    assert list(anew) != list(vocabulary)
