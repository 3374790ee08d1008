"""Whole models: chains, shared layers, models within models, several inputs and outputs, states, masks and kinds of numbers."""

from __future__ import annotations

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers

import blocks
from blocks.importing import KerasImportError, from_config
from tests.blocks.importing.made import block_of, check_computes_the_same, imported, nodes, random


def test_sequential_model() -> None:
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(4, 3, activation="relu"), layers.Flatten(), layers.Dense(3, activation="softmax")], name="small-net"
    )
    found = check_computes_the_same(model, [random(2, 8, 8, 3)])
    assert found.graph.name == "small-net"
    assert [node.block for node in found.graph.nodes.values()] == ["Input", "Conv2D", "Flatten", "Output"]
    assert block_of(found, model.layers[-1].name) == ("Output", {"units": 3, "activation": "softmax"})
    assert from_config(model.get_config()).graph == found.graph


def test_sequential_without_an_input_is_imported_once_it_is_built() -> None:
    model = keras.Sequential([layers.Dense(4, activation="relu"), layers.Dense(2)])
    with pytest.raises(KerasImportError, match=r"input \(InputLayer\): the file does not say the shape of its input; build the model"):
        imported(model)
    model.build((None, 5))
    assert [node.params for node in imported(model).graph.nodes.values()] == [{"shape": [5]}, {"units": 4, "activation": "relu"}, {"units": 2}]


def test_layer_that_is_used_twice_keeps_one_set_of_weights() -> None:
    first, second = keras.Input((4,), name="first"), keras.Input((4,), name="second")
    shared = layers.Dense(3, name="shared")
    model = keras.Model([first, second], layers.Subtract(name="difference")([shared(first), shared(second)]))
    found = check_computes_the_same(model, [random(2, 4), random(2, 4, seed=1)])
    assert found.graph.nodes["shared_2"].reuse == "shared"
    assert blocks.analyse(found.graph).weights == model.count_params()


def test_use_of_a_shared_layer_never_takes_the_name_of_another() -> None:
    entry = keras.Input((4,))
    shared = layers.Dense(4, name="dense")
    model = keras.Model(entry, layers.Dense(4, name="dense_2")(shared(shared(entry))))
    found = check_computes_the_same(model, [random(2, 4)])
    assert found.layers["dense_2"] == "dense_2"
    assert found.graph.nodes["dense_3"].reuse == "dense"


def test_models_within_models_become_modules() -> None:
    encoder = keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(3, 3, name="conv"), layers.Flatten()], name="encoder")
    left, right = keras.Input((6, 6, 2), name="left"), keras.Input((6, 6, 2), name="right")
    a, b = keras.Input((48,)), keras.Input((48,))
    compared = keras.Model([a, b], [layers.Dot(-1)([a, b]), layers.Dense(2, name="inner")(a)], name="compare")
    product, scores = compared([encoder(left), encoder(right)])
    model = keras.Model({"left": left, "right": right}, {"product": product, "scores": layers.Dense(2, name="scores")(scores)})
    found = check_computes_the_same(model, [random(2, 6, 6, 2), random(2, 6, 6, 2, seed=1)])
    graph = found.graph
    assert graph.nodes["encoder"].block == "module:encoder"
    assert graph.nodes["encoder_2"].reuse == "encoder"
    assert graph.modules["compare"].outputs == (graph.modules["compare"].outputs[0], "inner")
    assert graph.nodes["scores"].inputs == ("compare:1",)
    assert graph.nodes["product"].block == "Output"
    assert found.layers["encoder/conv"] == "encoder/conv"
    assert found.stored["compare/inner"] == "layers/functional/layers/dense"
    assert blocks.analyse(graph).weights == model.count_params()


def test_models_deep_within_models() -> None:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4, name="deep")], name="inner")
    middle_entry = keras.Input((4,))
    middle = keras.Model(middle_entry, layers.Add()([inner(middle_entry), middle_entry]), name="middle")
    entry = keras.Input((4,))
    found = check_computes_the_same(keras.Model(entry, layers.ReLU()(middle(entry))), [random(2, 4)])
    assert found.layers["middle/inner/deep"] == "middle/inner/deep"


