"""Puts our own head into the HTML of Gradio's pages, and serves the web modules.

Gradio appends what it is given as `head` only after it has started. Colours and language must hold from the first paint,
and the bar should stand before Gradio has loaded, so the head is written into the HTML as it leaves the server.
"""

from __future__ import annotations

import hashlib
import html
import re
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.ui.page import Page

DIST = Path(__file__).parent / "web" / "dist"
PREFIX = "/studio-web"
"""Where the modules live; a prefix that none of Gradio's own files has."""

_FILE = re.compile(r"[a-z0-9-]+\.(js|css|map)")
_TYPES = {".js": "text/javascript", ".css": "text/css", ".map": "application/json"}
_FOREIGN_META = re.compile(rb'<meta\s[^>]*(?:property="og:|name="twitter:)[^>]*/>\s*', re.DOTALL)


@cache
def version() -> str:
    """A digest of all web modules: part of their address, so that browsers keep them for ever and never mix two builds."""
    digest = hashlib.sha256()
    for file in sorted(DIST.iterdir()):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def routes() -> APIRouter:
    """The web modules under `/studio-web/VERSION/`."""
    router = APIRouter()

    @router.get(PREFIX + "/{built}/{name}", include_in_schema=False)
    def module(built: str, name: str) -> FileResponse:
        if not _FILE.fullmatch(name) or not (DIST / name).is_file():
            raise HTTPException(404)
        lasting = "public, max-age=31536000, immutable" if built == version() else "no-cache"
        return FileResponse(DIST / name, media_type=_TYPES[Path(name).suffix], headers={"cache-control": lasting})

    return router


def head(page: Page, destinations: list[str], root: str = "/") -> str:
    """What a page's `<head>` begins with.

    Args:
        page: Its module is loaded beside the shared one.
        destinations: The names of the pages in the bar.
        root: The path under which the studio is served, with a trailing slash.
    """
    base = f"{html.escape(root.rstrip('/'))}{PREFIX}/{version()}"
    metas = {"studio-root": root, "studio-page": page.name, "studio-pages": ",".join(destinations)}
    return (
        "".join(f'<meta name="{name}" content="{html.escape(content)}">' for name, content in metas.items())
        + f"<script>{_boot()}</script>"
        + f'<link rel="stylesheet" href="{base}/studio.css">'
        + "".join(f'<script type="module" src="{base}/{module}.js"></script>' for module in ("studio", html.escape(page.name)))
    )


@cache
def _boot() -> str:
    return (DIST / "boot.js").read_text("utf-8").strip().replace("</", "<\\/")


class ShellMiddleware:
    """Inserts `head()` into the HTML of the given pages and takes out what points to other sites.

    Args:
        pages: Every page, in the order of the bar.
    """

    def __init__(self, app: ASGIApp, pages: list[Page]) -> None:
        self.app = app
        self.pages = {page.path: page for page in pages}
        self.destinations = [page.name for page in pages if page.position is not None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = self.pages.get(scope.get("path", "")) if scope["type"] == "http" and scope["method"] == "GET" else None
        if page is None:
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def rewrite(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            if message["type"] != "http.response.body":
                await send(message)  # such as what test clients want to know
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            headers = MutableHeaders(raw=start["headers"])
            content = bytes(body)
            if headers.get("content-type", "").startswith("text/html"):
                root = scope.get("root_path", "").rstrip("/") + "/"
                content = _FOREIGN_META.sub(b"", content).replace(b"<head>", b"<head>" + head(page, self.destinations, root).encode(), 1)
                headers["content-length"] = str(len(content))
                headers["cache-control"] = "no-cache"
            await send(start)
            await send({"type": "http.response.body", "body": content})

        await self.app(scope, receive, rewrite)
