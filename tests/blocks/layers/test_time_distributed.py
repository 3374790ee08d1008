"""Layers applied to every step, against the layer called on each step by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from blocks.layers.time_distributed import TimeDistributed

RANDOM = np.random.default_rng(8)
INNER: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "Dense": (lambda: keras.layers.Dense(3, activation="tanh"), (4,)),
    "Conv2D": (lambda: keras.layers.Conv2D(3, (2, 3), padding="same", strides=2), (5, 6, 2)),
    "Conv3D": (lambda: keras.layers.Conv3D(2, 2), (3, 4, 3, 2)),
    "LSTM": (lambda: keras.layers.LSTM(3), (4, 2)),
    "GRU": (lambda: keras.layers.GRU(3, return_sequences=True), (4, 2)),
    "Bidirectional": (lambda: keras.layers.Bidirectional(keras.layers.LSTM(3)), (4, 2)),
    "BatchNormalization": (keras.layers.BatchNormalization, (4,)),
    "GlobalMaxPooling2D": (keras.layers.GlobalMaxPooling2D, (5, 6, 2)),
    "Flatten": (keras.layers.Flatten, (5, 6, 2)),
}


def sample(shape: tuple[int, ...], samples: int = 3, steps: int = 5) -> Any:
    return RANDOM.normal(size=(samples, steps, *shape)).astype("float32")


def filled(layer: Any, x: Any) -> Any:
    """The layer with random weights."""
    layer.build(x.shape)
    for variable in layer.weights:
        variable.assign(np.abs(RANDOM.normal(1.0, 0.3, size=variable.shape)))
    return layer


@pytest.mark.parametrize("name", INNER)
@pytest.mark.parametrize("steps", [5, None], ids=["known steps", "any steps"])
def test_as_step_by_step(name: str, steps: int | None) -> None:
    make, shape = INNER[name]
    x = sample(shape)
    layer = filled(TimeDistributed(make()), x)
    expected = np.stack([layer.layer(x[:, step]) for step in range(x.shape[1])], axis=1)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)
    traced = tf.function(layer, input_signature=[tf.TensorSpec([None, steps, *shape])])
    np.testing.assert_allclose(traced(tf.constant(x)), expected, atol=1e-5)
    symbolic = layer(keras.Input((steps, *shape)))
    assert symbolic.shape == (None, steps, *expected.shape[2:])
    assert symbolic.dtype == "float32"


def test_as_plain_numpy() -> None:
    x = sample((4,))
    layer = filled(TimeDistributed(keras.layers.Dense(3)), x)
    kernel, bias = (variable.numpy().astype("float64") for variable in layer.weights)
    expected = np.zeros((3, 5, 3))
    for sample_, step, unit in np.ndindex(3, 5, 3):
        expected[sample_, step, unit] = sum(float(x[sample_, step, feature]) * kernel[feature, unit] for feature in range(4)) + bias[unit]
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)


def test_equals_keras_on_a_known_number_of_steps() -> None:
    x = sample((5, 6, 2))
    ours = filled(TimeDistributed(keras.layers.Conv2D(3, 3)), x)
    theirs = keras.layers.TimeDistributed(keras.layers.Conv2D(3, 3))
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(ours(x), theirs(x), atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16", "float64"])
def test_precision(policy: str) -> None:
    x = sample((5, 6, 2))
    layer = filled(TimeDistributed(keras.layers.Conv2D(3, 3, dtype=policy), dtype=policy), x)
    expected = np.stack([keras.ops.convert_to_numpy(layer.layer(x[:, step])) for step in range(5)], axis=1)
    assert {variable.dtype for variable in layer.weights} == {"float64" if policy == "float64" else "float32"}
    assert keras.backend.standardize_dtype(layer(x).dtype) == layer(keras.Input(x.shape[1:])).dtype == policy.removeprefix("mixed_")
    np.testing.assert_allclose(tf.cast(layer(x), "float32"), expected.astype("float32"), rtol=2e-2)


def test_figures_of_a_batch_are_those_of_all_steps() -> None:
    x = sample((4,))
    layer = TimeDistributed(keras.layers.BatchNormalization())
    found = layer(x, training=True)
    flat = x.reshape(-1, 4)
    np.testing.assert_allclose(found, (x - flat.mean(0)) / np.sqrt(flat.var(0) + 1e-3), atol=1e-4)


def test_every_step_has_its_own_chance_in_training_only() -> None:
    layer = TimeDistributed(keras.layers.Dropout(0.5))
    ones = np.ones((2, 6, 50), "float32")
    kept = np.array(layer(ones, training=True)) > 0
    assert len({row.tobytes() for row in kept.reshape(-1, 50)}) == 12
    np.testing.assert_array_equal(layer(ones, training=False), ones)


def test_activity_regularizers_count() -> None:
    layer = TimeDistributed(keras.layers.Dense(3, activity_regularizer=keras.regularizers.L2(0.1)))
    found = layer(sample((4,)))
    np.testing.assert_allclose(layer.losses[0], 0.1 * np.sum(np.square(found)) / 15, rtol=1e-5)


def test_masks_of_sentences_and_words() -> None:
    """Padding words are skipped inside sentences, and sentences without words by what reads the sentences."""
    words = np.array([[[1, 2, 0], [3, 0, 0]], [[4, 0, 0], [0, 0, 0]]])
    embedding, inner, outer = keras.layers.Embedding(9, 4, mask_zero=True), keras.layers.LSTM(3), keras.layers.LSTM(2)
    inputs = keras.Input((2, 3), dtype="int32")
    model = keras.Model(inputs, outer(TimeDistributed(inner)(embedding(inputs))))
    found = model(words)

    def read(layer: Any, steps: list[Any]) -> Any:
        return layer(np.stack(steps)[None]).numpy()[0]

    vectors = embedding.embeddings.numpy()
    expected = [
        read(outer, [read(inner, [vectors[word] for word in sentence if word]) for sentence in text if any(sentence)]) for text in words.tolist()
    ]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_mask_of_steps_passes() -> None:
    inputs = keras.Input((4, 3))
    steps, reader = TimeDistributed(keras.layers.Dense(3)), keras.layers.LSTM(2)
    model = keras.Model(inputs, reader(steps(keras.layers.Masking()(inputs))))
    x = sample((3,), steps=4)
    x[:, 2:] = 0
    np.testing.assert_allclose(model(x), reader(steps(x[:, :2])), atol=1e-5)


def test_saved_and_exported(tmp_path: Path) -> None:
    inputs = keras.Input((None, 4, 2))
    model = keras.Model(inputs, TimeDistributed(keras.layers.LSTM(3, name="inner"), name="steps")(inputs))
    assert model.weights[0].path == "steps/inner/lstm_cell/kernel"
    x = sample((4, 2))
    model.save(tmp_path / "model.keras")
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "model.keras")(x), model(x), atol=1e-6)
    model.export(tmp_path / "exported", verbose=False)
    loaded = tf.saved_model.load(tmp_path / "exported")
    np.testing.assert_allclose(loaded.serve(x), model(x), atol=1e-5)


def test_a_thousand_steps_are_as_few_operations_as_ten() -> None:
    def operations(steps: int) -> int:
        layer = TimeDistributed(keras.layers.Dense(3))
        layer.build((None, steps, 4))
        return len(tf.function(layer, input_signature=[tf.TensorSpec([None, steps, 4])]).get_concrete_function().graph.get_operations())

    assert operations(1000) == operations(10)


def test_several_outputs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Expected: one output\. Received: 3 outputs"):
        TimeDistributed(keras.layers.LSTM(3, return_state=True))(keras.Input((5, 4, 2)))