def test_models_that_only_prepare_data_are_opened() -> None:
    """Behind an Input they run ahead of the training, which they could not inside a module."""
    augmentation = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)], name="augmentation")
    preparation = keras.Sequential([keras.Input((6, 6, 3)), layers.Rescaling(1 / 255, name="scale"), augmentation], name="preparation")
    entry = keras.Input((6, 6, 3), name="image")
    model = keras.Model(entry, layers.Dense(2, name="label")(layers.Flatten(name="flat")(preparation(entry))))
    found = imported(model)
    assert [node.block for node in found.graph.nodes.values()] == ["Input", "Rescaling", "RandomFlip", "RandomRotation", "Flatten", "Output"]
    assert not found.graph.modules
    assert found.layers["preparation/scale"] == "scale"
    assert found.stored["scale"] == "layers/sequential/layers/rescaling"
    assert blocks.analyse(found.graph).errors == []


def test_model_within_one_of_its_name_is_opened() -> None:
    """As in the files that this program writes: what prepares the data, the network, what becomes of its results."""
    entry = keras.Input((4,), name="entry")
    hidden = layers.Dense(3, name="first")(entry)
    network = keras.Model(entry, [layers.Dense(2, name="label")(hidden), hidden], name="net")
    outer = keras.Input((4,), name="entry")
    first, second = network(layers.Rescaling(2.0, name="first")(outer))
    ends = [layers.Softmax(name="soft")(first), layers.ReLU(name="end")(second)]
    found = check_computes_the_same(keras.Model(outer, ends, name="net"), [random(2, 4)])
    assert set(found.graph.nodes) == {"entry", "first", "net_first", "label", "soft", "end", "soft_output", "end_output"}
    assert found.graph.nodes["end"].inputs == ("net_first",)


def test_what_is_frozen_stays_frozen() -> None:
    base = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()], name="base")
    base.trainable = False
    partly = keras.Sequential([keras.Input((3,)), layers.Dense(3, name="kept"), layers.Dense(3, name="trained")], name="partly")
    partly.get_layer("kept").trainable = False
    entry = keras.Input((4,))
    model = keras.Model(entry, layers.Dense(2, name="label")(partly(base(entry, training=False))))
    graph = imported(model).graph
    assert not graph.nodes["base"].trainable
    assert all(node.trainable for node in graph.modules["base"].nodes.values())
    assert [node.trainable for node in graph.modules["partly"].nodes.values()] == [False, True]
    counted = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    assert blocks.analyse(graph).trainable_weights == counted


def test_states_go_from_layer_to_layer() -> None:
    source, target = keras.Input((5, 3), name="source"), keras.Input((4, 3), name="target")
    _, *state = layers.Bidirectional(layers.LSTM(2, return_state=True), name="encoder")(source)
    stacked = layers.RNN([layers.LSTMCell(2), layers.LSTMCell(3)], return_sequences=True, name="stacked")(target)
    decoded, hidden, cell = layers.LSTM(2, return_sequences=True, return_state=True, name="decoder")(target, initial_state=state[:2])
    model = keras.Model([source, target], [layers.Concatenate()([decoded, stacked]), hidden, cell])
    found = check_computes_the_same(model, [random(2, 5, 3), random(2, 4, 3, seed=1)])
    assert found.graph.nodes["decoder"].inputs == ("target", "encoder:1", "encoder:2")


def test_masks_of_padding_are_passed_along_by_themselves() -> None:
    words, values = keras.Input((7,), dtype="int32", name="words"), keras.Input((7, 4), name="values")
    embedded = layers.Embedding(9, 4, mask_zero=True)(words)
    masked = layers.Masking(-1.0)(values)
    joined = layers.Concatenate()([embedded, masked])
    read = layers.LSTM(3, return_sequences=True)(joined)
    attended = layers.MultiHeadAttention(2, 3)(read, read, use_causal_mask=True)
    model = keras.Model([words, values], [layers.GlobalAveragePooling1D()(attended), layers.GRU(2)(embedded)])
    numbers = random(2, 7, 4)
    numbers[0, 5:] = -1.0
    found = check_computes_the_same(model, [np.array([[1, 2, 3, 0, 0, 0, 0], [4, 5, 6, 7, 8, 1, 2]]), numbers])
    assert not [node for node in found.graph.nodes.values() if node.block not in blocks.all()]


