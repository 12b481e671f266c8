"""The server run: on 127.0.0.1 alone, until Ctrl-C."""

from __future__ import annotations

import errno
import socket
import threading
import webbrowser
from collections.abc import Callable

import uvicorn

from ..strokes.errors import LineworkError
from . import limits
from .app import make_app
from .choices import Choices
from .own_token import own_token

HOST = "127.0.0.1"
# Where there is no port to ask for: the same each time, for a browser keeps what was drawn by it.
PORT = 8136
# Ports that are tried where that one is taken.
_TRIED = 20
# Seconds that requests under way have when the server ends.
_GRACE = 2


def serve(
    choices: Choices,
    port: int | None = None,
    *,
    browser: bool = True,
    note: Callable[[str], None] = lambda text: None,
) -> None:
    """Serves the page until the user interrupts.

    Args:
        port: None is `PORT`, or the next that is free; 0 is any.
        browser: whether the page is opened.
        note: is told the address.

    Raises:
        LineworkError: the port is taken, or may not be used.
    """
    bound = _bound(port, note)
    number = bound.getsockname()[1]
    token = own_token()
    address = f"http://{HOST}:{number}/?token={token}"
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(token, number, choices),
            ws="websockets-sansio",
            ws_max_size=limits.MESSAGE_BYTES,
            ws_per_message_deflate=False,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE,
        )
    )
    note(f"the studio: {address}")
    note("it is there for this machine alone, and until Ctrl-C")
    if browser:
        # Once connections are taken: the socket listens already, so the browser waits.
        threading.Timer(0.3, webbrowser.open, [address]).start()
    server.run(sockets=[bound])


def _bound(port: int | None, note: Callable[[str], None]) -> socket.socket:
    """A socket that listens on 127.0.0.1."""
    wanted = range(PORT, PORT + _TRIED) if port is None else [port]
    for number in wanted:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # Not where another server listens; only where one of ours has just ended.
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, number))
            listening.listen()
        except OSError as error:
            listening.close()
            if error.errno == errno.EADDRINUSE and port is None:
                continue
            raise LineworkError(
                f"port {number}: cannot be used ({error.strerror}); name another with --port"
            ) from error
        if port is None and number != PORT:
            note(
                f"port {PORT} is taken, perhaps by a studio that runs already: this one is on "
                f"{number}, and does not know what was drawn there"
            )
        return listening
    raise LineworkError(f"ports {PORT} to {PORT + _TRIED - 1} are taken; name one with --port")
