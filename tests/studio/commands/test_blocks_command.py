"""`studio blocks`: the list, one block explained, and an example with numbers."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import pytest
from typer.testing import CliRunner

import blocks
from studio.cli import app

RUNNER = CliRunner()


def printed(*arguments: str) -> str:
    ended = RUNNER.invoke(app, ["blocks", *arguments])
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def told(name: str, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(name, *arguments, "--json"))["blocks"][name]
    return found


def test_the_list_is_grouped_by_category_and_fits_a_terminal() -> None:
    text = printed()
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    headings = [line for line in lines if line and not line.startswith(" ")][:-1]
    assert headings == sorted({block.category.capitalize() for block in blocks.all().values()})
    for name, block in blocks.all().items():
        assert any(line.split()[:1] == [name] for line in lines), name
        assert block.summary().split()[0] in text


def test_the_list_as_json_is_quick_and_needs_no_keras() -> None:
    code = "import sys; from studio.cli import app; app(['blocks', '--json'], standalone_mode=False); sys.exit('keras' in sys.modules or 0)"
    begun = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr[-500:]
    assert time.monotonic() - begun < 20
    listed = json.loads(ended.stdout)["blocks"]
    assert set(listed) == set(blocks.all())
    assert all(set(entry) == {"category", "summary", "fields"} for entry in listed.values())


def test_a_block_as_json_has_its_documentation_and_an_example() -> None:
    found = told("Conv2D")
    assert set(found) == {"category", "summary", "fields", "usage", "formula", "shapes", "weights", "multiply_adds", "source", "example"}
    assert found["usage"].startswith("Use it")
    assert found["fields"]["filters"]["minimum"] == 1
    example = found["example"]
    assert set(example) == {"input_shapes", "output_shapes", "weights", "multiply_adds", "receptive_field", "lines"}
    assert (example["input_shapes"], example["output_shapes"], example["weights"]) == ([[28, 28, 1]], [[26, 26, 32]], 320)
    assert example["receptive_field"] == [3, 3]


def test_an_example_of_ones_own() -> None:
    example = told("Conv2D", "--input-shape", "28,28,1", "--set", "filters=6", "--set", "kernel_size=5")["example"]
    lines = {line["label"]: line["text"] for line in example["lines"]}
    assert lines["Shape"] == "28 x 28 x 1 -> 24 x 24 x 6"
    assert lines["Weights"].endswith("= 156")
    assert (example["weights"], example["multiply_adds"]) == (156, 86_400)


@pytest.mark.parametrize(
    ("name", "setting", "weights"),
    [
        ("Bidirectional", "block.units=8", 1600),
        ("Bidirectional", "block={block: GRU, params: {units: 8}}", 1248),
        ("Bidirectional", "block=SimpleRNN", 2 * (16 + 64 + 1) * 64),
        ("Conv2D", "kernel_regularizer.l2=0.5", 320),
        ("Bidirectional", "block.kernel_regularizer.l1=0.5", 41_472),
        ("Conv2D", "kernel_size=3,5", (15 + 1) * 32),
    ],
)
def test_settings_reach_into_nested_parameters(name: str, setting: str, weights: int) -> None:
    assert told(name, "--set", setting)["example"]["weights"] == weights


def test_a_composite_says_what_it_is_made_of() -> None:
    parts = told("Residual")["example"]["parts"]
    assert [part["node"] for part in parts][:3] == ["conv1", "norm1", "relu1"]
    assert "shortcut_conv  Conv2D" in printed("Residual")


def test_the_page_of_a_block_for_people() -> None:
    text = printed("Conv2D")
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "Conv2D  (convolution)"
    order = ["Use it for", "Formula ", "Shapes ", "Weights ", "Multiply-adds ", "Source ", "Fields", "More fields", "Example at 28 x 28 x 1"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert text.index("  filters ") < text.index("More fields") < text.index("  use_bias ")
    assert "floor((28 - 3) / 1) + 1 = 26" in text
    assert "glorot_normal, glorot_uniform" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Conv2D", "--set", "filters=0"], "invalid filters"),
        (["Conv2D", "--set", "filterz=1"], "Did you mean 'filters'?"),
        (["Conv2D", "--set", "filters"], "expected key=value"),
        (["Conv2D", "--set", "filters=[1"], "not a YAML value"),
        (["Conv2D", "--set", "filters.x=1"], "no parameters of its own"),
        (["Conv2D", "--set", "kernel_regularizer.depth=1"], "none of the regularizers"),
        (["Conv2D", "--input-shape", "2,2,1"], "smaller than the window"),
        (["Conv2D", "--input-shape", "5"], "Expected: a picture"),
        (["Conv2D", "--input-shape", "wide"], "whole numbers"),
        (["Conv2D", "--input-shape=-2,2,1"], "expected sizes from 0"),
        (["Add", "--input-shape", "4", "--input-shape", "5"], "Expected: equal shapes"),
        (["--set", "filters=6"], "belong to one block"),
        (["Conv2", "--set", "filters=6"], "Did you mean 'Conv2D'?"),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments: list[str], said: str) -> None:
    ended = RUNNER.invoke(app, ["blocks", *arguments, "--json"])
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert said in ended.output
    assert "Traceback" not in ended.output
