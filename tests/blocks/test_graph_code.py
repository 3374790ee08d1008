"""The code of a graph as a person reads it, and as a hostile document would have it."""

from __future__ import annotations

import re
import time
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import blocks
import presets
from blocks import Feature, Graph, GraphError, build
from blocks.build import Builder
from blocks.flattening import flatten
from blocks.graph_code import graph_code
from blocks.inference import shape_only
from tests.blocks.networks import MEASURED, assert_same_outputs, described, run, take_weights
from tests.blocks.samples import COLUMNS, TABLE

FEATURES = [
    Feature(name="Sale \"Price'", role="input", kind="number", statistics={"mean": 3.5, "standard_deviation": 2.0, "median": 3.0, "missing": 1}),
    Feature(name="colour", role="input", kind="category", classes=("red", "blue", 'it\'s \\ "both"\n')),
    Feature(name="seen", role="input", kind="date", statistics={"minimum": "2020-01-01", "maximum": "2021-01-01"}),
    Feature(name="bought", role="target", kind="category", classes=("no", "yes")),
]

RESIDUAL = """\
import keras

image = keras.Input(shape=(8, 8, 3), dtype="uint8", name="image")
rescaling = keras.layers.Rescaling(scale=1 / 255, name="rescaling")(image)

# stage
x = keras.layers.Conv2D(
    filters=4, kernel_size=3, padding="same", use_bias=False, kernel_initializer="he_uniform",
    name="stage_conv1",
)(rescaling)
x = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-05, name="stage_norm1")(x)
x = keras.layers.ReLU(name="stage_relu1")(x)
x = keras.layers.Conv2D(
    filters=4, kernel_size=3, padding="same", use_bias=False, kernel_initializer="he_uniform",
    name="stage_conv2",
)(x)
stage_norm2 = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-05, name="stage_norm2")(x)
"""


def graph(nodes: dict[str, Any], **fields: Any) -> Graph:
    return Graph.model_validate({"nodes": nodes, **fields})


def node(block: str, *inputs: str, **params: Any) -> dict[str, Any]:
    return {"block": block, "params": params, "inputs": list(inputs)}


def image(**params: Any) -> dict[str, Any]:
    return node("Input", shape=[8, 8, 3], dtype="uint8", **params)


def check(made: Graph, features: list[Feature] | None = None) -> str:
    """The code runs and gives the network's configuration."""
    code = graph_code(made, features)
    with shape_only():
        model, again = build(made, features), run(code)
    assert described(again, without=MEASURED) == described(model, without=MEASURED)
    return code


def test_it_reads_like_what_a_person_writes() -> None:
    code = check(
        graph(
            {
                "image": image(),
                "rescaling": node("Rescaling", "image"),
                "stage": node("Residual", "rescaling", filters=4),
                "pool": node("GlobalAveragePooling2D", "stage"),
                "label": node("Output", "pool", units=2, activation="softmax"),
            },
            name="Small",
        )
    )
    assert code.startswith(RESIDUAL)
    assert code.endswith(
        'stage_relu2")(x)\n\nx = keras.layers.GlobalAveragePooling2D(name="pool")(x)\n'
        'label = keras.layers.Dense(units=2, activation="softmax", name="label")(x)\n\n'
        'model = keras.Model(inputs=image, outputs=label, name="Small")\n'
    )
    assert max(map(len, code.splitlines())) <= 100


def test_composites_are_groups() -> None:
    code = check(presets.get("ResNet20").graph())
    assert re.findall(r"^# (.*)$", code, re.MULTILINE) == [f"stage{stage}/block{block}" for stage in (1, 2, 3) for block in (1, 2, 3)]
    assert max(map(len, code.splitlines())) <= 100


def test_weights_that_are_used_again_are_said() -> None:
    code = check(
        graph(
            {
                "a": image(),
                "b": image(),
                "tower": node("Residual", "a", filters=4),
                "again": {"reuse": "tower", "inputs": ["b"], "trainable": False},
                "both": node("Add", "tower", "again"),
                "label": node("Output", "both", units=2),
            }
        )
    )
    assert "# again, with the weights of tower" in code
    assert code.count('name="tower_conv1"') == 1
    assert code.count("trainable=False") == len([line for line in code.splitlines() if 'name="tower_' in line])


