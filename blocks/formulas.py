"""Formulas as people write them, `(kernel height * kernel width * channels + bias) * filters`: read, worked out, and shown with numbers put in."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache

from blocks.errors import BlocksError

Quantities = Mapping[str, int | float]
"""What the names of a formula stand for."""

_NAME = re.compile(r"[A-Za-z][A-Za-z']*(?: [A-Za-z][A-Za-z']*)*")
_FUNCTIONS: dict[str, Callable[..., Fraction]] = {
    "floor": lambda value: Fraction(math.floor(value)),
    "ceil": lambda value: Fraction(math.ceil(value)),
    "round": lambda value: Fraction(math.floor(value + Fraction(1, 2))),
    "max": lambda *values: max(values),
    "min": lambda *values: min(values),
}
_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
}


class FormulaError(BlocksError, ValueError):
    """A text that is no formula, or a name in it that stands for nothing."""


class Formula:
    """Sums, products and quotients of names and numbers, with floor, ceil, round, max and min.

    A name is one or several words: `kernel height`.

    Raises:
        FormulaError: The text is none.
    """

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self._tree = _parsed(self.text)

    @property
    def names(self) -> set[str]:
        """The names that must be known to work it out."""
        return {_spoken(node.id) for node in ast.walk(self._tree) if isinstance(node, ast.Name)} - set(_FUNCTIONS)

    def value(self, numbers: Quantities) -> int | float:
        """What it comes to; a whole number is an int.

        Raises:
            FormulaError: A name is unknown, or a divisor is 0.
        """
        try:
            result = _worked(self._tree.body, numbers)
        except ZeroDivisionError as error:
            raise FormulaError(f"{self.text}: a divisor is 0.") from error
        return int(result) if result.denominator == 1 else float(result)

    def put_in(self, numbers: Quantities) -> str:
        """The formula with the numbers in the place of the names: `(5 * 5 * 1 + 1) * 6`."""
        return _NAME.sub(lambda match: match[0] if match[0] in _FUNCTIONS else plain(numbers[match[0]]), self.text)

    def worked_out(self, numbers: Quantities) -> str:
        """Numbers and result: `(5 * 5 * 1 + 1) * 6 = 156`."""
        shown, result = self.put_in(numbers), plain(self.value(numbers))
        return result if shown == result else f"{shown} = {grouped(self.value(numbers))}"


@lru_cache(maxsize=2000)
def formula_in(text: str) -> Formula | None:
    """The formula that a sentence begins with, up to its first `;`, `. ` or end; None where there is none."""
    beginning = re.split(r";|\.(?:\s|$)", text, maxsplit=1)[0]
    try:
        return Formula(beginning)
    except FormulaError:
        return None


def plain(value: int | float) -> str:
    """A number as it stands inside a formula."""
    return str(int(value)) if value == int(value) else f"{value:.6g}"


def grouped(value: int | float) -> str:
    """A number as a result: `1,234,567`."""
    return f"{int(value):,}" if value == int(value) else f"{value:,.6g}"


def _parsed(text: str) -> ast.Expression:
    code = _NAME.sub(lambda match: match[0].replace(" ", "_").replace("'", "_prime"), text)
    try:
        tree = ast.parse(code, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(f"{text!r} is no formula.") from error
    for node in ast.walk(tree.body):
        if not isinstance(node, _ALLOWED) or (isinstance(node, ast.Constant) and type(node.value) not in (int, float)):
            raise FormulaError(f"{text!r} is no formula.")
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS and not node.keywords):
            raise FormulaError(f"{text!r} is no formula.")
    return tree


_ALLOWED = (ast.BinOp, ast.UnaryOp, ast.USub, ast.Call, ast.Name, ast.Constant, ast.Load, *_OPERATORS)


def _worked(node: ast.expr, numbers: Quantities) -> Fraction:
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_worked(node.left, numbers), _worked(node.right, numbers))
    if isinstance(node, ast.UnaryOp):
        return -_worked(node.operand, numbers)
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)  # noqa: S101 - _parsed has seen to it
        return _FUNCTIONS[node.func.id](*(_worked(argument, numbers) for argument in node.args))
    if isinstance(node, ast.Name):
        name = _spoken(node.id)
        if name not in numbers:
            raise FormulaError(f"Nothing is known of {name!r}.")
        return Fraction(numbers[name])
    assert isinstance(node, ast.Constant)  # noqa: S101 - _parsed has seen to it
    return Fraction(str(node.value))


def _spoken(identifier: str) -> str:
    return identifier.replace("_prime", "'").replace("_", " ")
