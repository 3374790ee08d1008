"""How presets follow a dataset."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow as tf

import presets
from blocks import Feature, analyse, build
from presets import Preset, PresetError
from presets.fronts import picture_size

CLASSES = Feature(name="Art", role="target", kind="category", dtype="int32", classes=("a", "b", "c"))
PRICE = Feature(name="Preis", role="target", kind="number")


def picture(*shape: int | None, **statistics: float) -> Feature:
    return Feature(name="Bild", role="input", kind="image", dtype="uint8", shape=shape, statistics=statistics)


TEXT = Feature(
    name="review", role="input", kind="text", dtype="string",
    statistics={"median_words": 12, "median_characters": 70, "percentile_95_words": 31, "vocabulary_size": 900},
)  # fmt: skip
CHINESE = Feature(
    name="text", role="input", kind="text", dtype="string",
    statistics={"median_words": 1, "median_characters": 24, "percentile_95_words": 2, "percentile_95_characters": 61, "vocabulary_size": 3000},
)  # fmt: skip
SOUND = Feature(name="Ton", role="input", kind="sound", shape=(8_000,), statistics={"sample_rate": 8_000})
ARRAY = Feature(name="x", role="input", kind="array", shape=(12, 2))
TABLE = [
    Feature(name="Sale Price", role="input", kind="number", statistics={"mean": 3.0, "standard_deviation": 2.0, "median": 2.5, "missing": 1}),
    Feature(name="Größe", role="input", kind="category", classes=("L", "M"), statistics={"counts": [3, 4], "missing": 0}),
    Feature(name="seit", role="input", kind="date", statistics={"minimum": "2020-01-01", "maximum": "2021-01-01", "missing": 0}),
    Feature(name="Notiz", role="input", kind="words", statistics={"words": ["rot", "neu"], "counts": [9, 7], "missing": 0}),
    Feature(name="id", role="unused", kind="number"),
]
INPUTS: dict[str, list[Feature]] = {
    "grey": [picture(28, 28, 1)],
    "tiny": [picture(8, 8, 1)],
    "varying": [picture(None, None, 3, median_height=60, median_width=40)],
    "text": [TEXT],
    "chinese": [CHINESE],
    "array": [ARRAY],
    "sound": [SOUND],
    "table": TABLE,
    "series": [Feature(name="series", role="input", kind="series", shape=(24, 2), statistics={"columns": ["a", "b"], "targets": 1, "horizon": 1})],
}
FITTING = [
    (name, kind, target)
    for name, preset in sorted(presets.all().items())
    for kind, inputs in INPUTS.items()
    for target in (CLASSES, PRICE)
    if preset.fits([*inputs, target])
]
LEFT_OUT = ("ResNet56", "ResNet110", "ResNet44", "VGG13", "VGG16")
"""Deeper variants of a family that the others stand for."""


@pytest.mark.parametrize(
    ("name", "kind", "target"), [each for each in FITTING if each[0] not in LEFT_OUT], ids=lambda value: getattr(value, "kind", value)
)
def test_fits_what_it_says(name: str, kind: str, target: Feature) -> None:
    features = [*INPUTS[kind], target]
    graph = presets.get(name).graph(features=features)
    found = analyse(graph, features)
    assert not found.messages
    units = 3 if target is CLASSES else 1
    assert found.nodes[found.outputs[0]].output_shapes == ((units,),)
    assert graph.nodes[found.outputs[0]].params["target"] == target.name


def test_who_takes_what() -> None:
    taken = {kind: {name for name, preset in presets.all().items() if preset.fits([*inputs, CLASSES])} for kind, inputs in INPUTS.items()}
    assert {"MLP", "SoftmaxRegression", "LinearSVM"} <= taken["table"] & taken["array"]
    assert not {"LeNet5", "TextLSTM"} & (taken["table"] | taken["array"])
    assert {"MLP", "TextLSTM", "SoftmaxRegression", "LinearSVM"} <= taken["text"]
    assert {"LeNet5", "MLP", "ResNet20", "VGG16"} <= taken["tiny"]
    assert "TextLSTM" not in taken["tiny"]


@pytest.mark.parametrize(
    ("features", "reason"),
    [
        ([picture(8, 8, 1)], "LeNet5 predicts one target; the dataset has 0."),
        ([TEXT, CLASSES], "LeNet5 takes pictures; the dataset has texts."),
        ([picture(8, 8, 1), TEXT, CLASSES], "LeNet5 takes pictures; the dataset has pictures and texts."),
        ([CLASSES], "The dataset has no input."),
        ([picture(8, 8, 1), CLASSES.model_copy(update={"classes": ("a",)})], "'Art' has fewer than two classes."),
        ([picture(8, 8, 1), ARRAY.model_copy(update={"role": "target"})], "LeNet5 predicts a class, a number or several labels; 'x' is an array."),
    ],
)
def test_reasons(features: list[Feature], reason: str) -> None:
    preset = presets.get("LeNet5")
    assert preset.misfit(features) == reason
    with pytest.raises(PresetError):
        preset.graph(features=features)


def test_arrays_of_varying_size_are_refused() -> None:
    assert "vary" in presets.get("MLP").misfit([ARRAY.model_copy(update={"shape": (None, 2)}), CLASSES])


def nodes(preset: Preset, *features: Feature) -> dict[str, dict[str, Any]]:
    return {name: document.params for name, document in preset.graph(features=list(features)).nodes.items()}


def test_pictures_are_resized_only_where_needed_and_the_graph_says_why() -> None:
    lenet = presets.get("LeNet5")
    assert list(nodes(lenet, picture(28, 28, 1), CLASSES))[:3] == ["image", "rescaling", "conv1"]
    graph = lenet.graph(features=[picture(8, 8, 1), CLASSES])
    assert graph.nodes["resizing"].params == {"height": 28, "width": 28}
    assert graph.nodes["resizing"].title == "The network needs at least 28 x 28 pixels; 8 x 8 becomes 28 x 28."
    graph = lenet.graph(features=[picture(None, None, 3, median_height=60, median_width=40), CLASSES])
    assert graph.nodes["resizing"].params == {"height": 50, "width": 50}
    assert "vary" in graph.nodes["resizing"].title


@pytest.mark.parametrize(
    ("height", "width", "statistics", "minimum", "size"),
    [
        (28, 28, {}, 28, (28, 28)),
        (200, 300, {}, 28, (200, 300)),
        (8, 16, {}, 32, (32, 64)),
        (None, None, {"median_height": 500, "median_width": 300}, 8, (96, 96)),
        (None, None, {"median_height": 20, "median_width": 10}, 32, (32, 32)),
        (None, None, {}, 8, (96, 96)),
        (None, 64, {"median_height": 30, "median_width": 64}, 8, (47, 47)),
    ],
)
def test_picture_size(height: int | None, width: int | None, statistics: dict[str, float], minimum: int, size: tuple[int, int]) -> None:
    found, reason = picture_size(height, width, picture(height, width, 3, **statistics), minimum)
    assert found == size
    assert bool(reason) == (size != (height, width))


def test_texts_decide_vocabulary_length_and_cuts() -> None:
    words = nodes(presets.get("TextLSTM"), TEXT, CLASSES)
    assert words["words"] == {"max_tokens": 902, "output_sequence_length": 31}
    assert words["embedding"]["input_dim"] == 902
    characters = nodes(presets.get("TextLSTM"), CHINESE, CLASSES)
    assert characters["words"] == {"output_sequence_length": 61, "split": "character"}
    assert nodes(presets.get("TextLSTM", sequence_length=7, split="whitespace"), CHINESE, CLASSES)["words"]["output_sequence_length"] == 7
    assert nodes(presets.get("MLP"), TEXT, CLASSES)["words"]["output_mode"] == "multi_hot"


def test_tables_and_arrays_are_prepared() -> None:
    with_dropout = presets.get("MLP", dropout=0.2)
    assert list(nodes(with_dropout, *TABLE, CLASSES)) == [
        "columns",
        "encoding",
        "dense1",
        "dropout1",
        "dense2",
        "dropout2",
        "label",
    ]
    assert list(nodes(presets.get("MLP"), ARRAY, PRICE)) == ["array", "normalization", "flatten", "dense1", "dense2", "value"]
    assert list(nodes(presets.get("MLP", batch_normalization=True, units=(8,)), ARRAY, PRICE))[3:6] == ["dense1", "normalization1", "activation1"]
    found = analyse(presets.get("MLP").graph(features=[*TABLE, CLASSES]), [*TABLE, CLASSES])
    assert found.nodes["encoding"].output_shapes == ((2 + 3 + 5 + 2,),)


def test_bags_of_words_enter_a_network() -> None:
    features = [TEXT, CLASSES]
    graph = presets.get("MLP").graph(features=features)
    words = graph.nodes["words"]
    model = build(graph.with_node("words", params={**words.params, "vocabulary": ["good", "bad"]}), features)
    assert model(tf.constant(["good good", "", "?"])).shape == (3, 3)


def test_given_numbers_instead_of_a_dataset() -> None:
    graph = presets.get("LeNet5").graph((32, 32, 3), 7)
    found = analyse(graph)
    assert found.nodes["label"].output_shapes == ((7,),)
    assert found.nodes["conv1"].input_shapes == ((32, 32, 3),)
    assert analyse(presets.get("MLP").graph((13,), 2)).nodes["dense1"].input_shapes == ((13,),)
    with pytest.raises(PresetError, match=r"LeNet5: invalid input_shape\. Expected: the shape of pictures\. Received: 5\."):
        presets.get("LeNet5").graph((5,))


def test_lenet_forms() -> None:
    paper, modern = presets.get("LeNet5"), presets.get("LeNet5", form="modern")
    assert paper.graph().nodes["conv1"].params["activation"] == "tanh"
    assert modern.graph().nodes["conv1"].params["activation"] == "relu"
    assert modern.graph().nodes["pool1"].block == "MaxPooling2D"
    assert presets.get("LeNet5", activation="sigmoid", pooling="max").graph().nodes["dense2"].params["activation"] == "sigmoid"


def test_equal_ids_from_variant_to_variant() -> None:
    """Weights keep their names: a deeper variant only adds nodes."""
    small, large = build(presets.get("ResNet20").graph()), build(presets.get("ResNet32").graph())
    assert {variable.path for variable in small.weights} < {variable.path for variable in large.weights}


def test_linear_models_say_what_they_predict() -> None:
    assert presets.get("LinearRegression").misfit([*TABLE, CLASSES]) == "LinearRegression predicts a number; 'Art' is a class."
    assert presets.get("LinearSVM").misfit([*TABLE, PRICE]) == "LinearSVM predicts a class; 'Preis' is a number."
    assert presets.get("SoftmaxRegression").misfit([*TABLE, PRICE]) == "SoftmaxRegression predicts a class or several labels; 'Preis' is a number."


def test_logistic_regression_tells_two_classes_apart_by_one_unit() -> None:
    logistic = presets.get("LogisticRegression")
    assert logistic.misfit([*TABLE, CLASSES]) == "LogisticRegression tells two classes apart; 'Art' has 3. SoftmaxRegression takes any number."
    features = [*TABLE, CLASSES.model_copy(update={"classes": ("no", "yes")})]
    assert logistic.misfit(features) == ""
    assert build(logistic.graph(features=features), features).get_layer("label").get_config()["activation"] == "sigmoid"
    assert analyse(logistic.graph((30,), classes=2)).trainable_weights == 31
    labels = [*TABLE, CLASSES.model_copy(update={"kind": "labels", "shape": (), "dtype": "float32"})]
    assert build(logistic.graph(features=labels), labels).output_shape == (None, 3)


def test_a_support_vector_machine_has_margins_and_a_penalty() -> None:
    import keras

    features = [*TABLE, CLASSES]
    graph = presets.get("LinearSVM", l2=0.5).graph(features=features)
    output = graph.nodes["label"].params
    assert (output["activation"], output["loss"], output["kernel_regularizer"]) == ("linear", "categorical_hinge", {"name": "l2", "l2": 0.5})
    layer = build(graph, features).get_layer("label")
    assert layer.activation is keras.activations.linear
    assert layer.kernel_regularizer.l2 == 0.5
    assert "kernel_regularizer" not in presets.get("SoftmaxRegression").graph(features=features).nodes["label"].params


@pytest.mark.parametrize(
    ("rate", "samples", "frame", "step"),
    [(8_000, 8_000, 256, 160), (16_000, 16_000, 512, 320), (16_000, 160_000, 2_048, 1_250), (8_000, 100, 128, 128), (8_000, 64, 64, 64)],
)
def test_spectrograms_follow_rate_and_length(rate: int, samples: int, frame: int, step: int) -> None:
    sound = SOUND.model_copy(update={"shape": (samples,), "statistics": {"sample_rate": rate}})
    for name in ("SpectrogramCNN", "DSCNNSmall"):
        graph = presets.get(name).graph(features=[sound, CLASSES])
        found = graph.nodes["spectrogram"].params
        assert (found.get("sampling_rate", 16_000), found.get("fft_length", 2_048), found["sequence_stride"]) == (rate, frame, step)
        assert graph.nodes["sound"].params == {"feature": "Ton"}
        analysis = analyse(graph, [sound, CLASSES])
        assert not analysis.messages
        assert analysis.nodes["normalization"].output_shapes[0][0] <= 160
