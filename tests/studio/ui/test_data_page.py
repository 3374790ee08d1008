"""The Data page: what it says of datasets, pages of samples, changing the draft's dataset, and its routes."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

import presets
from studio.datasets import store
from studio.datasets.errors import DatasetError
from studio.ui import dataset_figures, dataset_view
from studio.ui.pictures import png_of_array
from studio.workspace import Workspace, write_json, write_text


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace(tmp_path_factory.mktemp("workspace"))
    for name in ("digits", "penguins", "concrete", "languages"):
        store.load(made, name)
    return made


@pytest.fixture(scope="module")
def arrays(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("upload") / "waves.npz"
    generator = np.random.default_rng(0)
    np.savez(path, x=generator.normal(size=(40, 12)).astype("float32"), y=np.arange(40) % 2)
    return store.add(workspace, path).name


def test_cards_list_own_datasets_before_the_built_in_ones(workspace: Workspace, arrays: str) -> None:
    cards = dataset_view.cards(workspace)
    assert cards[0]["name"] == arrays
    assert [card["builtin"] for card in cards] == [False] + [True] * (len(cards) - 1)
    by_name = {card["name"]: card for card in cards}
    assert by_name["digits"]["samples"] == 1797
    assert by_name["digits"]["classes"] == 10
    assert by_name["iris"]["samples"] is None  # not made yet
    assert by_name["iris"]["summary"]


@pytest.mark.parametrize("name", ["digits", "penguins", "concrete", "languages"])
def test_figures_agree_with_the_splits(workspace: Workspace, name: str) -> None:
    details = dataset_view.details(workspace, name)
    figures = details["figures"]
    for split, count in details["splits"].items():
        counted = sum(each[split] for each in figures["classes"]) if figures["classes"] else sum(figures["target"][split])
        assert counted == count
    json.dumps(details, allow_nan=False)


def test_figures_are_kept_and_made_anew_when_damaged(workspace: Workspace) -> None:
    dataset = store.load(workspace, "penguins")
    first = dataset_figures.figures(workspace, dataset)
    (kept,) = (workspace.cache / "figures").glob(f"{dataset.manifest.hash}*")
    kept.write_text("{")
    assert dataset_figures.figures(workspace, dataset) == first
    assert json.loads(kept.read_text()) == first


def test_columns_say_what_is_missing(workspace: Workspace) -> None:
    columns = {column["name"]: column for column in dataset_view.details(workspace, "penguins")["figures"]["columns"]}
    assert columns["species"]["role"] == "target"
    assert columns["sex"]["statistics"]["missing"] > 0
    assert columns["island"]["categories"] == 3
    assert sum(columns["island"]["counts"]) == 344


def test_pictures_come_as_png_with_the_classes_by_turns(workspace: Workspace) -> None:
    page = dataset_view.samples(workspace, "digits", limit=10)
    assert [sample["label"] for sample in page["samples"]] == [str(digit) for digit in range(10)]
    head, _, content = page["samples"][0]["picture"].partition(",")
    assert head == "data:image/png;base64"
    assert Image.open(io.BytesIO(base64.b64decode(content))).size == (96, 96)


@pytest.mark.parametrize(("split", "label"), [(None, None), ("test", None), (None, 3), ("validation", 7)])
def test_pages_meet_every_matching_sample_once(workspace: Workspace, split: str | None, label: int | None) -> None:
    dataset = store.load(workspace, "digits")
    wanted = np.flatnonzero(((dataset.splits == split) | (split is None)) & ((dataset.targets() == label) | (label is None)))
    rows: list[int] = []
    while True:
        page = dataset_view.samples(workspace, "digits", split, label, offset=len(rows), limit=100)
        assert page["total"] == len(wanted)
        rows += [sample["row"] for sample in page["samples"]]
        if len(rows) >= page["total"] or not page["samples"]:
            break
    assert sorted(rows) == wanted.tolist()
    assert {sample["label"] for sample in page["samples"]} <= ({str(label)} if label is not None else set(dataset.classes or ()))


def test_a_table_shows_cells_and_what_is_missing(workspace: Workspace) -> None:
    page = dataset_view.samples(workspace, "penguins", limit=5)
    assert page["kind"] == "table"
    assert "bill_length_mm" in page["columns"]
    third = dict(zip(page["columns"], page["samples"][3]["cells"], strict=True))
    assert third["bill_length_mm"] is None
    assert third["species"] == "Adelie"


def test_texts_come_short_with_their_whole_length(workspace: Workspace) -> None:
    page = dataset_view.samples(workspace, "languages", limit=100)
    longest = max(page["samples"], key=lambda sample: sample["characters"])
    assert len(longest["text"]) == min(longest["characters"], dataset_view.TEXT_CHARACTERS)


def test_arrays_are_drawn(workspace: Workspace, arrays: str) -> None:
    page = dataset_view.samples(workspace, arrays, limit=2)
    assert page["kind"] == "array"
    assert page["samples"][0]["picture"].startswith("data:image/png")


def test_bars_of_an_array_begin_at_zero() -> None:
    with Image.open(io.BytesIO(png_of_array(np.array([-1.0, 0.0, 3.0]), 48))) as picture:
        opaque = np.asarray(picture)[:, ::16, 1] > 0
    below, zero, above = opaque.sum(axis=0)
    assert zero == 1
    assert above > 2 * below > 2 * zero
    assert opaque[0].tolist() == [False, False, True]
    assert opaque[-1].tolist() == [True, False, False]


def test_what_is_to_come_out_as_it_went_in_is_seen_once_and_pairs_with_their_sizes(workspace: Workspace) -> None:
    (copied,) = dataset_view.samples(workspace, "cloth", limit=1)["samples"]
    assert [part["name"] for part in copied["parts"]] == ["image"]
    (pair,) = dataset_view.samples(workspace, "scenes", limit=1)["samples"]
    assert [(part["name"], part["size"]) for part in pair["parts"]] == [("image", [64, 64]), ("picture", [128, 128])]


@pytest.mark.parametrize("shape", [(1,), (300,), (8, 5), (4, 6, 3), (2, 3, 4, 5)])
def test_any_array_becomes_a_small_picture(shape: tuple[int, ...]) -> None:
    values = np.full(shape, np.nan)
    values.flat[0] = 1.0
    with Image.open(io.BytesIO(png_of_array(values, 64))) as picture:
        assert max(picture.size) <= 64


def test_a_number_as_target_has_no_classes_to_choose_from(workspace: Workspace) -> None:
    assert isinstance(dataset_view.samples(workspace, "concrete", limit=1)["samples"][0]["label"], float)
    with pytest.raises(DatasetError, match="no classes"):
        dataset_view.samples(workspace, "concrete", label=0)
    with pytest.raises(DatasetError, match="no split 'dev'"):
        dataset_view.samples(workspace, "concrete", split="dev")


@pytest.mark.parametrize(
    ("values", "edges"),
    [([], [0, 1]), ([5, 5], [4.5, 5.5]), ([1, 2, 4], [0.5, 1.5, 2.5, 3.5, 4.5]), ([0.0, 0.5, 1.0], [0, 0.25, 0.5, 0.75, 1.0])],
)
def test_ranges_of_numbers(values: list[float], edges: list[float]) -> None:
    assert dataset_figures.bin_edges(np.array(values, dtype=float), 4 if values and max(values) <= 1 else 24).tolist() == pytest.approx(edges)


def graph_for(feature: str, target: str) -> dict[str, Any]:
    return {
        "nodes": {
            "a": {"block": "Input", "params": {"feature": feature}},
            "b": {"block": "Output", "params": {"target": target}, "inputs": ["a"]},
        }
    }


@pytest.mark.parametrize(
    ("name", "network", "fits"),
    [
        ("penguins", None, True),
        ("penguins", {"preset": "MLP"}, True),
        ("penguins", {"preset": "LeNet5"}, False),
        ("penguins", {"preset": "LeNet5", "params": {"form": "nonsense"}}, False),
        ("penguins", {"file": "/nowhere/network.json"}, False),
        ("digits", graph_for("image", "label"), True),
        ("digits", graph_for("image", "species"), False),
        ("penguins", graph_for("columns", "species"), True),
        ("penguins", graph_for("image", "species"), False),
    ],
)
def test_which_network_goes_with_a_dataset(workspace: Workspace, name: str, network: dict[str, Any] | None, fits: bool) -> None:
    reason = dataset_view.misfit(store.load(workspace, name).features, network)
    assert (reason == "") is fits


def test_settings_that_fit_another_target_are_reset(workspace: Workspace) -> None:
    training = {"loss": "sparse_categorical_crossentropy", "epochs": 3}
    numbers = dataset_view.fit(store.load(workspace, "concrete"), None, training)
    classes = dataset_view.fit(store.load(workspace, "digits"), {"preset": "MLP"}, training)
    assert numbers == {"fits": True, "reason": "", "reset": ["training.loss"]}
    assert classes == {"fits": True, "reason": "", "reset": []}
    assert dataset_view.fit(store.load(workspace, "concrete"), {"preset": "LeNet5"}, {})["reset"] == ["graph"]


def test_every_preset_says_of_every_built_in_set_what_the_gallery_says(workspace: Workspace) -> None:
    for name in ("digits", "penguins", "languages"):
        features = store.load(workspace, name).features
        for variant, preset in presets.all().items():
            assert dataset_view.misfit(features, {"preset": variant}) == preset.misfit(features)


def test_routes(client: TestClient, app_workspace: Workspace) -> None:
    listing = client.get("/api/datasets").json()
    assert {"digits", "penguins"} <= {card["name"] for card in listing["datasets"]}
    assert "limits" not in {field["name"] for field in listing["options"]}
    assert "image-classification" in listing["kinds"]
    assert client.get("/api/datasets/iris").json()["samples"] == 150
    page = client.get("/api/datasets/iris/samples", params={"split": "test", "label": 1, "limit": 3}).json()
    assert {sample["split"] for sample in page["samples"]} == {"test"}
    assert client.post("/api/datasets/iris/fit", json={"graph": {"preset": "LeNet5"}}).json()["fits"] is False
    missing = client.get("/api/datasets/nothing")
    assert missing.status_code == 400
    assert "no dataset named 'nothing'" in missing.json()["error"]
    use(app_workspace, "iris")
    refused = client.delete("/api/datasets/iris")
    assert refused.status_code == 400
    assert "run-with-iris" in refused.json()["error"]
    assert client.get("/api/datasets/iris").json()["used_by"] == ["run-with-iris"]
    write_json(app_workspace.runs / "run-with-iris" / "status.json", {"status": "finished"})
    assert client.delete("/api/datasets/iris").status_code == 200
    assert "iris" not in store.names(app_workspace)


def use(workspace: Workspace, dataset: str) -> Path:
    folder = workspace.runs / f"run-with-{dataset}"
    folder.mkdir()
    write_text(folder / "recipe.yaml", f"dataset: {dataset}\n")
    write_json(folder / "status.json", {"status": "paused"})
    return folder
