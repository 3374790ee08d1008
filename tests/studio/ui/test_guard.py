"""Foreign sites and foreign people are kept out."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.ui import guard
from studio.ui.guard import LOCAL, GuardMiddleware


async def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def client(password: str | None = None, hosts: frozenset[str] | None = LOCAL, base: str = "http://127.0.0.1:7860") -> TestClient:
    app = Starlette(routes=[Route("/{path:path}", hello, methods=["GET", "POST", "DELETE"])])
    return TestClient(GuardMiddleware(app, password, hosts), base_url=base, follow_redirects=False)


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:1", "[::1]:7860", "localhost"])
def test_local_names_are_answered(host: str) -> None:
    assert client().get("/", headers={"host": host}).text == "hello"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:7860", "", "localhost.evil.example"])
def test_a_foreign_name_that_points_here_is_refused(host: str) -> None:
    answer = client().get("/", headers={"host": host})
    assert answer.status_code == 403
    assert "127.0.0.1" in answer.json()["error"]


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}])
def test_another_site_cannot_change_anything(headers: dict[str, str]) -> None:
    assert client().post("/api/runs/x/wish", headers=headers).status_code == 403
    assert client().delete("/api/datasets/x", headers=headers).status_code == 403


def test_our_own_pages_can() -> None:
    same = {"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"}
    assert client().post("/", headers=same).text == "hello"
    assert client().post("/").text == "hello"
    assert client().get("/", headers={"sec-fetch-site": "cross-site"}).text == "hello"  # a link from elsewhere


def test_with_a_password_everything_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_FAILURE_DELAY_SECONDS", 0.0)
    visitor = client("open sesame", None, "https://studio.example")
    asked = visitor.get("/train?draft=1", headers={"accept": "text/html"})
    assert asked.status_code == 303
    assert asked.headers["location"] == "/studio-login?next=/train%3Fdraft%3D1"
    assert visitor.get("/api/runs").status_code == 401
    assert visitor.get("/gradio_api/info").status_code == 401
    assert visitor.get("/studio-web/1/studio.css").text == "hello"
    form = visitor.get(asked.headers["location"])
    assert 'type="password"' in form.text
    wrong = visitor.post(asked.headers["location"], data={"password": "x"})
    assert wrong.status_code == 401
    assert "not the password" in wrong.text
    assert visitor.get("/api/runs").status_code == 401
    right = visitor.post(asked.headers["location"], data={"password": "open sesame"})
    assert right.headers["location"] == "/train?draft=1"
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "secure" in cookie
    assert visitor.get("/api/runs").text == "hello"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_login_leads_nowhere_else(target: str) -> None:
    answer = client("x", None).post("/studio-login", params={"next": target}, data={"password": "x"})
    assert answer.headers["location"] == "/"
