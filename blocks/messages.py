"""One finding about a graph: where, how bad, why, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True)
class Message:
    """A problem or hint about one node; `node` is a path such as `stage1/block2/conv1`, or "" for the whole graph."""

    node: str
    severity: Severity
    text: str
    fix: str = ""

    def sentence(self) -> str:
        """The message as one line of text."""
        where = f"{self.node}: " if self.node else ""
        return f"{where}{self.text} {self.fix}".rstrip()
