"""The one list in which an import says what it left out, guessed or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from studio.workspace import visible

SHOWN = 20
"""Names that one sentence lists before it says "and N more"."""

Progress = Callable[[float, str], None]
"""Receives the finished fraction (0 to 1) and a short text."""


def listed(names: Iterable[str], count: int | None = None, shown: int = SHOWN) -> str:
    """Names as a person reads them: "a, b and 3 more"."""
    given = list(names)
    total = len(given) if count is None else count
    kept = given[:shown]
    rest = total - len(kept)
    return ", ".join(kept) + (f" and {rest:,} more" if rest > 0 else "")


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 picture", "2,000 pictures"."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")
    return f"{count:,} {noun if count == 1 else plural}"


class Report:
    """Collects warnings; what is left out for one reason becomes one sentence with names and a count."""

    def __init__(self) -> None:
        self._notes: list[str] = []
        self._groups: dict[tuple[str, str], list[str]] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def note(self, sentence: str) -> None:
        """Adds a sentence, once."""
        if sentence not in self._notes:
            self._notes.append(sentence)

    def leave_out(self, noun: str, reason: str, name: str) -> None:
        """Says that something was left out; `reason` completes "Left out 3 pictures: <reason>: a, b, c."."""
        group = (noun, reason)
        names = self._groups.setdefault(group, [])
        self._counts[group] = self._counts.get(group, 0) + 1
        if len(names) < SHOWN:
            names.append(name)

    def left_out(self, noun: str) -> int:
        """How many things of that noun were left out."""
        return sum(count for (group, _), count in self._counts.items() if group == noun)

    def warnings(self) -> list[str]:
        """Every sentence, what was left out first; names of the data in it do nothing where it is shown."""
        groups = [
            f"Left out {counted(self._counts[group], group[0])} ({group[1]}): {listed(names, self._counts[group])}."
            for group, names in self._groups.items()
        ]
        return [visible(sentence) for sentence in groups + self._notes]
