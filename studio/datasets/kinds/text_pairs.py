"""Pairs of texts: one is read, the other written, as in translations, spellings with their sounds, or dates in two forms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from blocks.features import SPECIAL_TOKENS, Feature
from studio.datasets import statistics, tokens
from studio.datasets.arrow import groups, strings, to_numpy
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.base import DATA_FILE, ROW, SPLIT, Draft, Job
from studio.datasets.kinds.columns import Column, counts_rows
from studio.datasets.kinds.tables import Tables, draft_of, kept_names, named_column, read_upload, split_column
from studio.datasets.kinds.targets import find_targets
from studio.datasets.readers.raw import RawTable
from studio.datasets.report import counted, listed
from studio.datasets.splits import Labels, Origin, complete, counts, grouped, split_name, together
from studio.datasets.tokens import Level

KIND = "seq2seq"
BEFORE = "target_before"
"""The name of the input that holds what is already written."""
USUAL_PAIRS = (
    ("source", "target"), ("src", "tgt"), ("src", "trg"), ("input", "output"), ("from", "to"), ("original", "translation"),
    ("text", "translation"), ("sentence", "translation"), ("word", "phonemes"), ("word", "pronunciation"), ("grapheme", "phoneme"),
    ("question", "answer"), ("prompt", "response"), ("text", "summary"), ("article", "summary"), ("原文", "译文"), ("源", "目标"), ("问题", "回答"),
)  # fmt: skip
"""Names of columns that belong together, what is read first."""
_LANGUAGES = frozenset(
    [
        "ar",
        "bg",
        "bn",
        "ca",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "eu",
        "fa",
        "fi",
        "fr",
        "ga",
        "gl",
        "he",
        "hi",
        "hr",
        "hu",
        "id",
        "is",
        "it",
        "ja",
        "ka",
        "ko",
        "lt",
        "lv",
        "mk",
        "ms",
        "nb",
        "nl",
        "no",
        "pl",
        "pt",
        "ro",
        "ru",
        "sk",
        "sl",
        "sq",
        "sr",
        "sv",
        "ta",
        "th",
        "tr",
        "uk",
        "vi",
        "zh",
        "arabic",
        "chinese",
        "czech",
        "danish",
        "dutch",
        "english",
        "finnish",
        "french",
        "german",
        "greek",
        "hebrew",
        "hindi",
        "hungarian",
        "indonesian",
        "italian",
        "japanese",
        "korean",
        "norwegian",
        "polish",
        "portuguese",
        "romanian",
        "russian",
        "spanish",
        "swedish",
        "thai",
        "turkish",
        "ukrainian",
        "vietnamese",
        "deutsch",
        "english",
        "français",
        "español",
        "italiano",
        "中文",
        "英文",
        "日文",
    ]
)
_DIFFERENT = 0.5
"""Share of the rows that must differ in what is written, or else it would be classes."""


@dataclass(frozen=True)
class Pair:
    """The two columns.

    Args:
        others: Columns that are left out.
    """

    source: Column
    target: Column
    others: list[Column] = field(default_factory=list)
    split: Column | None = None
    group: Column | None = None


class TextPairs(Tables):
    """A table with a column of texts to read and one of texts to write; where it has no such pair, it is any other table."""

    kinds: ClassVar[tuple[str, ...]] = (KIND,)
    rank: ClassVar[int] = 1

    def run(self, job: Job) -> Draft:
        table, columns, content = read_upload(job)
        pair = chosen(table, columns, job)
        return draft_of(table, columns, content, job) if pair is None else write(table, pair, content, job)


def chosen(table: RawTable, columns: Sequence[Column], job: Job) -> Pair | None:
    """The pair of columns that a person asked for, or that can be nothing else; None for other tables.

    Raises:
        DatasetError: Pairs were asked for, and there are none.
    """
    split = split_column(table, columns, job) if job.kind == KIND or _likely(columns, job) else None
    group = named_column(columns, job.options.group, "group")
    rest = [column for column in columns if column is not split and column is not group and column.why_unused not in ("empty", "constant")]
    found = _asked(rest, job) if job.kind == KIND else _guessed(rest, job)
    if found is None:
        return None
    source, target = found
    if job.kind is None and job.target is None:
        job.report.note(
            f"The data were taken for pairs of texts: {source.name!r} is read, {target.name!r} is to be written. "
            "Name the kind or the target if they mean something else."
        )
    return Pair(source, target, [column for column in rest if column not in (source, target)], split, group)


def _asked(columns: Sequence[Column], job: Job) -> tuple[Column, Column]:
    named = named_column(columns, job.options.text, "text")
    target: Column | None
    source: Column | None
    texts = [column for column in columns if column is named or not (column.why_unused == "identifier" and counts_rows(column.name))]
    usual = _usual(texts)
    if job.target is not None:
        (target, *_) = find_targets(list(columns), job.target, job.report)
    elif usual is not None:
        target = usual[1]
    else:
        able = [column for column in texts if column is not named and _can_be_written(column)] or texts
        target = able[-1] if able else None
    if named is not None:
        source = named
    elif usual is not None and target is usual[1]:
        source = usual[0]
    else:
        source = next((column for column in texts if column is not target and column.kind != "number"), None) or next(
            (column for column in texts if column is not target), None
        )
    if source is None or target is None or source is target:
        raise DatasetError(
            f"{job.source.name} has no two columns of texts, one to read and one to write. "
            f"It has: {listed([column.name for column in columns], shown=8) or 'none with values'}."
        )
    return source, target


def _guessed(columns: Sequence[Column], job: Job) -> tuple[Column, Column] | None:
    if job.kind is not None or "," in (job.target or ""):
        return None
    usual = _usual(columns)
    if usual is not None and job.target in (None, usual[1].name) and _makes_a_pair(*usual):
        return usual
    texts = [column for column in columns if column.kind in ("text", "words", "date") and not counts_rows(column.name)]
    if job.target is not None:
        target = next((column for column in texts if column.name == job.target), None)
        others = [column for column in texts if column is not target and column.kind != "date"]
        if target is None or target.kind == "date" or not _differs(target) or len(others) != 1:
            return None
        return others[0], target
    if len(columns) != 2 or len(texts) != 2 or not all(map(_differs, texts)):
        return None
    return None if texts[0].kind == "date" != texts[1].kind else (texts[0], texts[1])


def _likely(columns: Sequence[Column], job: Job) -> bool:
    return _guessed([column for column in columns if column.why_unused not in ("empty", "constant")], job) is not None


def _usual(columns: Sequence[Column]) -> tuple[Column, Column] | None:
    """Two columns whose names say what they are to each other."""
    by_name = {_plain(column.name): column for column in reversed(columns)}
    for first, second in USUAL_PAIRS:
        if first in by_name and second in by_name:
            return by_name[first], by_name[second]
    languages = [column for column in columns if _plain(column.name).split("_")[0] in _LANGUAGES]
    return (languages[0], languages[1]) if len(languages) == 2 else None


def _makes_a_pair(source: Column, target: Column) -> bool:
    """Whether named columns are texts to read and to write: no classes, and no numbers that are measured."""
    if target.kind == "number":
        return source.kind not in ("number", "category") and target.whole and _differs(target)
    return target.kind != "category" and _differs(target)


def _can_be_written(column: Column) -> bool:
    return column.kind in ("text", "words", "date") or (column.kind == "number" and column.whole)


def _differs(column: Column) -> bool:
    return column.distinct > _DIFFERENT * column.present


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip()).casefold()


def write(table: RawTable, pair: Pair, content: str, job: Job) -> Draft:
    """Splits the pairs, describes both sides by the training rows, and writes the data file."""
    report = job.report
    read, said = (_texts(table, column) for column in (pair.source, pair.target))
    usable = np.array([bool(one) and bool(other) for one, other in zip(read, said, strict=True)], dtype=np.bool_)
    missing = int((~usable).sum())
    if missing:
        report.note(f"Left out {counted(missing, 'row')} without a text in {pair.source.name!r} or {pair.target.name!r}.")
    if pair.others:
        report.note(f"Not used, because texts are read and written: {listed([column.name for column in pair.others])}.")
    read, said = ([text for text, used in zip(texts, usable, strict=True) if used] for texts in (read, said))
    splits, origin = _split(table, pair, usable, read, job)
    train = splits == "train"
    job.progress(0.8, "Looking at the texts")
    names = kept_names([pair.source, pair.target], report, (ROW, SPLIT, BEFORE))
    source = _read_feature(names[pair.source.position], _of(read, train), job)
    target = _written_feature(names[pair.target.position], _of(said, train), job)
    before = target.model_copy(update={"name": BEFORE, "role": "input", "column": target.name, "statistics": _few(target)})
    _note_cuts(source, target, read, said, job)
    _write(job, splits, {source.name: read, target.name: said})
    return Draft(KIND, [source, before, target], len(read), counts(splits), origin, content, target.name, table.reading)


def _texts(table: RawTable, column: Column) -> list[str]:
    """The cells as they are spelled, without blanks around them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = table.column(column.position)
    typed = pa.types.is_integer(values.type) or pa.types.is_floating(values.type)
    texts = column.texts(values) if typed else pc.utf8_trim_whitespace(values.cast(pa.string()))
    found: list[str] = to_numpy(pc.fill_null(texts, "")).tolist()
    return found


