"""The rules as the studio uses them: with the training that a recipe plans, in the engine, and kept by the page."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import asdict
from typing import Any

import pytest

from blocks import Feature, Graph
from blocks.features import FeatureKind
from blocks.lint import Situation, loss_kinds, losses
from blocks.lint.base import CLASSES, PICTURES, sketch
from studio.datasets import store
from studio.engine import Engine, analysis_of
from studio.lint import mended, situation_of
from studio.recipe import Recipe
from studio.settings import losses as settings
from studio.ui.analyses import Analyses
from studio.workspace import Workspace


def test_the_situation_follows_the_recipe(workspace: Workspace) -> None:
    features = store.load(workspace, "digits").features
    focal = {"loss": {"name": "categorical_focal_crossentropy", "gamma": 1.0}}
    asked = [
        ({}, (32, "sparse_categorical_crossentropy", False)),
        ({"training": focal}, (32, "categorical_focal_crossentropy", False)),
        ({"training": {"batch_size": "all"}}, (1257, "sparse_categorical_crossentropy", False)),
        ({"training": {"loss": "huber"}}, (None, "huber", False)),  # refused, but asked for
        ({"transfer": {"train_last": 1}}, (32, "sparse_categorical_crossentropy", False)),
        ({"transfer": {"run": "digits-1"}}, (32, "sparse_categorical_crossentropy", True)),
        ({"graph": {"pretrained": "MobileNet"}}, (32, "sparse_categorical_crossentropy", True)),
    ]
    for document, expected in asked:
        assert situation_of(Recipe.read(document), features, 1257) == Situation(*expected)
    assert situation_of(Recipe(), features[:1], 1257) is None


def test_every_loss_of_the_studio_is_known_to_the_rules() -> None:
    assert settings.all().keys() == loss_kinds.KNOWN, "put a new loss into one of the groups in blocks/lint/loss_kinds.py"


TARGETS: dict[FeatureKind, Feature] = {
    kind: CLASSES.model_copy(update={"kind": kind, "shape": shape, "dtype": dtype, "classes": CLASSES.classes if classes else None})
    for kind, shape, dtype, classes in (
        ("category", (), "int32", True), ("labels", (), "float32", True), ("mask", (8, 8), "uint8", True), ("number", (), "float32", False),
        ("image", (8, 8, 3), "uint8", False), ("tokens", (6,), "int32", True), ("transcript", (6,), "int32", True), ("identity", (), "int32", True),
    )
}  # fmt: skip
"""A target of each kind."""


@pytest.mark.parametrize("kind", settings.DEFAULTS)
def test_the_groups_of_losses_say_what_the_losses_say(kind: FeatureKind) -> None:
    target = TARGETS[kind]
    assert {name for name, loss in settings.all().items() if loss.fits(target)} == set(loss_kinds.FITTING[kind])
    assert loss_kinds.FITTING[kind][0] == settings.default_for(target).name
    assert {name for name in settings.all() if loss_kinds.suits(name, target)} == set(loss_kinds.FITTING[kind])


def test_every_kind_of_target_has_its_losses() -> None:
    assert settings.DEFAULTS.keys() == loss_kinds.FITTING.keys() == losses.SAID.keys()


class Echo(Engine):
    """Answers with the situation that it is told, and counts the questions."""

    asked = 0

    def analyse(self, graph: dict[str, Any], features: list[dict[str, Any]], situation: dict[str, Any] | None = None) -> Future[dict[str, Any]]:  # noqa: ARG002
        self.asked += 1
        answer: Future[dict[str, Any]] = Future()
        answer.set_result({"situation": situation})
        return answer


def graph() -> Graph:
    return sketch(
        image=("Input", {}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scaled"), out=("Output", {"activation": "linear"}, "flat")
    )


def test_the_engine_tells_rules_edits_and_buttons() -> None:
    features = [feature.model_dump(mode="json") for feature in (PICTURES, CLASSES)]
    assert analysis_of(graph().document(), features)["messages"] == []
    (message,) = analysis_of(graph().document(), features, {"batch_size": 8, "loss": "sparse_categorical_crossentropy"})["messages"]
    assert message["rule"] == "scores-as-probabilities"
    assert message["button"] == "Set activation to softmax"
    assert list(message["edits"]) == [{"do": "set", "nodes": ["out"], "params": {"activation": "softmax"}}]


def test_an_analysis_is_kept_for_each_training(workspace: Workspace) -> None:
    dataset, engine = store.load(workspace, "digits"), Echo()
    analyses = Analyses(engine)
    situations = (None, Situation(8), Situation(8, "poisson"))
    for _ in range(2):
        for situation in situations:
            told = None if situation is None else asdict(situation)
            assert analyses.of(graph(), dataset, 1.0, situation) == {"situation": told}
    assert engine.asked == len(situations)
    assert analyses.judge(graph(), dataset, 0.0, ask=False, situation=Situation(9)).analysis is None
    assert analyses.judge(graph(), dataset, 0.0, ask=False, situation=Situation(8)).analysis is not None


def test_fixes_that_do_not_help_are_left_out() -> None:
    """Of what is found, the fixes are made that leave fewer problems; the rest is told."""
    wild = sketch(
        image=("Input", {}),
        conv=("Konv2D", {"filters": 4}, "image"),
        lost=("ReLU", {}, "qqqqqq"),
        dense=("Dense", {}, "conv"),
        out=("Output", {}, "dense"),
    )
    found = mended(wild, (PICTURES, CLASSES), Situation(32, "sparse_categorical_crossentropy"))
    assert {"unknown-block", "raw-pixels", "many-axes"} <= {message.rule for message in found.made}
    assert [message.node for message in found.left if message.severity == "error"] == ["lost"]