@pytest.mark.parametrize(
    ("block", "values", "params"),
    [
        ("Normalization", np.array([[1.0, 2.0], [3.0, 6.0], [5.0, 4.0]], "float32"), {}),
        ("Discretization", np.array([[1.0], [3.0], [5.0], [9.0]], "float32"), {"num_bins": 3}),
        ("StringLookup", np.array([["red"], ["blue"], ["red"]]), {"max_tokens": 5}),
        ("IntegerLookup", np.array([[7], [3], [7]], "int32"), {"max_tokens": 5}),
        ("TextVectorization", np.array(["a cat", "the cat sat"]), {"max_tokens": 9, "output_sequence_length": 4}),
        ("TextVectorization", np.array(["a cat", "the cat sat"]), {"max_tokens": 9, "output_mode": "multi_hot"}),
    ],
)
def test_what_is_yet_to_be_measured_is_measured_as_the_comment_says(block: str, values: np.ndarray[Any, Any], params: dict[str, Any]) -> None:
    shape = {"shape": list(values.shape[1:]), "dtype": "string" if values.dtype.kind == "U" else str(values.dtype)}
    nodes = {"values": node("Input", **shape), "front": node(block, "values", **params)}
    code = check(graph(nodes))
    (said,) = re.findall(r"^# adapt it on the training data: (.*)$", code, re.MULTILINE)
    assert said == "front.adapt(x)"
    space: dict[str, Any] = {}
    exec(code, space)  # noqa: S102 - the code under test
    tensor = tf.constant(values.tolist(), tf.string) if values.dtype.kind == "U" else tf.constant(values)
    exec(said, {**space, "x": tensor})  # noqa: S102 - what the comment says
    learned = blocks.get(block).read(params)
    assert isinstance(learned, blocks.LayerBlock)
    nodes["front"] = node(block, "values", **learned.adapt(values).params())
    model = build(graph(nodes))
    np.testing.assert_allclose(space["model"](tensor), model(tensor), atol=1e-5)
    code = check(graph(nodes))
    assert "# measured on the training data: " in code
    assert "adapt" not in code


def test_ends_of_bins_that_a_person_gave_need_no_comment() -> None:
    code = check(graph({"values": node("Input", shape=[1]), "bins": node("Discretization", "values", bin_boundaries=[1.0, 2.5])}))
    assert "#" not in code
    assert "bin_boundaries=(1.0, 2.5)" in code


def test_a_table() -> None:
    made = presets.get("MLP", bins=4).graph(features=FEATURES)
    code = check(made, FEATURES)
    assert "columns = {\n" in code
    assert "# measured on the training data: columns\n" in code
    assert "pydantic" not in code
    model, again = build(made, FEATURES), run(code)
    take_weights(again, model)
    given = {
        FEATURES[0].name: tf.constant([1.0, np.nan]),
        "colour": tf.constant(["red", FEATURES[1].classes[2] if FEATURES[1].classes else ""]),
        "seen": tf.constant(["2020-05-01", ""]),
    }
    np.testing.assert_allclose(again(given), model(given), atol=1e-6)


def test_every_way_of_a_column() -> None:
    codes = [{**each, "edges": (1.0, 20.0, 40.0), "calendar": True, "times": each["name"] == "seen"} for each in COLUMNS]
    nodes = {"table": node("Input", columns=TABLE.columns), "encoding": node("ColumnEncoding", "table", columns=codes)}
    made = graph(nodes)
    check(made)
    assert_same_outputs(run(graph_code(made)), build(made), exactly=True)


def test_augmentation_is_told_and_left_out() -> None:
    code = check(presets.get("SimpleCNN").graph())
    assert "# shift, in training only: RandomTranslation(height_factor=0.08, width_factor=0.08)\n" in code
    assert "keras.layers.Random" not in code


def test_what_leads_nowhere_is_left_out() -> None:
    code = check(graph({"image": image(), "aside": node("Flatten", "image"), "label": node("Output", "image", units=2)}))
    assert "aside" not in code


def test_several_outputs_of_a_layer() -> None:
    nodes = {"steps": node("Input", shape=[5, 2]), "lstm": node("LSTM", "steps", units=3, return_state=True)}
    assert "\nlstm, *_ = keras.layers.LSTM(" in check(graph(nodes))
    code = check(graph({**nodes, "both": node("Concatenate", "lstm:1", "lstm:2")}))
    assert "\n_, lstm, lstm_2 = keras.layers.LSTM(" in code


