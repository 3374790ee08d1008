"""The command line that the Train page shows does what the draft says."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from studio.recipe import Recipe, with_settings
from studio.ui.command import command


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        ({"dataset": "digits"}, "studio train digits"),
        ({"dataset": "digits", "training": {"epochs": 20}}, "studio train digits --set epochs=20"),
        ({"dataset": "my data", "training": {"optimizer": {"name": "sgd"}}}, "studio train 'my data' --set optimizer=sgd"),
        ({"dataset": "digits", "graph": {"nodes": {}}, "training": {"epochs": 2}}, "studio train recipe.yaml"),
    ],
)
def test_commands(recipe: dict[str, Any], expected: str) -> None:
    assert command(recipe) == expected


@pytest.mark.parametrize(
    "training",
    [
        {"epochs": 3, "optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9}},
        {"batch_size": "all", "schedule": {"name": "cosine"}, "metrics": ["accuracy", "f1"]},
        {"early_stopping": False, "clip_norm": 1.5, "device": "cpu"},
    ],
)
def test_the_command_makes_the_same_recipe(training: dict[str, Any]) -> None:
    document = {"dataset": "digits", "graph": {"preset": "LeNet5", "params": {"form": "modern"}}, "training": training}
    words = shlex.split(command(document))
    assert words[:3] == ["studio", "train", "digits"]
    settings = [word for flag, word in zip(words[3::2], words[4::2], strict=True) if flag == "--set"]
    made = Recipe.read(with_settings({"dataset": "digits"}, settings)).document()
    wanted = Recipe.read(document).document()
    named = made["training"]
    for part in ("optimizer", "schedule"):  # `sgd` and `{name: sgd}` are the same
        for side in (named, wanted["training"]):
            side[part] = side[part] if isinstance(side[part], dict) else {"name": side[part]}
    assert made == wanted
