"""Formulas as text: read, worked out, shown; and texts that are none, refused without running or hanging."""

from __future__ import annotations

import math
import sys
import time
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.formulas import Formula, FormulaError, formula_in, grouped, plain

NUMBERS: dict[str, int | float] = {"kernel height": 5, "kernel width": 3, "channels": 4, "bias": 1, "filters": 6, "rate": 0.25, "height'": 7}


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("(kernel height * kernel width * channels + bias) * filters", 366, "(5 * 3 * 4 + 1) * 6 = 366"),
        ("floor((kernel height - kernel width) / channels) + 1", 1, "floor((5 - 3) / 4) + 1 = 1"),
        ("ceil(kernel height / channels)", 2, "ceil(5 / 4) = 2"),
        ("round(rate * filters)", 2, "round(0.25 * 6) = 2"),
        ("round(10 * rate)", 3, "round(10 * 0.25) = 3"),
        ("max(filters - channels, 0) + min(bias, channels, filters)", 3, "max(6 - 4, 0) + min(1, 4, 6) = 3"),
        ("-channels * -1", 4, "-4 * -1 = 4"),
        ("filters / channels", 1.5, "6 / 4 = 1.5"),
        ("1000 * 1000 * filters", 6_000_000, "1000 * 1000 * 6 = 6,000,000"),
        ("height' * 2", 14, "7 * 2 = 14"),
        ("kernel_height + 1e3", 1005, "5 + 1e3 = 1,005"),
        ("filters", 6, "6"),
        ("0", 0, "0"),
        ("1 - 2 - 3", -4, "1 - 2 - 3 = -4"),
        ("12 / 2 / 3", 2, "12 / 2 / 3 = 2"),
        ("2 + 3 * 4", 14, "2 + 3 * 4 = 14"),
        ("1 / 3 * 3", 1, "1 / 3 * 3 = 1"),
    ],
)
def test_worked_out(text: str, value: float, shown: str) -> None:
    formula = Formula(text)
    assert formula.value(NUMBERS) == value
    assert type(formula.value(NUMBERS)) is type(value)
    assert formula.worked_out(NUMBERS) == shown


def test_names_are_words_with_blanks() -> None:
    assert Formula("kernel_height * kernel height + max(new steps, b)").names == {"kernel height", "new steps", "b"}
    assert Formula("lambda + not or in + class'").names == {"lambda", "not or in", "class'"}
    assert Formula("  a\n   b  + 1 ").text == "a b + 1"


def test_what_is_unknown_or_no_number_is_said() -> None:
    with pytest.raises(FormulaError, match="Nothing is known of 'units'"):
        Formula("units * 2").value(NUMBERS)
    with pytest.raises(FormulaError, match="Nothing is known of 'units'"):
        Formula("units * 2").put_in(NUMBERS)
    with pytest.raises(FormulaError, match="a divisor is 0"):
        Formula("1 / (bias - 1)").value(NUMBERS)
    for number in (math.inf, -math.inf, math.nan):
        with pytest.raises(FormulaError, match="comes to no number"):
            Formula("a + 1").worked_out({"a": number})
    with pytest.raises(FormulaError, match="more than anyone can count"):
        Formula("a * a").worked_out({"a": 1e200})


def test_quotients_are_exact() -> None:
    """What would come out below a whole number in decimals does not lose one."""
    assert Formula("floor(0.29 * 100)").value({}) == 29
    assert Formula("floor(n / 49 * 49)").value({"n": 1}) == 1
    assert Formula("n / 3 * 3").value({"n": 10**40 + 1}) == 10**40 + 1


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a +", "(a", "a)", "a b 3", "3 a", "2(3)", "a = 1", "a == 1", "a < b", "a, b", "a; b", "[a]", "{a}", "a[0]", "a.b", "1.real",
        "'a'", '"a"', "9**9**9", "9 ** 9", "9 // 2", "9 % 2", "1 << 9", "~1", "+1", "a if b else c, 1", "lambda: 1", "(lambda: 1)()", "f(1)",
        "a max(1)", "floor", "max + 1", "floor()", "floor(1, 2)", "max()", "max(*a)", "max(a, key=b)", "max(a)(b)", "floor(floor)", "(floor)(1)(2)",
        "x := 1", "(x := 1)", "True()", "1j", "1_0_", "1e999", "0x1F + 1g", "a # b", "(1 # b\n)", "a \\ b",
        "größe", "ﬁlters", "a·b", "a × b", "a – b", "²", "\x00", "a\u202eb", "🙂",
        "__import__('os').system('false')", "().__class__", "exec(a)", "open(a)", "eval (a)", "await a, b",
        "*".join(["9"] * 600), "(" * 400 + "1" + ")" * 400, "-" * 5000 + "1", "max(" * 90 + "1" + ")" * 90 + "(", "9" * 5000, "a" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused(text: str) -> None:
    began = time.perf_counter()
    with pytest.raises(FormulaError, match="is no formula") as caught:
        Formula(text)
    assert time.perf_counter() - began < 1.0
    assert len(str(caught.value)) < 400
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "text", ["+".join(["1"] * 500), "-" * 900 + "1", "*".join(["9e99"] * 190), "(" * 150 + "1" + ")" * 150, "1/" * 400 + "3", "9" * 999]
)
def test_what_is_long_and_deep_ends_at_once(text: str) -> None:
    """It is a formula, or none; but it never takes long, fills the memory or breaks off in the middle."""
    before, began = sys.getrecursionlimit(), time.perf_counter()
    try:
        found = Formula(text).worked_out({})
    except FormulaError as error:
        found = str(error)
    assert found
    assert time.perf_counter() - began < 1.0
    assert sys.getrecursionlimit() == before


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("(a + b) * c; b is 1, without use_bias 0.", "(a + b) * c"),
        ("a * b. More words.", "a * b"),
        ("a * 0.5", "a * 0.5"),
        ("a * b.", "a * b"),
        ("2 * a", "2 * a"),
        ("twice those of the inner block.", "twice those of the inner block"),
        ("sum(a)", None),
        ("", None),
        ("(height, width)", None),
        (". a", None),
    ],
)
def test_the_formula_that_a_sentence_begins_with(text: str, formula: str | None) -> None:
    found = formula_in(text)
    assert (found and found.text) == formula


