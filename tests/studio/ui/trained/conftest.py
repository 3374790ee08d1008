"""The pages of trained networks in an app of their own, with an engine that is a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from studio.ui.context import Context
from studio.ui.launcher import Launcher
from studio.ui.pages import evaluate, export, predict
from studio.ui.work import Work
from studio.workspace import StudioError, Workspace
from tests.studio.ui.trained.stand_in import StandInEngine


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def engine() -> StandInEngine:
    return StandInEngine()


@pytest.fixture
def client(workspace: Workspace, engine: StandInEngine) -> Iterator[TestClient]:
    context = Context(workspace, Launcher(workspace, warm=False), engine=engine, work=Work(lambda: engine))  # type: ignore[arg-type, return-value]
    app = FastAPI()
    for page in (evaluate, export, predict):
        app.include_router(page.routes(context), prefix="/api")
    app.add_exception_handler(StudioError, lambda _, error: JSONResponse({"error": str(error)}, 400))
    with TestClient(app) as client:
        yield client