def test_mask_of_ones_own_is_refused() -> None:
    words, mask = keras.Input((7, 3)), keras.Input((7,), dtype="bool")
    model = keras.Model([words, mask], layers.LSTM(2, name="read")(words, mask=mask))
    with pytest.raises(KerasImportError, match=r"read \(LSTM\): it is given a mask that doesn't come from padding"):
        imported(model)
    numbers = keras.Input((7,), dtype="int32")
    embedded = layers.Embedding(9, 4, mask_zero=True)(numbers)
    model = keras.Model(numbers, layers.LSTM(2, name="read")(embedded, mask=keras.ops.not_equal(numbers, 5)))
    with pytest.raises(KerasImportError, match=r"read \(LSTM\): it is given a mask"):
        imported(model)


def test_attention_mask_is_refused() -> None:
    values, mask = keras.Input((7, 4)), keras.Input((7, 7), dtype="bool")
    model = keras.Model([values, mask], layers.MultiHeadAttention(2, 3, name="look")(values, values, attention_mask=mask))
    with pytest.raises(KerasImportError, match=r"look \(MultiHeadAttention\): it is called with attention_mask, which a graph can't say"):
        imported(model)


def test_pixels_stay_whole_as_the_blocks_keep_them() -> None:
    graph = blocks.Graph.model_validate(
        {
            "nodes": {
                "image": {"block": "Input", "params": {"shape": [9, 9, 3], "dtype": "uint8"}},
                "resizing": {"block": "Resizing", "params": {"height": 6, "width": 6, "interpolation": "bicubic"}, "inputs": ["image"]},
                "crop": {"block": "CenterCrop", "params": {"height": 4, "width": 4}, "inputs": ["resizing"]},
                "contrast": {"block": "AutoContrast", "inputs": ["crop"]},
                "rescaling": {"block": "Rescaling", "inputs": ["contrast"]},
                "conv": {"block": "Conv2D", "params": {"filters": 2}, "inputs": ["rescaling"]},
                "flat": {"block": "Flatten", "inputs": ["conv"]},
                "label": {"block": "Output", "params": {"units": 2, "activation": "softmax"}, "inputs": ["flat"]},
            }
        }
    )
    found = imported(blocks.build(graph))
    assert nodes(found.graph) == nodes(graph)
    assert found.notes == []


def test_resizing_of_whole_pixels_that_gave_fractions_says_so() -> None:
    entry = keras.Input((9, 9, 3), dtype="uint8")
    model = keras.Model(entry, layers.Flatten()(layers.Rescaling(1 / 255)(layers.Resizing(4, 4, name="smaller")(entry))))
    assert imported(model).notes == ["smaller: it gives whole pixels here, where whole pixels enter."]


@pytest.mark.parametrize(("dtype", "kind"), [("float16", "float32"), ("int64", "int32"), ("bool", "int32"), ("uint8", "uint8")])
def test_kinds_of_numbers_that_enter(dtype: str, kind: str) -> None:
    entry = keras.Input((4,), dtype=dtype, name="entry")
    found = imported(keras.Model(entry, layers.Dense(2)(entry)))
    assert found.graph.nodes["entry"].params.get("dtype", "float32") == kind
    assert found.notes == ([] if dtype == kind else [f"entry: it lets in {kind}, not {dtype}."])


def test_input_of_an_embedding_lets_in_whole_numbers() -> None:
    entry = keras.Input((4,), name="words")
    found = check_computes_the_same(keras.Model(entry, layers.Flatten()(layers.Embedding(5, 3)(entry))), [np.array([[0, 1, 2, 4]])])
    assert found.graph.nodes["words"].params == {"shape": [4], "dtype": "int32"}
    assert found.notes == ["words: it lets in whole numbers (int32), which is what an Embedding wants."]


