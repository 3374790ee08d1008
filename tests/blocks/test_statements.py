"""Statements become code that means the same, in lines of a width that can be read."""

from __future__ import annotations

import ast
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.layer_code import literal
from blocks.statements import WIDTH, Statement, identifier, value, wrapped, written

PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text())
VALUES = st.recursive(PLAIN, lambda inner: st.one_of(st.lists(inner).map(tuple), st.dictionaries(st.text(), inner)), max_leaves=60)


def statement(target: str, *takes: str, **settings: Any) -> Statement:
    return Statement((target,), target, "made", tuple(map(value, takes)), **settings)


LAST = Statement((), "model", "Model", (value("end"),))


@given(VALUES)
def test_a_value_is_written_so_that_python_reads_it(given_value: Any) -> None:
    text = literal(given_value)
    assert "\n" not in text
    assert eval(text) == given_value  # noqa: S307 - the code under test; 1 / 255 is no literal
    lines = wrapped(f"found = call({text}, name={text})(x)")
    space: dict[str, Any] = {"call": lambda *args, **kwargs: lambda _: (args, kwargs), "x": 0}
    exec("\n".join(lines), space)  # noqa: S102 - the code under test
    assert space["found"] == ((given_value,), {"name": given_value})


@given(st.floats())
def test_a_number_is_the_same_number(number: float) -> None:
    text = literal(number)
    found = eval(text)  # noqa: S307 - the code under test
    assert math.isnan(found) if math.isnan(number) else (found, math.copysign(1, found)) == (number, math.copysign(1, number))


@pytest.mark.parametrize(
    ("number", "text"), [(1 / 255, "1 / 255"), (1 / 127.5, "1 / 127.5"), (0.1, "0.1"), (1e-5, "1e-05"), (1e300, "1e+300"), (-1 / 3, "1 / -3")]
)
def test_fractions_are_written_as_people_write_them(number: float, text: str) -> None:
    assert literal(number) == text


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=300))
def test_long_lists_share_lines(numbers: list[int]) -> None:
    lines = wrapped(f"found = call(numbers={literal(numbers)})")
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) <= 4 + 2 * len(str(numbers)) / (WIDTH - 20)


@given(st.text())
def test_any_name_becomes_a_variable(name: str) -> None:
    found = identifier(name, {"taken", "taken_2"})
    assert found.isidentifier()
    ast.parse(f"{found} = 1")
    assert found not in ("taken", "taken_2")


@pytest.mark.parametrize(
    ("name", "variable"),
    [("conv1", "conv1"), ("class", "class_"), ("input", "input_"), ("keras", "keras_"), ("taken", "taken_3"), ("1st", "x_1st"), ("", "x_")],
)
def test_variables_keep_their_names_where_they_can(name: str, variable: str) -> None:
    assert identifier(name, {"taken", "taken_2"}) == variable


def test_a_value_that_is_passed_on_at_once_has_no_name_of_its_own() -> None:
    found = written([statement("a", is_input=True), statement("b", "a"), statement("c", "b"), statement("end", "c", "a")], LAST)
    assert found == "a = made()\nx = made(a)\nx = made(x)\nend = made(x, a)\n\nmodel = Model(end)\n"


def test_a_value_that_is_needed_later_keeps_its_name() -> None:
    found = written([statement("a"), statement("b", "a"), statement("c", "b"), statement("end", "c", "b")], LAST)
    assert found == "x = made()\nb = made(x)\nx = made(b)\nend = made(x, b)\n\nmodel = Model(end)\n"


def test_statements_stand_behind_what_they_need() -> None:
    found = written([statement("end", "b"), statement("b", "a"), statement("a")], LAST)
    assert found == "x = made()\nx = made(x)\nend = made(x)\n\nmodel = Model(end)\n"


def test_what_leads_nowhere_is_left_out() -> None:
    found = written([statement("a"), statement("aside", "a"), statement("end", "a")], LAST)
    assert found == "x = made()\nend = made(x)\n\nmodel = Model(end)\n"


def test_groups_and_comments() -> None:
    parts = [statement("a"), statement("b", "a", group="one", comments=("first",)), statement("c", "b", group="two"), statement("end", "c")]
    found = written(parts, LAST)
    assert found == "x = made()\n\n# one\n# first\nx = made(x)\n\n# two\nx = made(x)\n\nend = made(x)\n\nmodel = Model(end)\n"


@given(st.text(), st.text())
def test_no_comment_ends_before_its_line(comment: str, group: str) -> None:
    if "\0" in comment:
        return
    found = written([statement("end", group=group, comments=(comment,))], LAST)
    tree = ast.parse(found)
    assert [type(part) for part in tree.body] == [ast.Assign, ast.Assign]


def test_outputs_that_nobody_takes() -> None:
    several = Statement(("a", "b", "c", "d"), "lstm", "made", ())
    assert written([several, statement("end", "b")], LAST).startswith("_, x, *_ = made()\n")
    assert written([several, statement("end", "d", "a")], LAST).startswith("lstm, _, _, lstm_2 = made()\n")


def test_reserved_names_stay_free() -> None:
    found = written([statement("math"), statement("b", "math"), statement("end", "b", "math")], LAST, reserved={"math"})
    assert found.startswith("math_2 = made()\n")
