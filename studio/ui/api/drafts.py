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
from studio.workspace import StudioError

AT_ONCE_SECONDS = 0.1
"""How long the answer to a change waits for the engine: one that is running needs less."""
PATIENCE_SECONDS = 4.0
"""How long a question about the network waits for the engine before it is to be asked again."""
TRAIN_SECONDS = 2.0
"""How long Train waits for the engine; a network that is not known by then is trained, and its trainer says what is wrong with it."""


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
        return view(context, drafts.latest(workspace) or drafts.create(workspace, summary.first_recipe()))

    @router.get("/{draft_id}")
    def load(draft_id: str) -> dict[str, Any]:
        return view(context, drafts.load(workspace, draft_id))

    @router.get("/{draft_id}/line")
    def line(draft_id: str) -> dict[str, Any]:
        draft = drafts.load(workspace, draft_id)
        return {"revision": draft.revision, "line": summary.line(workspace, draft.recipe, context.analyses, PATIENCE_SECONDS)}

    @router.post("")
    def create(body: Replacement) -> dict[str, Any]:
        return view(context, drafts.create(workspace, body.recipe or summary.first_recipe()))

    @router.put("/{draft_id}")
    def save(draft_id: str, body: Replacement) -> dict[str, Any]:
        return view(context, drafts.save(workspace, draft_id, body.revision, body.recipe), AT_ONCE_SECONDS)

    @router.patch("/{draft_id}")
    def change(draft_id: str, body: Changes) -> dict[str, Any]:
        return view(context, drafts.change(workspace, draft_id, body.revision, body.set, body.unset), AT_ONCE_SECONDS)

    @router.post("/{draft_id}/train")
    def train(draft_id: str, body: Order) -> dict[str, Any]:
        return {"run": start(context, drafts.load(workspace, draft_id), body.revision).id}

    return router


def start(context: Context, draft: Draft, revision: int) -> Run:
    """Makes a run of a draft and trains it.

    Raises:
        StaleDraftError: The draft has moved on since the person saw it.
        StudioError: The recipe can't be trained, or the engine finds errors in its network.
    """
    if draft.revision != revision:
        raise StaleDraftError(draft)
    recipe = Recipe.read(draft.recipe)
    planned = plan(context.workspace, recipe)
    problem = summary.judged(context.analyses, recipe, planned.graph, planned.dataset, TRAIN_SECONDS).problem
    if problem:
        raise StudioError(problem)
    run = create(context.workspace, planned.recipe, planned.network)
    context.launcher.start(run)
    return run


def view(context: Context, draft: Draft, wait_seconds: float = 0.0) -> dict[str, Any]:
    """A draft as pages see it: the recipe, and what the line under the bar says of it."""
    said = summary.line(context.workspace, draft.recipe, context.analyses, wait_seconds)
    return {**draft.to_json(), "line": said, "command": command(draft.recipe)}
