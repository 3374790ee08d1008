"""Samples of networks with several inputs, as a person gives them on the Predict page: files and texts, and the columns beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.features import Feature, columns_of
from studio.datasets import store
from studio.evaluation.opened import features_of
from studio.runs import Run
from studio.ui import shown
from studio.ui.given import content_of_upload, shown_picture
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
    if question.row is not None:
        return _of_row(workspace, run, features, question.row)
    if columns_of(features) and question.values is None:
        raise StudioError("Give the columns, too.")
    given: dict[str, Any] = {part.name: _given(workspace, question, part) for part in parts_of(features)}
    values = read_row(features, question.values) if question.values is not None else {}
    return Record({**values, **given}, _shown(features, given))


def _given(workspace: Workspace, question: Question, part: Feature) -> str | bytes:
    given = (question.parts or {}).get(part.name)
    if part.kind == "text":
        return given or ""
    if given is None:
        raise StudioError(f"Give a file for {part.name!r}, too: the network reads all its inputs together.")
    return content_of_upload(workspace, given)


def _shown(features: list[Feature], given: dict[str, Any]) -> dict[str, Any]:
    """What the answer shows of files and texts: the only picture, or several side by side."""
    pictures = {part.name: shown_picture(given[part.name]) for part in parts_of(features) if part.kind == "image"}
    if len(pictures) == 1:
        return {"given": next(iter(pictures.values()))}
    return {"beside": [{"kind": "picture", "picture": picture, "name": name, "role": "input"} for name, picture in pictures.items()]}


def _of_row(workspace: Workspace, run: Run, features: list[Feature], row: int) -> Record:
    dataset = store.load(workspace, run.recipe.dataset)
    if not 0 <= row < len(dataset):
        raise StudioError(f"The dataset {dataset.name!r} has no sample {row}; it has 0 to {len(dataset) - 1}.")
    inputs = [feature for feature in features if feature.role == "input"]
    cells = dataset.table([feature.name for feature in inputs], rows=[row]).iloc[0]
    columns = columns_of(features)
    typed = {feature.name: None if cells.isna()[feature.name] else str(cells[feature.name]) for feature in columns}
    given: dict[str, Any] = {part.name: value if isinstance(value := cells[part.name], str) else bytes(value) for part in parts_of(features)}
    seen = _shown(features, given)
    beside = [*seen.get("beside", []), *shown.samples(dataset, columns, [row])[0]]
    return Record({**read_row(features, typed), **given}, {**seen, "beside": beside})
