"""Receives files from the browser: streamed to disk, one name, one size limit, nothing executed."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from studio.ui.context import Context
from studio.workspace import StudioError, Workspace, slug


def routes(context: Context) -> APIRouter:
    router = APIRouter(prefix="/uploads")

    @router.post("")
    async def upload(request: Request, name: str) -> dict[str, Any]:
        path = await receive(request, context.workspace, name, context.max_upload_bytes)
        return {"upload": path.parent.name, "name": path.name, "bytes": path.stat().st_size}

    return router


async def receive(request: Request, workspace: Workspace, name: str, limit: int) -> Path:
    """Writes a request's body to a file of its own folder below `workspace.temporary`.

    Raises:
        StudioError: It is larger than `limit`, or the sender went away; nothing is left.
    """
    clean = safe_name(name)
    folder = workspace.temporary / f"upload-{secrets.token_hex(8)}"
    folder.mkdir(parents=True)
    path, size = folder / clean, 0
    try:
        with path.open("wb") as file:
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise StudioError(
                        f"{clean} is larger than {limit / 1e9:g} GB, the most that a browser may send. Import it from a folder instead."
                    )
                await run_in_threadpool(file.write, part)
    except BaseException:
        path.unlink(missing_ok=True)
        folder.rmdir()
        raise
    return path


def safe_name(name: str) -> str:
    """A plain file name that keeps the extension: no folder, no control characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    suffix = slug(Path(last).suffix.lstrip("."), "")[:12]
    stem = slug(Path(last).stem, "file")
    return f"{stem}.{suffix}" if suffix else stem


def uploaded(workspace: Workspace, upload: str) -> Path:
    """The file that an earlier upload left.

    Raises:
        StudioError: There is none: it was never sent, or was swept.
    """
    folder = workspace.temporary / upload
    if not upload.startswith("upload-") or not upload[7:].isalnum() or not folder.is_dir():
        raise StudioError("That upload is not there any more. Send the file again.")
    return next(folder.iterdir())