def test_figures() -> None:
    assert [plain(value) for value in (1234567, 2.0, 0.123456789, 1e20, -3)] == ["1234567", "2", "0.123457", "100000000000000000000", "-3"]
    assert [grouped(value) for value in (1234567, 2.0, 0.5, 1234.5, -1000)] == ["1,234,567", "2", "0.5", "1,234.5", "-1,000"]
    assert plain(math.inf) == grouped(math.inf) == "inf"
    assert plain(10**400) == "1" + "0" * 400


NAMES = st.sampled_from(["a", "b c", "new steps", "height'", "use_bias"])
VALUES: dict[str, int | float] = {"a": 3, "b c": 0, "new steps": 28, "height'": 0.5, "use bias": 1}


def trees(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Expressions as (operator, parts)."""
    pairs = st.tuples(st.sampled_from("+-*/"), leaves, leaves)
    calls = st.tuples(st.sampled_from(["floor", "ceil", "round"]), leaves) | st.tuples(st.sampled_from(["max", "min"]), leaves, leaves, leaves)
    return pairs | calls | st.tuples(st.just("-"), leaves)


def written(tree: Any) -> str:
    """The expression as text."""
    if not isinstance(tree, tuple):
        return str(tree)
    operator, *parts = tree
    texts = [written(part) for part in parts]
    if operator in "+-*/":
        return f"({operator.join([*[''] * (len(texts) == 1), *texts])})"
    return f"{operator}({', '.join(texts)})"


def exact(tree: Any) -> Fraction:
    """What the expression comes to."""
    if isinstance(tree, str):
        return Fraction(VALUES[tree.replace("_", " ")])
    if not isinstance(tree, tuple):
        return Fraction(str(tree))
    operator, *parts = tree
    values = [exact(part) for part in parts]
    if len(values) == 1:
        whole = {"floor": math.floor, "ceil": math.ceil, "round": lambda value: math.floor(value + Fraction(1, 2)), "-": lambda value: -value}
        return Fraction(whole[operator](values[0]))
    if operator in ("max", "min"):
        return max(values) if operator == "max" else min(values)
    first, second = values
    return {"+": lambda: first + second, "-": lambda: first - second, "*": lambda: first * second, "/": lambda: first / second}[operator]()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.recursive(NAMES | st.integers(0, 10**6) | st.sampled_from([0.25, 0.1, 1.5]), trees, max_leaves=12))
def test_every_expression_comes_to_what_it_says(tree: Any) -> None:
    formula = Formula(written(tree))
    try:
        expected = exact(tree)
    except ZeroDivisionError:
        with pytest.raises(FormulaError, match="a divisor is 0"):
            formula.value(VALUES)
        return
    value = formula.value(VALUES)
    assert value == (int(expected) if expected.denominator == 1 else float(expected))
    shown = formula.put_in(VALUES)
    assert not Formula(shown).names
    assert Formula(shown).value({}) == pytest.approx(float(value), rel=1e-4)
    assert formula.worked_out(VALUES).endswith(grouped(value))


@settings(max_examples=500, deadline=2000, derandomize=True)
@given(st.text(max_size=60) | st.text("abé_'\"()*+-/.,;:=<>[]{}#\\ \n0123456789ex", max_size=60))
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    found = formula_in(text)
    if found is None:
        return
    numbers = dict.fromkeys(found.names, 3)
    try:
        shown = found.worked_out(numbers)
    except FormulaError:
        return
    assert Formula(found.put_in(numbers)).value({}) == found.value(numbers)
    assert shown.isascii()
