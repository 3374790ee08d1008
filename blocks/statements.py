"""Python statements that make a network: put in order, named, and laid out to be read."""

from __future__ import annotations

import builtins
import heapq
import keyword
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

WIDTH = 100
"""Characters of a line, where its parts allow it."""
PASSED_ON = "x"
"""The variable of a value that only the next statement takes."""
MARK = "\0"
"""Stands around the key of a value in the parts of a statement; no literal has it."""


@dataclass(frozen=True)
class Statement:
    """One assignment: `target = callee(*arguments)(*call)`.

    The parts are code, in which the values of other statements stand as `value(key)`.

    Args:
        targets: The keys of what it gives.
        name: What that is called where it needs a name.
        callee: What is called.
        call: The arguments of a second call, of what the first one has made; None for no second call.
        brackets: What stands around the arguments; those of a dictionary have no callee.
        nested: Whether the outputs come as lists within a list.
        is_layer: Whether it gives a layer, not a value.
        is_input: Whether it gives a value that keeps its name.
        group: The place in the graph, such as `stage1/block2`, and what is to be said of it.
        comments: Lines that stand before it.
    """

    targets: tuple[str, ...]
    name: str
    callee: str
    arguments: tuple[str, ...]
    call: tuple[str, ...] | None = None
    brackets: str = "()"
    nested: bool = False
    is_layer: bool = False
    is_input: bool = False
    group: str = ""
    comments: tuple[str, ...] = ()

    def uses(self) -> set[str]:
        """The keys of the values that it takes."""
        return set().union(*(keys_in(part) for part in (self.callee, *self.arguments, *(self.call or ()))))


def value(key: str) -> str:
    """How a value stands in the parts of a statement."""
    return f"{MARK}{key}{MARK}"


def keys_in(text: str) -> list[str]:
    """The keys of the values in a piece of code."""
    return text.split(MARK)[1::2]


def with_values(text: str, named: Callable[[str], str]) -> str:
    """A piece of code with something else in the place of each value."""
    if MARK not in text:
        return text
    return "".join(named(part) if place % 2 else part for place, part in enumerate(text.split(MARK)))


def written(statements: Sequence[Statement], last: Statement, reserved: Iterable[str] = ()) -> str:
    """The code of the statements that `last` needs, and of `last` itself.

    Args:
        reserved: Names that mean something else in the code.
    """
    kept = _needed(_in_order(statements), last)
    names = _variables(kept, last, {PASSED_ON, last.name, *reserved})
    lines: list[str] = []
    group = ""
    for statement in [*kept, last]:
        if statement.group != group or statement is last:
            lines += ["", *([f"# {_in_one_line(statement.group)}"] if statement.group else [])]
            group = statement.group
        lines += [f"# {_in_one_line(with_values(comment, names.__getitem__))}" for comment in statement.comments]
        lines += wrapped(_assignment(statement, names))
    return "\n".join(lines) + "\n"


def _in_one_line(comment: str) -> str:
    """A text that can't end the comment it stands in."""
    return "".join(character if character.isprintable() else " " for character in comment)


def _in_order(statements: Sequence[Statement]) -> list[Statement]:
    """The statements so that each stands behind those it needs, otherwise as they are: a second use of a layer may need what comes later."""
    givers = {target: place for place, statement in enumerate(statements) for target in statement.targets}
    followers: list[list[int]] = [[] for _ in statements]
    waits = [0] * len(statements)
    for place, statement in enumerate(statements):
        for source in {givers[key] for key in statement.uses() if key in givers}:
            followers[source].append(place)
            waits[place] += 1
    ready = [place for place, count in enumerate(waits) if not count]
    order: list[int] = []
    while ready:
        place = heapq.heappop(ready)
        order.append(place)
        for follower in followers[place]:
            waits[follower] -= 1
            if not waits[follower]:
                heapq.heappush(ready, follower)
    return [statements[place] for place in order]


def _needed(statements: list[Statement], last: Statement) -> list[Statement]:
    """Without what leads nowhere, or only fed an attention mask, which Keras passes along by itself."""
    wanted = last.uses()
    kept = []
    for statement in reversed(statements):
        if wanted.intersection(statement.targets):
            kept.append(statement)
            wanted |= statement.uses()
    return kept[::-1]


