"""Routes of the drafts: open, save, change, train."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from studio import drafts
from studio.drafts import Draft, StaleDraftError
from studio.recipe import Recipe
from studio.runs import Run, create
from studio.training.planning import plan
from studio.ui import summary
from studio.ui.command import command
from studio.ui.context import Context
from studio.workspace import Workspace


class Changes(BaseModel):
    """What a form sends: the revision it has seen, new values by dotted path, and the paths to reset."""

    revision: int
    set: dict[str, Any] = Field(default_factory=dict)
    unset: list[str] = Field(default_factory=list)


class Replacement(BaseModel):
    """A whole recipe for a new draft, or in place of the one of `revision`."""

    revision: int = 0
    recipe: dict[str, Any] = Field(default_factory=dict)


class Order(BaseModel):
    """Train: the revision that the person saw."""

    revision: int


def routes(context: Context) -> APIRouter:
    router = APIRouter(prefix="/drafts")
    workspace = context.workspace

    @router.get("/latest")
    def latest() -> dict[str, Any]:
        return view(workspace, drafts.latest(workspace) or drafts.create(workspace, summary.first_recipe()))

    @router.get("/{draft_id}")
    def load(draft_id: str) -> dict[str, Any]:
        return view(workspace, drafts.load(workspace, draft_id))

    @router.post("")
    def create(body: Replacement) -> dict[str, Any]:
        return view(workspace, drafts.create(workspace, body.recipe or summary.first_recipe()))

    @router.put("/{draft_id}")
    def save(draft_id: str, body: Replacement) -> dict[str, Any]:
        return view(workspace, drafts.save(workspace, draft_id, body.revision, body.recipe))

    @router.patch("/{draft_id}")
    def change(draft_id: str, body: Changes) -> dict[str, Any]:
        return view(workspace, drafts.change(workspace, draft_id, body.revision, body.set, body.unset))

    @router.post("/{draft_id}/train")
    def train(draft_id: str, body: Order) -> dict[str, Any]:
        return {"run": start(context, drafts.load(workspace, draft_id), body.revision).id}

    return router


def start(context: Context, draft: Draft, revision: int) -> Run:
    """Makes a run of a draft and trains it.

    Raises:
        StaleDraftError: The draft has moved on since the person saw it.
        StudioError: The recipe can't be trained.
    """
    if draft.revision != revision:
        raise StaleDraftError(draft)
    planned = plan(context.workspace, Recipe.read(draft.recipe))
    run = create(context.workspace, planned.recipe, planned.network)
    context.launcher.start(run)
    return run


def view(workspace: Workspace, draft: Draft) -> dict[str, Any]:
    """A draft as pages see it: the recipe, and what the line under the bar says of it."""
    return {**draft.to_json(), "line": summary.line(workspace, draft.recipe), "command": command(draft.recipe)}
