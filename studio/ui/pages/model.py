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
from studio.ui import explanation_view, network_view
from studio.ui.context import Context
from studio.ui.page import Page, mount
from studio.ui.summary import FIRST_DATASET
from studio.workspace import slug

WAIT_SECONDS = 4.0
"""How long a request waits for the engine before it says that it is still counting."""


class Question(BaseModel):
    """A network to look at: the dataset, the graph and the settings of a draft."""

    dataset: str = FIRST_DATASET
    graph: dict[str, Any] | None = None
    training: dict[str, Any] | None = None


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
        return {"presets": network_view.gallery(store.load(workspace, dataset))}

    @router.get("/presets/{name}/figures")
    def figures(name: str, dataset: str = FIRST_DATASET) -> dict[str, Any]:
        return network_view.figures(analyses, store.load(workspace, dataset), name, WAIT_SECONDS)

    @router.get("/blocks")
    def blocks() -> Response:
        return Response(library(), media_type="application/json")

    @router.get("/explain")
    def explain(draft: str, node: str, wait: float = WAIT_SECONDS) -> dict[str, Any]:
        recipe = drafts.load(workspace, draft).recipe
        return explanation_view.explanation(workspace, analyses, recipe, node, patience(wait))

    @router.post("/network")
    def network(asked: Question, wait: float = WAIT_SECONDS) -> dict[str, Any]:
        return network_view.network(workspace, analyses, asked.dataset, asked.graph, patience(wait), asked.training)

    @router.get("/graph")
    def download(draft: str) -> Response:
        graph = network_view.graph(workspace, drafts.load(workspace, draft).recipe)
        headers = {"content-disposition": f'attachment; filename="{slug(graph.name.encode("ascii", "ignore").decode(), "network")}.json"'}
        return Response(graph.to_json(), media_type="application/json", headers=headers)

    return router


PAGE = Page(name="model", path="/model", position=20, build=build, routes=routes)
