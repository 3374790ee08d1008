"""The kept figures of the presets: complete, fresh, and fit to be drawn."""

from __future__ import annotations

import subprocess
import sys

import pytest

import blocks
import presets
from blocks import Graph
from presets import Golden, figures
from presets.tasks import TASKS, task_of

STALE = "presets/figures.json is not what is counted: write it anew with `python -m presets.figures presets/figures.json`."
SAMPLE = (
    "LeNet5",
    "ResNet20",
    "GoogLeNet",
    "UNet_slim",
    "CRNN_slim",
    "TextCNN",
    "SpectrogramCNN",
    "LinearForecaster",
    "ImageAndTable",
    "Transformer_slim",
)
"""Networks of every task, few seconds to count."""
KNOWN = figures.read()
PRINTED = [
    golden
    for family in presets.families().values()
    for golden in family.golden
    if not golden.params and (golden.input_shape, golden.classes) == presets.get(golden.variant).canonical
]
"""Printed figures of ready presets at the size of their paper."""


def test_every_preset_has_figures_and_nothing_else() -> None:
    assert set(KNOWN) == set(presets.all()), STALE


@pytest.mark.parametrize("name", SAMPLE)
def test_they_are_what_is_counted_now(name: str) -> None:
    assert figures.count(presets.get(name)) == KNOWN[name], STALE


def test_the_sample_has_every_task() -> None:
    assert {task_of(type(presets.get(name))) for name in SAMPLE} == set(TASKS) - {"table"}  # a table's families look at pictures, too
    assert task_of(presets.families()["MLP"]) == "table"


@pytest.mark.parametrize("golden", PRINTED, ids=lambda golden: golden.variant)
def test_they_agree_with_what_is_printed(golden: Golden) -> None:
    assert KNOWN[golden.variant]["trainable_weights"] == golden.trainable_weights


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_drawings_lead_from_inputs_to_an_end(name: str) -> None:
    stages = KNOWN[name]["stages"]
    assert 1 < len(stages) < figures.MOST_STAGES, "none is cut off"
    assert stages[0]["category"] == figures.INPUT
    for index, stage in enumerate(stages):
        inputs = stage.get("inputs", [index - 1])
        assert inputs or stage["category"] == figures.INPUT, "only inputs stand behind nothing"
        assert all(0 <= each < index for each in inputs)
        assert stage["layers"] >= 0
    followed = {each for index, stage in enumerate(stages) for each in stage.get("inputs", [index - 1])}
    assert set(range(len(stages) - 1)) <= followed | {index for index, stage in enumerate(stages) if stage["layers"]}
    assert sum(stage["layers"] for stage in stages) > 0


def test_layers_of_one_shape_are_one_stage() -> None:
    stages = {tuple(stage["shape"]): stage for stage in KNOWN["ResNet50"]["stages"]}
    assert [stages[shape]["layers"] for shape in ((56, 56, 256), (28, 28, 512), (14, 14, 1024), (7, 7, 2048))] == [10, 13, 19, 10]
    assert stages[14, 14, 1024]["category"] == "residual"


def test_shortcuts_are_drawn() -> None:
    jumps = [stage["inputs"] for index, stage in enumerate(KNOWN["UNetSame"]["stages"]) if stage.get("inputs", [index - 1]) != [index - 1]]
    assert len([each for each in jumps if len(each) == 2]) == 4


@pytest.mark.parametrize("name", ["Siamese", "Triplet", "Quadruplet"])
def test_a_module_is_drawn_as_what_is_inside_alike_in_every_use(name: str) -> None:
    preset = presets.get(name)
    found = figures.count(preset)["stages"]
    assert found == KNOWN[name]["stages"], STALE
    seen = [(stage["category"], stage["shape"], stage["layers"]) for stage in found]
    starts = [index for index, stage in enumerate(found) if stage["category"] != figures.INPUT and stage.get("inputs") in ([0], [1], [2], [3])]
    assert len(starts) == len(type(preset).branches)
    length = starts[1] - starts[0]
    first, *others = [seen[start : start + length] for start in starts]
    assert others == [first] * len(others)
    assert sum(layers for _, _, layers in first) == {"Siamese": 5}.get(name, 4)
    assert first[-1][0] == "dense"
    ends = {start + length - 1 for start in starts}
    assert {each for stage in found for each in stage.get("inputs", [])} >= ends, "the towers meet"


def test_a_module_within_a_module_and_one_that_passes_its_input_on_are_drawn() -> None:
    nodes = {
        "x": {"block": "Input", "params": {"shape": [8]}},
        "a": {"block": "module:Outer", "inputs": ["x"]},
        "same": {"block": "module:Nothing", "inputs": ["a"]},
        "b": {"reuse": "a", "inputs": ["same"]},
    }
    modules = {
        "Outer": {"nodes": {"inner": {"block": "module:Inner", "inputs": ["@0"]}}, "outputs": ["inner"]},
        "Inner": {
            "nodes": {
                "up": {"block": "Dense", "params": {"units": 16}, "inputs": ["@0"]},
                "down": {"block": "Dense", "params": {"units": 8}, "inputs": ["up"]},
            },
            "outputs": ["down"],
        },
        "Nothing": {"nodes": {}, "outputs": ["@0"]},
    }
    graph = Graph.model_validate({"nodes": nodes, "modules": modules})
    drawn = figures.stages(graph, blocks.analyse(graph))
    assert [(stage["shape"], stage["layers"], stage.get("inputs")) for stage in drawn] == [
        ([8], 0, []), ([16], 1, None), ([8], 1, None), ([16], 1, None), ([8], 1, None),
    ]  # fmt: skip


def test_networks_of_several_branches_take_several_inputs_and_their_encoders_pictures() -> None:
    tasks = {name: task_of(family) for name, family in presets.families().items()}
    assert {name for name, family in presets.families().items() if family.branches} == {"Siamese", "Triplet", "Quadruplet"}
    assert [tasks[name] for name in ("Siamese", "Triplet", "Quadruplet")] == ["several"] * 3
    assert [tasks[name] for name in ("KochCNN", "EmbeddingCNN")] == ["picture"] * 2


@pytest.mark.parametrize("name", sorted(presets.families()))
def test_every_family_has_a_task(name: str) -> None:
    assert task_of(presets.families()[name]) in TASKS


def test_reading_them_imports_no_framework() -> None:
    program = "import sys, presets.figures as f; f.read(); print(sorted({'keras', 'tensorflow', 'sklearn'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "[]"


@pytest.mark.parametrize("name", sorted(presets.all()))
def test_a_variant_is_shown_as_it_was_published(name: str) -> None:
    preset = presets.get(name)
    printed = {(golden.input_shape, golden.classes) for golden in preset.golden if golden.variant == name and not golden.params}
    assert not printed or preset.canonical in printed
