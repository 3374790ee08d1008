"""The plain JSON routes that every page shares (under `/api`)."""

from __future__ import annotations

from fastapi import APIRouter

from studio.ui.api import code, drafts, edits, graph_import, graphs, preview, pulse, runs, uploads
from studio.ui.context import Context


def common_routes(context: Context) -> APIRouter:
    """Drafts, the pulse of the bar, runs, uploads."""
    router = APIRouter()
    for module in (code, drafts, edits, graph_import, graphs, preview, pulse, runs, uploads):
        router.include_router(module.routes(context))
    return router
