"""`/evaluate`: what a trained network is worth: figures, confusions, mistakes (`?run=NAME&split=test&state=best`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from studio import answers, runs
from studio.evaluation import result
from studio.evaluation.result import Evaluation
from studio.runs import Run
from studio.ui import engine_tasks, evaluation_view
from studio.ui.api.uploads import uploaded
from studio.ui.context import Context
from studio.ui.page import Page, mount
from studio.ui.work import Work
from studio.workspace import StudioError, Workspace

Split = Literal["train", "validation", "test"]
State = Literal["best", "last"]


class Order(BaseModel):
    """What to measure, and on which data: a split of the run's dataset, or an upload.

    Args:
        target: Which of several targets is shown.
    """

    split: Split = "test"
    state: State = "best"
    upload: str | None = None
    target: str | None = None


def build(_: Context) -> None:
    """Lays out the page."""
    mount("evaluate")


def routes(context: Context) -> APIRouter:
    work, workspace = context.work, context.workspace
    router = APIRouter(prefix="/evaluation/{run}")

    @router.get("")
    def evaluation(run: str, split: Split = "test", state: State = "best", upload: str | None = None, target: str | None = None) -> dict[str, Any]:
        return answered(workspace, work, runs.get(workspace, run), Order(split=split, state=state, upload=upload, target=target))

    @router.post("")
    def evaluate(run: str, order: Order) -> dict[str, Any]:
        found = runs.get(workspace, run)
        if order.upload:
            data, keep = uploaded(workspace, order.upload), kept_at(workspace, found, order)
            work.begin(key_of(found, order), engine_tasks.evaluate_elsewhere, str(found.folder), order.state, str(data), str(keep))
        else:
            work.begin(key_of(found, order), answers.evaluate, str(found.folder), order.split, order.state)
        return answered(workspace, work, found, order)

    @router.get("/cell")
    def cell(
        run: str, truth: int, predicted: int | None = None, split: Split = "test", state: State = "best", target: str | None = None,
        offset: int = 0, limit: int = 24,
    ) -> dict[str, Any]:  # fmt: skip
        found = runs.get(workspace, run)
        evaluation, arrays = result.read(found, split, state), evaluation_view.arrays_of(found, split, state, target)
        if evaluation is None or arrays is None:
            raise StudioError(f"The {split} samples of {run!r} have not been evaluated yet. Evaluate again.")
        evaluation = evaluation.further.get(target or "", evaluation)
        return evaluation_view.cell(workspace, found, evaluation, arrays, truth, predicted, offset, limit)

    return router


def answered(workspace: Workspace, work: Work, run: Run, order: Order) -> dict[str, Any]:
    """What is known at this moment: the figures of the end of the training, the evaluation once it is there, how far it is, why it failed."""
    state = work.state(key_of(run, order))
    evaluation, arrays = read(workspace, run, order) if state["working"] is None else (None, None)
    known = run.results().get(order.split) if order.state == "best" and not order.upload else None
    evaluated = evaluation_view.view(workspace, run, evaluation, arrays, order.target) if evaluation else None
    return {**state, "metrics": known, "evaluated": evaluated}


def read(workspace: Workspace, run: Run, order: Order) -> tuple[Evaluation | None, evaluation_view.Arrays | None]:
    """An evaluation that was made before, with what was kept of its samples."""
    if order.upload:
        return evaluation_view.kept(kept_at(workspace, run, order), run, order.state), None
    return result.read(run, order.split, order.state), evaluation_view.arrays_of(run, order.split, order.state, order.target)


def kept_at(workspace: Workspace, run: Run, order: Order) -> Path:
    """Where the evaluation on an upload is kept for as long as the upload."""
    uploaded(workspace, order.upload or "")
    return workspace.temporary / f"evaluation-{order.upload}-{run.id}-{order.state}.json"


def key_of(run: Run, order: Order) -> str:
    return f"evaluation/{run.id}/{order.upload or order.split}/{order.state}"


PAGE = Page(name="evaluate", path="/evaluate", position=40, build=build, routes=routes)
