"""Routes of the runs that several pages read: rows, status, curves, log, and wishes to the trainer."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from studio import runs
from studio.ui import curves, summary
from studio.ui.context import Context


class Wish(BaseModel):
    """What the trainer is asked for; it obeys after its present step."""

    wish: Literal["stop", "pause", "checkpoint"]


def routes(context: Context) -> APIRouter:
    router = APIRouter(prefix="/runs")
    workspace = context.workspace

    @router.get("")
    def rows(limit: int | None = None) -> dict[str, Any]:
        return {"runs": summary.run_rows(workspace, limit)}

    @router.get("/{run}")
    def row(run: str) -> dict[str, Any]:
        return summary.run_row(runs.get(workspace, run))

    @router.get("/{run}/metrics")
    def metrics(run: str, cursor: str = "") -> dict[str, Any]:
        return curves.answer(runs.get(workspace, run).metrics_path, cursor)

    @router.get("/{run}/events")
    def events(run: str, cursor: int = 0) -> dict[str, Any]:
        found, end = runs.get(workspace, run).events(cursor)
        return {"events": found, "cursor": end}

    @router.get("/{run}/log")
    def log(run: str) -> dict[str, Any]:
        return {"text": runs.get(workspace, run).log_tail()}

    @router.get("/{run}/recipe")
    def recipe(run: str) -> dict[str, Any]:
        return runs.get(workspace, run).recipe.document()

    @router.post("/{run}/wish")
    def wish(run: str, body: Wish) -> dict[str, Any]:
        found = runs.get(workspace, run)
        found.wish(body.wish)
        return summary.run_row(found)

    @router.post("/{run}/resume")
    def resume(run: str) -> dict[str, Any]:
        found = runs.get(workspace, run)
        context.launcher.resume(found)
        return summary.run_row(found)

    return router
