"""Who may ask: the page that this server opened, and nobody else in the same browser.

Another site's page can send requests to 127.0.0.1 too. It cannot know the token; its `Origin` is
another; and where it gives its own name the address 127.0.0.1 (DNS rebinding) the `Host` says so.
Each of the three is checked for every request, before anything of it is read.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from urllib.parse import parse_qs

from h11 import LocalProtocolError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN_HEADER = b"linework-token"
# Paths that need no token: the page's own files are the same for everybody.
OPEN = "/static/"
HTTP_PORT = 80
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), microphone=(), payment=(), usb=()"),
)
# Scripts from here alone; pictures also from the page itself, and requests to itself.
_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; worker-src 'self' blob:; "
    "manifest-src 'self'; connect-src 'self' data: blob: {sockets}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
NOT_THE_PAGE = (
    "The studio answers only the page that it opened; open the address that `linework studio` "
    "printed."
)


class Guard:
    """ASGI middleware; see the head of the file."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app, self._token = app, token.encode()
        names = ("127.0.0.1", "localhost")
        self.hosts = {f"{name}:{port}".encode() for name in names}
        if port == HTTP_PORT:
            self.hosts |= {name.encode() for name in names}
        sockets = " ".join(f"ws://{name}:{port}" for name in names)
        policy = _CONTENT_POLICY.format(sockets=sockets).encode()
        self._headers = [*_HEADERS, (b"content-security-policy", policy)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: refused, or passed on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        # What breaks HTTP in the middle of a request is hung up on; nobody is there to answer.
        with suppress(LocalProtocolError):
            if self.allows(scope):
                await self._app(scope, receive, self._with_headers(send))
            else:
                await _refuse(scope, receive, self._with_headers(send))

    def allows(self, scope: Scope) -> bool:
        """Whether the request comes from the page."""
        found: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            found.setdefault(name.lower(), []).append(value)
        hosts, origins = found.get(b"host", []), found.get(b"origin", [])
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts or len(origins) > 1:
            return False
        socket = scope["type"] == "websocket"
        needs_origin = socket or scope["method"] not in ("GET", "HEAD")
        if (needs_origin or origins) and origins != [b"http://" + hosts[0].lower()]:
            return False
        if not socket and scope["path"].startswith(OPEN):
            return True
        if socket or scope["path"] == "/":
            given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
            tokens = [token.encode("utf-8", "surrogatepass") for token in given]
        else:
            tokens = found.get(TOKEN_HEADER, [])
        return len(tokens) == 1 and secrets.compare_digest(tokens[0], self._token)

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message = {**message, "headers": [*message.get("headers", []), *self._headers]}
            await send(message)

        return sending


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": ""})  # answered with a 403
        return
    html = scope["path"] == "/"
    text = f"<!doctype html><title>linework</title><p>{NOT_THE_PAGE}" if html else ""
    body = (text or json.dumps({"error": NOT_THE_PAGE})).encode()
    kind = b"text/html; charset=utf-8" if html else b"application/json"
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": body})
