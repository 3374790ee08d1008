"""Networks of Keras files, with their weights: each computes here what it computes there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import blocks
import presets
from blocks.graph import Graph
from blocks.spec import Spec
from studio.networks import imported
from studio.networks.keras_import import import_file, read_keras
from studio.networks.keras_import.taking import parts
from studio.workspace import StudioError, Workspace
from tests.blocks.samples import fed, graph_of, inputs_for, params_for, values_for
from tests.presets.ready import first_variants, quick, sample, smallest_graph
from tests.studio.networks.files import check_same_outputs, network_of, saved, with_config, with_random_weights, with_weight_file


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.mark.parametrize("name", first_variants())
def test_preset_in_a_file_computes_the_same(name: str, tmp_path: Path, workspace: Workspace) -> None:
    model = with_random_weights(blocks.build(smallest_graph(quick(name))))
    path = saved(model, tmp_path)
    found = check_same_outputs(model, path, workspace, values_of(quick(name), model))
    assert found["notes"] == []
    assert layers_of(blocks.build(Graph.model_validate(found["graph"]))) == layers_of(model)


def values_of(preset: presets.Preset, model: keras.Model) -> Any:
    """Samples for a preset's network: those of the preset, or, for a single input of numbers, numbers over the whole range of a byte."""
    entries = model.inputs
    if len(entries) > 1 or entries[0].dtype == "string":
        return sample(preset)
    return tf.cast(np.random.default_rng(0).uniform(0, 255, (4, *entries[0].shape[1:])), entries[0].dtype)


def layers_of(model: keras.Model) -> list[dict[str, Any]]:
    """The configurations of all layers; functions, which cast numbers and pass masks along, are numbered by what was built before."""
    return [layer["config"] for layer in json.loads(model.to_json())["config"]["layers"] if not layer["module"].startswith("keras.src.ops.")]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["MobileNetV2", "ResNet50"])
def test_network_of_keras_applications(name: str, tmp_path: Path, workspace: Workspace) -> None:
    model = getattr(keras.applications, name)(weights=None, input_shape=(64, 64, 3))
    with_random_weights(model)
    found = check_same_outputs(model, saved(model, tmp_path), workspace, np.random.default_rng(0).normal(size=(2, 64, 64, 3)).astype("float32"))
    assert found["graph"]["nodes"]["predictions"]["block"] == "Output"
    assert found["nodes"] == len(model.layers)


def layered() -> keras.Model:
    """Layers whose weights stand in parts of theirs, twice the same class, a shared layer, and models within."""
    entry = keras.Input((6, 4), name="entry")
    shared = layers.Dense(4, name="shared")
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True), name="both")(shared(shared(entry)))
    x = layers.TimeDistributed(layers.Dense(4), name="steps")(x)
    x = layers.MultiHeadAttention(2, 3, name="look")(x, x)
    x = layers.SpectralNormalization(layers.Conv1D(5, 3), name="spectral")(x)
    x = layers.RNN([layers.GRUCell(4), layers.GRUCell(3)], return_sequences=True, name="stack")(x)
    x = layers.SeparableConv1D(4, 2, name="separable")(x)
    x = layers.PReLU(shared_axes=[1], name="bend")(layers.BatchNormalization(name="norm")(x))
    deep = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.Dense(3)], name="deep")
    inner_entry = keras.Input((3, 4))
    inner = keras.Model(inner_entry, deep(layers.GlobalMaxPooling1D()(layers.Dense(4)(inner_entry))), name="inner")
    return keras.Model(entry, layers.Dense(2, name="label")(inner(x)))


def test_weights_are_found_wherever_they_stand(tmp_path: Path, workspace: Workspace) -> None:
    model = with_random_weights(layered())
    values = np.random.default_rng(1).normal(size=(3, 6, 4)).astype("float32")
    found = check_same_outputs(model, saved(model, tmp_path), workspace, values)
    assert len(found["weights_taken"]) == len(model.weights)


