"""Every rule of the registry is provoked by its own example, and what its edits make of that is better."""

from __future__ import annotations

import pytest

from blocks import Graph, Message, analyse
from blocks.editing import apply
from blocks.lint import Situation
from blocks.lint.base import Check, Mend, Rule, registry, sketch
from blocks.spec import Spec
from blocks.walk import expand, read_block

RULES = registry.all()
WITHOUT_EDITS = ("unused-feature", "too-few-steps")
"""Rules whose way out needs a decision: a feature may be left out on purpose, and a sequence be made longer in many places."""


def found(rule: Rule) -> Message:
    """What a rule finds in its example."""
    example = rule.example()
    messages = analyse(example.graph, example.features, example.situation).messages
    chosen = [message for message in messages if message.rule == rule.name]
    assert [message.node for message in chosen] == [example.node], [message.sentence() for message in messages]
    return chosen[0]


def mended(graph: Graph, message: Message) -> Graph:
    for edit in message.edits:
        graph = apply(graph, edit).graph
    return graph


@pytest.mark.parametrize("name", RULES)
def test_provoked_and_mended(name: str) -> None:
    rule = RULES[name]
    example, message = rule.example(), found(rule)
    assert bool(message.edits) == bool(message.button) == (name not in WITHOUT_EDITS)
    if not message.edits:
        return
    before = analyse(example.graph, example.features, example.situation)
    after = analyse(mended(example.graph, message), example.features, example.situation)
    assert (name, example.node) not in [(each.rule, each.node) for each in after.messages]
    known = {(each.node, each.text) for each in before.errors}
    assert [each.sentence() for each in after.errors if (each.node, each.text) not in known] == []


@pytest.mark.parametrize("name", RULES)
def test_said_in_full_sentences(name: str) -> None:
    rule = RULES[name]
    message = found(rule)
    assert message.sentence().endswith((".", "?"))
    assert message.why.endswith(".")
    assert message.why == rule.why
    assert not message.button.endswith(".")
    assert (rule.__doc__ or "").rstrip().endswith(".")
    if isinstance(rule, Check):
        assert message.severity in ("error", "warning", "hint")
        assert rule.in_training or rule.severity != "hint" or name == "no-output"
    else:
        assert isinstance(rule, Mend)
        assert message.severity == "error"


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if isinstance(rule, Check) and not rule.in_training])
def test_what_can_be_built_is_no_error_as_long_as_no_training_is_meant(name: str) -> None:
    rule = RULES[name]
    assert isinstance(rule, Check)
    example = rule.example()
    severities = {message.severity for message in analyse(example.graph, example.features).messages if message.rule == name}
    assert severities
    assert ("error" in severities) == (rule.severity == "error" and not rule.builds)


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if isinstance(rule, Check) and rule.in_training])
def test_what_depends_on_the_training_waits_for_one(name: str) -> None:
    example = RULES[name].example()
    assert name not in [message.rule for message in analyse(example.graph, example.features).messages]


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(ValueError, match="taken"):
        type("Again", (type(RULES["empty-graph"]),), {"name": "empty-graph"})


def test_a_fix_inside_of_a_composite_is_an_edit_of_its_path() -> None:
    graph = sketch(
        x=("Input", {"shape": [8, 8, 16]}), stage=("Residual", {"filters": 16}, "x"), pool=("GlobalAveragePooling2D", {}, "stage"),
        out=("Output", {"units": 2}, "pool"),
    )  # fmt: skip
    (message,) = [each for each in analyse(graph, [], Situation(batch_size=2)).messages if each.rule == "small-batch"]
    assert message.node.startswith("stage/")
    block = read_block(graph.nodes["stage"])
    inside = {"stage": expand(block, (Spec((8, 8, 16)),))}
    changed = graph
    for edit in message.edits:
        changed = apply(changed, edit, inside.get).graph
    assert changed.nodes["stage"].block == "module:Stage"
    after = analyse(changed, [], Situation(batch_size=2))
    assert not after.errors
    assert "small-batch" not in [each.rule for each in after.messages]
    assert "BatchNormalization" not in {node.block for node in after.nodes.values()}
