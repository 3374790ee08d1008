"""Builds the page process: our plain routes, then Gradio's pages, in one FastAPI app."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.middleware.gzip import GZipMiddleware

from blocks.errors import BlocksError
from studio import drafts
from studio.datasets import store
from studio.drafts import StaleDraftError, UnknownDraftError
from studio.library.errors import NotKeptError
from studio.library.graphs import StaleGraphError
from studio.recipe import Recipe
from studio.training.planning import plan
from studio.ui import shell, words
from studio.ui.api import common_routes
from studio.ui.context import Context
from studio.ui.guard import LOCAL, GuardMiddleware
from studio.ui.launcher import Launcher
from studio.ui.page import Page, pages
from studio.ui.theme import theme
from studio.workspace import FULL, StudioError, Workspace, full_disk

TITLE = "Block Studio"
UPLOAD_KEPT_SECONDS = 24 * 3600
KEPT_ALIVE_SECONDS = 75
"""How long an idle connection stays open: longer than a client waits before it uses it again, so that no request meets a closing one."""
QUEUE_SLEEP_SECONDS = 0.5
"""How long Gradio's event queue sleeps while it is empty. Our pages put nothing in it, and by default it wakes 1000 times a second."""


def create_app(workspace: Workspace, *, password: str | None = None, hosts: frozenset[str] | None = LOCAL, warm: bool = True) -> FastAPI:
    """The whole page as an ASGI app.

    Args:
        password: Asked for before anything is shown; None shows it to whoever reaches the port.
        hosts: Names under which it may be addressed; None allows any.
        warm: Whether a trainer waits with Keras imported while a page is open.
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("GRADIO_TEMP_DIR", str(workspace.temporary / "gradio"))
    sweep(workspace.temporary)
    store.sweep(workspace)
    context = Context(workspace, Launcher(workspace, warm=warm))
    found = pages()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=_plan_ahead, args=(workspace,), name="first draft", daemon=True).start()
        yield
        context.close()

    app = FastAPI(title=TITLE, docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.include_router(shell.routes())
    app.include_router(common_routes(context), prefix="/api")
    for page in found:
        if page.routes is not None:
            app.include_router(page.routes(context), prefix="/api")
    app.add_api_route("/api/{rest:path}", _no_such_route, methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    for kind in (StudioError, BlocksError):
        app.add_exception_handler(kind, _refusal)
    app.add_exception_handler(OSError, _trouble)
    app.add_exception_handler(Exception, _fault)
    _mount_gradio(app, found, context)
    app.add_middleware(shell.ShellMiddleware, pages=found)
    app.add_middleware(GuardMiddleware, password=password, hosts=hosts)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    return app


def serve(workspace: Workspace, *, host: str = "127.0.0.1", port: int = 7860, password: str | None = None, warm: bool = True) -> None:
    """Serves the page until the process is asked to end.

    Args:
        host: The address to listen on; on another one than the machine's own, a password is a must.

    Raises:
        StudioError: Another address than the machine's own without a password.
    """
    import uvicorn

    if host not in LOCAL and not password:
        raise StudioError(f"Host {host} can be reached by others, so the page needs a password: add --password.")
    app = create_app(workspace, password=password, hosts=LOCAL if host in LOCAL else None, warm=warm)
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=2, timeout_keep_alive=KEPT_ALIVE_SECONDS)


def sweep(folder: Path, older_than_seconds: float = UPLOAD_KEPT_SECONDS) -> None:
    """Removes uploads and downloads that were left behind (a browser that goes away in the middle leaves a part of a file)."""
    limit = time.time() - older_than_seconds
    for path in sorted(folder.rglob("*"), reverse=True):
        with suppress(OSError):  # in use by another process, or gone already
            if path.lstat().st_mtime > limit:
                continue
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()


def _plan_ahead(workspace: Workspace) -> None:
    """Reads what the first page will show, while the browser still loads its scripts."""
    draft = drafts.latest(workspace)
    if draft is not None:
        with suppress(StudioError, BlocksError):  # the line under the bar says what is wrong with it
            plan(workspace, Recipe.read(draft.recipe))


def _mount_gradio(app: FastAPI, found: list[Page], context: Context) -> None:
    import gradio

    with gradio.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(3600, UPLOAD_KEPT_SECONDS)) as demo:
        for page in sorted(found, key=lambda page: page.path != "/"):
            if page.path != "/":
                # as `demo.route` does; but that must be entered from outside, and each leaving of Blocks makes a whole app
                demo.current_page = page.path.strip("/")
                demo.pages.append((demo.current_page, page.name, True))
            _lay_out(page, context)
    demo._queue.sleep_when_free = demo._queue.progress_update_sleep_when_free = QUEUE_SLEEP_SECONDS
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="SSR mode is not supported")  # said of every app of several pages, whatever is asked for
        gradio.mount_gradio_app(
            app,
            demo,
            path="/",
            theme=theme(),
            i18n=words.i18n(),
            footer_links=[],
            run_history=False,
            show_error=True,
            ssr_mode=False,
            max_file_size=context.max_upload_bytes,
            favicon_path=str(shell.DIST.parent / "favicon.svg"),
            app_kwargs={"docs_url": None, "redoc_url": None},
        )


def _lay_out(page: Page, context: Context) -> None:
    import gradio

    gradio.Navbar(visible=False)
    page.build(context)


async def _refusal(_: Request, error: Exception) -> Response:
    if isinstance(error, StaleDraftError | StaleGraphError):
        return JSONResponse({"error": str(error), "current": error.current.to_json()}, 409)
    return JSONResponse({"error": str(error)}, 404 if isinstance(error, UnknownDraftError | NotKeptError) else 400)


async def _trouble(_: Request, error: Exception) -> Response:
    """What the system refused: that the disk is full is said, anything else is a fault."""
    if full_disk(error):
        return JSONResponse({"error": FULL}, 507)
    raise error


async def _fault(_: Request, error: Exception) -> Response:
    """What nobody foresaw, as a sentence; the server writes the trace into its terminal."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return JSONResponse(
        {"error": f"The studio met an unexpected error. Its terminal shows the whole of it. ({type(error).__name__}: {first[:200]})"}, 500
    )


def _no_such_route(rest: str) -> Response:
    return JSONResponse({"error": f"There is no route /api/{rest}."}, 404)