def test_weights_of_a_sequential_model(tmp_path: Path, workspace: Workspace) -> None:
    model = keras.Sequential([keras.Input((8, 8, 2)), layers.Conv2D(3, 3), layers.Conv2D(3, 3), layers.Flatten(), layers.Dense(2), layers.Dense(2)])
    with_random_weights(model)
    check_same_outputs(model, saved(model, tmp_path), workspace, np.random.default_rng(1).normal(size=(3, 8, 8, 2)).astype("float32"))


def test_compiled_and_trained_model_leaves_the_state_of_its_optimizer(tmp_path: Path, workspace: Workspace) -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="relu"), layers.Dropout(0.5), layers.Dense(2)])
    model.compile("adam", "mse")
    values = np.random.default_rng(1).normal(size=(8, 4)).astype("float32")
    model.fit(values, values[:, :2], verbose=0)
    check_same_outputs(model, saved(model, tmp_path), workspace, values)


@pytest.mark.parametrize("policy", ["float16", "bfloat16", "float64"])
def test_weights_of_another_precision_become_those_of_the_network(policy: str, tmp_path: Path, workspace: Workspace) -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, dtype=policy), layers.Dense(2)])
    with_random_weights(model)

    def plainly(config: dict[str, Any]) -> None:
        for layer in config["config"]["layers"]:
            layer["config"]["dtype"] = "float32"

    found = import_file(str(with_config(saved(model, tmp_path), plainly)), str(workspace.folder))
    kept = imported.load(workspace, found["transfer"]["weights"]).arrays
    assert {array.dtype.name for array in kept.values()} == {"float32"}
    for array, variable in zip(kept.values(), model.weights, strict=True):
        np.testing.assert_allclose(array, keras.ops.convert_to_numpy(keras.ops.cast(variable, "float32")), atol=1e-7)


def test_what_a_front_learned_becomes_parameters(tmp_path: Path, workspace: Workspace) -> None:
    random = np.random.default_rng(0)
    words = layers.TextVectorization(output_sequence_length=4, name="words")
    words.adapt(["a cat", "a dog and a cat"])
    colours = layers.StringLookup(output_mode="multi_hot", name="colours")
    colours.adapt(["red", "blue", "red"])
    codes = layers.IntegerLookup(name="codes")
    codes.adapt(np.array([7, 9, 7]))
    standard = layers.Normalization(name="standard")
    standard.adapt(random.normal(3, 2, (50, 2)).astype("float32"))
    text, colour = keras.Input((), dtype="string", name="text"), keras.Input((2,), dtype="string", name="colour")
    code, numbers = keras.Input((1,), dtype="int32", name="code"), keras.Input((2,), name="numbers")
    joined = [
        layers.Flatten()(layers.Embedding(8, 3)(words(text))),
        colours(colour),
        layers.Flatten()(layers.Embedding(8, 2)(codes(code))),
        standard(numbers),
    ]
    model = keras.Model([code, colour, numbers, text], layers.Dense(2, name="label")(layers.Concatenate()(joined)))
    with_random_weights(model)
    standard.load_own_variables({"0": np.array([3.0, 2.5]), "1": np.array([4.0, 5.0]), "2": np.array(50)})
    values = {
        "code": tf.constant([[7], [1]]),
        "colour": tf.constant([["red", "?"], ["blue", "red"]]),
        "numbers": tf.constant(random.normal(3, 2, (2, 2)), "float32"),
        "text": tf.constant(["the cat", "dog a a a a"]),
    }
    found = import_file(str(saved(model, tmp_path)), str(workspace.folder))
    nodes = found["graph"]["nodes"]
    assert nodes["words"]["params"]["vocabulary"] == words.get_vocabulary(include_special_tokens=False)
    assert nodes["colours"]["params"]["vocabulary"] == ["red", "blue"]
    assert nodes["codes"]["params"]["vocabulary"] == [7, 9]
    assert (nodes["standard"]["params"]["mean"], nodes["standard"]["params"]["variance"]) == ([3.0, 2.5], [4.0, 5.0])
    assert found["weights_left"] == []
    network = network_of(found, workspace)
    np.testing.assert_allclose(network(values).numpy(), model(list(values.values())).numpy(), atol=1e-6)


