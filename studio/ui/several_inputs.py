"""Samples of networks with several inputs, as a person gives them on the Predict page: a file or text, and the columns beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.features import Feature
from studio.datasets import store
from studio.evaluation.opened import features_of
from studio.runs import Run
from studio.ui import shown
from studio.ui.given import content_of_address, content_of_upload, shown_picture
from studio.ui.prediction_form import SEVERAL, kind_of, parts_of, read_row
from studio.workspace import StudioError, Workspace

if TYPE_CHECKING:
    from studio.ui.prediction import Question


@dataclass(frozen=True)
class Record:
    """One sample.

    Args:
        values: By feature: files as bytes, texts, cells.
        shown: What the answer shows of it.
    """

    values: dict[str, Any]
    shown: dict[str, Any]


def record_of(workspace: Workspace, run: Run, question: Question) -> Record | None:
    """The sample that is asked about; None where the network has one input only.

    Raises:
        StudioError: Something of it is missing, or can't be read.
    """
    features = features_of(run)
    if kind_of(features) != SEVERAL:
        return None
    (part, *others) = parts_of(features)
    if others:
        raise StudioError("This network takes several files; ask it in Python, through Predictor.samples.")
    if question.row is not None:
        return _of_row(workspace, run, features, question.row)
    if question.values is None:
        raise StudioError("Give the columns, too.")
    values = read_row(features, question.values)
    if part.kind == "text":
        return Record({**values, part.name: question.text or ""}, {})
    content = _content(workspace, question)
    if content is None:
        raise StudioError(f"Give a file for {part.name!r}, too: the network reads it together with the columns.")
    return Record({**values, part.name: content}, {"given": shown_picture(content)} if part.kind == "image" else {})


def _of_row(workspace: Workspace, run: Run, features: list[Feature], row: int) -> Record:
    dataset = store.load(workspace, run.recipe.dataset)
    if not 0 <= row < len(dataset):
        raise StudioError(f"The dataset {dataset.name!r} has no sample {row}; it has 0 to {len(dataset) - 1}.")
    inputs = [feature for feature in features if feature.role == "input"]
    cells = dataset.table([feature.name for feature in inputs], rows=[row]).iloc[0]
    columns = [feature for feature in inputs if feature.is_column]
    typed = {feature.name: None if cells.isna()[feature.name] else str(cells[feature.name]) for feature in columns}
    (part,) = parts_of(features)
    value = cells[part.name]
    content: Any = bytes(value) if not isinstance(value, str) else value
    beside = shown.samples(dataset, columns, [row])[0]
    given = {"given": shown_picture(content)} if part.kind == "image" else {}
    return Record({**read_row(features, typed), part.name: content}, {**given, "beside": beside})


def _content(workspace: Workspace, question: Question) -> bytes | None:
    if question.picture is not None:
        return content_of_address(question.picture)
    return content_of_upload(workspace, question.upload) if question.upload is not None else None
