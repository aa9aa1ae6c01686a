"""The wizard in a browser: textual-serve on the loopback interface, behind a key.

textual-serve asks nobody who they are. Another user of this machine, or any page that is open in the same browser,
could drive the wizard, and with it the operator's SSH keys: so a random key is asked for, and kept in a cookie that no
other site's page can send. Its page loads nothing from elsewhere.
"""

import asyncio
import hmac
import ipaddress
import logging
import secrets
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from textual_serve.server import Server

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PATIENCE = 5.0
"""Seconds that the wizards in the browser have to end when the server is stopped."""
_OTHER = "This is not for you, or not any more: open the address that pgrepl-tui serve printed.\n"


class Browser(Server):
    """Serves a command, a process of it for each window that is opened.

    Args:
        command: the program and its arguments; it has to be a Textual app.
        listening: a socket that listens on the loopback interface.
        say: takes a line for the operator.

    Raises:
        ValueError: the socket listens elsewhere.
    """

    def __init__(self, command: Sequence[str], listening: socket.socket, say: Callable[[str], None]) -> None:
        host, port = listening.getsockname()[:2]
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"{host} is not a loopback address")
        super().__init__(shlex.join(command), host=host, port=port, title="pgrepl-tui")
        self._listening = listening
        self._say = say
        self._key = secrets.token_urlsafe(24)
        self._cookie = f"pgrepl-tui-{port}"
        self._windows: set[asyncio.Task[object]] = set()
        self.url = f"{self.public_url}/?key={self._key}"

    def initialize_logging(self) -> None:
        """Warnings only, and no values of variables: they hold what is typed."""
        logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)

    async def on_startup(self, app: web.Application) -> None:  # noqa: ARG002 - the server calls it so
        """Say where to look."""
        self._say(self.url)

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002 - as above
        """End the wizards that are open."""
        for window in self._windows:
            window.cancel()
        if self._windows:
            await asyncio.wait(self._windows, timeout=PATIENCE)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A window: a wizard of its own, until one of them is closed."""
        window = asyncio.current_task()
        assert window is not None  # noqa: S101 - a request is always handled in a task
        self._windows.add(window)
        try:
            return await super().handle_websocket(request)
        finally:
            self._windows.discard(window)

    def serve(self, debug: bool = False) -> None:
        """Serve until Ctrl-C or SIGTERM."""
        self.debug = debug
        self.initialize_logging()
        web.run_app(
            self._make_app(),
            sock=self._listening,
            print=lambda *_: None,
            access_log=None,
            shutdown_timeout=PATIENCE,
        )

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        app.on_response_prepare.append(self._forbid)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who has the key; the first answer puts it into a cookie, out of the address line."""
        if request.host != f"{self.host}:{self.port}":  # a name that someone else's DNS leads here
            return web.Response(status=403, text=_OTHER)
        if self._is_key(request.query.get("key", "")):
            answer = web.Response(status=303, headers={"Location": "/"})
            answer.set_cookie(self._cookie, self._key, httponly=True, samesite="Strict")
            return answer
        if not self._is_key(request.cookies.get(self._cookie, "")):
            return web.Response(status=403, text=_OTHER)
        return await handler(request)

    def _is_key(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(errors="replace"), self._key.encode())

    async def _forbid(self, request: web.Request, response: web.StreamResponse) -> None:  # noqa: ARG002 - as above
        """Nothing is loaded from elsewhere, and no other page frames this one."""
        own = f"'self' ws://{self.host}:{self.port}"
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data:; font-src 'self' data:; connect-src {own}; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"


def wizard_command(topology: str | None) -> list[str]:
    """The wizard as a program of its own, on a topology file where one is given."""
    return [sys.executable, "-m", "pgrepl_tui", "wizard", *([topology] if topology else [])]
