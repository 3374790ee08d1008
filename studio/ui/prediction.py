"""Predictions for the page: reads what a person gave, asks the engine, and puts truth and pictures beside the answer."""

from __future__ import annotations

import time
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from blocks.features import Feature
from studio import answers
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.datasets.limits import Limits
from studio.datasets.readers.sounds import Sound, SoundError, read_sound
from studio.engine import Engine
from studio.evaluation.opened import features_of
from studio.runs import Run
from studio.ui import engine_tasks, series, several_inputs, shown
from studio.ui.api.uploads import uploaded
from studio.ui.drawing import placed
from studio.ui.engine_tasks import answer
from studio.ui.evaluation_view import PLAIN
from studio.ui.given import LARGEST_PICTURE_BYTES, content_of_address, content_of_upload, png_address, shown_array, shown_picture
from studio.ui.prediction_form import drawing_style, kind_of, read_row
from studio.ui.sounds import given_part
from studio.workspace import StudioError, Workspace

SHOWN_ROWS = 50
TIMEOUT_SECONDS = 300.0
State = Literal["best", "last"]


class Question(BaseModel):
    """What to predict: one of these.

    Args:
        picture: A picture as a data address.
        drawing: A drawn sign as a data address of a PNG.
        upload: An uploaded picture or sound.
        sound: A recorded sound as a data address.
        values: A row of a table, as typed.
        parts: Of networks with several inputs the uploads (or texts) by the input's name; `values` are the columns beside them.
        row: A sample of the run's dataset.
        beside: An uploaded picture to compare the first one with.
    """

    state: State = "best"
    picture: str | None = Field(None, max_length=LARGEST_PICTURE_BYTES * 2)
    drawing: str | None = Field(None, max_length=LARGEST_PICTURE_BYTES)
    upload: str | None = None
    sound: str | None = Field(None, max_length=LARGEST_PICTURE_BYTES * 2)
    text: str | None = Field(None, max_length=1_000_000)
    values: dict[str, Any] | None = None
    parts: dict[str, str] | None = None
    row: int | None = None
    beside: str | None = None


def predict(workspace: Workspace, engine: Engine, run: Run, question: Question) -> dict[str, Any]:
    """The prediction for one sample.

    Returns:
        `label` and `probabilities` or `scores` (in the order of the classes), or `value`, or, of other kinds of targets, `parts`
        (`studio.ui.shown`: what is said, and what is true); `heard` (the sound that was given, as a part); `drawn` (a series with what is
        said of it, in parts); `seen` and `given` (pictures as
        data addresses), `truth` (of a sample of the dataset), `notes`, and `seconds`.

    Raises:
        StudioError: Nothing was asked, or it does not fit the network.
    """
    began = time.monotonic()
    found: dict[str, Any] = {"given": None, "truth": None}
    record = several_inputs.record_of(workspace, run, question)
    sound = _sound(workspace, run, question)
    stretch = _series(workspace, run, question)
    picture = _picture(workspace, run, question) if record is None and sound is None and stretch is None else None
    if record is not None:
        told = _ask(engine, run, question.state, samples=[record.values])
        found |= record.shown
        if question.row is not None:
            found["truth"] = truth_of(store.load(workspace, run.recipe.dataset), question.row)
    elif stretch is not None:
        told = _ask(engine, run, question.state, array=stretch.values[None].tolist())
        told["warnings"] = [*stretch.notes, *told.get("warnings", [])]
        if question.row is not None:
            found["truth"] = truth_of(store.load(workspace, run.recipe.dataset), question.row)
    elif sound is not None:
        told = _ask(engine, run, question.state, sounds=[("sound", sound.data)], explained=True)
        found["heard"] = given_part(sound)
        if question.row is not None:
            found["truth"] = truth_of(store.load(workspace, run.recipe.dataset), question.row)
    elif picture is not None:
        found["given"] = None if question.drawing else shown_picture(picture)  # before the network is asked: it says in one sentence what is wrong
        told = _ask_picture(engine, run, question.state, picture)
    elif question.text is not None:
        told = _ask(engine, run, question.state, texts=[question.text], explained=True)
    elif question.values is not None:
        told = _ask(engine, run, question.state, rows=[read_row(features_of(run), question.values)])
    elif question.row is not None:
        dataset = store.load(workspace, run.recipe.dataset)
        found["truth"] = truth_of(dataset, question.row)
        told = _ask_row(engine, run, question.state, dataset, question.row)
        found["given"] = _given(dataset, question.row)
    else:
        raise StudioError("Nothing was asked: give a picture, a sound, a text or a row.")
    first = {**told["predictions"][0], **({} if question.row is None else {"row": question.row})}
    if question.beside is not None:
        content = picture if picture is not None else store.load(workspace, run.recipe.dataset).image(question.row or 0)
        first = {**first, "compared": _compared(workspace, engine, run, question, content)}
    target = next((feature for feature in features_of(run) if feature.role == "target"), None)
    if stretch is not None:
        found["drawn"] = stretch.drawn(target, first.get("value"))
    if target is not None and not _is_plain(target):
        given = found["given"] or (shown_picture(picture) if picture is not None else None)
        beside = {"kind": "picture", "picture": given, **_whole(workspace, run, target, question, picture)} if given else None
        said = shown.of(target.kind).told(target, first, beside)
        if said and said.get("with_given"):
            found["given"] = told["seen"] = None
        if said and said.get("with_truth"):
            found["truth"] = None
        said = said and {**said, "dataset": run.recipe.dataset, **_apart(target, said, found["truth"])}
        found["parts"] = [{**part, "name": target.name, "role": role} for part, role in ((said, "said"), (found["truth"], "target")) if part]
        found["truth"] = None
        if target.kind == "labels":
            found["probabilities"] = list(first["probabilities"].values())
    elif "probabilities" in first:
        found |= {"label": first["label"], "probabilities": list(first["probabilities"].values())}
    elif "scores" in first:
        found |= {"label": first["label"], "scores": list(first["scores"].values())}
    else:
        found["value"] = first["value"]
    if first.get("further"):
        found["further"] = _further(workspace, run, question, first["further"])
    seen = told.get("seen")
    return {**found, "notes": told.get("warnings", []), "seen": png_address(seen) if seen else None, "seconds": round(time.monotonic() - began, 3)}


