"""`/runs`: every training, several side by side, and one with all that its folder tells (`?run=NAME`)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel

from studio import drafts, runs
from studio.ui import comparison, redraft, runlist
from studio.ui.api.drafts import view
from studio.ui.context import Context
from studio.ui.page import Page, mount
from studio.workspace import StudioError

FILES = ("recipe.yaml", "train.py", "metrics.jsonl", "log.txt")
"""What of a run folder can be downloaded as it is."""


class Title(BaseModel):
    """Another name to show."""

    title: str


class Redraft(BaseModel):
    """Whether the draft begins with the run's weights."""

    continued: bool = False


def build(_: Context) -> None:
    """Lays out the page."""
    mount("runs")


def routes(context: Context) -> APIRouter:
    router = APIRouter()
    workspace = context.workspace

    @router.get("/run-list")
    def listed() -> dict[str, Any]:
        return {"runs": runlist.rows(workspace), "deleted": runlist.deleted(workspace)}

    @router.get("/run-list/{run}")
    def one(run: str) -> dict[str, Any]:
        return runlist.row(runs.get(workspace, run))

    @router.get("/run-comparison")
    def compared(run: Annotated[list[str], Query(max_length=50)]) -> dict[str, Any]:
        return comparison.compare([runs.get(workspace, name) for name in run])

    @router.post("/runs/{run}/title")
    def rename(run: str, body: Title) -> dict[str, Any]:
        return runlist.row(runs.rename(workspace, run, body.title))

    @router.post("/runs/{run}/draft")
    def draft(run: str, body: Redraft) -> dict[str, Any]:
        recipe = redraft.draft_recipe(workspace, runs.get(workspace, run), continued=body.continued)
        return view(context, drafts.create(workspace, recipe))

    @router.get("/runs/{run}/files/{name}")
    def file(run: str, name: str) -> FileResponse:
        path = runs.get(workspace, run).folder / name
        if name not in FILES or not path.is_file():
            raise StudioError(f"The run {run!r} has no file {name!r} to download. There are: {', '.join(FILES)}.")
        return FileResponse(path, media_type="text/plain; charset=utf-8", filename=f"{run}-{name}")

    @router.delete("/runs/{run}")
    def remove(run: str) -> dict[str, Any]:
        return {"token": runs.remove(workspace, run)}

    @router.delete("/runs/{run}/checkpoints")
    def remove_checkpoints(run: str) -> dict[str, Any]:
        return {"freed": runs.remove_checkpoints(workspace, run)}

    @router.post("/deleted-runs/{token}/restore")
    def restore(token: str) -> dict[str, Any]:
        return runlist.row(runs.restore(workspace, token))

    @router.delete("/deleted-runs")
    def empty() -> dict[str, Any]:
        runs.empty_trash(workspace)
        return {"deleted": runlist.deleted(workspace)}

    return router


PAGE = Page(name="runs", path="/runs", position=70, build=build, routes=routes)
