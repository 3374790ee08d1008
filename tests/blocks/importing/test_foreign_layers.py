"""Layers as people write them in Keras: those that a layer of our own stands in for, values spelt in other ways, values without a field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import layers

from blocks.importing import KerasImportError
from tests.blocks.importing.made import block_of, check_computes_the_same, imported, random


def behind(layer: Any, *shapes: tuple[int, ...], dtype: str = "float32") -> keras.Model:
    entries = [keras.Input(shape, dtype=dtype) for shape in shapes]
    return keras.Model(entries, layers.Identity()(layer(entries[0] if len(entries) == 1 else entries)))


STOOD_IN_FOR: dict[str, tuple[Callable[[], Any], tuple[int, ...], str, dict[str, Any]]] = {
    "TimeDistributed": (
        lambda: layers.TimeDistributed(layers.Dense(3, activation="relu"), name="layer"), (4, 5), "TimeDistributed",
        {"block": {"block": "Dense", "params": {"units": 3, "activation": "relu"}}},
    ),
    "TimeDistributed LSTM": (
        lambda: layers.TimeDistributed(layers.LSTM(3), name="layer"), (4, 5, 2), "TimeDistributed",
        {"block": {"block": "LSTM", "params": {"units": 3}}},
    ),
    "SpectralNormalization": (
        lambda: layers.SpectralNormalization(layers.Conv2D(3, 3), name="layer"), (6, 6, 2), "SpectralNormalization",
        {"block": {"block": "Conv2D", "params": {"filters": 3}}},
    ),
    "AdaptiveAveragePooling2D": (
        lambda: layers.AdaptiveAveragePooling2D(2, name="layer"), (6, 6, 2), "AdaptiveAveragePooling2D", {"output_size": 2},
    ),
    "AdaptiveMaxPooling1D": (lambda: layers.AdaptiveMaxPooling1D(3, name="layer"), (6, 2), "AdaptiveMaxPooling1D", {"output_size": 3}),
    "AdaptiveAveragePooling1D": (lambda: layers.AdaptiveAveragePooling1D(4, name="layer"), (6, 2), "AdaptiveAveragePooling1D", {"output_size": 4}),
    "AdaptiveMaxPooling2D": (
        lambda: layers.AdaptiveMaxPooling2D((2, 3), name="layer"), (6, 6, 2), "AdaptiveMaxPooling2D", {"output_size": [2, 3]},
    ),
    "STFTSpectrogram": (
        lambda: layers.STFTSpectrogram(frame_length=16, frame_step=8, fft_length=16, name="layer"), (64, 1), "STFTSpectrogram",
        {"frame_length": 16, "frame_step": 8, "fft_length": 16},
    ),
    "Bidirectional": (
        lambda: layers.Bidirectional(layers.LSTM(3, return_sequences=True), merge_mode="ave", name="layer"), (4, 5), "Bidirectional",
        {"merge_mode": "ave", "block": {"block": "LSTM", "params": {"units": 3, "return_sequences": True}}},
    ),
    "one cell": (lambda: layers.RNN(layers.GRUCell(3), name="layer"), (4, 5), "RNN", {"cell": "GRU", "units": [3]}),
    "einsum": (
        lambda: layers.EinsumDense("abc,cd->abd", output_shape=(None, 3), bias_axes="d", name="layer"), (4, 5), "EinsumDense",
        {"equation": "...c,cd->...d", "output_shape": [3], "bias_axes": "d"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STOOD_IN_FOR)
def test_layer_of_keras_becomes_the_block_of_its_name(name: str) -> None:
    make, shape, block, params = STOOD_IN_FOR[name]
    found = check_computes_the_same(behind(make(), shape), [random(2, *shape)], tolerance=1e-5)
    made, given = block_of(found, "layer")
    assert (made, given) == (block, {**given, **params})


def test_layer_that_computes_a_little_otherwise_says_so() -> None:
    found = imported(keras.Sequential([keras.Input((6, 6, 3)), layers.Equalization(bins=128, name="layer"), layers.Flatten()]))
    assert block_of(found, "layer") == ("Equalization", {"bins": 128})
    assert found.notes == ["layer: a layer of this program stands in for that of Keras; values may differ a little."]


def test_attention_of_keras() -> None:
    query, value = keras.Input((4, 6)), keras.Input((5, 3))
    layer = layers.MultiHeadAttention(2, 3, value_dim=4, name="layer")
    found = check_computes_the_same(keras.Model([query, value], layers.ReLU()(layer(query=query, value=value))), [random(2, 4, 6), random(2, 5, 3)])
    assert block_of(found, "layer") == ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "value_dim": 4})
    assert len(found.graph.nodes["layer"].inputs) == 2


SPELT: dict[str, tuple[Callable[[], Any], tuple[int, ...], tuple[str, dict[str, Any]]]] = {
    "axis by its number": (lambda: layers.BatchNormalization(axis=3, name="layer"), (4, 4, 2), ("BatchNormalization", {"axis": 3})),
    "axis from the end": (lambda: layers.BatchNormalization(axis=-3, name="layer"), (4, 4, 2), ("BatchNormalization", {"axis": 1})),
    "axes": (lambda: layers.LayerNormalization(axis=[-2, -1], name="layer"), (4, 4, 2), ("LayerNormalization", {"axis": [2, 3]})),
    "initializer": (
        lambda: layers.Dense(3, kernel_initializer=keras.initializers.RandomNormal(stddev=0.1), name="layer"), (4,),
        ("Dense", {"units": 3, "kernel_initializer": {"name": "random_normal", "stddev": 0.1}}),
    ),
    "regularizer in 32 bits": (
        lambda: layers.Dense(3, kernel_regularizer=keras.regularizers.L1L2(0.001, 0.3), name="layer"), (4,),
        ("Dense", {"units": 3, "kernel_regularizer": {"name": "l1_l2", "l1": 0.001, "l2": 0.3}}),
    ),
    "constraint": (
        lambda: layers.Dense(3, kernel_constraint=keras.constraints.MaxNorm(2.5, axis=[0, 1]), name="layer"), (4,),
        ("Dense", {"units": 3, "kernel_constraint": {"name": "max_norm", "max_value": 2.5, "axis": [0, 1]}}),
    ),
    "function": (lambda: layers.Dense(3, activation=keras.activations.swish, name="layer"), (4,), ("Dense", {"units": 3, "activation": "silu"})),
    "activation": (lambda: layers.Activation(keras.activations.gelu, name="layer"), (4,), ("Activation", {"activation": "gelu"})),
    "pooling": (lambda: layers.MaxPooling2D(3, strides=2, name="layer"), (7, 7, 2), ("MaxPooling2D", {"pool_size": 3, "strides": 2})),
    "margins": (lambda: layers.Cropping2D(((1, 1), (1, 1)), name="layer"), (7, 7, 2), ("Cropping2D", {})),
    "different margins": (lambda: layers.Cropping2D(((1, 2), (0, 1)), name="layer"), (7, 7, 2), ("Cropping2D", {"cropping": [[1, 2], [0, 1]]})),
    "shared axes": (lambda: layers.PReLU(shared_axes=[1, 2], name="layer"), (4, 4, 2), ("PReLU", {})),
    "noise shape": (lambda: layers.Dropout(0.5, noise_shape=(None, 1, 2), name="layer"), (4, 2), ("Dropout", {"noise_shape": [1, 2]})),
    "measured": (
        lambda: layers.Normalization(mean=[1.0, 2.0], variance=[4.0, 9.0], name="layer"), (2,),
        ("Normalization", {"mean": [1.0, 2.0], "variance": [4.0, 9.0]}),
    ),
    "one mean for all": (
        lambda: layers.Normalization(axis=None, mean=1.0, variance=4.0, name="layer"), (2,),
        ("Normalization", {"axis": None, "mean": [1.0], "variance": [4.0]}),
    ),
    "one mean per channel": (
        lambda: layers.Normalization(mean=1.0, variance=4.0, name="layer"), (2,), ("Normalization", {"mean": [1.0, 1.0], "variance": [4.0, 4.0]}),
    ),
    "rotation": (lambda: layers.RandomRotation(0.1, name="layer"), (8, 8, 3), ("RandomRotation", {"factor": [-0.1, 0.1], "fill_mode": "reflect"})),
    "contrast": (lambda: layers.RandomContrast(0.3, name="layer"), (8, 8, 3), ("RandomContrast", {"factor": 0.3, "value_range": [0.0, 255.0]})),
    "posterization": (
        lambda: layers.RandomPosterization((2, 6), name="layer"), (8, 8, 3), ("RandomPosterization", {"factor": [2, 5], "value_range": [0.0, 255.0]}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPELT)
def test_values_are_spelt_as_the_fields_want_them(name: str) -> None:
    make, shape, wanted = SPELT[name]
    assert block_of(imported(behind(make(), shape)), "layer") == wanted


def test_words_of_a_vocabulary() -> None:
    words = layers.TextVectorization(max_tokens=20, output_sequence_length=4, vocabulary=["", "[UNK]", "cat", "dog"], name="layer")
    found = imported(behind(words, (), dtype="string"))
    assert block_of(found, "layer") == ("TextVectorization", {"max_tokens": 20, "output_sequence_length": 4, "vocabulary": ["cat", "dog"]})
    bag = layers.TextVectorization(output_mode="count", ngrams=(1, 2), vocabulary=["cat", "dog"], name="layer")
    found = imported(behind(bag, (), dtype="string"))
    assert block_of(found, "layer")[1] == {"max_tokens": 3, "ngrams": 2, "output_mode": "count", "vocabulary": ["cat", "dog"]}


def test_values_of_a_lookup() -> None:
    texts = imported(behind(layers.StringLookup(vocabulary=["a", "b"], num_oov_indices=2, mask_token="", name="layer"), (3,), dtype="string"))
    given = {"max_tokens": 5, "num_oov_indices": 2, "mask_token": "", "vocabulary": ["a", "b"]}
    assert block_of(texts, "layer") == ("StringLookup", given)
    numbers = imported(behind(layers.IntegerLookup(vocabulary=[7, 9], output_mode="one_hot", name="layer"), (), dtype="int32"))
    assert block_of(numbers, "layer") == ("IntegerLookup", {"max_tokens": 3, "output_mode": "one_hot", "vocabulary": [7, 9]})


def test_seed_of_an_initializer_is_left_out_with_a_note() -> None:
    found = imported(behind(layers.Dense(3, kernel_initializer=keras.initializers.HeNormal(seed=3), name="layer"), (4,)))
    assert block_of(found, "layer")[1]["kernel_initializer"] == "he_normal"
    assert found.notes == ["layer: the seed of an initializer is left out: chance follows the seed of the training."]


WITHOUT_A_FIELD: dict[str, tuple[Callable[[], Any], tuple[int, ...], str]] = {
    "channels first": (
        lambda: layers.Conv2D(3, 3, data_format="channels_first", name="layer"), (4, 8, 8),
        r"layer \(Conv2D\): data_format: Conv2D has nothing for the value 'channels_first'\.",
    ),
    "dilated": (
        lambda: layers.Conv2DTranspose(3, 3, dilation_rate=2, name="layer"), (8, 8, 2),
        r"layer \(Conv2DTranspose\): dilation_rate: Conv2DTranspose has nothing for the value \[2, 2\]\.",
    ),
    "activation layer": (
        lambda: layers.Dense(3, activation=layers.LeakyReLU(), name="layer"), (4,),
        r"layer \(Dense\): activation: its activation is of the class LeakyReLU; let it stand behind the layer",
    ),
    "factors": (lambda: layers.PReLU(shared_axes=[1], name="layer"), (4, 4, 2), r"layer \(PReLU\): shared_axes: factors are shared along all axes"),
    "several means": (lambda: layers.Normalization(axis=(1, 2), mean=0.5, variance=2.0, name="layer"), (4, 2), r"layer \(Normalization\): axis: "),
    "out of range": (lambda: layers.Dropout(1.0, name="layer"), (4,), r"layer \(Dropout\): Dropout: invalid rate\. Expected: .+ Received: 1\.0"),
    "inverted": (
        lambda: layers.StringLookup(vocabulary=["a", "b"], invert=True, name="layer"), (4,), r"layer \(StringLookup\): invert: no network takes",
    ),
    "different directions": (
        lambda: layers.Bidirectional(layers.LSTM(3), backward_layer=layers.LSTM(3, go_backwards=True, use_bias=False), name="layer"), (4, 2),
        r"layer \(Bidirectional\): backward_layer: the two directions differ",
    ),
    "different cells": (
        lambda: layers.RNN([layers.LSTMCell(3), layers.GRUCell(3)], name="layer"), (4, 2), r"layer \(RNN\): cell: the cells differ",
    ),
    "inside": (
        lambda: layers.TimeDistributed(layers.Conv2D(3, 3, data_format="channels_first"), name="layer"), (2, 3, 8, 8),
        r"layer \(TimeDistributed\): the Conv2D inside: data_format",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WITHOUT_A_FIELD)
def test_value_without_a_field_is_refused_by_name(name: str) -> None:
    make, shape, said = WITHOUT_A_FIELD[name]
    with pytest.raises(KerasImportError, match=said):
        imported(behind(make(), shape, dtype="int32" if name == "inverted" else "float32"))


def test_stateful_layer_is_refused() -> None:
    entry = keras.Input(batch_shape=(2, 4, 3))
    with pytest.raises(KerasImportError, match=r"layer \(LSTM\): stateful: LSTM has nothing for the value True\."):
        imported(keras.Model(entry, layers.LSTM(3, stateful=True, name="layer")(entry)))


@pytest.mark.parametrize(
    ("make", "shape", "said"),
    [
        (lambda: layers.MelSpectrogram(name="layer"), (9000,), r"layer \(MelSpectrogram\): the block of that name gives steps before bands"),
        (lambda: layers.RandomCrop(4, 4, name="layer"), (8, 8, 3), r"layer \(RandomCrop\): the block of that name keeps the size"),
    ],
)
def test_layer_that_gives_something_else_than_its_namesake_is_refused(make: Callable[[], Any], shape: tuple[int, ...], said: str) -> None:
    with pytest.raises(KerasImportError, match=said):
        imported(behind(make(), shape))


def test_all_problems_are_told_at_once() -> None:
    entry = keras.Input((8, 8, 3))
    first = layers.Conv2D(3, 3, data_format="channels_first", activation=layers.LeakyReLU(), name="first")(entry)
    second = layers.Lambda(lambda x: x, name="second")(first)
    with pytest.raises(KerasImportError) as raised:
        imported(keras.Model(entry, second))
    assert [(problem.layer, problem.kind) for problem in raised.value.problems] == [("first", "Conv2D"), ("first", "Conv2D"), ("second", "Lambda")]
