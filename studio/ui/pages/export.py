"""`/export`: a trained network to take away: written, checked in a clean process, downloaded (`?run=NAME`)."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from studio import runs
from studio.export import base
from studio.runs import Run
from studio.ui import engine_tasks, export_view
from studio.ui.context import Context
from studio.ui.page import Page, mount
from studio.ui.work import Work


class Order(BaseModel):
    """Which format, of which state, with which parameters."""

    format: str
    state: Literal["best", "last"] = "best"
    options: dict[str, Any] = Field(default_factory=dict)


def build(_: Context) -> None:
    """Lays out the page."""
    mount("export")


def routes(context: Context) -> APIRouter:
    work, workspace = context.work, context.workspace
    router = APIRouter()

    @router.get("/export-formats")
    def formats() -> dict[str, Any]:
        return {"formats": export_view.formats()}

    @router.get("/exports/{run}")
    def exports(run: str) -> dict[str, Any]:
        found = runs.get(workspace, run)
        work.warm()
        return answered(work, found)

    @router.post("/exports/{run}")
    def export(run: str, order: Order) -> dict[str, Any]:
        found = runs.get(workspace, run)
        base.get(order.format).read(order.options)
        work.begin(f"export/{run}/{order.format}/{order.state}", engine_tasks.export, str(found.folder), order.format, order.state, order.options)
        return answered(work, found)

    @router.get("/exports/{run}/{name}/zip")
    def archive(run: str, name: str) -> FileResponse:
        path = export_view.archive(runs.get(workspace, run), name)
        return FileResponse(path, media_type="application/zip", filename=path.name)

    @router.delete("/exports/{run}/{name}")
    def remove(run: str, name: str) -> dict[str, Any]:
        found = runs.get(workspace, run)
        export_view.remove(found, name)
        return answered(work, found)

    return router


def answered(work: Work, run: Run) -> dict[str, Any]:
    """The exports of a run, and how the one ordered last fares."""
    key = work.under_way(f"export/{run.id}/")
    state = work.state(key) if key else {"working": None, "problem": None}
    return {**state, "exports": export_view.exports(run)}


PAGE = Page(name="export", path="/export", position=60, build=build, routes=routes)
