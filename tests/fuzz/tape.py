"""What two real hosts answered in one real run, played again in milliseconds: as they said it, or with a change."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pgrepl_tui.hosts.host import Command, ConnectionLostError, Conversation, Forward, Host, HostError, Result, Sink
from pgrepl_tui.postgres.login import Login
from tests.unit.scripted_host import text_of

VARYING = re.compile(
    r"\d{8}T\d{6}Z|[0-9a-f]{16,}|SCRAM-SHA-256\\?\$[^']*|md5[0-9a-f]{32}"
    r"|[\w.-]{1,64}@[\w.-]{1,64} \(process \d+\)(?: since [\d: -]+ UTC)?"
)
"""What differs between two runs of one plan: the run, what is drawn by lot, sums over it, who runs."""

MOST = 8000
"""Characters of a command that tell it from others; a file that is written may be megabytes."""

Change = Callable[["Site", Result], Result]
"""Makes another answer of a host's own."""


@dataclass(frozen=True)
class Site:
    """A command of a run, as it is known again in another run: the host's role and the words, without what varies."""

    role: str
    words: str

    def __repr__(self) -> str:
        text = self.words if len(self.words) < 160 else f"{self.words[:80]} … {self.words[-80:]}"
        return f"{self.role}: {text!r}"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))


def site_of(role: str, command: Command) -> Site:
    """The site of a command."""
    return Site(role, VARYING.sub("*", text_of(command)[:MOST]))


@dataclass(repr=False)
class Tape:
    """All that was said, by site and in order."""

    answers: dict[Site, list[Result]] = field(default_factory=dict)
    heard: dict[Site, list[bytes]] = field(default_factory=dict)
    followed: dict[str, bytes] = field(default_factory=dict)
    logins: list[Login] = field(default_factory=list)
    logs: dict[str, str] = field(default_factory=dict)

    @property
    def sites(self) -> list[Site]:
        """Everything that can be answered otherwise."""
        return [*self.answers, *self.heard]


class TapingHost:
    """Wraps a real host and keeps its answers. It forwards no socket: positions are then read by psql, in words."""

    def __init__(self, host: Host, role: str, tape: Tape) -> None:
        self._host, self._role, self._tape = host, role, tape
        self.name, self.login = host.name, host.login

    async def run(self, command: Command, sink: Sink | None = None) -> Result:
        """Run it, and keep the answer."""
        result = await self._host.run(command, sink)
        self._tape.answers.setdefault(site_of(self._role, command), []).append(result)
        return result

    async def follow(self, path: str, *, offset: int, user: str | None) -> AsyncIterator[bytes]:
        """Follow, and keep what came."""
        async for data in self._host.follow(path, offset=offset, user=user):
            self._tape.followed[path] = self._tape.followed.get(path, b"") + data
            yield data

    @asynccontextmanager
    async def converse(self, command: Command) -> AsyncIterator[Conversation]:
        """Converse, and keep what was heard."""
        async with self._host.converse(command) as talk:
            yield _Overheard(talk, self._role, command, self._tape)

    def forward_port(self, address: str, port: int) -> AbstractAsyncContextManager[Forward]:
        """The real one."""
        return self._host.forward_port(address, port)

    def forward_socket(self, path: str) -> AbstractAsyncContextManager[Forward]:
        """None."""
        raise HostError(f"no socket is forwarded: {path}")

    async def close(self) -> None:
        """Close the real one."""
        await self._host.close()


def said_site(role: str, command: Command, said: bytes) -> Site:
    """The site of something that was said to a running command."""
    text = said.decode("utf-8", "replace")
    return Site(role, VARYING.sub("*", f"{text_of(command)[:MOST]}\n> {text[:MOST]}"))


