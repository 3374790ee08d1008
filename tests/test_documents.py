"""What the documents name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "README.md"])
def test_every_path_that_a_document_names_exists(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    named = set(re.findall(r"`((?:blocks|presets|studio|tests|docs|benchmarks)/[\w./-]*)`", text))
    linked = {path for path in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in path}
    missing = sorted(path for path in named | linked if not (ROOT / path).exists())
    assert named | linked
    assert missing == []


def test_the_readme_begins_with_the_two_commands() -> None:
    commands = re.findall(r"```\n(.*?)\n```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert commands[:2] == ["pip install uv && uv run studio", "pip install uv && uv run pytest"]


def test_the_recipe_of_the_readme_is_read() -> None:
    from studio.recipe import Recipe

    (text,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert Recipe.read(yaml.safe_load(text)).training.epochs == 30


def test_the_ci_calls_the_readmes_test_command() -> None:
    assert "pip install uv && uv run pytest" in (ROOT / ".ci" / "run").read_text("utf-8")