def test_front_that_learned_nothing_is_left_to_the_training_data(tmp_path: Path, workspace: Workspace) -> None:
    model = keras.Sequential([keras.Input((2,)), layers.Normalization(name="standard"), layers.Dense(2)])
    found = import_file(str(saved(model, tmp_path)), str(workspace.folder))
    assert found["graph"]["nodes"]["standard"]["params"] == {}
    assert found["weights_left"] == []


def test_weights_of_words_are_taken_over(tmp_path: Path, workspace: Workspace) -> None:
    words = layers.TextVectorization(output_mode="tf_idf", name="words")
    words.adapt(["a cat", "a dog and a cat"])
    text = keras.Input((), dtype="string")
    model = with_random_weights(keras.Model(text, layers.Dense(2)(words(text))))
    path = saved(model, tmp_path)
    found = check_same_outputs(model, path, workspace, tf.constant(["a cat", "dog ?"]))
    assert len(found["graph"]["nodes"]["words"]["params"]["idf_weights"]) == 4


def test_words_that_the_configuration_has_are_not_missed_in_the_weight_file(tmp_path: Path, workspace: Workspace) -> None:
    words = layers.TextVectorization(output_mode="tf_idf", vocabulary=["cat", "dog"], idf_weights=[0.5, 1.5], name="words")
    text = keras.Input((), dtype="string")
    model = with_random_weights(keras.Model(text, layers.Dense(2)(words(text))))
    found = check_same_outputs(model, saved(model, tmp_path), workspace, tf.constant(["a cat", "dog ?"]))
    assert found["graph"]["nodes"]["words"]["params"]["idf_weights"] == [0.5, 1.5]


def test_words_without_their_weights_are_left_to_the_training_data(tmp_path: Path, workspace: Workspace) -> None:
    words = layers.TextVectorization(output_mode="tf_idf", name="words")
    words.adapt(["a cat", "a dog and a cat"])
    text = keras.Input((), dtype="string")
    path = saved(keras.Model(text, layers.Dense(2)(words(text))), tmp_path)
    found = import_file(str(with_weight_file(path, lambda file: file.pop("layers/text_vectorization/vars/idf_weights"))), str(workspace.folder))
    assert found["weights_left"][0].startswith("words: what it learned is not taken over: the weights of its words")
    assert "vocabulary" not in found["graph"]["nodes"]["words"]["params"]


def small(tmp_path: Path) -> Path:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="first"), layers.Dense(2, name="label")])
    return saved(with_random_weights(model), tmp_path)


def test_what_is_missing_or_of_another_shape_is_told(tmp_path: Path, workspace: Workspace) -> None:
    def change(file: h5py.File) -> None:
        del file["layers/dense/vars/1"]
        del file["layers/dense_1/vars/0"]
        file["layers/dense_1/vars/0"] = np.zeros((3, 5), "float32")
        file["layers/conv2d/vars/0"] = np.zeros(3)
        file["layers/dense/notes"] = np.zeros(3)

    found = import_file(str(with_weight_file(small(tmp_path), change)), str(workspace.folder))
    assert found["weights_taken"] == ["first/kernel", "label/bias"]
    assert sorted(found["weights_left"]) == [
        "first/bias: the file holds nothing for it; it starts anew.",
        "label/kernel: the file has 3 x 5, the network 3 x 2; it starts anew.",
        "layers/conv2d/0: no part of the network takes it.",
        "layers/dense/notes: it stands where no weights of Keras stand.",
    ]


def test_layout_of_the_first_files(tmp_path: Path, workspace: Workspace) -> None:
    path = with_weight_file(small(tmp_path), lambda file: file.move("layers", "_layer_checkpoint_dependencies"))
    assert len(import_file(str(path), str(workspace.folder))["weights_taken"]) == 4


