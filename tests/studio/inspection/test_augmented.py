"""Training samples before and after augmentation, as a preview shows them."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from studio.datasets import store
from studio.inspection.augmented import SAMPLES, TIMES, Row, contact_sheet
from studio.inspection.memory import Memory
from studio.workspace import Workspace
from tests.studio.inspection.looking import graph_of, look, pixels
from tests.studio.inspection.test_command import app


def network(*chain: tuple[str, dict[str, Any]], head: dict[str, Any] | None = None) -> dict[str, Any]:
    nodes: dict[str, Any] = {"image": {"block": "Input"}}
    for number, (block, params) in enumerate(chain):
        nodes[f"change{number}"] = {"block": block, "params": params, "inputs": [list(nodes)[-1]]}
    return {**nodes, "flat": {"block": "Flatten", "inputs": [list(nodes)[-1]]}, "label": {"block": "Output", "inputs": ["flat"], **(head or {})}}


def rows(workspace: Workspace, dataset: str, *chain: tuple[str, dict[str, Any]]) -> list[Row]:
    found: list[Row] = look(workspace, graph_of(network(*chain)), f"change{len(chain) - 1}", dataset=dataset)["augmented"]
    return found


def test_each_sample_stands_before_what_becomes_of_it(workspace: Workspace, memory: Memory) -> None:
    graph = graph_of(network(("RandomTranslation", {"height_factor": 0.3, "width_factor": 0.3})))
    found = look(workspace, graph, "change0", memory)["augmented"]
    assert [len(row.pictures) for row in found] == [TIMES + 1] * SAMPLES
    assert all(row.label in "0123456789" and row.mixtures == [""] * TIMES for row in found)
    stored = Image.open(io.BytesIO(store.load(workspace, "digits").images("train")[0]))
    before = pixels(found[0].pictures[0])
    np.testing.assert_array_equal(before[4::8, 4::8, 0], np.asarray(stored.convert("L")))
    assert len({bytes(png) for png in found[0].pictures}) > 3
    assert look(workspace, graph, "change0", memory)["augmented"] is found
    assert look(workspace, graph, "image", memory)["augmented"] is None


def test_the_chain_up_to_the_node_is_applied(workspace: Workspace) -> None:
    nothing = ("RandomBrightness", {"factor": 0.0})
    still, turned = rows(workspace, "digits", nothing), rows(workspace, "digits", ("RandomFlip", {"mode": "horizontal"}), nothing)
    assert all(set(row.pictures) == {row.pictures[0]} for row in still)
    for row in turned:
        before = pixels(row.pictures[0])
        assert all(np.array_equal(pixels(png), before) or np.array_equal(pixels(png), before[:, ::-1]) for png in row.pictures[1:])
    assert any(len(set(row.pictures)) == 2 for row in turned)


@pytest.mark.parametrize("block", ["MixUp", "CutMix"])
def test_mixtures_say_what_they_consist_of(workspace: Workspace, block: str) -> None:
    found = rows(workspace, "digits", (block, {}))
    mixed = [mixture for row in found for mixture in row.mixtures]
    assert all(re.fullmatch(r"(\d\.\d\d \d)(, \d\.\d\d \d)*", mixture) for mixture in mixed)
    assert any("," in mixture for mixture in mixed)
    for mixture in mixed:
        assert sum(float(part.split()[0]) for part in mixture.split(", ")) == pytest.approx(1, abs=0.02)


def test_masks_lie_over_their_pictures_and_follow(workspace: Workspace) -> None:
    found = rows(workspace, "shapes", ("RandomFlip", {"mode": "horizontal"}))
    assert [row.label for row in found] == [""] * SAMPLES
    for row in found:
        before = pixels(row.pictures[0])
        assert all(np.array_equal(pixels(png), before) or np.array_equal(pixels(png), before[:, ::-1]) for png in row.pictures[1:])
        assert len(np.unique(before.reshape(-1, before.shape[-1]), axis=0)) > 2
    assert any(len(set(row.pictures)) == 2 for row in found)


def test_the_command_writes_them_as_one_picture(workspace: Workspace, tmp_path: Path) -> None:
    graph_of(network(("RandomFlip", {}))).save(tmp_path / "net.json")
    out = tmp_path / "flips.png"
    ended = CliRunner().invoke(app, [str(tmp_path / "net.json"), "change0", "--output", str(out), "--workspace", str(workspace.folder)])
    assert ended.exit_code == 0, ended.output
    assert pixels(out.read_bytes()).shape[:2] == (SAMPLES * 68 - 4, (TIMES + 1) * 68 - 4)
    assert contact_sheet(rows(workspace, "digits", ("RandomFlip", {}))) == out.read_bytes()
