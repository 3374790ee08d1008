"""What rules find and what they leave alone, beyond their examples."""

from __future__ import annotations

from typing import Any

import pytest

from blocks import Feature, Graph, Message, analyse
from blocks.editing import apply
from blocks.features import FeatureKind
from blocks.lint import Situation
from blocks.lint.base import CLASSES, PICTURES, PRICE, SERIES, TEXTS, sketch
from blocks.lint.loss_kinds import OF_EACH_CLASS, OF_ONE_CLASS

PICTURE = ("Input", {"shape": [8, 8, 3]})
VECTOR = ("Input", {"shape": [4]})
TRAINED = Situation(batch_size=32, loss="sparse_categorical_crossentropy")


def found(graph: Graph, rule: str, features: tuple[Feature, ...] = (), situation: Situation | None = TRAINED) -> list[Message]:
    return [message for message in analyse(graph, features, situation).messages if message.rule == rule]


def mended(graph: Graph, message: Message) -> Graph:
    for edit in message.edits:
        graph = apply(graph, edit).graph
    return graph


def classifier(output: dict[str, Any], *before: tuple[str, dict[str, Any]]) -> Graph:
    """A picture, flattened, then blocks called b0, b1 ... and an Output."""
    nodes: dict[str, Any] = {"image": ("Input", {}), "scaled": ("Rescaling", {}, "image"), "flat": ("Flatten", {}, "scaled")}
    last = "flat"
    for number, (block, params) in enumerate(before):
        nodes[f"b{number}"] = (block, params, last)
        last = f"b{number}"
    return sketch(**nodes, out=("Output", output, last))


@pytest.mark.parametrize(
    ("output", "before", "loss", "rules"),
    [
        ({}, [], "sparse_categorical_crossentropy", []),
        ({"activation": "relu"}, [], "sparse_categorical_crossentropy", ["scores-as-probabilities"]),
        ({"activation": "sigmoid"}, [], "categorical_crossentropy", ["sigmoid-of-classes"]),
        ({"activation": "sigmoid"}, [], "binary_crossentropy", []),
        ({}, [], "binary_crossentropy", ["binary-loss-of-classes"]),
        ({}, [], "binary_focal_crossentropy", ["binary-loss-of-classes"]),
        ({"loss": "kl_divergence"}, [], "binary_crossentropy", []),
        ({"loss": {"name": "huber", "delta": 2.0}}, [], None, ["loss-of-another-target"]),
        ({}, [], "categorical_hinge", []),
        ({"activation": "linear"}, [], "categorical_hinge", []),
        ({}, [], "a_loss_of_tomorrow", []),
        ({"head": "none"}, [("Dense", {"units": 3})], "sparse_categorical_crossentropy", []),
        ({"head": "none", "activation": "linear"}, [("Dense", {"units": 3, "activation": "softmax"})], "sparse_categorical_crossentropy", []),
        ({"head": "none", "activation": "linear"}, [("Dense", {"units": 3})], "sparse_categorical_crossentropy", ["scores-as-probabilities"]),
        ({"head": "none"}, [("Dense", {"units": 3, "activation": "softmax"})], "sparse_categorical_crossentropy", ["doubled-softmax"]),
        ({"head": "none"}, [("Dense", {"units": 3}), ("Softmax", {}), ("Dropout", {})], "sparse_categorical_crossentropy", ["doubled-softmax"]),
        ({"head": "none"}, [("Dense", {"units": 3}), ("Sigmoid", {})], "sparse_categorical_crossentropy", ["doubled-softmax"]),
        ({"head": "none"}, [("Dense", {"units": 3}), ("Tanh", {})], "sparse_categorical_crossentropy", ["flattened-scores"]),
        ({"head": "none"}, [("Dense", {"units": 3, "activation": "leaky_relu"})], "sparse_categorical_crossentropy", []),
        ({}, [("Dense", {"units": 3, "activation": "softmax"})], "sparse_categorical_crossentropy", ["doubled-softmax"]),
        ({}, [("Dense", {"units": 64, "activation": "softmax"})], "sparse_categorical_crossentropy", ["doubled-softmax"]),
        ({}, [("Dense", {"units": 4, "activation": "softmax"})], "sparse_categorical_crossentropy", ["class-count"]),
        ({}, [("Dense", {"units": 64, "activation": "sigmoid"})], "sparse_categorical_crossentropy", []),
    ],
)  # fmt: skip
def test_the_end_for_classes(output: dict[str, Any], before: list[tuple[str, dict[str, Any]]], loss: str | None, rules: list[str]) -> None:
    graph, features, situation = classifier(output, *before), (PICTURES, CLASSES), Situation(32, loss)
    messages = analyse(graph, features, situation).messages
    assert [message.rule for message in messages] == rules
    for message in messages:
        assert analyse(mended(graph, message), features, situation).messages == []