class _Overheard:
    def __init__(self, talk: Conversation, role: str, command: Command, tape: Tape) -> None:
        self._talk, self._role, self._command, self._tape = talk, role, command, tape
        self._said = b""

    async def say(self, data: bytes) -> None:
        self._said = data
        await self._talk.say(data)

    async def hear(self, until: bytes) -> bytes:
        heard = await self._talk.hear(until)
        self._tape.heard.setdefault(said_site(self._role, self._command, self._said), []).append(heard)
        return heard


class TapedHost:
    """Answers from a tape; the last answer to a command stays. What was never asked of the real host fails."""

    def __init__(self, name: str, login: str, role: str, tape: Tape, change: Change | None = None) -> None:
        self.name, self.login, self._role, self._tape = name, login, role, tape
        self._change = change
        self._turns: Counter[Site] = Counter()
        self.asked = 0

    async def run(self, command: Command, sink: Sink | None = None) -> Result:
        """The next answer."""
        await asyncio.sleep(0)
        self._count()
        site = site_of(self._role, command)
        known = self._tape.answers.get(site)
        result = self._turn(site, known) if known else Result(1, b"", b"sh: that was not on the tape\n")
        if self._change is not None:
            result = self._change(site, result)
        for stream, data in (("out", result.out), ("err", result.err)):
            if sink is not None and data:
                sink(stream, data)
        return result

    def _turn(self, site: Site, known: list[Result]) -> Result:
        self._turns[site] += 1
        return known[min(self._turns[site], len(known)) - 1]

    def _count(self) -> None:
        self.asked += 1
        assert self.asked < 20_000, "the run comes to no end"

    async def follow(self, path: str, *, offset: int, user: str | None) -> AsyncIterator[bytes]:
        """What was followed, then nothing more."""
        del offset, user
        data = self._tape.followed.get(path, b"")
        if self._change is not None:
            data = self._change(Site(self._role, f"log {path}"), Result(0, data, b"")).out
        for begin in range(0, len(data), 4096):
            yield data[begin : begin + 4096]
        await asyncio.Event().wait()

    @asynccontextmanager
    async def converse(self, command: Command) -> AsyncIterator[Conversation]:
        """A conversation from the tape."""
        yield _Talk(self, command)

    def hear(self, site: Site) -> bytes:
        """The next thing that was heard."""
        self._count()
        known = self._tape.heard.get(site)
        if not known:
            raise ConnectionLostError(f"{self.name}: the connection ended", "Run again.")
        self._turns[site] += 1
        heard = Result(0, known[min(self._turns[site], len(known)) - 1], b"")
        heard = heard if self._change is None else self._change(site, heard)
        if heard.status:
            raise ConnectionLostError(f"{self.name}: the connection ended", "Run again.")
        return heard.out

    def site(self, command: Command, said: bytes) -> Site:
        """Where something that is said belongs."""
        return said_site(self._role, command, said)

    def forward_port(self, address: str, port: int) -> AbstractAsyncContextManager[Forward]:
        """None: logins are taken from the tape."""
        raise HostError(f"nothing is forwarded to {address}:{port}")

    def forward_socket(self, path: str) -> AbstractAsyncContextManager[Forward]:
        """None."""
        raise HostError(f"no socket is forwarded: {path}")

    async def close(self) -> None:
        """Nothing is open."""


class _Talk:
    def __init__(self, host: TapedHost, command: Command) -> None:
        self._host, self._command, self._said = host, command, b""

    async def say(self, data: bytes) -> None:
        await asyncio.sleep(0)
        self._said = data

    async def hear(self, until: bytes) -> bytes:
        await asyncio.sleep(0)
        heard = self._host.hear(self._host.site(self._command, self._said))
        return heard.partition(until)[0]


def taped_login(tape: Tape) -> Callable[..., Awaitable[Login]]:
    """Replication logins that end as they did; the last way stays."""
    left = list(tape.logins)

    async def login(*_: object, **__: object) -> Login:
        await asyncio.sleep(0)
        return left.pop(0) if len(left) > 1 else left[0]

    return login
