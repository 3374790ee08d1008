"""`/data`: the datasets, what is in them, and how new ones come in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import Response
from pydantic import BaseModel, Field

from studio.datasets import store
from studio.ui import dataset_view
from studio.ui.context import Context
from studio.ui.imports import Imports, kinds, option_fields, public_sets
from studio.ui.page import Page, mount
from studio.ui.ranged import ranged


class ImportOrder(BaseModel):
    """What is to be imported, and what the person says about it."""

    upload: str | None = None
    path: str | None = None
    again: str | None = None
    public_set: str | None = None
    name: str = ""
    target: str = ""
    kind: str = ""
    options: dict[str, Any] = Field(default_factory=dict)


class Fitting(BaseModel):
    """The network of a draft (none, a preset, a file, or a graph), and its settings."""

    graph: dict[str, Any] | None = None
    training: dict[str, Any] = Field(default_factory=dict)


def build(_: Context) -> None:
    """Lays out the page."""
    mount("data")


def routes(context: Context) -> APIRouter:
    """Datasets, their samples, and imports."""
    router = APIRouter(prefix="/datasets")
    workspace = context.workspace
    imports = Imports(workspace)

    @router.get("")
    def datasets() -> dict[str, Any]:
        return {
            "datasets": dataset_view.cards(workspace),
            "public": public_sets(workspace),
            "imports": imports.listed(),
            "options": option_fields(),
            "kinds": kinds(),
        }

    @router.get("/{name}")
    def details(name: str) -> dict[str, Any]:
        return dataset_view.details(workspace, name)

    @router.delete("/{name}")
    def remove(name: str) -> dict[str, Any]:
        store.remove(workspace, name)
        return {}

    @router.get("/{name}/samples")
    def samples(name: str, split: str | None = None, label: int | None = None, offset: int = 0, limit: int = 24) -> dict[str, Any]:
        return dataset_view.samples(workspace, name, split or None, label, offset, limit)

    @router.get("/{name}/pictures/{row}")
    def picture(name: str, row: int) -> Response:
        return Response(dataset_view.picture(workspace, name, row), media_type="image/png", headers={"cache-control": "private, max-age=3600"})

    @router.get("/{name}/sounds/{row}")
    def sound(name: str, row: int, feature: str, range: Annotated[str | None, Header()] = None) -> Response:  # noqa: A002 - the header's name
        return ranged(dataset_view.sound(workspace, name, row, feature), "audio/wav", range)

    @router.post("/{name}/fit")
    def fit(name: str, draft: Fitting) -> dict[str, Any]:
        return dataset_view.fit(store.load(workspace, name), draft.graph, draft.training)

    both = APIRouter()
    both.include_router(router)
    both.include_router(import_routes(imports))
    return both


def import_routes(imports: Imports) -> APIRouter:
    """Imports: begin, watch, dismiss."""
    router = APIRouter(prefix="/imports")

    @router.get("")
    def listed() -> dict[str, Any]:
        return {"imports": imports.listed()}

    @router.post("")
    def begin(order: ImportOrder) -> dict[str, Any]:
        source = imports.source_of(order.upload, order.path, order.again, order.public_set)
        return imports.begin(source, order.name, order.target, order.kind, order.options)

    @router.get("/{number}")
    def state(number: str) -> dict[str, Any]:
        return imports.state(number)

    @router.delete("/{number}")
    def dismiss(number: str) -> dict[str, Any]:
        imports.dismiss(number)
        return {}

    return router


PAGE = Page(name="data", path="/data", position=10, build=build, routes=routes)