def _apart(target: Feature, said: dict[str, Any], truth: Any) -> dict[str, list[str]]:
    """The labels that are said and wrong, and those that are missed, where the true ones are known."""
    if target.kind != "labels" or not isinstance(truth, dict):
        return {}
    return {
        "wrong": [label for label in said["labels"] if label not in truth["labels"]],
        "missed": [label for label in truth["labels"] if label not in said["labels"]],
    }


def _further(workspace: Workspace, run: Run, question: Question, said: dict[str, Any]) -> list[dict[str, Any]]:
    """What is said of further targets, and what is true of them, in parts."""
    dataset = store.load(workspace, run.recipe.dataset) if question.row is not None else None
    found = []
    for target in features_of(run):
        if target.name not in said:
            continue
        answered = said[target.name]
        true = shown.of(target.kind).stored(dataset, target, [question.row])[0] if dataset is not None and question.row is not None else None
        parts = [
            {**part, "name": target.name, "role": role}
            for part, role in ((shown.of(target.kind).told(target, answered, None), "said"), (true, "target"))
            if part
        ]
        told: dict[str, Any] = {"name": target.name, "kind": target.kind, "classes": list(target.classes or ()) or None, "parts": parts}
        found.append({**told, "probabilities": list(answered["probabilities"].values()) if "probabilities" in answered else None})
    return found


def _whole(workspace: Workspace, run: Run, target: Feature, question: Question, picture: bytes | None) -> dict[str, bytes]:
    """The file that was given, and the true one, where it is a sample of the dataset and pictures are to be made."""
    if question.row is None:
        return {"content": picture} if picture is not None else {}
    dataset = store.load(workspace, run.recipe.dataset)
    found = {"content": dataset.image(question.row)}
    if target.kind == "image" and not target.column:
        found["true"] = bytes(dataset.table([target.name], rows=[question.row])[target.name].iloc[0])
    return found


def predict_table(workspace: Workspace, engine: Engine, run: Run, state: State, upload: str) -> dict[str, Any]:
    """Predictions for every row of an uploaded table, kept as CSV for as long as the upload.

    Returns:
        `columns` and `rows` to show, `total`, `notes`, `download` (the address of the CSV).
    """
    path = uploaded(workspace, upload)
    output = predictions_path(workspace, run, upload)
    told = answer(engine.submit(engine_tasks.predict_file, str(run.folder), state, str(path), str(output), SHOWN_ROWS))
    target = next((feature.name for feature in features_of(run) if feature.role == "target"), "value")
    shown = told["predictions"]
    rows = [
        [number, *_cells(each), *(cell for other in each.get("further", {}).values() for cell in _cells(other))]
        for number, each in enumerate(shown, 1)
    ]
    said = {target: shown[0], **shown[0].get("further", {})} if shown else {target: {}}
    columns = [
        "",
        *(
            name
            for each, answered in said.items()
            for name in (each, *([f"{each} %"] if "probabilities" in answered and "label" in answered else []))
        ),
    ]
    download = f"api/prediction/{run.id}/table.csv?upload={upload}"
    return {"columns": columns, "rows": rows, "total": told["total"], "notes": told["notes"], "download": download}


def predictions_path(workspace: Workspace, run: Run, upload: str) -> Any:
    """Where the predictions for an upload are kept."""
    uploaded(workspace, upload)
    return workspace.temporary / f"predictions-{upload}-{run.id}.csv"


