"""Predictions for the page: reads what a person gave, asks the engine, and puts truth and pictures beside the answer."""

from __future__ import annotations

import base64
import binascii
import time
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from studio import answers
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.engine import Engine
from studio.evaluation.opened import features_of
from studio.runs import Run
from studio.ui import engine_tasks
from studio.ui.api.uploads import uploaded
from studio.ui.drawing import placed
from studio.ui.engine_tasks import answer
from studio.ui.prediction_form import drawing_style, kind_of, read_row
from studio.workspace import StudioError, Workspace

LARGEST_PICTURE_BYTES = 50_000_000
GIVEN_PIXELS = 256
SHOWN_ROWS = 50
TIMEOUT_SECONDS = 300.0
State = Literal["best", "last"]


class Question(BaseModel):
    """What to predict: one of these.

    Args:
        picture: A picture as a data address.
        drawing: A drawn sign as a data address of a PNG.
        upload: An uploaded picture.
        values: A row of a table, as typed.
        row: A sample of the run's dataset.
    """

    state: State = "best"
    picture: str | None = Field(None, max_length=LARGEST_PICTURE_BYTES * 2)
    drawing: str | None = Field(None, max_length=LARGEST_PICTURE_BYTES)
    upload: str | None = None
    text: str | None = Field(None, max_length=1_000_000)
    values: dict[str, Any] | None = None
    row: int | None = None


def predict(workspace: Workspace, engine: Engine, run: Run, question: Question) -> dict[str, Any]:
    """The prediction for one sample.

    Returns:
        `label` and `probabilities` (in the order of the classes), or `value`; `seen` and `given` (pictures as data addresses),
        `truth` (of a sample of the dataset), `notes`, and `seconds`.

    Raises:
        StudioError: Nothing was asked, or it does not fit the network.
    """
    began = time.monotonic()
    found: dict[str, Any] = {"given": None, "truth": None}
    picture = _picture(workspace, run, question)
    if picture is not None:
        told = _ask_picture(engine, run, question.state, picture)
        found["given"] = None if question.drawing else _shown(picture)
    elif question.text is not None:
        told = _ask(engine, run, question.state, texts=[question.text])
    elif question.values is not None:
        told = _ask(engine, run, question.state, rows=[read_row(features_of(run), question.values)])
    elif question.row is not None:
        dataset = store.load(workspace, run.recipe.dataset)
        found["truth"] = truth_of(dataset, question.row)
        told = _ask_row(engine, run, question.state, dataset, question.row)
        found["given"] = _shown(dataset.image(question.row)) if kind_of(dataset.features) == "image" else None
    else:
        raise StudioError("Nothing was asked: give a picture, a text or a row.")
    first = told["predictions"][0]
    if "probabilities" in first:
        found |= {"label": first["label"], "probabilities": list(first["probabilities"].values())}
    else:
        found["value"] = first["value"]
    seen = told.get("seen")
    return {**found, "notes": told.get("warnings", []), "seen": _address(seen) if seen else None, "seconds": round(time.monotonic() - began, 3)}


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
    classed = bool(shown) and "label" in shown[0]
    rows = [[number, *_cells(each)] for number, each in enumerate(shown, start=1)]
    columns = ["", target, "%"] if classed else ["", target]
    download = f"api/prediction/{run.id}/table.csv?upload={upload}"
    return {"columns": columns, "rows": rows, "total": told["total"], "notes": told["notes"], "download": download}


def predictions_path(workspace: Workspace, run: Run, upload: str) -> Any:
    """Where the predictions for an upload are kept."""
    uploaded(workspace, upload)
    return workspace.temporary / f"predictions-{upload}-{run.id}.csv"


def truth_of(dataset: Dataset, row: int) -> str | float:
    """The true class or number of a sample.

    Raises:
        StudioError: The dataset has no such row.
    """
    if not 0 <= row < len(dataset):
        raise StudioError(f"The dataset {dataset.name!r} has no sample {row}; it has 0 to {len(dataset) - 1}.")
    value = dataset.table([dataset.target.name], rows=[row])[dataset.target.name].iloc[0]
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
    names = [feature.name for feature in dataset.features if feature.role == "input"]
    cells = dataset.table(names, rows=[row]).iloc[0]
    stored = {name: None if cells.isna()[name] else str(cells[name]) for name in names}
    if kind == "text":
        return _ask(engine, run, state, texts=[stored[names[0]] or ""])
    return _ask(engine, run, state, rows=[read_row(dataset.features, stored)])


def _picture(workspace: Workspace, run: Run, question: Question) -> bytes | None:
    if question.drawing is not None:
        style = drawing_style(workspace, run)
        if style is None:
            raise StudioError("This network was not trained on signs on a plain ground, so a drawing would tell nothing. Give it a picture.")
        return placed(_content(question.drawing), style)
    if question.picture is not None:
        return _content(question.picture)
    if question.upload is not None:
        path = uploaded(workspace, question.upload)
        if path.stat().st_size > LARGEST_PICTURE_BYTES:
            raise StudioError(f"{path.name} is larger than {LARGEST_PICTURE_BYTES / 1e6:.0f} MB, too large for one picture.")
        return path.read_bytes()
    return None


def _content(address: str) -> bytes:
    """The bytes of a data address."""
    head, comma, body = address.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        raise StudioError("The picture did not arrive whole. Send it again.")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise StudioError("The picture did not arrive whole. Send it again.") from error


def _shown(content: bytes) -> str:
    from studio.datasets.limits import Limits
    from studio.datasets.readers.pictures import read_picture, thumbnail

    return _address(thumbnail(read_picture(content, Limits().picture_pixels, look_for_colour=False).data, GIVEN_PIXELS))


def _address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _cells(told: dict[str, Any]) -> list[Any]:
    if "label" not in told:
        return [told["value"]]
    return [told["label"], f"{100 * max(told['probabilities'].values()):.1f}"]
