"""Every default that depends on the data, listed."""

from __future__ import annotations

from typing import Any

import pytest

import presets
from blocks.features import Feature
from studio import defaults
from studio.settings import optimizers

CLASS = Feature(name="label", role="target", kind="category", dtype="int32", classes=("a", "b"))
IMAGE = [Feature(name="image", role="input", kind="image", shape=(28, 28, 1), dtype="uint8"), CLASS]
TABLE = [Feature(name="age", role="input", kind="number"), CLASS]
TEXT = [Feature(name="text", role="input", kind="text", dtype="string"), CLASS]
MASK = [IMAGE[0], Feature(name="mask", role="target", kind="mask", shape=(28, 28), dtype="int32", classes=("a", "b"))]
ARRAY = [Feature(name="x", role="input", kind="array", shape=(5, 3)), CLASS]


def pair_of_texts(read: int, written: int) -> list[Feature]:
    """What is read, what is already written, and what is to be written."""
    kept: dict[str, Any] = {"kind": "tokens", "shape": (written,), "classes": ("", "s", "e", "?", "a")}
    return [
        Feature(name="source", role="input", kind="text", statistics={"maximum_tokens": read}),
        Feature(name="before", role="input", column="target", **kept),
        Feature(name="target", role="target", **kept),
    ]


@pytest.mark.parametrize(("features", "preset"), [(IMAGE, "SimpleCNN"), (TABLE, "MLP"), (TEXT, "TextNGrams"), (ARRAY, "MLP"), (MASK, "UNet_slim")])
def test_the_data_choose_a_network_that_fits(features: list[Feature], preset: str) -> None:
    order = defaults.network(features, 1000)
    assert order.preset == preset
    assert presets.get(order.preset, **order.params).fits(features)


@pytest.mark.parametrize(
    ("features", "samples", "batch", "epochs"),
    [
        (IMAGE, 10, 10, 150),
        (IMAGE, 1258, 32, 40),
        (IMAGE, 5100, 64, 20),
        (IMAGE, 60_000, 64, 10),
        (TABLE, 105, 16, 150),
        (TABLE, 916, 32, 69),
        (TABLE, 50_000, 256, 10),
        (TEXT, 3000, 64, 34),
        (MASK, 5, 5, 150),
        (MASK, 105, 8, 71),
        (MASK, 1000, 8, 10),
        (pair_of_texts(10, 12), 428, 16, 59),
        (pair_of_texts(150, 200), 428, 16, 17),
    ],
)
def test_batch_and_epochs_follow_the_samples(features: list[Feature], samples: int, batch: int, epochs: int) -> None:
    assert defaults.batch_size(samples, features) == batch
    assert defaults.epochs(samples, batch, features) == epochs


@pytest.mark.parametrize(
    ("features", "name", "rate"),
    [(IMAGE, "adam", 0.002), (TABLE, "adamw", 0.003), (TEXT, "sgd", 0.05), (ARRAY, "adam", 0.001), (MASK, "adam", 0.002)],
)
def test_the_optimizer_follows_the_inputs(features: list[Feature], name: str, rate: float) -> None:
    chosen = optimizers.read(defaults.optimizer(features))
    assert (chosen.name, chosen.learning_rate) == (name, rate)


@pytest.mark.parametrize(("preset", "name"), [("TextNGrams", "sgd"), ("TextLSTM", "adam"), ("MLP", "adam")])
def test_texts_are_descended_plainly_where_nothing_lies_between(preset: str, name: str) -> None:
    assert defaults.optimizer(TEXT, presets.get(preset).graph(features=TEXT))["name"] == name


def test_many_texts_are_read_word_by_word() -> None:
    assert defaults.network(TEXT, defaults.MOST_BAGS).preset == "TextNGrams"
    assert defaults.network(TEXT, defaults.MOST_BAGS + 1).preset == "TextBiLSTM"


@pytest.mark.parametrize(("epochs", "patience"), [(1, 5), (10, 5), (20, 10), (60, 30), (150, 40)])
def test_patience_follows_the_epochs(epochs: int, patience: int) -> None:
    assert defaults.patience(epochs) == patience


@pytest.mark.parametrize(
    ("inputs", "targets", "subject", "preset", "params"),
    [
        (TABLE[:-1], ["category", "number"], "columns", "MultiTask", {"bins": 8, "units": [128, 128]}),
        (IMAGE[:-1], ["number"], "image", "SimpleCNN", {"augmentation": "none"}),
        (IMAGE[:-1], ["category", "number"], "image", "MultiTask", {}),
        ([*IMAGE[:-1], *TABLE[:-1]], ["number"], "columns and image", "ImageAndTable", {"bins": 8}),
    ],
)
def test_several_inputs_and_targets(inputs: list[Feature], targets: list[Any], subject: str, preset: str, params: dict[str, Any]) -> None:
    features = [*inputs, *(Feature(name=f"t{place}", role="target", kind=kind) for place, kind in enumerate(targets))]
    order = defaults.network(features, 1000)
    assert defaults.subject(features) == subject
    assert order.preset == preset
    assert params.items() <= order.params.items()


@pytest.mark.parametrize("name", sorted(optimizers.all()))
def test_classical_descents_keep_their_rate(name: str) -> None:
    optimizer = optimizers.get(name).read()
    expected = "constant" if optimizer.batch_size is not None or optimizer.wants_constant_rate else "cosine"
    assert defaults.schedule(optimizer) == expected