@pytest.mark.parametrize(
    ("output", "before", "rules"),
    [
        ({}, [], []),
        ({"activation": "relu"}, [], ["number-out-of-reach"]),
        ({"activation": "softmax"}, [], ["softmax-of-one"]),
        ({"head": "none"}, [("Dense", {"units": 1, "activation": "sigmoid"})], ["number-out-of-reach"]),
        ({"head": "none"}, [("Dense", {"units": 1}), ("ReLU", {})], ["number-out-of-reach"]),
        ({"head": "none"}, [("Dense", {"units": 1, "activation": "leaky_relu"})], []),
        ({"loss": "hinge"}, [], ["loss-of-another-target"]),
    ],
)  # fmt: skip
def test_the_end_for_a_number(output: dict[str, Any], before: list[tuple[str, dict[str, Any]]], rules: list[str]) -> None:
    graph, features, situation = classifier(output, *before), (PICTURES, PRICE), Situation(32, "mean_squared_error")
    messages = analyse(graph, features, situation).messages
    assert [message.rule for message in messages] == rules
    for message in messages:
        assert analyse(mended(graph, message), features, situation).messages == []


@pytest.mark.parametrize(
    ("kind", "output", "loss", "rules"),
    [
        ("labels", {}, "binary_crossentropy", []),
        ("labels", {"activation": "softmax"}, "binary_crossentropy", []),
        ("labels", {}, "sparse_categorical_crossentropy", ["loss-of-another-target"]),
        ("labels", {}, "mean_squared_error", ["loss-of-another-target"]),
        ("mask", {}, "dice_crossentropy", []),
        ("mask", {}, "sparse_categorical_crossentropy", []),
        ("mask", {"activation": "linear"}, "dice", ["scores-as-probabilities"]),
        ("mask", {"activation": "sigmoid"}, "tversky", ["sigmoid-of-classes"]),
        ("mask", {}, "binary_crossentropy", ["loss-of-another-target"]),
        ("image", {}, "charbonnier", []),
        ("image", {}, "huber", ["loss-of-another-target"]),
        ("category", {}, "dice", ["loss-of-another-target"]),
        ("category", {}, "triplet", ["loss-of-another-target"]),
    ],
)  # fmt: skip
def test_the_end_for_other_targets(kind: FeatureKind, output: dict[str, Any], loss: str, rules: list[str]) -> None:
    places = {"mask": (32, 32), "image": (32, 32, 3)}.get(kind, ())
    target = CLASSES.model_copy(update={"kind": kind, "shape": places, "classes": None if kind == "image" else CLASSES.classes})
    graph = sketch(image=("Input", {}), scaled=("Rescaling", {}, "image"), out=("Output", output, "scaled")) if places else classifier(output)
    features, situation = (PICTURES, target), Situation(32, loss)
    messages = analyse(graph, features, situation).messages
    assert [message.rule for message in messages] == rules
    for message in messages:
        assert analyse(mended(graph, message), features, situation).messages == []


