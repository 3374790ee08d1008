"""Routes of the library: saved networks with their versions, kept modules, and networks as files, texts and links."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from blocks.graph import Graph
from studio.datasets import store
from studio.library import exchange, graphs, modules
from studio.library.differences import differences
from studio.library.plain import MOST_BYTES, read_graph
from studio.ui.api.uploads import receive
from studio.ui.context import Context
from studio.workspace import StudioError, slug

MOST_RECEIVED_BYTES = 10 * MOST_BYTES
"""More than is read, so that a file which is too large is refused as such, and not as an upload."""
MEDIA_TYPES: dict[exchange.Format, str] = {"json": "application/json", "yaml": "application/yaml"}


class Order(BaseModel):
    """A network to save.

    Args:
        name: For a new one what the person calls it (empty: as the graph is named); with `based_on`, that or the name in its address.
        based_on: The version that the page has seen; 0: none, so that another network of that title is not added to.
    """

    name: str = ""
    graph: dict[str, Any]
    based_on: int | None = Field(None, ge=0)
    note: str = ""


class Title(BaseModel):
    """What a network is called from now on."""

    name: str


class Copy(BaseModel):
    """A copy of a network: its title (empty: "X (copy)"), and the version to copy (none: the newest)."""

    name: str = ""
    version: int | None = None


class Pair(BaseModel):
    """Two networks to compare: each a graph, or `{"name": ..., "version": ...}` of a saved one."""

    old: dict[str, Any]
    new: dict[str, Any]


class AsText(BaseModel):
    """A network to write as the text of a file."""

    graph: dict[str, Any]
    format: exchange.Format = "json"


class Link(BaseModel):
    """A network to put into a link, or the link to take one from."""

    graph: dict[str, Any] | None = None
    link: str = ""


class Keep(BaseModel):
    """A module of a network to keep under a name (empty: its own there)."""

    graph: dict[str, Any]
    module: str
    name: str = ""
    description: str = ""
    replace: bool = False


class Place(BaseModel):
    """The network that a kept module is put into."""

    graph: dict[str, Any]


def routes(context: Context) -> APIRouter:
    router = APIRouter(prefix="/graphs")
    router.include_router(_module_routes(context))  # first, since `/modules` would be the name of a network otherwise
    router.include_router(_text_routes(context))
    workspace = context.workspace

    def titled(name: str) -> str:
        return graphs.title_by_name(workspace, name)

    @router.get("")
    def listed() -> dict[str, Any]:
        return {"graphs": [entry.to_json() for entry in graphs.listed(workspace)]}

    @router.post("")
    def save(body: Order) -> dict[str, Any]:
        name = titled(body.name) if body.based_on else body.name
        return graphs.save(workspace, _graph(body.graph), name, body.based_on, body.note).to_json()

    @router.get("/{name}")
    def load(name: str, version: int | None = None) -> dict[str, Any]:
        return graphs.load(workspace, titled(name), version).to_json()

    @router.patch("/{name}")
    def rename(name: str, body: Title) -> dict[str, Any]:
        return graphs.rename(workspace, titled(name), body.name).to_json()

    @router.delete("/{name}")
    def remove(name: str) -> dict[str, Any]:
        graphs.remove(workspace, titled(name))
        return {"removed": name}

    @router.get("/{name}/versions")
    def versions(name: str) -> dict[str, Any]:
        return {"versions": [asdict(version) for version in graphs.versions(workspace, titled(name))]}

    @router.post("/{name}/duplicate")
    def duplicate(name: str, body: Copy) -> dict[str, Any]:
        return graphs.duplicate(workspace, titled(name), body.name or None, body.version).to_json()

    @router.post("/differences")
    def compare(body: Pair) -> dict[str, Any]:
        old, new = (_either(context, given) for given in (body.old, body.new))
        return {"differences": [each.to_json() for each in differences(old, new)]}

    return router


def _module_routes(context: Context) -> APIRouter:
    router = APIRouter(prefix="/modules")
    workspace = context.workspace

    def titled(name: str) -> str:
        return modules.title_by_name(workspace, name)

    @router.get("")
    def listed() -> dict[str, Any]:
        return {"modules": [each.to_json() for each in modules.listed(workspace)]}

    @router.post("")
    def keep(body: Keep) -> dict[str, Any]:
        return modules.save(workspace, _graph(body.graph), body.module, body.name, body.description, body.replace).to_json()

    @router.get("/{name}")
    def load(name: str) -> dict[str, Any]:
        return modules.load(workspace, titled(name)).document()

    @router.delete("/{name}")
    def remove(name: str) -> dict[str, Any]:
        modules.remove(workspace, titled(name))
        return {"removed": name}

    @router.post("/{name}/put")
    def put(name: str, body: Place) -> dict[str, Any]:
        graph, block = modules.put_into(_graph(body.graph), modules.load(workspace, titled(name)))
        return {"graph": graph.document(), "block": block}

    return router


def _text_routes(context: Context) -> APIRouter:
    router = APIRouter()
    workspace = context.workspace

    @router.post("/read")
    async def read(request: Request, name: str, dataset: str = "") -> dict[str, Any]:
        path = await receive(request, workspace, name, MOST_RECEIVED_BYTES)

        def found() -> Graph:
            return exchange.read_file(path, store.load(workspace, dataset).features if dataset else None)

        try:
            return {"graph": (await run_in_threadpool(found)).document()}
        finally:
            path.unlink()
            path.parent.rmdir()

    @router.post("/text")
    def text(body: AsText) -> Response:
        graph = _graph(body.graph)
        content = exchange.to_text(graph, body.format)
        return Response(content, media_type=MEDIA_TYPES[body.format], headers={"content-disposition": _as_file(graph.name, body.format)})

    @router.post("/link")
    def link(body: Link) -> dict[str, Any]:
        if body.graph is not None:
            return {"link": exchange.to_link(_graph(body.graph))}
        return {"graph": exchange.from_link(body.link).document()}

    return router


def _graph(values: dict[str, Any]) -> Graph:
    return read_graph(values, "The network")


def _either(context: Context, given: dict[str, Any]) -> Graph:
    """A graph, or the saved one that is named."""
    if "name" not in given or not given.keys() <= {"name", "version"}:
        return _graph(given)
    name, version = given["name"], given.get("version")
    if not isinstance(name, str) or not isinstance(version, int | None):
        raise StudioError("A saved network is named by its name, a text, and its version, a whole number.")
    return graphs.load(context.workspace, graphs.title_by_name(context.workspace, name), version).graph


def _as_file(name: str, ending: str) -> str:
    """The header that has the browser keep the answer as a file: its name, and for names in other alphabets a plain one too."""
    plain = slug(name.encode("ascii", "ignore").decode(), "network")
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{quote(slug(name, 'network'))}.{ending}"
