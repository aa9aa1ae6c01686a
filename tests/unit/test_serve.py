"""The wizard in a browser: on this machine only, for who has the key, and its page loads nothing from elsewhere."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, WSMsgType, WSServerHandshakeError, web

from pgrepl_tui.browser import Browser, wizard_command
from pgrepl_tui.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for home in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(home, str(tmp_path))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        browser = Browser(wizard_command(None), listening, said.append)
        runner = web.AppRunner(await browser._make_app(), shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        assert said == [browser.url]
        yield browser
        await runner.cleanup()


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:  # unsafe: an address, no name
        yield session


async def test_without_the_key_nobody_gets_in(browser: Browser, client: ClientSession) -> None:
    for path in ("/", "/ws", "/static/js/textual.js", "/download/x", "/?key=", "/?key=wrong", "/?key=%C3%A9"):
        async with client.get(browser.public_url + path) as answer:
            assert answer.status == HTTPStatus.FORBIDDEN
            assert "pgrepl-tui serve" in await answer.text()
    with pytest.raises(WSServerHandshakeError, match="403"):
        await client.ws_connect(f"{browser.public_url}/ws")


async def test_the_key_opens_the_page_and_leaves_the_address(browser: Browser, client: ClientSession) -> None:
    async with client.get(browser.url) as answer:
        assert answer.status == HTTPStatus.OK
        assert str(answer.url) == f"{browser.public_url}/"
        assert "data-session-websocket-url" in await answer.text()
        (cookie,) = answer.history[0].cookies.values()
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


async def test_the_page_may_load_nothing_from_elsewhere(browser: Browser, client: ClientSession) -> None:
    async with client.get(browser.url) as answer:
        rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split(";"))
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    own = {"'self'", "'none'", "'unsafe-inline'", "data:", f"ws://127.0.0.1:{browser.port}"}
    assert rules["default-src"] == rules["frame-ancestors"] == "'none'"
    assert {source for sources in rules.values() for source in sources.split()} <= own


async def test_a_name_that_leads_here_is_refused_even_with_the_key(browser: Browser, client: ClientSession) -> None:
    for host in ("evil.example", f"evil.example:{browser.port}", "localhost", f"127.0.0.1:{browser.port + 1}"):
        async with client.get(browser.url, headers={"Host": host}, allow_redirects=False) as answer:
            assert answer.status == HTTPStatus.FORBIDDEN
            assert "Set-Cookie" not in answer.headers


async def drawn(window: ClientWebSocketResponse, text: str) -> str:
    """All that came until a text did, without the escape sequences."""
    seen = ""
    async with asyncio.timeout(40):
        while text not in seen:
            message = await window.receive()
            assert message.type in {WSMsgType.BINARY, WSMsgType.TEXT}, f"{message} after {seen!r}"
            if message.type is WSMsgType.BINARY:
                seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", message.data.decode())
    return seen


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "db1.example.org", "", "128.0.0.1"])  # noqa: S104 - refused
def test_another_address_than_loopback_is_refused(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["serve", "--host", host])
    assert caught.value.code == 2
    assert "only an address in 127.0.0.0/8 is served" in capsys.readouterr().err


def test_a_socket_that_listens_elsewhere_is_refused() -> None:
    with (
        socket.create_server(("0.0.0.0", 0)) as listening,  # noqa: S104 - refused
        pytest.raises(ValueError, match="not a loopback address"),
    ):
        Browser(["true"], listening, print)


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    assert f"port {port} of 127.0.0.1 cannot be listened on: Address already in use" in capsys.readouterr().err


def test_a_topology_with_a_mistake_is_refused_before_anything_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "app.yaml"
    path.write_text("name: app\n")
    assert main(["serve", str(path)]) == 2
    assert str(path) in capsys.readouterr().err


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "pgrepl_tui.browser")
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    assert main(["serve"]) == 2
    assert "pip install 'pgrepl-tui[serve]'" in capsys.readouterr().err


async def test_with_the_key_the_wizard_draws_and_answers_until_the_server_is_interrupted(client: ClientSession) -> None:
    command = [sys.executable, "-m", "pgrepl_tui", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as program:  # noqa: ASYNC220 - one line is read
        assert program.stdout is not None
        url = program.stdout.readline().rstrip("\n")
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?key=[\w-]{32}", url)
        async with client.get(url) as answer:
            address = str(answer.url.with_path("/ws").with_query(width=100, height=30))
        async with client.ws_connect(address) as window:
            await drawn(window, "PostgreSQL streaming replication")
            await window.send_json(["stdin", "?"])
            await drawn(window, "Keys")
            program.send_signal(signal.SIGINT)
            while (message := await window.receive()).type in {WSMsgType.BINARY, WSMsgType.TEXT}:
                pass
            assert message.type in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED}
        await client.close()
        said, warned = program.communicate(timeout=120)
    assert (program.returncode, said) == (0, "")
    assert warned == "the wizard, for whoever opens this address, until Ctrl-C:\n"