@pytest.mark.parametrize(
    ("loss", "rules"),
    [
        ("sparse_categorical_crossentropy", []),
        ("huber", []),
        ("mean_squared_error", ["squared-error-of-classes"]),
        ("dice", ["loss-of-another-target", "loss-of-another-target"]),
    ],
)
def test_of_several_targets_a_loss_holds_for_those_that_it_suits(loss: str, rules: list[str]) -> None:
    graph = sketch(
        image=("Input", {}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scaled"),
        kind=("Output", {"target": "kind"}, "flat"), price=("Output", {"target": "price"}, "flat"),
    )  # fmt: skip
    assert [message.rule for message in analyse(graph, (PICTURES, CLASSES, PRICE), Situation(32, loss)).messages] == rules


@pytest.mark.parametrize("loss", [*OF_ONE_CLASS, *OF_EACH_CLASS])
def test_logarithms_of_probabilities_are_an_error(loss: str) -> None:
    (message,) = found(classifier({"activation": "log_softmax"}), "scores-as-probabilities", (PICTURES, CLASSES), Situation(32, loss))
    assert message.severity == "error"
    assert message.button == ("Set activation to softmax" if loss in OF_ONE_CLASS else "Set activation to sigmoid")


def test_a_hidden_softmax_without_data() -> None:
    graph = sketch(
        x=VECTOR, dense=("Dense", {"units": 5, "activation": "softmax"}, "x"), out=("Output", {"units": 3, "activation": "softmax"}, "dense")
    )
    (message,) = found(graph, "doubled-softmax")
    assert message.button == "Set activation to relu"
    log = sketch(
        x=VECTOR,
        dense=("Dense", {"units": 3, "activation": "log_softmax"}, "x"),
        out=("Output", {"units": 3, "head": "none", "activation": "softmax"}, "dense"),
    )
    assert found(log, "doubled-softmax") == []


def test_two_classes_may_have_one_unit() -> None:
    two = CLASSES.model_copy(update={"classes": ("no", "yes")})
    for loss in ("sparse_categorical_crossentropy", "binary_crossentropy"):
        assert analyse(classifier({"units": 1}), (PICTURES, two), Situation(32, loss)).messages == []
    (message,) = found(classifier({"units": 1, "activation": "linear"}), "scores-as-probabilities", (PICTURES, two))
    assert message.button == "Set activation to sigmoid"


@pytest.mark.parametrize(("size", "severity"), [(1, "error"), (2, "hint"), (7, "hint"), (8, None), (None, None)])
def test_the_batch_of_a_vector(size: int | None, severity: str | None) -> None:
    graph = sketch(
        x=VECTOR, dense=("Dense", {"use_bias": False}, "x"), norm=("BatchNormalization", {}, "dense"), out=("Output", {"units": 2}, "norm")
    )
    assert [message.severity for message in found(graph, "small-batch", (), Situation(size))] == ([severity] if severity else [])


def test_the_batch_of_pictures_and_what_is_exempt() -> None:
    picture = sketch(x=PICTURE, norm=("BatchNormalization", {}, "x"), flat=("Flatten", {}, "norm"), out=("Output", {"units": 2}, "flat"))
    (message,) = found(picture, "small-batch", (), Situation(1))
    assert message.severity == "warning"
    changed = mended(picture, message)
    assert changed.nodes["norm"].block == "GroupNormalization"
    assert changed.nodes["norm"].params["groups"] == 3
    renorm = picture.with_node("norm", params={"renorm": True})
    frozen = picture.with_node("norm", trainable=False)
    assert found(renorm, "small-batch", (), Situation(1)) == found(frozen, "small-batch", (), Situation(1)) == []


def test_pixels_in_composites_and_modules() -> None:
    """The message names the node at which pixels enter, wherever the layer stands that computes with them."""
    modules = {
        "Body": {"nodes": {"a": {"block": "Conv2D", "inputs": ["@0"]}, "b": {"block": "Conv2D", "inputs": ["@0"]}}, "outputs": ["a", "b"]},
        "Ready": {"nodes": {"s": {"block": "Rescaling", "inputs": ["@0"]}, "a": {"block": "Conv2D", "inputs": ["s"]}}, "outputs": ["a"]},
    }
    nodes = {
        "image": {"block": "Input"}, "body": {"block": "module:Body", "inputs": ["image"]}, "ready": {"block": "module:Ready", "inputs": ["image"]},
        "stage": {"block": "Residual", "params": {"filters": 4}, "inputs": ["image"]},
    }  # fmt: skip
    graph = Graph.model_validate({"nodes": nodes, "modules": modules})
    messages = found(graph, "raw-pixels", (PICTURES,), None)
    assert [message.node for message in messages] == ["body", "stage"]
    for message in messages:
        graph = mended(graph, message)
    assert found(graph, "raw-pixels", (PICTURES,), None) == []


def test_pixels_that_are_normalised_are_no_raw_ones() -> None:
    graph = sketch(image=("Input", {}), norm=("Normalization", {}, "image"), flat=("Flatten", {}, "norm"), out=("Output", {}, "flat"))
    assert analyse(graph, (PICTURES, CLASSES)).messages == []


def test_pixels_that_enter_at_both_sides_are_scaled_at_both() -> None:
    graph = sketch(image=("Input", {}), both=("Concatenate", {}, "image", "image"))
    (message,) = found(graph, "raw-pixels", (PICTURES,), None)
    assert len(message.edits) == 2


def test_grey_pixels_may_be_tripled_before_they_are_scaled() -> None:
    graph = sketch(image=("Input", {}), three=("Concatenate", {}, "image", "image", "image"), scaled=("Rescaling", {}, "three"))
    assert found(graph, "raw-pixels", (PICTURES,), None) == []


def test_augmentation_moves_from_a_module_to_the_input() -> None:
    modules = {"Body": {"nodes": {"f": {"block": "RandomFlip", "inputs": ["@0"]}, "a": {"block": "ReLU", "inputs": ["f"]}}, "outputs": ["a"]}}
    nodes = {
        "image": {"block": "Input"},
        "scaled": {"block": "Rescaling", "inputs": ["image"]},
        "body": {"block": "module:Body", "inputs": ["scaled"]},
    }
    graph = Graph.model_validate({"nodes": nodes, "modules": modules})
    (message,) = found(graph, "misplaced-augmentation", (PICTURES,), None)
    assert message.node == "body/f"
    changed = mended(graph, message)
    assert changed.nodes["randomflip_1" if "randomflip_1" in changed.nodes else "random_flip_1"].inputs == ("scaled",)
    assert analyse(changed, (PICTURES,)).errors == []


@pytest.mark.parametrize(
    ("words", "input_dim", "severity"),
    [
        ({"max_tokens": 400}, 399, "error"),
        ({"max_tokens": 800}, 799, "warning"),
        ({"max_tokens": 5000}, 902, None),
        ({"max_tokens": 5000}, 901, "warning"),
        ({"max_tokens": 5000, "ngrams": 2}, 4999, "warning"),
        ({"max_tokens": 5000, "vocabulary": ["a", "b"]}, 3, "error"),
        ({"max_tokens": 5000, "vocabulary": ["a", "b"]}, 4, None),
        ({"max_tokens": 5000, "split": "character"}, 4999, "warning"),
        ({"output_mode": "multi_hot"}, 3, None),
    ],
)  # fmt: skip
def test_vocabularies(words: dict[str, Any], input_dim: int, severity: str | None) -> None:
    graph = sketch(text=("Input", {}), words=("TextVectorization", words, "text"), vectors=("Embedding", {"input_dim": input_dim}, "words"))
    severities = [message.severity for message in found(graph, "small-vocabulary", (TEXTS, CLASSES))]
    assert severities == ([severity] if severity else [])


def test_other_numberings_have_a_vocabulary_too() -> None:
    for block, params in (("Hashing", {"num_bins": 100}), ("StringLookup", {"max_tokens": 100})):
        graph = sketch(x=("Input", {"shape": [3], "dtype": "string"}), it=(block, params, "x"), vectors=("Embedding", {"input_dim": 99}, "it"))
        assert len(found(graph, "small-vocabulary")) == 1
        assert found(graph.with_node("vectors", params={"input_dim": 100}), "small-vocabulary") == []


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        ([], ["conv0"]),
        ([("ReLU", {})], []),
        ([("MaxPooling2D", {})], []),
        ([("BatchNormalization", {}), ("Dropout", {})], ["conv0"]),
        ([("AveragePooling2D", {})], ["conv0"]),
        ([("Conv2D", {"kernel_size": 1})], []),
    ],
)  # fmt: skip
def test_linear_chains(between: list[tuple[str, dict[str, Any]]], expected: list[str]) -> None:
    nodes: dict[str, Any] = {"x": PICTURE, "conv0": ("Conv2D", {"use_bias": False}, "x")}
    last = "conv0"
    for number, (block, params) in enumerate(between):
        nodes[f"b{number}"] = (block, params, last)
        last = f"b{number}"
    graph = sketch(**nodes, conv1=("Conv2D", {"activation": "relu"}, last), flat=("Flatten", {}, "conv1"), out=("Output", {"units": 2}, "flat"))
    messages = found(graph, "linear-chain")
    assert [message.node for message in messages] == expected
    for message in messages:
        assert found(mended(graph, message), "linear-chain") == []


