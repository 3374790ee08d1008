"""Records of a delimited text, with their numbers; a quotation mark that is never closed costs one line, not the rest of the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator

BLANKS = " "
"""As a delimiter: columns are separated by runs of blanks."""


UNCLOSED = "a quotation mark is never closed"
TOO_LONG = "a cell is too long"


def records(text: Iterable[str], delimiter: str) -> Iterator[tuple[int, int, list[str] | str]]:
    """Every record as (number, lines, cells).

    The number is that of the row as a spreadsheet counts it, from 1. In the place of cells stands the reason why there are
    none for a line that opens a quotation mark which is never closed, or whose cell is longer than the csv module's limit;
    what follows it is read as if that line were not there.
    """
    lines = _Lines(text)
    if delimiter == BLANKS:
        for number, line in enumerate(lines, start=1):
            yield number, 1, line.split()
        return
    number = 0
    ended = False
    while not ended:
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        torn = ""
        while not torn:
            try:
                record = next(reader, None)
            except csv.Error:
                torn = TOO_LONG if len(lines.taken[0]) > csv.field_size_limit() else UNCLOSED
            else:
                if record is None:
                    ended = True
                    break
                if len(lines.taken) > 1 and sum(line.count('"') for line in lines.taken) % 2 == 1 and lines.at_end():
                    torn = UNCLOSED
            number += 1
            if torn:
                lines.give_back()
                yield number, 1, torn
            else:
                yield number, len(lines.taken), record or []
                lines.taken.clear()


class _Lines:
    """Lines that can be given back; those handed out since the last record are in `taken`."""

    def __init__(self, text: Iterable[str]) -> None:
        self._source = iter(text)
        self._back: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._source)
        self.taken.append(line)
        return line

    def at_end(self) -> bool:
        if not self._back:
            line = next(self._source, None)
            if line is None:
                return True
            self._back.append(line)
        return False

    def give_back(self) -> None:
        """Gives back all lines taken but the first."""
        self._back.extendleft(reversed(self.taken[1:]))
        self.taken.clear()
