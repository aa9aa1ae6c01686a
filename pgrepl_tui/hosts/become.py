"""Becoming another user on a host: by sudo, with or without a password, or by su where root logged in.

The password is asked for once a host, and goes to sudo alone, on the standard input. sudo's own memory of it is of no
use: without a terminal it holds for one session (measured, sudo 1.9.13), and each command has a session of its own. So
each command is told to ask (``-k``), which it does as the first attempt showed, and a mark after the password tells the
command where its own input begins: whatever sudo might leave unread never gets to it.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, runtime_checkable

from pgrepl_tui.hosts import shell
from pgrepl_tui.hosts.host import Command, HostError, Result
from pgrepl_tui.hosts.secret import Secret

ATTEMPTS = 3
_SHOWN = 120

Run = Callable[[Command], Awaitable[Result]]


class AskPassword(Protocol):
    """Asks for the password of a login."""

    async def __call__(self, text: str, *, attempt: int) -> Secret | None:
        """Ask, for the first time (1) or after a wrong one; None where there is no password to be had."""


@runtime_checkable
class AsksPassword(Protocol):
    """A host that may want a password after the login."""

    ask_password: AskPassword | None


class Becoming:
    """Finds out how the login may run commands as other users, before any of them is sent.

    Args:
        host: the host's name, for messages.
        run: runs a command as it is, unchecked.
    """

    def __init__(self, host: str, run: Run) -> None:
        self._host = host
        self._run = run
        self._lock = asyncio.Lock()
        self._became: set[str] = set()
        self._password: Secret | None = None
        self._by_su = False
        self.ask: AskPassword | None = None

    async def become(self, login: str, user: str | None) -> None:
        """See that commands can run as ``user``; asks sudo once, and the operator where that wants a password.

        Raises:
            HostError: they cannot, with what would help.
        """
        if user is None or user == login or user in self._became:
            return
        async with self._lock:
            if user in self._became:
                return
            result = await self._probe(user)
            if result.status != 0 and login == "root":
                result = await self._try_su(user, result)
            if result.status != 0:
                await self._ask(login, user, result)
            self._became.add(user)

    def prepared(self, command: Command, login: str, env: Mapping[str, str] | None) -> tuple[str, bytes]:
        """The line for the host, and what has to be written to its standard input before the command's own."""
        if self._password is None or command.user in {None, login}:
            return shell.wrap(command, login, env, "su" if self._by_su else "sudo"), b""
        mark = secrets.token_hex(8)
        return shell.wrap(command, login, env, "password", mark), f"{self._password.reveal()}\n{mark}\n".encode()

    async def _probe(self, user: str) -> Result:
        return await self._run(Command(("true",), user=user))

    async def _try_su(self, user: str, refused: Result) -> Result:
        """Root needs no sudo: it may not be installed, or want a terminal."""
        self._by_su = True
        result = await self._probe(user)
        if result.status == 0:
            return result
        self._by_su = False
        return refused

    async def _ask(self, login: str, user: str, refused: Result) -> None:
        """Ask for the password until sudo takes it."""
        known = self._password is not None
        for attempt in range(1, ATTEMPTS + 1):
            if known or self.ask is None or b"password" not in refused.err:
                break
            again = "" if attempt == 1 else " (that was not it)"
            password = await self.ask(f"Password of {login} on {self._host}, for sudo{again}", attempt=attempt)
            if password is None:
                break
            refused = await self._check(user, password)
            if refused.status == 0:
                self._password = password
                refused = await self._probe(user)
                if refused.status == 0:
                    return
        raise _refused(self._host, login, user, refused)

    async def _check(self, user: str, password: Secret) -> Result:
        """Have sudo look at the password; with no command there is nothing else that could read it."""
        argv = ("sudo", "-k", "-S", "-p", "", "-v", "-u", user)
        return await self._run(Command(argv, stdin=password.reveal().encode() + b"\n"))


def _refused(host: str, login: str, user: str, result: Result) -> HostError:
    said = _shown(result.err) or f"status {result.status}"
    remedy = (
        f"Log in as {user} instead, or give {login} sudo without a password: with visudo add the line "
        f"{login} ALL=({user}) NOPASSWD: ALL"
    )
    if "tty" in said:
        remedy = f"sudo wants a terminal there: with visudo add the line Defaults:{login} !requiretty"
    return HostError(f"{host}: {login} may not run commands as {user}: {said}", remedy)


def _shown(output: bytes) -> str:
    """The last line of what sudo said, harmless on a terminal; before it come its prompt and its lecture."""
    lines = output.decode("utf-8", "backslashreplace").strip().splitlines() or [""]
    text = "".join(character if character.isprintable() else " " for character in lines[-1])
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
