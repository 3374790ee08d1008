"""Who may talk to the studio: requests from its own pages only, and behind a password where one is set."""

from __future__ import annotations

import hmac
import html
import secrets
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
COOKIE = "studio_session"
_LOGIN = "/studio-login"
_OPEN = ("/studio-web/",)
_FAILURE_DELAY_SECONDS = 0.5


class GuardMiddleware:
    """Refuses what a foreign web page could send through a visitor's browser, and asks for the password.

    A page of another site may post to 127.0.0.1, and may point its own name there (DNS rebinding). So a request that
    changes something must come from the same origin, and without a password the host must be a local name.

    Args:
        password: None lets everybody in who reaches the port.
        hosts: Names under which the studio may be addressed; None allows any (for servers behind a password).
    """

    def __init__(self, app: ASGIApp, password: str | None = None, hosts: frozenset[str] | None = LOCAL) -> None:
        self.app = app
        self.password = password
        self.hosts = hosts
        self._token = secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        answer = await self._answer(scope, receive)
        await (answer or self.app)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self.hosts is not None and (urlsplit(f"//{host}").hostname or "") not in self.hosts:
            return JSONResponse({"error": f"The studio does not answer to the name {host!r}. Open it under 127.0.0.1 or localhost."}, 403)
        if scope.get("method", "GET") not in ("GET", "HEAD", "OPTIONS") or scope["type"] == "websocket":
            origin = headers.get("origin")
            foreign = origin is not None and urlsplit(origin).netloc not in (host, headers.get("x-forwarded-host", host))
            if foreign or headers.get("sec-fetch-site") == "cross-site":
                return JSONResponse({"error": "This request came from another site and was refused."}, 403)
        if self.password is None or scope["path"].startswith(_OPEN):
            return None
        if scope["path"] == _LOGIN:
            return await self._log_in(Request(scope, receive))
        if scope["type"] == "http" and hmac.compare_digest(Request(scope).cookies.get(COOKIE, "").encode(), self._token.encode()):
            return None
        if "text/html" in headers.get("accept", "") and scope.get("method") == "GET":
            asked = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
            return RedirectResponse(f"{scope.get('root_path', '')}{_LOGIN}?next={quote(asked)}", 303)
        return JSONResponse({"error": "Log in first."}, 401)

    async def _log_in(self, request: Request) -> Response:
        asked = request.query_params.get("next", "/")
        target = asked if asked.startswith("/") and not asked.startswith(("//", "/\\")) else "/"
        if request.method != "POST":
            return HTMLResponse(_form(target))
        given = parse_qs((await request.body())[:10_000].decode("utf-8", "replace")).get("password", [""])[0]
        if not hmac.compare_digest(given.encode(), (self.password or "").encode()):
            import anyio

            await anyio.sleep(_FAILURE_DELAY_SECONDS)
            return HTMLResponse(_form(target, "That is not the password."), 401)
        answer = RedirectResponse(request.scope.get("root_path", "") + target, 303)
        answer.set_cookie(COOKIE, self._token, httponly=True, samesite="lax", secure=request.url.scheme == "https")
        return answer


def _form(target: str, problem: str = "") -> str:
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Block Studio</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root{{color-scheme:light dark}}body{{font:16px system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;margin:0}}
form{{display:grid;gap:8px;width:min(320px,90vw)}}input,button{{font:inherit;padding:8px}}p{{color:#c0392b;margin:0}}</style></head>
<body><form method="post" action="?next={quote(target)}"><h1>Block Studio</h1><label for="password">Password / 密码</label>
<input id="password" name="password" type="password" autocomplete="current-password" autofocus required>
<p role="alert">{html.escape(problem)}</p><button type="submit">Log in / 登录</button></form></body></html>"""
