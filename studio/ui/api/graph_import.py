"""The route that takes a network of another program: a file in, a graph and a report out."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from studio.networks.keras_import import import_file, read_graph
from studio.ui.api.uploads import receive
from studio.ui.context import Context
from studio.ui.engine_tasks import answer

MAX_MODEL_BYTES = 4_000_000_000
PATIENCE_SECONDS = 600.0
"""How long an import may take; a network of a hundred million weights needs some seconds."""


def routes(context: Context) -> APIRouter:
    router = APIRouter(prefix="/model/import")

    @router.post("")
    async def take_in(request: Request, name: str) -> dict[str, Any]:
        path = await receive(request, context.workspace, name, min(MAX_MODEL_BYTES, context.max_upload_bytes))
        try:
            await run_in_threadpool(read_graph, path, None, path.name)  # what can't be imported is said at once, without the engine
            imported = context.engine.submit(import_file, str(path), str(context.workspace.folder), path.name)
            found = await run_in_threadpool(answer, imported, PATIENCE_SECONDS)
        finally:
            path.unlink()
            path.parent.rmdir()
        report = {key: found[key] for key in ("nodes", "notes", "weights_taken", "weights_left")}
        return {"graph": found["graph"], "report": report, "transfer": found["transfer"]}

    return router
