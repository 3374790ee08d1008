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

LONGEST = 1000
"""Characters of a formula; more is none that a person wrote."""
LARGEST = 10**300
"""What comes to more is no figure of a network, and no decimal number either."""

_NAME = re.compile(r"(?<![\w.])[A-Za-z][A-Za-z_']*(?: [A-Za-z][A-Za-z_']*)*")
_CHARACTERS = re.compile(r"[A-Za-z0-9_' .,()+*/-]*")
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
        self.text = " ".join(text.split())
        self._spoken, self._tree = _parsed(self.text)

    @property
    def names(self) -> set[str]:
        """The names that must be known to work it out."""
        return set(self._spoken.values())

    def value(self, numbers: Quantities) -> int | float:
        """What it comes to; a whole number is an int.

        Raises:
            FormulaError: A name is unknown, a divisor is 0, or it comes to no number.
        """
        try:
            result = self._worked(self._tree.body, numbers)
        except ZeroDivisionError as error:
            raise FormulaError(f"{self.text}: a divisor is 0.") from error
        except FormulaError:
            raise
        except (ValueError, OverflowError, RecursionError) as error:  # such as a name that stands for what is infinite
            raise FormulaError(f"{self.text} comes to no number.") from error
        if abs(result) > LARGEST:
            raise FormulaError(f"{self.text} comes to more than anyone can count.")
        return int(result) if result.denominator == 1 else float(result)

    def put_in(self, numbers: Quantities) -> str:
        """The formula with the numbers in the place of the names: `(5 * 5 * 1 + 1) * 6`.

        Raises:
            FormulaError: A name is unknown.
        """
        return _NAME.sub(lambda match: match[0] if match[0] in _FUNCTIONS else plain(_known(_spoken(match[0]), numbers)), self.text)

    def worked_out(self, numbers: Quantities) -> str:
        """Numbers and result: `(5 * 5 * 1 + 1) * 6 = 156`.

        Raises:
            FormulaError: As `value`.
        """
        value, shown = self.value(numbers), self.put_in(numbers)
        return grouped(value) if shown == plain(value) else f"{shown} = {grouped(value)}"

    def _worked(self, node: ast.expr, numbers: Quantities) -> Fraction:
        if isinstance(node, ast.BinOp):
            return _OPERATORS[type(node.op)](self._worked(node.left, numbers), self._worked(node.right, numbers))
        if isinstance(node, ast.UnaryOp):
            return -self._worked(node.operand, numbers)
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)  # noqa: S101 - _parsed has seen to it
            return _FUNCTIONS[node.func.id](*(self._worked(argument, numbers) for argument in node.args))
        if isinstance(node, ast.Name):
            return Fraction(_known(self._spoken[node.id], numbers))
        assert isinstance(node, ast.Constant)  # noqa: S101 - _parsed has seen to it
        return Fraction(str(node.value))


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
    return str(int(value)) if _is_whole(value) else f"{value:.6g}"


def grouped(value: int | float) -> str:
    """A number as a result: `1,234,567`."""
    return f"{int(value):,}" if _is_whole(value) else f"{value:,.6g}"


def _is_whole(value: int | float) -> bool:
    return isinstance(value, int) or value.is_integer()


def _known(name: str, numbers: Quantities) -> int | float:
    if name not in numbers:
        raise FormulaError(f"Nothing is known of {name!r}.")
    return numbers[name]


def _parsed(text: str) -> tuple[dict[str, str], ast.Expression]:
    """What Python makes of the text with plain identifiers in the place of names, and the name behind each identifier."""
    spoken: dict[str, str] = {}

    def identifier(match: re.Match[str]) -> str:
        name = _spoken(match[0])
        if name in _FUNCTIONS:
            return name
        return next((known for known, other in spoken.items() if other == name), None) or _noted(spoken, name)

    refusal = FormulaError(f"{text[:80]!r} is no formula.")
    if len(text) > LONGEST or not _CHARACTERS.fullmatch(text):
        raise refusal
    try:
        tree = ast.parse(_NAME.sub(identifier, text), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise refusal from error
    if not _is_arithmetic(tree.body, set(spoken)):
        raise refusal
    return spoken, tree


def _noted(spoken: dict[str, str], name: str) -> str:
    known = f"name_{len(spoken)}"
    spoken[known] = name
    return known


def _is_arithmetic(tree: ast.expr, names: set[str]) -> bool:
    """Whether there is nothing but known names, finite numbers, operators and functions with as many arguments as they take."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            return False
        if isinstance(node, ast.Constant) and (isinstance(node.value, bool) or not isinstance(node.value, int | float) or abs(node.value) > LARGEST):
            return False
        if isinstance(node, ast.Name) and node.id not in (_FUNCTIONS if id(node) in called else names):
            return False
        if isinstance(node, ast.Call):
            only_one = isinstance(node.func, ast.Name) and node.func.id in _ROUNDING
            if not isinstance(node.func, ast.Name) or node.keywords or not node.args or (only_one and len(node.args) > 1):
                return False
    return True


_ALLOWED = (ast.BinOp, ast.UnaryOp, ast.USub, ast.Call, ast.Name, ast.Constant, ast.Load, *_OPERATORS)
_ROUNDING = ("floor", "ceil", "round")


def _spoken(written: str) -> str:
    return written.replace("_", " ")