def test_configuration_alone(tmp_path: Path, workspace: Workspace) -> None:
    path = tmp_path / "model.json"
    path.write_text(layered().to_json(), "utf-8")
    found = import_file(str(path), str(workspace.folder))
    assert (found["weights_taken"], found["weights_left"], found["transfer"]) == ([], [], None)
    assert not list(workspace.imported.iterdir())
    assert read_keras(path).weights == {}


def test_network_that_can_not_be_built_keeps_its_graph(tmp_path: Path, workspace: Workspace) -> None:
    """Augmentation within a network is an error here, which a person can mend on the canvas."""
    entry = keras.Input((8, 8, 3))
    model = keras.Model(entry, layers.Dense(2)(layers.RandomFlip(name="flip")(layers.Conv2D(3, 3)(entry))))
    found = import_file(str(saved(model, tmp_path)), str(workspace.folder))
    assert (found["weights_taken"], found["transfer"]) == ([], None)
    assert found["weights_left"][0].startswith("all weights: the network can't be built yet. flip: RandomFlip stands behind a part of the network")
    assert found["graph"]["nodes"]["flip"]["block"] == "RandomFlip"


def test_parts_of_a_layer_are_counted_as_a_file_counts_them(tmp_path: Path) -> None:
    """The one private call of Keras: what it lists is what stands in a file."""
    model = layered()
    path = saved(model, tmp_path)
    places = read_keras(path).weights
    layer = model.get_layer("both")
    listed = {f"layers/bidirectional/{part}": set(variables) for part, variables in parts(layer).items()}
    assert listed == {place: set(numbers) for place, numbers in places.items() if place.startswith("layers/bidirectional")}
    assert {id(variable) for variables in parts(layer).values() for variable in variables.values()} == {id(variable) for variable in layer.weights}


def test_augmentation_of_a_foreign_model_is_no_part_of_the_network(tmp_path: Path, workspace: Workspace) -> None:
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.RandomFlip("horizontal", name="flip"), layers.Flatten(), layers.Dense(2, name="label")])
    found = import_file(str(saved(with_random_weights(model), tmp_path)), str(workspace.folder))
    assert found["graph"]["nodes"]["flip"] == {"block": "RandomFlip", "params": {}, "inputs": [next(iter(found["graph"]["nodes"]))]}
    assert found["weights_taken"] == ["label/kernel", "label/bias"]
    values = values_for([Spec((8, 8, 3))])[0]
    np.testing.assert_allclose(network_of(found, workspace)(values), model(values, training=False), atol=1e-6)


def test_kept_weights_have_one_id_for_one_content(tmp_path: Path, workspace: Workspace) -> None:
    path = small(tmp_path)
    first, second = (import_file(str(path), str(workspace.folder))["transfer"] for _ in range(2))
    assert first == second
    assert len(list(workspace.imported.iterdir())) == 1
    assert imported.load(workspace, first["weights"]).source == "model.keras"
    assert imported.keep(workspace, {"a": np.zeros(2)}, "x") != imported.keep(workspace, {"a": np.zeros(3)}, "x")


@pytest.mark.parametrize("wrong", ["0" * 16, "../../../etc", "", "ABCDEF0123456789", "0" * 400])
def test_kept_weights_that_are_not_there(wrong: str, workspace: Workspace) -> None:
    with pytest.raises(StudioError, match="There are no imported weights"):
        imported.load(workspace, wrong)


WITH_WEIGHTS = [name for name, block in sorted(blocks.all().items()) if block.section("Weights") and name not in ("Input", "Output")]


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_weights_of_every_block_are_found(name: str, tmp_path: Path, workspace: Workspace) -> None:
    block = blocks.get(name)
    specs = inputs_for(block)[-1]
    params = {"use_scale": True} if name == "Attention" else params_for(block, specs)  # which has no weights otherwise
    model = with_random_weights(blocks.build(graph_of(name, params, specs)))
    check_same_outputs(model, saved(model, tmp_path), workspace, fed(values_for(specs)), tolerance=1e-4)
