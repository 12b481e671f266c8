"""The server's routes; PROTOCOL.md says what goes over them."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from ..strokes.errors import LineworkError
from . import limits
from .choices import Choices
from .guard import Guard
from .page_socket import SORRY, socket_endpoint
from .server_state import ServerState
from .shelf import shown

log = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"
# What stands in index.html for the token.
TOKEN_MARK = "{{token}}"
# Files are kept by the browser, but asked about each time: a new version shows at once.
_REVALIDATE = {"Cache-Control": "no-cache"}
_NEVER = {"Cache-Control": "no-store"}
_STATUSES = {
    404: "there is nothing at this address",
    405: "this address takes another method",
    413: "this is too large",
}


class TooLarge(LineworkError):
    """A body beyond its limit."""


class TooSlow(LineworkError):
    """A body that does not arrive."""


def make_app(token: str, port: int, choices: Choices | None = None) -> Starlette:
    """The server as an ASGI application.

    Args:
        token: what the page's address carries.
        port: that it is served on; requests that name another are refused.
        choices: of models.
    """
    state = ServerState(Choices() if choices is None else choices)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await state.start()
        try:
            yield
        finally:
            await state.close()

    async def page(request: Request) -> Response:
        file = STATIC / "index.html"
        if not file.is_file():
            raise HTTPException(404, "this copy of linework was installed without its page")
        text = file.read_text("utf-8").replace(TOKEN_MARK, token)
        return HTMLResponse(text, headers=_NEVER)

    async def about(request: Request) -> Response:
        return _json(state.about())

    async def open_(request: Request) -> Response:
        name = request.query_params.get("name", "")
        number, path = state.shelf.place(name)
        arguments = {
            "path": str(path),
            "name": shown(name),
            "as_picture": request.query_params.get("as") == "picture",
        }
        kept = False
        try:
            await _write_body(request, path, limits.FILE_BYTES)
            found = await state.quick.run("open", arguments, limits.SECONDS["open"])
            content = found["json"]
            if content.startswith(b'{"kind":"picture",'):
                state.shelf.keep(number, path)
                kept = True
                content = b'{"picture":"%s",' % number.encode() + content[1:]
            return Response(content, media_type="application/json", headers=_NEVER)
        finally:
            if not kept:
                state.shelf.drop(path)

    async def export(request: Request) -> Response:
        body = await _body(request, limits.MESSAGE_BYTES)
        found = await state.quick.run("export", {"body": body}, limits.SECONDS["export"])
        return Response(found["content"], media_type=found["media"], headers=_NEVER)

    app = Starlette(
        routes=[
            Route("/", page),
            Route("/api/about", about),
            Route("/api/open", open_, methods=["POST"]),
            Route("/api/export", export, methods=["POST"]),
            WebSocketRoute("/ws", socket_endpoint(state)),
            Mount("/static", _Files(directory=STATIC, check_dir=False)),
        ],
        middleware=[Middleware(Guard, token=token, port=port)],
        exception_handlers={
            HTTPException: _http_error,
            LineworkError: _linework_error,
            ClientDisconnect: _gone,
            Exception: _our_error,
        },
        lifespan=lifespan,
    )
    app.state.studio = state
    return app


class _Files(StaticFiles):
    """The page's files."""

    async def get_response(self, path: str, scope: Any) -> Response:
        """A file, to be asked about again each time."""
        if "\0" in path:
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) or response.status_code == 304:
            response.headers.update(_REVALIDATE)
        return response


async def _chunks(request: Request, most: int) -> AsyncIterator[bytes]:
    """A body as it arrives.

    Raises:
        TooLarge, TooSlow: beyond the limits of length and time.
    """
    said = request.headers.get("content-length", "0")
    too_large = TooLarge(f"this is more than the {most / 2**20:g} MiB that the studio takes")
    if said.isdecimal() and int(said[:20]) > most:
        raise too_large
    total = 0
    try:
        async with asyncio.timeout(limits.BODY_SECONDS):
            async for chunk in request.stream():
                total += len(chunk)
                if total > most:
                    raise too_large
                yield chunk
    except TimeoutError:
        raise TooSlow("the request did not arrive in time; send it again") from None


async def _body(request: Request, most: int) -> bytes:
    return b"".join([chunk async for chunk in _chunks(request, most)])


async def _write_body(request: Request, path: Path, most: int) -> None:
    if shutil.disk_usage(path.parent).free < 2 * most:
        raise LineworkError("the disk is full; make room and open the file again")
    total = 0
    with open(path, "xb") as file:
        async for chunk in _chunks(request, most):
            file.write(chunk)
            total += len(chunk)
    if total == 0:
        raise LineworkError("the file is empty")


async def _linework_error(request: Request, error: Exception) -> Response:
    statuses = {TooLarge: 413, TooSlow: 408}
    return _json({"error": str(error)}, statuses.get(type(error), 400))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    usual = error.detail in ("Not Found", "Method Not Allowed")
    text = _STATUSES.get(error.status_code, error.detail) if usual else error.detail
    return _json({"error": text}, error.status_code)


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # nobody is there to read it


async def _our_error(request: Request, error: Exception) -> Response:
    return _json({"error": SORRY}, 500)


def _json(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, _NEVER, "application/json")
