"""Chromium without a window, on a folder that is served on loopback."""

import asyncio
import contextlib
import html
import http.server
import json
import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NPM = shutil.which("npm")
PLAYER = "asciinema-player@3.18.0"
FOLDER = Path(__file__).parents[2] / "build" / "npm"
"""Where npm puts the player; it is fetched once."""
LIMIT = 240.0
"""Seconds after which a browser that hangs is a failure, however slow the machine is."""
SAID = re.compile(r'<pre id="said">(.*?)</pre>', re.DOTALL)
needs_browser = pytest.mark.skipif(PROGRAM is None, reason="chromium is not installed: no export is opened in it")
needs_npm = pytest.mark.skipif(NPM is None, reason="npm is not installed: the export is played in no asciinema player")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and keeps what was asked for."""

    def __init__(self, asked: list[str], *args: Any, **kwargs: Any) -> None:
        self._asked = asked
        super().__init__(*args, **kwargs)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has there
        """Nothing is printed."""
        del format, args
        self._asked.append(self.path)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """A folder on a port of loopback: its address, and the paths that are asked for."""
    asked: list[str] = []
    handler = partial(_Quiet, asked, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()


async def _ran(*command: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(LIMIT):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    return process.returncode or 0, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


async def said_by(address: str, profile: Path) -> Any:
    """Open a page that writes JSON into ``<pre id="said">``; what it wrote once it had time to."""
    assert PROGRAM is not None
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", "--window-size=1200,800")
    code, out, err = await _ran(PROGRAM, *options, f"--user-data-dir={profile}", "--dump-dom", address)
    found = SAID.search(out)
    assert found, f"the page said nothing; exit {code}\n{err[-2000:]}"
    return json.loads(html.unescape(found[1]))


async def player() -> Path:
    """The folder of asciinema's player, fetched by npm where it is not there yet; skips where that cannot be."""
    bundle = FOLDER / "node_modules" / "asciinema-player" / "dist" / "bundle"
    if not bundle.is_dir():
        FOLDER.mkdir(parents=True, exist_ok=True)
        assert NPM is not None
        code, _, err = await _ran(
            NPM, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(FOLDER), PLAYER
        )
        if code:
            pytest.skip(f"npm cannot fetch {PLAYER}: {err.strip().splitlines()[-1:] or code}")
    return bundle
