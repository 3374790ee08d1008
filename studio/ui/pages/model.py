"""`/model`: presets, their parameters, and the network as a drawing and a table."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from studio import drafts
from studio.datasets import store
from studio.recipe import PresetOrder
from studio.transfer import published
from studio.ui import explanation_view, network_gallery, network_view
from studio.ui.context import Context
from studio.ui.engine_tasks import answer, pretrained_graph
from studio.ui.page import Page, mount
from studio.ui.summary import FIRST_DATASET
from studio.workspace import slug

WAIT_SECONDS = 4.0
"""How long a request waits for the engine before it says that it is still counting."""
PATIENCE_SECONDS = 120.0
"""How long the engine may take to make a network that is no preset."""


class Question(BaseModel):
    """A network to look at: what the recipe of a draft says of it."""

    dataset: str = FIRST_DATASET
    graph: dict[str, Any] | None = None
    training: dict[str, Any] | None = None
    transfer: dict[str, Any] | None = None


class Wanted(BaseModel):
    """A pretrained network that is to be fitted to a dataset."""

    dataset: str = FIRST_DATASET
    name: str


class Orders(BaseModel):
    """Presets that are to be counted on a dataset."""

    dataset: str = FIRST_DATASET
    orders: list[PresetOrder]


def patience(seconds: float) -> float:
    """How long to wait for the engine: what was asked for, within limits."""
    return max(0.0, min(seconds, WAIT_SECONDS))


@cache
def library() -> bytes:
    """Every block with its form, and every setting of weights, as JSON; they stay the same as long as the process lives."""
    content = {"blocks": network_view.block_forms(), "settings": network_view.setting_forms()}
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def build(_: Context) -> None:
    """Lays out the page."""
    mount("model")


def routes(context: Context) -> APIRouter:
    """Presets, the network of a draft, and graphs as files."""
    router = APIRouter(prefix="/model")
    workspace = context.workspace
    analyses = context.analyses

    @router.get("/presets")
    def gallery(dataset: str = FIRST_DATASET) -> dict[str, Any]:
        context.engine.warm()
        return network_gallery.gallery(store.load(workspace, dataset))

    @router.post("/counts")
    def counts(asked: Orders, wait: float = WAIT_SECONDS) -> dict[str, Any]:
        dataset = store.load(workspace, asked.dataset)
        return {"counts": network_gallery.counted(context.counts, dataset, asked.orders, patience(wait))}

    @router.post("/pretrained")
    def pretrained(asked: Wanted) -> dict[str, Any]:
        features = [feature.model_dump(mode="json") for feature in store.load(workspace, asked.dataset).features]
        graph = answer(context.engine.submit(pretrained_graph, asked.name, features), PATIENCE_SECONDS)
        return {"graph": graph, "transfer": {"weights": published.weights_of(asked.name)}}

    @router.get("/hub")
    def of_hub() -> dict[str, Any]:
        return network_gallery.of_hub()

    @router.get("/blocks")
    def blocks() -> Response:
        return Response(library(), media_type="application/json")

    @router.get("/explain")
    def explain(draft: str, node: str, wait: float = WAIT_SECONDS) -> dict[str, Any]:
        recipe = drafts.load(workspace, draft).recipe
        return explanation_view.explanation(workspace, analyses, recipe, node, patience(wait))

    @router.post("/network")
    def network(asked: Question, wait: float = WAIT_SECONDS) -> dict[str, Any]:
        return network_view.network(workspace, analyses, asked.model_dump(), patience(wait))

    @router.get("/graph")
    def download(draft: str) -> Response:
        graph = network_view.graph(workspace, drafts.load(workspace, draft).recipe)
        headers = {"content-disposition": f'attachment; filename="{slug(graph.name.encode("ascii", "ignore").decode(), "network")}.json"'}
        return Response(graph.to_json(), media_type="application/json", headers=headers)

    return router


PAGE = Page(name="model", path="/model", position=20, build=build, routes=routes)
