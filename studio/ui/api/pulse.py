"""The route that the bar asks every few seconds: what runs, and how the machine fares."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from studio.ui import machine, summary
from studio.ui.context import Context


def routes(context: Context) -> APIRouter:
    router = APIRouter()

    @router.get("/pulse")
    def pulse() -> dict[str, Any]:
        context.launcher.visit()
        return {"active": summary.active_runs(context.workspace), "device": machine.device()}

    return router