def _split(table: RawTable, pair: Pair, usable: NDArray[np.bool_], read: list[str], job: Job) -> tuple[Labels, Origin]:
    report, seed = job.report, job.options.seed
    strata = np.zeros(len(read), dtype=np.int64)
    if pair.split is not None:
        cells = table.column(pair.split.position).cast("string").to_pylist()
        return complete([split_name(text or "") for text, used in zip(cells, usable, strict=True) if used], strata, report, seed)
    if pair.group is not None:
        members = groups(strings([text for text, used in zip(_texts(table, pair.group), usable, strict=True) if used]))
        report.note(f"Rows of the same {pair.group.name!r} stay in one split.")
        return grouped(members, seed=seed), "made"
    splits, origin = complete(None, strata, report, seed)
    members = groups(strings(read))
    repeated = len(members) - len(np.unique(members))
    joined = together(splits, members)
    if repeated and len(set(joined.tolist())) == 3:
        report.note(f"{counted(repeated, 'text')} {'is a copy' if repeated == 1 else 'are copies'} of another; copies stay in one split.")
        splits = joined
    return splits, origin


def _of(texts: list[str], train: NDArray[np.bool_]) -> list[str]:
    return [text for text, used in zip(texts, train, strict=True) if used]


def _read_feature(name: str, texts: list[str], job: Job) -> Feature:
    level: Level = job.options.source_level or job.options.level or tokens.level_of(texts)
    parts = [tokens.read_apart(text, level) for text in texts]
    figures = {**statistics.of_texts(texts), **_figures(parts, level, len({part for each in parts for part in each}))}
    return Feature(name=name, role="input", kind="text", dtype="string", statistics=figures)


