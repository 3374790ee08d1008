"""Steps of a draft's network: undone and done again in any order, kept on disk, and given up where they no longer lead here."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocks import Graph
from blocks.editing import apply
from studio import drafts
from studio.history import Histories, History, Value, digest
from studio.workspace import Workspace

EMPTY = Graph().document()
CONV = apply(Graph(), {"do": "add", "block": "Conv2D"}).graph.document()
DENSE = apply(Graph.model_validate(CONV), {"do": "add", "block": "Dense", "after": "conv2d_1"}).graph.document()
PRESET = {"preset": "ResNet", "params": {"depth": 20}}


def with_filters(count: int) -> dict[str, Any]:
    made = apply(Graph.model_validate(CONV), {"do": "set", "nodes": ["conv2d_1"], "params": {"filters": count}})
    return made.graph.document()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def draft(workspace: Workspace) -> str:
    return drafts.create(workspace).id


def written(workspace: Workspace, draft: str, *values: Value, begin: Value = None) -> History:
    """A history with a step to each of these values, one after the other."""
    history = History.load(workspace, draft)
    for value in values:
        history.add(begin, value)
        begin = value
    return history


def back(history: History, value: Value) -> list[str]:
    """Undoes everything; what the network was on the way, as text."""
    found = []
    while history.can_undo and history.follows(value):
        value, _ = undone(history, value)
        found.append(json.dumps(value))
    return found


def undone(history: History, value: Value) -> tuple[Value, tuple[str, ...]]:
    """The value before the last step, which is undone; the same value where there is none."""
    found = history.before(value)
    if found is None:
        return value, ()
    history.undo()
    return found


def redone(history: History, value: Value) -> tuple[Value, tuple[str, ...]]:
    """The value behind the next step, which is done again; the same value where there is none."""
    found = history.behind(value)
    if found is None:
        return value, ()
    history.redo()
    return found


def test_a_new_draft_has_nothing_to_undo(workspace: Workspace, draft: str) -> None:
    history = History.load(workspace, draft)
    assert (history.can_undo, history.can_redo, history.follows(PRESET)) == (False, False, True)
    assert undone(history, PRESET) == (PRESET, ())
    assert redone(history, PRESET) == (PRESET, ())
    assert not drafts.steps_path(workspace, draft).exists()


def test_steps_are_undone_and_done_again_with_what_was_chosen(workspace: Workspace, draft: str) -> None:
    history = History.load(workspace, draft)
    history.add(None, PRESET)
    history.add(PRESET, CONV, before=("stem",), after=("conv2d_1",))
    history.add(CONV, DENSE, before=("conv2d_1",), after=("dense_1",))
    assert undone(history, DENSE) == (CONV, ("conv2d_1",))
    assert undone(history, CONV) == (PRESET, ("stem",))
    assert undone(history, PRESET) == (None, ())
    assert not history.can_undo
    assert redone(history, None) == (PRESET, ())
    assert redone(history, PRESET) == (CONV, ("conv2d_1",))
    assert redone(history, CONV) == (DENSE, ("dense_1",))
    assert not history.can_redo


def test_another_process_finds_the_steps_and_where_one_stands(workspace: Workspace, draft: str) -> None:
    history = written(workspace, draft, CONV, DENSE, EMPTY)
    undone(history, EMPTY)
    anew = History.load(workspace, draft)
    assert (anew.position, len(anew.steps)) == (2, 3)
    assert redone(anew, DENSE)[0] == EMPTY
    assert back(History.load(workspace, draft), EMPTY) == [json.dumps(each) for each in (DENSE, CONV, None)]


def test_what_is_typed_into_one_field_is_one_step(workspace: Workspace, draft: str) -> None:
    history = written(workspace, draft, CONV)
    value: Value = CONV
    for count in (1, 12, 128):
        history.add(value, with_filters(count), key="conv2d_1 filters 1", before=("conv2d_1",), after=("conv2d_1",))
        value = with_filters(count)
    history.add(value, with_filters(5), key="conv2d_1 filters 2")
    assert len(history.steps) == 3
    assert len(History.load(workspace, draft).steps) == 3
    assert back(history, with_filters(5)) == [json.dumps(each) for each in (with_filters(128), CONV, None)]


def test_steps_without_a_key_or_behind_an_undone_one_are_not_merged(workspace: Workspace, draft: str) -> None:
    history = written(workspace, draft, CONV, with_filters(2), with_filters(3))
    assert len(history.steps) == 3
    history.add(with_filters(3), with_filters(4), key="filters")
    history.add(with_filters(4), with_filters(6), key="filters")
    assert len(history.steps) == 4
    undone(history, with_filters(6))
    history.add(with_filters(3), with_filters(7), key="filters")
    assert back(history, with_filters(7))[0] == json.dumps(with_filters(3))


def test_a_step_after_undo_ends_what_could_be_done_again(workspace: Workspace, draft: str) -> None:
    history = written(workspace, draft, CONV, DENSE, EMPTY)
    undone(history, EMPTY)
    undone(history, DENSE)
    history.add(CONV, with_filters(9))
    for each in (history, History.load(workspace, draft)):
        assert not each.can_redo
        assert len(each.steps) == 2
    assert back(history, with_filters(9)) == [json.dumps(CONV), json.dumps(None)]


def test_a_network_changed_without_a_step_begins_anew(workspace: Workspace, draft: str) -> None:
    history = written(workspace, draft, CONV, DENSE)
    assert not history.follows(PRESET)
    assert undone(history, PRESET) == (PRESET, ())
    history.add(PRESET, EMPTY)
    for each in (history, History.load(workspace, draft)):
        assert len(each.steps) == 1
        assert each.follows(EMPTY)
    assert undone(history, EMPTY) == (PRESET, ())


def test_only_a_place_on_the_canvas_is_a_step_too(workspace: Workspace, draft: str) -> None:
    moved = {**CONV, "layout": {"conv2d_1": [8.0, 16.0]}}
    history = written(workspace, draft, CONV, moved)
    assert digest(CONV) != digest(moved)
    assert undone(history, moved)[0] == CONV


@pytest.mark.parametrize("left", [0.1, 0.5, 0.9])
def test_a_line_that_was_cut_off_costs_its_own_step_and_no_more(workspace: Workspace, draft: str, left: float) -> None:
    written(workspace, draft, CONV, DENSE, EMPTY)
    path = drafts.steps_path(workspace, draft)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][: int(len(lines[-1]) * left)])
    history = History.load(workspace, draft)
    assert (history.position, len(history.steps)) == (2, 2)
    assert not history.follows(EMPTY), "the draft was saved before the line was cut off: the steps no longer lead to it"
    assert back(history, DENSE) == [json.dumps(CONV), json.dumps(None)]


@pytest.mark.parametrize("name", ["two\u2028lines", "two\x85lines"])
def test_a_name_with_an_end_of_a_line_in_it_is_one_step(workspace: Workspace, draft: str, name: str) -> None:
    written(workspace, draft, CONV, {**CONV, "name": name})
    assert len(History.load(workspace, draft).steps) == 2


def test_half_a_character_is_kept(workspace: Workspace, draft: str) -> None:
    written(workspace, draft, CONV, {**CONV, "name": "\ud800"})
    assert len(History.load(workspace, draft).steps) == 2


def test_a_line_cut_off_inside_a_character_costs_its_own_step_and_no_more(workspace: Workspace, draft: str) -> None:
    written(workspace, draft, CONV, {**CONV, "name": "线性"})
    path = drafts.steps_path(workspace, draft)
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"\\u7ebf") + 3])
    assert len(History.load(workspace, draft).steps) == 1
    History.load(workspace, draft).add(CONV, DENSE)
    assert len(History.load(workspace, draft).steps) == 2, "the next line begins anew"


def test_lines_that_are_no_steps_are_passed_over(workspace: Workspace, draft: str) -> None:
    written(workspace, draft, CONV)
    path = drafts.steps_path(workspace, draft)
    path.write_text('\n[]\n{}\n["step"]\n["step", 3]\n["step", {"change": 1}]\nnot json\n["later", {}]\n' + path.read_text() + '["undo"]\n')
    assert back(History.load(workspace, draft), CONV) == ["null"]


def test_histories_notice_what_another_process_writes(workspace: Workspace, draft: str) -> None:
    here, there = Histories(workspace), Histories(workspace)
    here.of(draft).add(None, CONV)
    assert there.of(draft).can_undo
    there.of(draft).add(CONV, DENSE)
    assert undone(here.of(draft), DENSE)[0] == CONV
    assert there.of(draft).can_redo
    assert here.of(draft) is here.of(draft), "an unchanged file is not read again"


def test_few_histories_are_kept_in_memory_and_none_is_lost(workspace: Workspace) -> None:
    histories = Histories(workspace, kept=2)
    names = [drafts.create(workspace).id for _ in range(4)]
    for name in names:
        histories.of(name).add(None, CONV)
    assert all(undone(histories.of(name), CONV)[0] is None for name in names)


def test_a_removed_draft_takes_its_steps_along(workspace: Workspace, draft: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written(workspace, draft, CONV)
    path = drafts.steps_path(workspace, draft)
    assert path.exists()
    drafts.remove(workspace, draft)
    assert not path.exists()
    crowded = drafts.create(workspace).id
    written(workspace, crowded, CONV)
    monkeypatch.setattr(drafts, "KEPT", 1)
    drafts.create(workspace)
    assert not drafts.steps_path(workspace, crowded).exists(), "a draft that makes room takes its steps along too"
    assert drafts.latest(workspace) is not None


def test_steps_are_no_drafts(workspace: Workspace, draft: str) -> None:
    written(workspace, draft, CONV)
    latest = drafts.latest(workspace)
    assert latest is not None
    assert latest.id == draft


LETTERS = st.text('aä线"\\\n/ ', max_size=8)
VALUES = st.one_of(
    st.none(),
    st.just(PRESET),
    st.builds(with_filters, st.integers(1, 3)),
    st.builds(lambda name, title: {**CONV, "name": name, "nodes": {"a": {"block": "Dense", "title": title}}}, LETTERS, LETTERS),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.lists(st.one_of(st.tuples(st.just("add"), VALUES), st.tuples(st.sampled_from(["undo", "redo", "load"]), st.none())), max_size=24))
def test_any_order_of_steps_is_kept_as_a_list_would_keep_it(workspace: Workspace, orders: list[tuple[str, Value]]) -> None:
    draft = drafts.create(workspace).id
    history = History.load(workspace, draft)
    known: list[Value] = [None]
    place = 0
    for kind, wanted in orders:
        now = known[place]
        if kind == "add":
            history.add(now, wanted)
            known, place = [*known[: place + 1], wanted], place + 1
        elif kind == "undo":
            place = max(0, place - 1)
            assert undone(history, now)[0] == known[place]
        elif kind == "redo":
            place = min(len(known) - 1, place + 1)
            assert redone(history, now)[0] == known[place]
        else:
            history = History.load(workspace, draft)
        assert (history.can_undo, history.can_redo) == (place > 0, place < len(known) - 1)
        assert history.follows(known[place])


def test_two_thousand_steps_come_back_byte_for_byte_and_quickly(workspace: Workspace, draft: str) -> None:
    choose = random.Random(7)  # noqa: S311 - no secret
    graph = Graph()
    values: list[Value] = [None]
    history = History.load(workspace, draft)
    edits: list[Callable[[str], dict[str, Any]]] = [
        lambda name: {"do": "set", "nodes": [name], "params": {"units": choose.randint(1, 999)}},
        lambda name: {"do": "move", "positions": {name: [float(choose.randint(0, 999)), 0.0]}},
        lambda name: {"do": "describe", "nodes": [name], "title": "线性 " + str(choose.randint(0, 9))},
        lambda name: {"do": "add", "block": "Dense", "after": name} if len(graph.nodes) < 60 else {"do": "remove", "nodes": [name]},
    ]
    for number in range(2000):
        asked = {"do": "add", "block": "Dense"} if number == 0 else choose.choice(edits)(choose.choice(list(graph.nodes)))
        graph = apply(graph, asked).graph
        history.add(values[-1], graph.document())
        values.append(graph.document())
    assert len(history.steps) == 2000
    started = time.process_time()
    anew = History.load(workspace, draft)
    assert back(anew, values[-1]) == [json.dumps(value) for value in reversed(values[:-1])]
    value: Value = None
    while anew.can_redo:
        value, _ = redone(anew, value)
    assert json.dumps(value) == json.dumps(values[-1])
    assert time.process_time() - started < 10, "of which most is spent on the comparison; one step takes about a millisecond"
    whole = sum(len(json.dumps(value)) for value in values)
    assert drafts.steps_path(workspace, draft).stat().st_size < whole / 10, "a step holds what has changed, not the network"
