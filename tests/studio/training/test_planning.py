"""What a recipe leaves open, filled in."""

from __future__ import annotations

import pytest

from blocks.features import Feature
from studio.recipe import Training
from studio.settings import losses
from studio.training.planning import resolved

INPUT = Feature(name="image", role="input", kind="image", shape=(28, 28, 1), dtype="uint8")
CLASS = Feature(name="label", role="target", kind="category", dtype="int32", classes=("a", "b", "c"))
NUMBER = Feature(name="size", role="target", kind="number", dtype="float32")
MASK = Feature(name="mask", role="target", kind="mask", shape=(28, 28), dtype="int32", classes=("a", "b"))


@pytest.mark.parametrize("targets", [(NUMBER, CLASS), (CLASS, NUMBER), (CLASS, MASK), (MASK, NUMBER), (NUMBER, MASK, CLASS), (CLASS,), (NUMBER,)])
def test_every_target_gets_its_usual_loss_unless_one_is_named(targets: tuple[Feature, ...]) -> None:
    chosen = resolved(Training(), [INPUT, *targets], 200).loss
    for target in targets:
        assert losses.suited(chosen, target).name == losses.DEFAULTS[target.kind], target.name


def test_a_loss_that_is_named_holds_wherever_it_fits() -> None:
    chosen = resolved(Training(loss="mean_absolute_error"), [INPUT, NUMBER, CLASS], 200).loss
    assert losses.suited(chosen, NUMBER).name == "mean_absolute_error"