def test_all_problems_are_told() -> None:
    made = graph({"image": image(), "a": node("Conv2D", "image", filters=0), "b": node("Conv9D", "image"), "c": node("Dense", "nowhere")})
    with pytest.raises(GraphError) as caught:
        graph_code(made)
    assert {message.node for message in caught.value.messages} == {"a", "b", "c"}


WORDS = ["class", "None", "keras", "model", "x", "range", "input", "match", "ops", "Any", "ChannelShuffle", "math", "name"]


def test_ids_that_mean_something_in_python() -> None:
    nodes: dict[str, Any] = {"print": image()}
    last = "print"
    for word in WORDS:
        nodes[word] = node(
            "ChannelShuffle" if word == "ops" else "Conv2D", last, **({"groups": 1} if word == "ops" else {"filters": 3, "padding": "same"})
        )
        nodes[f"{word}_kept"] = node("Add", word, last) if word != "class" else node("Conv2D", word, filters=3, padding="same")
        last = f"{word}_kept"
    made = graph({**nodes, "import": node("Output", last, units=2), "def": node("Output", "match", units=2)}, name="import os")
    code = check(made)
    model, again = build(made), run(code)
    take_weights(again, model)
    assert_same_outputs(again, model)


HOSTILE = 'nice"\'\\\nimport os\rimport os\x0cimport os\u2028import os\u2029\x00import os # """'


def test_texts_of_a_document_stay_texts() -> None:
    words = ["a", HOSTILE.replace("\x00", "").replace("\n", " ")]
    made = graph(
        {
            "text": node("Input", shape=[], dtype="string"),
            "words": {**node("TextVectorization", "text", vocabulary=words, standardize=None), "title": HOSTILE},
            "label": {**node("Output", "words", units=2), "title": HOSTILE},
        },
        name=HOSTILE,
    )
    code = check(made)
    assert not re.search(r"^import os", code, re.MULTILINE)
    with shape_only():
        assert run(code).get_layer("words").get_vocabulary(include_special_tokens=False) == build(made).get_layer("words").get_vocabulary(
            include_special_tokens=False
        )


@pytest.mark.parametrize("name", ["", "ResNet-50 (mine)", "42", "für", "__", "a b/c", "network"])
def test_the_model_is_named_as_it_is_built(name: str) -> None:
    check(graph({"image": image(), "label": node("Output", "image", units=2)}, name=name))


def test_nothing_is_allocated_and_no_chance_is_used_up() -> None:
    wide = graph(
        {"values": node("Input", shape=[30_000]), "dense": node("Dense", "values", units=30_000), "label": node("Output", "dense", units=30_000)}
    )
    graph_code(graph({"values": node("Input", shape=[3]), "dense": node("Dense", "values", units=3)}))
    keras.utils.set_random_seed(1)
    begun = time.monotonic()
    graph_code(wide)  # 7 GB of weights
    assert time.monotonic() - begun < 5
    after = build(graph({"values": node("Input", shape=[3]), "dense": node("Dense", "values", units=3)})).get_weights()
    keras.utils.set_random_seed(1)
    np.testing.assert_array_equal(
        after[0], build(graph({"values": node("Input", shape=[3]), "dense": node("Dense", "values", units=3)})).get_weights()[0]
    )


def test_it_is_the_same_in_any_precision_and_any_number_of_times() -> None:
    made = presets.get("ResNet20").graph()
    first = graph_code(made)
    keras.config.set_dtype_policy("mixed_bfloat16")
    blocks.get("Dense").read({})
    assert graph_code(made) == first
    assert keras.config.dtype_policy().name == "mixed_bfloat16"


def test_a_flattened_graph_has_the_same_code_without_groups() -> None:
    made = presets.get("ResNet20").graph()
    lines, flat = (graph_code(each).splitlines() for each in (made, flatten(made)))
    assert [line for line in lines if line and not line.startswith("#")] == [line for line in flat if line]


def test_variables_stand_for_the_same_layers_as_in_the_build() -> None:
    """The names of the build and those of the code come from one rule."""
    made = graph({"image": image(), "a_conv1": node("Conv2D", "image", filters=3), "a": node("Residual", "a_conv1", filters=3)})
    builder = Builder()
    from blocks.walk import Walk

    with shape_only():
        Walk(builder, {}).graph(made)
    names = [layer.name for layer in builder.layers.values()]
    assert re.findall(r'name="(\w+)"', graph_code(made))[1:-1] == [name for name in names if name != "network"]