def _written_feature(name: str, texts: list[str], job: Job) -> Feature:
    level: Level = job.options.target_level or job.options.level or tokens.level_of(texts)
    parts = [tokens.cut(text, level) for text in texts]
    known = tokens.vocabulary(parts)
    length = min(max(map(len, parts), default=1), tokens.LONGEST) + 1
    figures = {**statistics.of_texts(texts), **_figures(parts, level, len(known) - len(SPECIAL_TOKENS))}
    figures["mean_tokens"] = float(np.mean([min(len(each) + 1, length) for each in parts]))
    return Feature(name=name, role="target", kind="tokens", shape=(length,), dtype="int32", classes=known, statistics=figures)


def _figures(parts: list[list[str]], level: Level, distinct: int) -> dict[str, Any]:
    lengths = [len(each) for each in parts] or [0]
    return {"level": level, "distinct_tokens": distinct, "maximum_tokens": max(lengths), "mean_tokens": float(np.mean(lengths))}


def _few(target: Feature) -> dict[str, Any]:
    return {name: target.statistics[name] for name in ("level", "distinct_tokens", "maximum_tokens", "mean_tokens")}


def _note_cuts(source: Feature, target: Feature, read: list[str], said: list[str], job: Job) -> None:
    levels = source.statistics["level"], target.statistics["level"]
    job.report.note(
        f"{source.name!r} is read by {levels[0]}s, {target.name!r} is written by {levels[1]}s. "
        "The options source_level and target_level (character or word) choose otherwise."
    )
    long = sum(len(tokens.read_apart(text, levels[0])) > tokens.LONGEST for text in read)
    if long:
        those = f"{counted(long, 'text')} of {source.name!r} {'is' if long == 1 else 'are'}"
        job.report.note(f"{those} longer than {tokens.LONGEST} {levels[0]}s; the rest is not read.")
    most = (target.shape[0] or 1) - 1
    long = sum(len(tokens.cut(text, levels[1])) > most for text in said)
    if long:
        job.report.note(
            f"{counted(long, 'text')} of {target.name!r} {'is' if long == 1 else 'are'} longer than {most} {levels[1]}s, "
            "the most that the network will write."
        )


def _write(job: Job, splits: Labels, texts: dict[str, list[str]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {ROW: pa.array(np.arange(len(splits))), SPLIT: pa.array(splits.tolist(), pa.string())}
    columns |= {name: strings(values) for name, values in texts.items()}
    pq.write_table(pa.table(columns), job.folder / DATA_FILE, compression="lz4", use_dictionary=[SPLIT])
    job.progress(1.0, f"{counted(len(splits), 'row')} written")