@pytest.mark.parametrize(("units", "expected"), [(2, []), (4, ["code"]), (8, ["code"])])
def test_a_code_narrower_than_what_stands_around_it_is_meant(units: int, expected: list[str]) -> None:
    graph = sketch(x=VECTOR, code=("Dense", {"units": units}, "x"), out=("Output", {"units": 4}, "code"))
    assert [message.node for message in found(graph, "linear-chain")] == expected


def test_many_linear_places_are_one_message() -> None:
    dense: dict[str, tuple[Any, ...]] = {f"d{number}": ("Dense", {}, f"d{number - 1}" if number else "x") for number in range(5)}
    graph = sketch(x=VECTOR, **dense, out=("Output", {"units": 2}, "d4"))
    (message,) = found(graph, "linear-chain")
    assert message.text == "There is no activation between it and d1. There are 4 more such places."
    assert found(mended(graph, message), "linear-chain") == []


def test_shortcuts_and_normalisation_make_depth_harmless() -> None:
    dense: dict[str, tuple[Any, ...]] = {}
    for number in range(30):
        dense[f"d{number}"] = ("Dense", {"units": 4, "activation": "relu"}, f"d{number - 1}" if number else "x")
    plain = sketch(x=VECTOR, **dense, out=("Output", {"units": 2}, "d29"))
    assert len(found(plain, "deep-without-normalization")) == 1
    for block, more in (("LayerNormalization", ()), ("Add", ("x",))):
        dense["norm"] = (block, {}, "d14", *more)
        dense["d15"] = ("Dense", {"units": 4, "activation": "relu"}, "norm")
        assert found(sketch(x=VECTOR, **dense, out=("Output", {"units": 2}, "d29")), "deep-without-normalization") == []


