"""`/predict`: what a trained network says to a picture, a drawing, a text, a row or a table (`?run=NAME`)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel

from studio import runs
from studio.ui import prediction, prediction_form
from studio.ui.context import Context
from studio.ui.page import Page, mount
from studio.ui.prediction import Question, State
from studio.workspace import StudioError


class TableQuestion(BaseModel):
    """An uploaded table whose rows are to be predicted."""

    upload: str
    state: State = "best"


def build(_: Context) -> None:
    """Lays out the page."""
    mount("predict")


def routes(context: Context) -> APIRouter:
    router = APIRouter(prefix="/prediction/{run}")
    workspace = context.workspace

    @router.get("")
    def form(run: str) -> dict[str, Any]:
        context.engine.warm()
        return prediction_form.described(workspace, runs.get(workspace, run))

    @router.post("")
    def predict(run: str, question: Question) -> dict[str, Any]:
        return prediction.predict(workspace, context.engine, runs.get(workspace, run), question)

    @router.post("/table")
    def table(run: str, question: TableQuestion) -> dict[str, Any]:
        return prediction.predict_table(workspace, context.engine, runs.get(workspace, run), question.state, question.upload)

    @router.get("/table.csv")
    def download(run: str, upload: str) -> FileResponse:
        path = prediction.predictions_path(workspace, runs.get(workspace, run), upload)
        if not path.is_file():
            raise StudioError("These predictions are not there any more. Send the table again.")
        return FileResponse(path, media_type="text/csv; charset=utf-8", filename=f"predictions-{run}.csv")

    return router


PAGE = Page(name="predict", path="/predict", position=50, build=build, routes=routes)
