"""The gallery of networks: every family with its variants, which fit a dataset, and what they would be on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import presets
from presets.tasks import TASKS
from studio import defaults, ui
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.datasets.kinds import all_kinds
from studio.recipe import PresetOrder
from studio.ui import network_gallery, network_view
from studio.ui.analyses import Analyses
from studio.ui.counts import Counts
from studio.workspace import StudioError, Workspace
from tests.studio.ui.made_engines import Here, Slow


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def digits(workspace: Workspace) -> Dataset:
    return store.load(workspace, "digits")


@pytest.fixture(scope="module")
def penguins(workspace: Workspace) -> Dataset:
    return store.load(workspace, "penguins")


def cards(dataset: Dataset) -> dict[str, dict[str, Any]]:
    return {card["name"]: card for card in network_gallery.gallery(dataset)["presets"]}


def test_it_shows_every_family_and_why_one_does_not_fit(penguins: Dataset) -> None:
    found = cards(penguins)
    assert set(found) == set(presets.families())
    assert found["MLP"]["fits"]
    assert found["MLP"]["reason"] == ""
    assert "pictures" in found["LeNet5"]["reason"]
    json.dumps(found, allow_nan=False)


def test_every_ready_preset_is_a_variant_with_its_figures(digits: Dataset) -> None:
    variants = [variant for card in cards(digits).values() for variant in card["variants"]]
    assert sorted(variant["name"] for variant in variants) == sorted(presets.all())
    assert all(variant["figures"]["weights"] > 0 for variant in variants)
    for card in cards(digits).values():
        for variant in card["variants"]:
            assert presets.get(card["name"], **variant["params"]) == presets.get(variant["name"])


def test_families_stand_by_task_those_that_fit_first(digits: Dataset) -> None:
    told = network_gallery.gallery(digits)
    places = [(TASKS.index(card["task"]), not card["fits"], card["year"]) for card in told["presets"]]
    assert places == sorted(places)
    assert told["tasks"] == list(TASKS)


def test_networks_for_pairs_say_how_to_get_a_dataset_for_them(digits: Dataset) -> None:
    found = cards(digits)
    words = json.loads((Path(ui.__file__).parent / "words" / "en.json").read_text("utf-8"))
    for name in ("Siamese", "Triplet", "Quadruplet", "KochCNN", "EmbeddingCNN"):
        reason = found[name]["reason"]
        compares = name not in ("KochCNN", "EmbeddingCNN")
        assert ("compares pictures." if compares else "learns which pictures show the same; 'label' is a class.") in reason
        assert f'Import class folders that become "{words["kind.verification"]}" (by command: --kind verification).' in reason
        assert (f'Or import them as "{words["kind.image-pairs"]}" (by command: --kind image-pairs).' in reason) == (name == "Siamese")
    assert "verification" in all_kinds()


def test_a_family_begins_with_the_variant_that_fits(workspace: Workspace, digits: Dataset) -> None:
    numbers = store.load(workspace, "concrete")
    reasons = {variant["name"]: variant["reason"] for variant in cards(numbers)["LinearModel"]["variants"]}
    assert reasons["LinearRegression"] == ""
    assert "is a number" in reasons["SoftmaxRegression"]
    assert cards(numbers)["LinearModel"]["params"] == presets.families()["LinearModel"].variants["LinearRegression"]
    assert cards(digits)["LinearModel"]["params"] == presets.families()["LinearModel"].variants["SoftmaxRegression"]


def test_the_card_of_the_automatic_choice_begins_with_its_parameters(digits: Dataset) -> None:
    chosen = defaults.network(digits.features, digits.manifest.splits["train"])
    family, _ = network_view.family_of(chosen)
    assert cards(digits)[family]["params"] == chosen.params


def test_what_is_counted_on_a_dataset_is_what_the_page_says_of_the_network(workspace: Workspace, digits: Dataset) -> None:
    engine = Here()
    order = PresetOrder(preset="ResNet20")
    (found,) = network_gallery.counted(Counts(engine), digits, [order], 60)
    analysis = network_view.network(workspace, Analyses(engine), {"graph": order.model_dump()}, 60)["analysis"]
    assert [found[name] for name in ("weights", "trainable_weights", "multiply_adds", "activations", "training_bytes")] == [
        analysis[name] for name in ("weights", "trainable_weights", "multiply_adds", "activations", "training_bytes")
    ]
    assert found["input_shape"] == [8, 8, 1]
    assert found["stages"]


def test_what_was_counted_is_not_counted_again(digits: Dataset) -> None:
    engine = Here()
    counts = Counts(engine)
    orders = [PresetOrder(preset="LeNet5"), PresetOrder(preset="MLP", params={"units": [8]})]
    first = network_gallery.counted(counts, digits, orders, 60)
    assert engine.asked == 2
    assert network_gallery.counted(counts, digits, orders, 60) == first
    assert engine.asked == 2


def test_while_it_is_counted_all_are_under_way(digits: Dataset) -> None:
    engine = Slow()
    orders = [PresetOrder(preset="LeNet5"), PresetOrder(preset="MLP")]
    assert network_gallery.counted(Counts(engine), digits, orders, 0.05) == [{"counting": True}] * 2
    assert len(engine.answers) == 2


@pytest.mark.parametrize(
    ("order", "said", "field"),
    [
        (PresetOrder(preset="ResNet", params={"depth": 21}), "depth", "depth"),
        (PresetOrder(preset="TextLSTM"), "takes texts", None),
        (PresetOrder(preset="Nothing"), "no preset named", None),
    ],
)
def test_what_can_not_be_made_says_why(digits: Dataset, order: PresetOrder, said: str, field: str | None) -> None:
    (found,) = network_gallery.counted(Counts(Slow()), digits, [order], 1)
    assert said in found["problem"]
    assert list(found["field_problems"]) == ([field] if field else [])


def test_only_so_many_are_counted_at_once(digits: Dataset) -> None:
    with pytest.raises(StudioError, match="At most 64 networks"):
        network_gallery.counted(Counts(Slow()), digits, [PresetOrder(preset="MLP")] * 65, 1)


def test_the_routes(client: TestClient) -> None:
    told = client.get("/api/model/presets?dataset=digits").json()
    assert told["batch_size"] == 32
    assert {"picture", "text"} <= {card["task"] for card in told["presets"]}
    answer = client.post("/api/model/counts?wait=0", json={"dataset": "digits", "orders": [{"preset": "TextLSTM", "params": {}}]})
    assert "takes texts" in answer.json()["counts"][0]["problem"]
    assert client.post("/api/model/counts", json={"dataset": "digits", "orders": [{"preset": 3}]}).status_code == 422
    assert client.post("/api/model/counts", json={"dataset": "nothing", "orders": []}).status_code == 400