def test_a_heavy_layer_behind_a_sequence_is_pooled_by_its_largest() -> None:
    graph = sketch(
        text=("Input", {}), words=("TextVectorization", {"output_sequence_length": 400, "max_tokens": 100}, "text"),
        vectors=("Embedding", {"input_dim": 100}, "words"), flat=("Flatten", {}, "vectors"), drop=("Dropout", {}, "flat"),
        dense=("Dense", {"units": 100, "activation": "relu"}, "drop"), out=("Output", {}, "dense"),
    )  # fmt: skip
    (message,) = found(graph, "heavy-dense", (TEXTS, CLASSES))
    assert message.button == "Replace flat by GlobalMaxPooling1D"
    assert "2,560,100 weights, 99 % of all" in message.text


@pytest.mark.parametrize(
    ("kernel", "dilation", "expected", "button"),
    [(7, 1, 0, ""), (8, 1, 1, "Set kernel_size to 7"), ([9, 3], 1, 1, "Set kernel_size to 7, 3"), (5, 2, 1, ""), (3, 2, 0, "")],
)  # fmt: skip
def test_windows_beyond_the_picture(kernel: Any, dilation: int, expected: int, button: str) -> None:
    conv = ("Conv2D", {"kernel_size": kernel, "dilation_rate": dilation, "padding": "same", "activation": "relu"}, "x")
    graph = sketch(x=("Input", {"shape": [4, 4, 3]}), conv=conv, flat=("Flatten", {}, "conv"), out=("Output", {"units": 2}, "flat"))
    messages = found(graph, "wide-window")
    assert [message.button for message in messages] == [button] * expected