def truth_of(dataset: Dataset, row: int) -> str | float | shown.Part:
    """The true class or number of a sample; of other kinds of targets a part.

    Raises:
        StudioError: The dataset has no such row.
    """
    if not 0 <= row < len(dataset):
        raise StudioError(f"The dataset {dataset.name!r} has no sample {row}; it has 0 to {len(dataset) - 1}.")
    if not _is_plain(dataset.target):
        return shown.of(dataset.target.kind).stored(dataset, dataset.target, [row])[0]
    value = dataset.table([dataset.target.name], rows=[row])[dataset.target.name].iloc[0]
    if value is None or value != value:  # a gap in one of several targets
        return ""
    return str(value) if dataset.classes else float(value)


def _ask(engine: Engine, run: Run, state: State, **payload: Any) -> dict[str, Any]:
    return answer(engine.submit(answers.predict, str(run.folder), {**payload, "state": state}), TIMEOUT_SECONDS)


def _ask_picture(engine: Engine, run: Run, state: State, content: bytes) -> dict[str, Any]:
    return answer(engine.submit(engine_tasks.predict_picture, str(run.folder), state, content), TIMEOUT_SECONDS)


def _ask_row(engine: Engine, run: Run, state: State, dataset: Dataset, row: int) -> dict[str, Any]:
    """Asks about a sample of the dataset, as it is stored."""
    kind = kind_of(dataset.features)
    if kind == "image":
        return _ask_picture(engine, run, state, dataset.image(row))
    if kind == "array":
        return _ask(engine, run, state, array=np.asarray(dataset.arrays()[row]).tolist())
    names = [feature.name for feature in dataset.features if feature.role == "input" and feature.is_given]
    cells = dataset.table(names, rows=[row]).iloc[0]
    stored = {name: None if cells.isna()[name] else str(cells[name]) for name in names}
    if kind == "text":
        return _ask(engine, run, state, texts=[stored[names[0]] or ""], explained=True)
    return _ask(engine, run, state, rows=[read_row(dataset.features, stored)])


def _given(dataset: Dataset, row: int) -> str | None:
    """What a sample of the dataset looks like; None for tables and texts, which are seen where they are chosen."""
    kind = kind_of(dataset.features)
    if kind == "array":
        return shown_array(np.asarray(dataset.arrays()[row]))
    return shown_picture(dataset.image(row)) if kind == "image" else None


def _is_plain(target: Feature) -> bool:
    """Whether an answer is one class or one number."""
    return target.kind in PLAIN and not target.shape


def _series(workspace: Workspace, run: Run, question: Question) -> series.Given | None:
    """The series that is asked about; None where the network takes anything else.

    Raises:
        StudioError: It is not there, or can't be read.
    """
    features = features_of(run)
    if kind_of(features) != "series":
        return None
    if question.row is not None:
        dataset = store.load(workspace, run.recipe.dataset)
        truth_of(dataset, question.row)
        return series.of_row(dataset, question.row)
    return series.of_file(uploaded(workspace, question.upload), features) if question.upload else None


def _sound(workspace: Workspace, run: Run, question: Question) -> Sound | None:
    """The sound that is asked about; None where the network takes anything else.

    Raises:
        StudioError: It is not there, or can't be read.
    """
    if kind_of(features_of(run)) != "sound":
        return None
    if question.row is not None:
        dataset = store.load(workspace, run.recipe.dataset)
        truth_of(dataset, question.row)
        name = next(feature.name for feature in dataset.features if feature.role == "input")
        return _read(bytes(dataset.table([name], rows=[question.row])[name].iloc[0]))
    content = (
        content_of_address(question.sound)
        if question.sound is not None
        else content_of_upload(workspace, question.upload)
        if question.upload
        else None
    )
    return None if content is None else _read(content)


def _read(content: bytes) -> Sound:
    try:
        return read_sound(content, Limits().sound_values)
    except SoundError as error:
        raise StudioError(f"The sound can't be used: {error}.") from error


def _compared(workspace: Workspace, engine: Engine, run: Run, question: Question, content: bytes) -> dict[str, Any]:
    """How far a second picture is from the first, and whether both are taken for the same; with the picture."""
    other = content_of_upload(workspace, question.beside or "")
    told = _ask(engine, run, question.state, pictures=[("first", content), ("second", other)])
    if "distance" not in told:
        raise StudioError(told["warnings"][0] if told.get("warnings") else "This network does not compare pictures.")
    return {**{name: told.get(name) for name in ("distance", "same", "threshold")}, "picture": shown_picture(other)}


def _picture(workspace: Workspace, run: Run, question: Question) -> bytes | None:
    if question.drawing is not None:
        style = drawing_style(workspace, run)
        if style is None:
            raise StudioError("This network was not trained on signs on a plain ground, so a drawing would tell nothing. Give it a picture.")
        return placed(content_of_address(question.drawing), style)
    if question.picture is not None:
        return content_of_address(question.picture)
    return None if question.upload is None else content_of_upload(workspace, question.upload)


def _cells(told: dict[str, Any]) -> list[Any]:
    if "labels" in told:
        return ["; ".join(told["labels"])]
    if "label" not in told:
        return [told["text"] if "text" in told else told["value"]]
    return [told["label"], *([f"{100 * max(told['probabilities'].values()):.1f}"] if "probabilities" in told else [])]
