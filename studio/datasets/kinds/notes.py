"""What an import says about the columns of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studio.datasets.kinds.columns import Column
from studio.datasets.report import Report, counted, listed

_MOST_NOTES = 20
_REASONS = {
    "empty": "hold no value",
    "constant": "have the same value in every row",
    "identifier": "only number or name the rows",
    "many values": "have too many different texts for a category",
    "free text": "hold free text",
    "date": "hold dates",
    "text": "hold free text",
    "words": "hold free text",
}
"""Why a column can't serve, by the reason or else by its kind."""


def unfit(columns: Sequence[Column]) -> str:
    """A sentence for each reason why columns can't serve, with a space before it."""
    return "".join(f" Columns that {words}: {listed(names)}." for words, names in _by_reason(columns))


def _by_reason(columns: Sequence[Column]) -> Iterator[tuple[str, list[str]]]:
    for words in dict.fromkeys(_REASONS.values()):
        names = [column.name for column in columns if _REASONS.get(column.why_unused or column.kind) == words]
        if names:
            yield words, names


def note_unused(columns: Sequence[Column], texts: bool, report: Report) -> None:
    """Says which columns are no inputs, and why."""
    for words, names in _by_reason([column for column in columns if column.why_unused]):
        report.note(f"Not used as inputs, because they {words}: {listed(names)}.")
    spare = [column.name for column in columns if column.usable]
    if spare and texts:
        report.note(f"The texts are the input; other columns are kept, but not used: {listed(spare)}.")


def note_words(columns: Sequence[Column], report: Report) -> None:
    """Says which columns of free text are inputs of a table."""
    names = [column.name for column in columns if column.kind == "words"]
    if names:
        report.note(f"Free text enters as a bag of its commonest words: {listed(names)}.")


def note_reading(columns: Sequence[Column], report: Report) -> None:
    """Says what was not read as it stands; the first columns one by one, the others by their number."""
    said = [(column, sentence) for column in columns for sentence in _reading(column)]
    for _, sentence in said[:_MOST_NOTES]:
        report.note(sentence)
    more = len({column.position for column, _ in said[_MOST_NOTES:]})
    if more:
        report.note(
            f"{counted(more, 'more column')} {'has' if more == 1 else 'have'} cells that count as missing, or dates that could be read in two ways."
        )


def _reading(column: Column) -> Iterator[str]:
    """What is to be said about the way in which a column was read."""
    if column.odd:
        verb, noun = "is" if column.odd == 1 else "are", "date" if column.kind == "date" else "number"
        example = repr(column.odd_example[:40])
        yield f"Column {column.name!r}: {counted(column.odd, 'cell')} {verb} no {noun} (such as {example}) and count as missing."
    if column.beyond:
        found = counted(column.beyond, "cell")
        yield f"Column {column.name!r}: {found} with an infinite or too large number (such as {column.beyond_example[:40]!r}) count as missing."
    if column.dates is not None and not column.dates.certain:
        yield f"Column {column.name!r}: dates such as {column.dates.example} could be read in two ways; they were read {column.dates.order}."
