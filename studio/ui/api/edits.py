"""Routes of the canvas: one request per edit, answered with the draft, its network and what is known of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from studio.drafts import Draft, load
from studio.ui import editor, network_view
from studio.ui.api import drafts
from studio.ui.context import Context
from studio.ui.editor import Changed

AT_ONCE_SECONDS = 0.25
"""How long the answer to an edit waits for the engine; what takes longer is asked for again."""

Paths = Annotated[list[str], Field(max_length=20_000)]
Edits = Annotated[list[dict[str, Any]], Field(min_length=1, max_length=200)]


class Order(BaseModel):
    """A draft, and the revision of it that the person has seen."""

    draft: str
    revision: int
    selected: Paths = Field(default_factory=list)


class EditOrder(Order):
    """Edits that are one step; those in a row with one key are one step too."""

    edits: Edits
    key: str = Field("", max_length=400)


class PutOrder(Order):
    """Another network for the draft: a graph, the order of a preset, or None where the data are to choose."""

    graph: dict[str, Any] | None
    key: str = Field("", max_length=400)


class CopyOrder(BaseModel):
    draft: str
    nodes: Paths


class TryOrder(BaseModel):
    """Edits of a network that is no longer the draft's."""

    draft: str
    graph: dict[str, Any]
    edits: Edits


def routes(context: Context) -> APIRouter:
    router = APIRouter(prefix="/model")

    @router.post("/edit")
    def edit(order: EditOrder) -> dict[str, Any]:
        return _answer(context, editor.edit(context, order.draft, order.revision, order.edits, order.key, order.selected))

    @router.post("/put")
    def put(order: PutOrder) -> dict[str, Any]:
        return _answer(context, editor.put(context, order.draft, order.revision, order.graph, order.key, order.selected))

    @router.post("/undo")
    def undo(order: Order) -> dict[str, Any]:
        return _answer(context, editor.undo(context, order.draft, order.revision))

    @router.post("/redo")
    def redo(order: Order) -> dict[str, Any]:
        return _answer(context, editor.redo(context, order.draft, order.revision))

    @router.get("/steps")
    def steps(draft: str) -> dict[str, bool]:
        return editor.steps(context, load(context.workspace, draft))

    @router.post("/copy")
    def copy(order: CopyOrder) -> dict[str, Any]:
        return editor.copied(context, order.draft, order.nodes)

    @router.post("/try")
    def tried(order: TryOrder) -> dict[str, Any]:
        return {"graph": editor.tried(context, order.draft, order.graph, order.edits)}

    return router


def _answer(context: Context, changed: Changed) -> dict[str, Any]:
    draft = changed.draft
    return {
        "network": _network(context, draft),
        "draft": drafts.view(context, draft),
        "selected": changed.selected,
        "steps": editor.steps(context, draft),
    }


def _network(context: Context, draft: Draft) -> dict[str, Any]:
    return network_view.network(context.workspace, context.analyses, draft.recipe, AT_ONCE_SECONDS)