def _variables(statements: list[Statement], last: Statement, taken: set[str]) -> dict[str, str]:
    """The variable of every value that is used."""
    uses = [statement.uses() for statement in [*statements, last]]
    users: dict[str, list[int]] = {}
    for place, keys in enumerate(uses):
        for key in keys:
            users.setdefault(key, []).append(place)
    found: dict[str, str] = {}
    following = len(statements)
    passed_on: set[str] = set()
    for place in reversed(range(len(statements))):
        statement = statements[place]
        used = [target for target in statement.targets if target in users]
        if len(used) == 1 and users[used[0]] == [following] and following < len(statements) and not statement.is_input and not statement.is_layer:
            passed_on.add(used[0])
        if not statement.is_layer:
            following = place
    for statement in statements:
        for target in statement.targets:
            if target in passed_on:
                found[target] = PASSED_ON
            elif target in users:
                found[target] = identifier(statement.name, taken)
                taken.add(found[target])
    return found


def identifier(name: str, taken: set[str]) -> str:
    """A free variable name: no word of the language, and none that Python knows already."""
    base = re.sub(r"\W", "_", name, flags=re.ASCII)
    if not base[:1].isalpha():
        base = f"x_{base}"
    if keyword.iskeyword(base) or keyword.issoftkeyword(base) or hasattr(builtins, base) or base == "keras":
        base = f"{base}_"
    found, number = base, 2
    while found in taken:
        found, number = f"{base}_{number}", number + 1
    return found


def _assignment(statement: Statement, names: dict[str, str]) -> str:
    opening, closing = statement.brackets[0], statement.brackets[1]
    text = f"{statement.callee}{opening}{', '.join(statement.arguments)}{closing}"
    if statement.call is not None:
        text += f"({', '.join(statement.call)})"
    text = with_values(text, names.__getitem__)
    if statement.nested:
        text = f"keras.tree.flatten({text})"
    targets = [names.get(target, "_") for target in statement.targets]
    while len(targets) > 1 and targets[-1] == targets[-2] == "_":
        targets.pop()
    if len(targets) < len(statement.targets):
        targets[-1] = "*_"
    return f"{', '.join(targets) or statement.name} = {text}"


_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[\[({]|[\])}]|,|[^\"'\[\](){},]+")


def wrapped(text: str, indent: int = 0) -> list[str]:
    """A piece of code in lines, broken at the commas of its longest brackets."""
    if indent + len(text) <= WIDTH:
        return [" " * indent + text]
    start, end, parts = _longest_brackets(text)
    if not parts:
        return [" " * indent + text]
    inner = indent + 4
    lines = [" " * indent + text[:start]]
    if inner + sum(map(len, parts)) + 2 * (len(parts) - 1) <= WIDTH:
        lines.append(" " * inner + ", ".join(parts) + ("," if text[:end].endswith(",") else ""))
    else:
        line = ""
        for part in parts:
            if line and inner + len(line) + len(part) + 2 > WIDTH:
                lines.append(" " * inner + line)
                line = ""
            if inner + len(part) < WIDTH:
                line += f" {part}," if line else f"{part},"
            else:
                lines += wrapped(f"{part},", inner)
        lines += [" " * inner + line] if line else []
    return [*lines, " " * indent + text[end:]]


def _longest_brackets(text: str) -> tuple[int, int, list[str]]:
    """Of the outermost brackets of a piece of code the longest ones: behind the opening one, at the closing one, and the parts between."""
    best: tuple[int, int, list[str]] = (0, 0, [])
    depth = start = begun = 0
    parts: list[str] = []
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in ("(", "[", "{"):
            depth += 1
            if depth == 1:
                start, begun, parts = token.end(), token.end(), []
        elif sign in (")", "]", "}"):
            depth -= 1
            if depth == 0 and token.start() - start > best[1] - best[0]:
                rest = text[begun : token.start()].strip()
                best = (start, token.start(), [*parts, rest] if rest else parts)
        elif sign == "," and depth == 1:
            parts.append(text[begun : token.start()].strip())
            begun = token.end()
    return best
