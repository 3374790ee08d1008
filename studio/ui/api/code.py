"""Routes of the code panel: the Keras code of a draft's network, shown and as a file."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from studio import drafts
from studio.ui import code_view
from studio.ui.code_view import Codes
from studio.ui.context import Context
from studio.ui.summary import FIRST_DATASET
from studio.workspace import slug

WAIT_SECONDS = 4.0
"""How long a request waits for the engine before it says that it is to be asked again."""
FILE_SECONDS = 60.0
"""How long a file is waited for: an engine that is not running yet has to start first."""


class Question(BaseModel):
    """A network: the dataset and the graph of a draft."""

    dataset: str = FIRST_DATASET
    graph: dict[str, Any] | None = None


def routes(context: Context) -> APIRouter:
    router = APIRouter(prefix="/model/code")
    workspace = context.workspace
    codes = Codes(context.engine)

    @router.post("")
    def code(asked: Question, wait: float = WAIT_SECONDS) -> dict[str, Any]:
        return code_view.code(workspace, codes, asked.dataset, asked.graph, max(0.0, min(wait, WAIT_SECONDS)))

    @router.get("")
    def file(draft: str, download: bool = False) -> Response:
        text, name = code_view.file(workspace, codes, drafts.load(workspace, draft).recipe, FILE_SECONDS)
        named = f'attachment; filename="{slug(name.encode("ascii", "ignore").decode(), "network")}.py"'
        return Response(text, media_type="text/plain; charset=utf-8", headers={"content-disposition": named if download else "inline"})

    return router