def test_fixed_batch_size_is_left_out() -> None:
    entry = keras.Input(batch_shape=(16, 4), name="entry")
    found = imported(keras.Model(entry, layers.Dense(2)(entry)))
    assert found.graph.nodes["entry"].params == {"shape": [4]}
    assert found.notes == ["entry: the batch size 16 is left out: any number of samples enters."]


def test_output_that_is_used_elsewhere_or_is_no_plain_dense_layer_gets_an_output_behind_it() -> None:
    entry = keras.Input((4,))
    shared = layers.Dense(3, name="shared")(entry)
    regular = layers.Dense(2, bias_regularizer="l2", name="regular")(shared)
    pooled = layers.Softmax(name="soft")(shared)
    graph = check_computes_the_same(keras.Model(entry, [shared, regular, pooled]), [random(2, 4)]).graph
    assert [name for name, node in graph.nodes.items() if node.block == "Output"] == ["shared_output", "regular_output", "soft_output"]
    assert graph.nodes["soft_output"].params == {"head": "none"}


def test_last_dense_layer_takes_its_penalty_along() -> None:
    entry = keras.Input((4,))
    found = imported(keras.Model(entry, layers.Dense(3, kernel_regularizer=keras.regularizers.L2(0.001), name="label")(entry)))
    assert block_of(found, "label") == ("Output", {"units": 3, "kernel_regularizer": {"name": "l2", "l2": 0.001}})
    assert found.notes == []


def test_last_dense_layer_without_bias_is_an_output_without_bias() -> None:
    entry = keras.Input((4,))
    model = keras.Model(entry, layers.Dense(3, use_bias=False, name="label")(entry))
    assert block_of(check_computes_the_same(model, [random(2, 4)]), "label") == ("Output", {"units": 3, "use_bias": False})


def test_last_dense_layer_becomes_the_output_even_if_its_weights_start_otherwise() -> None:
    entry = keras.Input((4,))
    found = imported(keras.Model(entry, layers.Dense(3, kernel_initializer="he_normal", name="label")(entry)))
    assert block_of(found, "label") == ("Output", {"units": 3})
    assert found.notes == ["label: how its weights start is left out: an Output has no field for it."]


def test_names_that_are_no_ids() -> None:
    entry = keras.Input((4,), name="1st input")
    hidden = layers.Dense(3, name="größe 1")(entry)
    model = keras.Model(entry, layers.Dense(3, name="gr__e_1")(hidden))
    found = check_computes_the_same(model, [random(2, 4)])
    assert found.layers == {"1st input": "layer_1st_input", "größe 1": "gr__e_1", "gr__e_1": "gr__e_1_2"}


def test_import_needs_no_keras() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    code = "import sys, json; from blocks.importing import from_config; print(len(from_config(json.load(sys.stdin)).graph.nodes)); "
    code += "assert not {'keras', 'tensorflow', 'h5py'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], input=model.to_json(), capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("2", "")


def test_table_of_columns_is_one_input() -> None:
    columns = [{"name": "age", "kind": "number"}, {"name": "a", "kind": "category", "classes": ["x", "y"]}]
    graph = blocks.Graph.model_validate(
        {
            "nodes": {
                "columns": {"block": "Input", "params": {"columns": [["age", "float32"], ["a", "string"]]}},
                "encoding": {"block": "ColumnEncoding", "params": {"columns": columns}, "inputs": ["columns"]},
                "label": {"block": "Output", "params": {"units": 2, "activation": "softmax"}, "inputs": ["encoding"]},
            }
        }
    )
    model = blocks.build(graph)
    found = imported(model).graph
    assert nodes(found)["columns"] == nodes(graph)["columns"]
    assert nodes(found)["label"] == nodes(graph)["label"]
    assert json.loads(blocks.build(found).to_json())["config"]["layers"] == json.loads(model.to_json())["config"]["layers"]