def test_a_convolution_that_leaves_one_place_steps_less() -> None:
    conv = {"filters": 4, "padding": "same", "activation": "relu"}
    last = {f"c{number}": ("Conv2D", conv, f"c{number - 1}") for number in range(1, 5)}
    graph = sketch(x=PICTURE, c0=("Conv2D", {**conv, "strides": 8}, "x"), **last, flat=("Flatten", {}, "c4"), out=("Output", {"units": 2}, "flat"))
    (message,) = found(graph, "shrunk-too-early")
    assert (message.node, message.button) == ("c0", "Set strides to 1")
    assert found(graph, "wide-window") == []


def test_open_ends() -> None:
    """The one Output takes a branch that was built on from where it stands; other branches go as a whole."""
    grown = sketch(x=VECTOR, one=("Dense", {}, "x"), two=("ReLU", {}, "one"), out=("Output", {"units": 2}, "one"))
    (message,) = found(grown, "unused-end", (), None)
    assert message.button == "Connect it with out"
    assert mended(grown, message).nodes["out"].inputs == ("two",)
    branch = sketch(
        x=VECTOR, y=VECTOR, one=("Dense", {}, "y"), two=("ReLU", {}, "one"), left=("Output", {"units": 2}, "x"), right=("Output", {"units": 2}, "x")
    )
    (message,) = found(branch, "unused-end", (), None)
    assert sorted(mended(branch, message).nodes) == ["left", "right", "x"]


def test_the_only_input_is_never_removed() -> None:
    graph = sketch(x=VECTOR, a=("Dense", {}), out=("Output", {"units": 2}, "a"))
    assert [message.edits for message in found(graph, "unused-end", (), None)] == [()]


def test_an_output_behind_a_picture_comes_with_flatten() -> None:
    graph = sketch(image=("Input", {}), scaled=("Rescaling", {}, "image"), conv=("Conv2D", {"activation": "relu"}, "scaled"))
    (message,) = found(graph, "no-output", (PICTURES, CLASSES))
    assert message.severity == "error"
    assert analyse(mended(graph, message), (PICTURES, CLASSES), TRAINED).errors == []
    assert [each.severity for each in found(graph, "no-output", (PICTURES, CLASSES), None)] == ["hint"]


def test_features_that_enter_nowhere_are_named() -> None:
    graph = sketch(x=("Input", {"feature": "series"}), lstm=("LSTM", {}, "x"), out=("Output", {}, "lstm"))
    (message,) = found(graph, "unused-feature", (SERIES, PICTURES, TEXTS, CLASSES))
    assert message.text == "The network does not use 'photo', 'review'."


def test_an_unknown_target_is_an_error_where_a_training_is_meant() -> None:
    graph = classifier({"target": "kinds"})
    assert [message.severity for message in found(graph, "unknown-target", (PICTURES, CLASSES, PRICE))] == ["error"]
    assert [message.severity for message in found(graph, "unknown-target", (PICTURES, CLASSES, PRICE), None)] == ["warning"]
    two = sketch(
        image=("Input", {}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scaled"), a=("Output", {}, "flat"), b=("Output", {}, "flat")
    )
    assert [message.button for message in found(two, "unknown-target", (PICTURES, CLASSES, PRICE))] == ["Set target to kind", "Set target to price"]
