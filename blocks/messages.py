"""One finding about a graph: where, how bad, why, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True)
class Message:
    """A problem or hint about one node; `node` is a path such as `stage1/block2/conv1`, or "" for the whole graph.

    Args:
        fix: What to do, in words.
        edits: What the one-click fix does (`blocks.editing`), in this order and as one step; empty where there is none.
        rule: The short name of the rule that found it or mends it, such as "softmax-of-one".
        button: What the button of the one-click fix says, such as "Insert Flatten".
        why: One sentence more, for a person who wants to know the reason.
    """

    node: str
    severity: Severity
    text: str
    fix: str = ""
    edits: tuple[dict[str, Any], ...] = field(default=(), hash=False)
    rule: str = ""
    button: str = ""
    why: str = ""

    def sentence(self) -> str:
        """The message as one line of text."""
        where = f"{self.node}: " if self.node else ""
        return f"{where}{self.text} {self.fix}".rstrip()
