"""Networks of several branches: every encoder, shared weights, what the ends say, and what a dataset makes of them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import presets
from blocks import Feature, Graph, InvalidValueError, analyse, build
from blocks.editing import apply
from presets.comparing import Comparing, encoders
from studio.recipe import RecipeError
from studio.training.planning import check_branches
from tests.presets.ready import first_variants

PICTURE = Feature(name="face", role="input", kind="image", dtype="uint8", shape=(12, 10, 3))
WHO = Feature(name="who", role="target", kind="identity", dtype="int32", classes=("a", "b", "c"))
SHAPE = (12, 10, 1)
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: ("Siamese_slim", {"comparison": name}) for name in ("sigmoid", "contrastive", "cosine")},
    "triplet": ("Triplet", {}),
    "quadruplet": ("Quadruplet", {}),
}


def preset(kind: str, **params: Any) -> Comparing:
    name, given = KINDS[kind]
    found = presets.get(name, embedding=6, **given, **params)
    assert isinstance(found, Comparing)
    return found


def pictures(found: Comparing, seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {f"image_{branch}": random.integers(0, 256, (4, *SHAPE), dtype=np.uint8) for branch in found.branches}


def said(model: keras.Model, given: dict[str, np.ndarray]) -> np.ndarray:
    return np.asarray(model(given, training=False))


@pytest.mark.parametrize("encoder", [name for name in first_variants() if name in encoders()])
def test_every_encoder_ends_in_one_vector_which_all_branches_share(encoder: str) -> None:
    graph = presets.get("Siamese", encoder=encoder).graph((32, 32, 3))
    found = analyse(graph)
    assert not found.messages
    first, other = (found.nodes[f"encoder_{branch}"] for branch in "ab")
    (vector,) = first.output_shapes[0]
    assert other.output_shapes == first.output_shapes
    assert other.weights == 0
    assert found.weights == first.weights + (vector or 0) + 1


def test_encoders_are_asked_for_an_embedding() -> None:
    assert {"EmbeddingCNN", "KochCNN", "SimpleCNN", "ResNet20", "NiN", "ViT_S16"} <= set(encoders())
    assert not {"Siamese", "UNet", "MLP_text", "EDSR_x2", "ImageAndTable", "TextLSTM", "CRNN"} & set(encoders())
    for encoder in ("EmbeddingCNN", "SimpleCNN", "NiN"):
        found = analyse(presets.get("Triplet", encoder=encoder, embedding=17).graph((32, 32, 3)))
        assert found.nodes["encoder_a"].output_shapes == ((17,),)
    with pytest.raises(InvalidValueError, match=r"Triplet: invalid encoder\. .* Received: 'resnet_20'\. Did you mean 'ResNet20'\?"):
        presets.get("Triplet", encoder="resnet_20")
    with pytest.raises(InvalidValueError, match="Siamese: invalid encoder"):
        presets.get("Siamese", encoder="Triplet")


@pytest.mark.parametrize("kind", KINDS)
def test_the_ends_say_what_the_embeddings_give(kind: str) -> None:
    found = preset(kind)
    graph = found.graph(SHAPE)
    model = build(graph)
    given = pictures(found)
    places = {branch: encoded(graph, model, given[f"image_{branch}"]) for branch in found.branches}
    a, b, c, d = (places.get(branch, places["a"]) for branch in "abcd")

    def apart(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.asarray(((x - y) ** 2).sum(axis=1, keepdims=True))

    def probability() -> np.ndarray:
        kernel, bias = model.get_layer("label").get_weights()
        return np.asarray(1 / (1 + np.exp(-(np.abs(a - b) @ kernel + bias))))

    expected = {
        "sigmoid": probability,
        "contrastive": lambda: np.sqrt(apart(a, b)),
        "cosine": lambda: (a * b).sum(axis=1, keepdims=True),
        "triplet": lambda: np.hstack([apart(a, b), apart(a, c)]),
        "quadruplet": lambda: np.hstack([apart(a, b), apart(a, c), apart(c, d)]),
    }[kind]()
    np.testing.assert_allclose(said(model, given), expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(a, axis=1), 1, atol=1e-5)


def encoded(graph: Graph, model: keras.Model, values: np.ndarray) -> np.ndarray:
    """What the encoder gives for pictures in the first branch."""
    last = graph.modules["Encoder"].outputs[0]
    tower = keras.Model(model.inputs, _first_call(model, f"encoder_a_{last}"))
    return np.asarray(tower({entry.name: values for entry in model.inputs}, training=False))


def _first_call(model: keras.Model, layer: str) -> Any:
    return model.get_layer(layer)._inbound_nodes[0].outputs[0]  # Keras names no output of a layer that is called twice


@pytest.mark.parametrize("kind", KINDS)
def test_taken_apart_on_the_canvas_it_gives_the_same(kind: str) -> None:
    found = preset(kind)
    graph = found.graph(SHAPE)
    apart = apply(graph, {"do": "ungroup", "node": "encoder_a"}).graph
    assert not [name for name, node in apart.nodes.items() if node.block.startswith("module:")]
    shared = {node.reuse for node in apart.nodes.values() if node.reuse}
    assert {"conv1", "embedding"} <= shared
    models = []
    for each in (graph, apart):
        keras.utils.set_random_seed(1)
        models.append(build(each))
    assert analyse(apart).weights == analyse(graph).weights
    one, other = (said(model, pictures(found)) for model in models)
    np.testing.assert_allclose(other, one, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_with_a_dataset_the_loss_compares_the_samples(kind: str) -> None:
    features = [PICTURE, WHO]
    graph = preset(kind).graph(features=features)
    assert [node.params["feature"] for node in graph.nodes.values() if node.block == "Input"] == ["face"]
    (end,) = [node for node in graph.nodes.values() if node.block == "Output"]
    losses = {"sigmoid": "pair_cross_entropy", "cosine": "cosine_embedding", "triplet": "triplet_semihard"}
    assert end.params["loss"]["name"] == losses.get(kind, kind)
    found = analyse(graph, features)
    assert not found.messages
    assert found.nodes["encoder"].output_shapes == ((6,),)
    assert found.weights == found.nodes["encoder"].weights == analyse(preset(kind).graph((12, 10, 3))).nodes["encoder_a"].weights
    check_branches(graph, features)


def test_margins_and_mining_reach_the_loss() -> None:
    def loss(name: str, **params: Any) -> Any:
        nodes = presets.get(name, **params).graph(features=[PICTURE, WHO]).nodes
        return nodes["label"].params["loss"]

    assert loss("Siamese_slim", margin=1.5) == {"name": "contrastive", "margin": 1.5}
    assert loss("Triplet") == {"name": "triplet_semihard", "margin": 0.2}
    assert loss("Triplet", mining="hardest", margin=0.3) == {"name": "triplet_batch_hard", "margin": 0.3}
    assert loss("Triplet", mining="all")["name"] == "triplet"
    assert loss("Quadruplet") == {"name": "quadruplet", "margin": 1.0, "second_margin": 0.5}


PAIR = [PICTURE, PICTURE.model_copy(update={"name": "other"})]
ANSWERS = {
    "category": Feature(name="same", role="target", kind="category", dtype="int32", classes=("different", "same")),
    "several": Feature(name="kinship", role="target", kind="category", dtype="int32", classes=("none", "cousins", "siblings")),
    "number": Feature(name="likeness", role="target", kind="number"),
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("kind", ["sigmoid", "contrastive", "cosine"])
def test_pairs_of_pictures_are_learned_by_two_branches(kind: str, answer: str) -> None:
    features = [*PAIR, ANSWERS[answer]]
    graph = preset(kind).graph(features=features)
    assert {name: node.params["feature"] for name, node in graph.nodes.items() if node.block == "Input"} == {"image_a": "face", "image_b": "other"}
    assert graph.nodes["encoder_b"].reuse == "encoder_a"
    found = analyse(graph, features)
    assert not found.messages
    units = {"category": 1, "several": 3, "number": 1}[answer]
    compared = 6 if kind == "sigmoid" else 1
    scaled = 0 if kind == "sigmoid" else 4
    assert found.weights == found.nodes["encoder_a"].weights + scaled + (compared + 1) * units
    check_branches(graph, features)
    said_first = np.asarray(build(graph, features)({"image_a": np.zeros((2, 12, 10, 3)), "image_b": np.ones((2, 12, 10, 3))}, training=False))
    assert said_first.shape == (2, units)


@pytest.mark.parametrize("name", ["Triplet", "Quadruplet", "Siamese_slim"])
def test_data_that_are_not_compared_are_refused_in_one_sentence(name: str) -> None:
    said_of_pairs = presets.get(name).misfit([*PAIR, ANSWERS["category"]])
    said_of_classes = presets.get(name).misfit([PICTURE, ANSWERS["category"]])
    assert (said_of_pairs == "") == (name == "Siamese_slim")
    assert said_of_classes.startswith(f"{name} compares pictures. Import class folders")
    assert ("image-pairs" in said_of_classes) == (name == "Siamese_slim")


@pytest.mark.parametrize("kind", KINDS)
def test_all_branches_can_be_looked_at_and_are_not_trained(kind: str) -> None:
    found, features = preset(kind, form="branches"), [PICTURE, WHO]
    graph = found.graph(features=features)
    assert [name for name, node in graph.nodes.items() if node.block == "Input"] == [f"image_{branch}" for branch in found.branches]
    assert {node.reuse for node in graph.nodes.values() if node.reuse} == {"encoder_a"}
    assert not analyse(graph, features).messages
    with pytest.raises(RecipeError, match=f"The network has {len(found.branches)} Inputs.*with the kind image-pairs"):
        check_branches(graph, features)


def test_pictures_that_an_encoder_can_not_take_are_resized_in_every_branch() -> None:
    graph = presets.get("Siamese").graph((28, 28, 1))
    assert [graph.nodes[f"resizing_{branch}"].params for branch in "ab"] == [{"height": 65, "width": 65}] * 2
    assert "65 x 65" in graph.nodes["resizing_a"].title
