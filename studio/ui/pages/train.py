"""`/train`: the settings of the next training, and the curves of the one that runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from blocks.features import Feature
from studio import drafts
from studio.recipe import Recipe, Training
from studio.settings import losses, metrics, optimizers, schedules
from studio.settings.transfer import Transfer, Unfreeze
from studio.training.planning import figure_names, learning_rates, plan, predicted
from studio.transfer import sources
from studio.ui import curves, forms, transfer_view
from studio.ui.api.uploads import receive
from studio.ui.context import Context
from studio.ui.engine_tasks import answer
from studio.ui.page import Page, mount

DRAWN_POINTS = 500
PATIENCE_SECONDS = 300.0
"""How long the engine may read a file of weights."""


def build(_: Context) -> None:
    """Lays out the page."""
    mount("train")


def routes(context: Context) -> APIRouter:
    router = APIRouter(prefix="/train")
    workspace = context.workspace

    @router.get("/forms")
    def settings_forms() -> dict[str, Any]:
        return {
            "training": forms.fields(Training),
            "transfer": forms.fields(Transfer),
            "unfreeze": forms.fields(Unfreeze),
            "optimizers": [{**forms.described(name, each), "batch_size": each.batch_size} for name, each in optimizers.all().items()],
            "schedules": [forms.described(name, each) for name, each in schedules.all().items()],
            "losses": [forms.described(name, each) for name, each in losses.all().items()],
            "metrics": [forms.described(name, each) for name, each in metrics.all().items()],
        }

    @router.get("/plan/{draft_id}")
    def planned(draft_id: str) -> dict[str, Any]:
        found = plan(workspace, Recipe.read(drafts.load(workspace, draft_id).recipe))
        training, samples = found.recipe.training, found.dataset.manifest.splits["train"]
        targets = predicted(found.graph, found.dataset.features)
        monitors = figure_names(targets, [metrics.read(each) for each in training.metrics or ()])
        return {"schedule": drawn_schedule(training, samples, found.recipe.transfer), **fitting(targets), "monitors": monitors}

    @router.get("/sources")
    def sources_of_weights(weights: str = "") -> dict[str, Any]:
        return transfer_view.sources(workspace, weights)

    @router.post("/weights")
    async def take_in(request: Request, name: str) -> dict[str, Any]:
        path = await receive(request, workspace, name, context.max_upload_bytes)
        try:
            taken = context.engine.submit(sources.take_in, str(path), str(workspace.folder), path.name)
            return {"weights": await run_in_threadpool(answer, taken, PATIENCE_SECONDS)}
        finally:
            path.unlink()
            path.parent.rmdir()

    @router.get("/recipe/{draft_id}")
    def recipe(draft_id: str) -> Response:
        document = Recipe.read(drafts.load(workspace, draft_id).recipe)
        headers = {"content-disposition": 'attachment; filename="recipe.yaml"'}
        return Response(document.to_yaml(), media_type="application/yaml", headers=headers)

    return router


def drawn_schedule(training: Training, samples: int, transfer: Transfer | None = None) -> dict[str, Any]:
    """The learning rate over the planned training, in at most `DRAWN_POINTS` points.

    Args:
        training: Resolved settings.
        samples: Samples of the training split.
        transfer: Resolved, too; it may lower the rate.

    Returns:
        `epoch` (where each point stands), `rate`, `steps` and `steps_per_epoch`.
    """
    rates = np.asarray(learning_rates(training, samples, transfer), np.float64)
    steps_per_epoch = math.ceil(samples / int(training.batch_size or 1))
    steps = np.arange(1, len(rates) + 1, dtype=np.float64)
    kept = curves.thin(steps, rates, DRAWN_POINTS)
    return {
        "epoch": [float(f"{step / steps_per_epoch:.5g}") for step in steps[kept]],
        "rate": [float(f"{rate:.5g}") for rate in rates[kept]],
        "steps": len(rates),
        "steps_per_epoch": steps_per_epoch,
    }


def fitting(targets: list[Feature]) -> dict[str, list[str]]:
    """Names of the losses and metrics that fit any of the targets."""
    return {
        "losses": [name for name, each in losses.all().items() if any(each.read().fits(target) for target in targets)],
        "metrics": [name for name, each in metrics.all().items() if any(each.read().fits(target) for target in targets)],
    }


PAGE = Page(name="train", path="/train", position=30, build=build, routes=routes)
