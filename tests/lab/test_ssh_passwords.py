"""Logins that want a password, or answers: asked for once, sent to nobody else, and given up in time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from pgrepl_tui.hosts.host import Command, HostError
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.hosts.ssh import connect
from pgrepl_tui.hosts.ssh_login import VARIABLE, Login, Passwords
from pgrepl_tui.lab import sshd
from pgrepl_tui.lab.account import Account

RIGHT = "correct horse"
Prompts = list[tuple[str, bool]]


@dataclass
class Door:
    """What the server wants, and what it was given.

    Attributes:
        turns: the prompts of each turn of a dialogue (keyboard-interactive); empty is the plain password method.
        code: what it wants besides the password.
        taken: all that was sent, in order.
        connections: how many there were.
        banner: the instructions of each turn.
        change: the password has expired.
    """

    turns: list[Prompts] = field(default_factory=list)
    code: str = ""
    taken: list[str] = field(default_factory=list)
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    banner: str = ""
    change: bool = False


class PasswordServer(sshd.SshServer):
    """Takes no key."""

    def __init__(self, login: sshd.Login, door: Door) -> None:
        super().__init__(login)
        self._door = door
        self._left: list[Prompts] = []
        self._right = True

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._door.connections.append(conn)

    def public_key_auth_supported(self) -> bool:
        return False

    def password_auth_supported(self) -> bool:
        return not self._door.turns

    def validate_password(self, username: str, password: str) -> bool:
        assert username == self._login.account.name
        self._door.taken.append(password)
        if self._door.change:
            raise asyncssh.PasswordChangeRequired("Change it")
        return password == RIGHT

    def kbdint_auth_supported(self) -> bool:
        return bool(self._door.turns)

    def get_kbdint_challenge(self, *_asked: str) -> Any:
        self._left, self._right = [*self._door.turns], True
        return self._turn()

    def validate_kbdint_response(self, _username: str, responses: Sequence[str]) -> Any:
        prompts = self._left.pop(0)
        for (prompt, _), answer in zip(prompts, responses, strict=True):
            self._door.taken.append(answer)
            self._right = self._right and answer == (self._door.code if "code" in prompt else RIGHT)
        return self._turn() if self._left else self._right

    def _turn(self) -> Any:
        return "", self._door.banner, "", self._left[0]


class Operator:
    """Types what is given, and notes what was asked; by default the right password."""

    def __init__(self, *typed: str | Exception | None) -> None:
        self.typed = list(typed) or [RIGHT]
        self.asked: list[tuple[str, int]] = []
        self.wait: asyncio.Event | None = None

    async def __call__(self, text: str, *, attempt: int) -> Secret | None:
        self.asked.append((text, attempt))
        if self.wait is not None:
            await self.wait.wait()
        word = self.typed.pop(0)
        if isinstance(word, Exception):
            raise word
        return Secret(word) if word is not None else None


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def config(
    tmp_path: Path, ssh_home: Path, ssh_account: Account, door: Door, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Path]:
    """A configuration in which the server that wants passwords is called ``lab``."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    login = sshd.Login(ssh_account, host_key, ssh_home, {"PATH": "/usr/bin:/bin", "HOME": str(ssh_home)})
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=lambda: PasswordServer(login, door), server_host_keys=[host_key], encoding=None
    )
    (tmp_path / "known").write_text(f"[127.0.0.1]:{server.get_port()} {host_key.export_public_key().decode()}")
    path = tmp_path / "config"
    path.write_text(
        f"Host lab\n  HostName 127.0.0.1\n  Port {server.get_port()}\n  User {ssh_account.name}\n"
        f"  UserKnownHostsFile {tmp_path}/known\n"
    )
    async with server:
        yield path


async def gets_in(config: Path, passwords: Passwords) -> None:
    host = await connect("lab", ssh_config=config, passwords=passwords, timeout=60)
    assert (await host.run(Command(("echo", "there")))).text == "there\n"
    await host.close()


async def stays_out(config: Path, passwords: Passwords | None = None, timeout: float = 10) -> HostError:
    with pytest.raises(HostError) as caught:
        await connect("lab", ssh_config=config, passwords=passwords, timeout=timeout)
    assert RIGHT not in f"{caught.value!r} {caught.value.what} {caught.value.remedy}"
    return caught.value


@pytest.mark.parametrize("turns", [[], [[("Password: ", False)]], [[("(op@db1) Passwort: ", False)], []]])
async def test_a_password_is_asked_for_once_and_kept_for_the_run(
    config: Path, door: Door, ssh_account: Account, turns: list[Prompts]
) -> None:
    door.turns, operator = turns, Operator()
    passwords = Passwords(operator)
    await gets_in(config, passwords)
    await gets_in(config, passwords)
    where = config.read_text().split("Port ")[1].split()[0]
    assert operator.asked == [(f"Password of {ssh_account.name} on 127.0.0.1, port {where}, for SSH", 1)]
    assert door.taken == [RIGHT, RIGHT]


async def test_a_wrong_password_is_asked_for_again_on_the_same_connection(config: Path, door: Door) -> None:
    operator = Operator("wrong", RIGHT)
    await gets_in(config, Passwords(operator))
    assert [(text.endswith("(that was not it)"), attempt) for text, attempt in operator.asked] == [
        (False, 1),
        (True, 2),
    ]
    assert len(door.connections) == 1


@pytest.mark.parametrize("turns", [[], [[("Password: ", False)]]])
async def test_three_wrong_passwords_are_enough_and_none_of_them_is_kept(
    config: Path, door: Door, ssh_account: Account, turns: list[Prompts]
) -> None:
    door.turns, operator = turns, Operator("one", "two", "three", "one", "two", "three")
    passwords = Passwords(operator)
    for times in (1, 2):
        error = await stays_out(config, passwords)
        assert f"did not take the password of {ssh_account.name}" in error.what
        assert len(operator.asked) == 3 * times
    assert door.taken == ["one", "two", "three"] * 2


async def test_with_nobody_to_ask_it_says_what_to_do(config: Path, door: Door) -> None:
    for passwords in (None, Passwords(), Passwords(Operator(None))):
        error = await stays_out(config, passwords)
        assert "It would take a password, and none was given" in error.what
        assert VARIABLE in error.remedy
        assert "terminal" in error.remedy
    assert door.taken == []


async def test_a_code_is_asked_for_each_time_and_the_password_once(config: Path, door: Door) -> None:
    door.turns, door.code, door.banner = [[("Password: ", False)], [("Your code: ", True)]], "123", "Two\x1b[2Jsteps"
    operator = Operator(RIGHT, "123", "123")
    passwords = Passwords(operator)
    await gets_in(config, passwords)
    await gets_in(config, passwords)
    texts = [text for text, _ in operator.asked]
    assert [("for SSH" in text, "Two [2Jsteps Your code:" in text) for text in texts] == [
        (True, False), (False, True), (False, True),
    ]  # fmt: skip
    assert [attempt for _, attempt in operator.asked[1:]] == [3, 3]  # no file has a code
    assert door.taken == [RIGHT, "123"] * 2


async def test_a_second_password_of_one_dialogue_is_not_the_first_one_again(config: Path, door: Door) -> None:
    door.turns = [[("Password: ", False)], [("LDAP password: ", False)]]
    operator = Operator(RIGHT, RIGHT)
    await gets_in(config, Passwords(operator))
    assert operator.asked[1][0].endswith("LDAP password:")


@pytest.mark.parametrize("turns", [[], [[("Password: ", False)], [("New password: ", False)]]])
async def test_an_expired_password_is_not_changed_by_us(
    config: Path, door: Door, ssh_account: Account, turns: list[Prompts]
) -> None:
    door.turns, door.change = turns, not turns
    operator = Operator()
    error = await stays_out(config, Passwords(operator))
    assert "has expired" in error.what
    assert f"{ssh_account.name}@127.0.0.1" in error.remedy
    assert len(operator.asked) == 1
    assert door.taken == [RIGHT]


async def test_the_clock_stands_still_while_the_operator_is_asked() -> None:
    operator = Operator()
    operator.wait = asyncio.Event()
    login = Login("op", "db1, port 22", Passwords(operator), 30.0)
    async with asyncio.timeout(30) as clock:
        login.begin(clock)
        coming = asyncio.create_task(login.password())
        while not operator.asked:
            await asyncio.sleep(0.01)
        assert clock.when() is None
        operator.wait.set()
        assert await coming == RIGHT
        assert clock.when() is not None


async def test_an_answer_that_comes_after_the_server_gave_up_is_for_the_next_connection(
    config: Path, door: Door
) -> None:
    operator = Operator()
    operator.wait = asyncio.Event()
    coming = asyncio.create_task(gets_in(config, Passwords(operator)))
    while not operator.asked:
        await asyncio.sleep(0.01)
    door.connections[0].abort()
    await door.connections[0].wait_closed()
    assert not coming.done()
    operator.wait.set()
    await coming
    assert len(operator.asked) == 1
    assert len(door.connections) == 2


async def test_a_login_that_is_given_up_withdraws_its_question(config: Path) -> None:
    operator = Operator()
    operator.wait = asyncio.Event()
    coming = asyncio.create_task(gets_in(config, Passwords(operator)))
    while not operator.asked:
        await asyncio.sleep(0.01)
    before = asyncio.all_tasks()
    coming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await coming
    assert not [task for task in before & asyncio.all_tasks() if "_put" in repr(task)]


async def test_what_keeps_the_operator_from_being_asked_is_said(config: Path) -> None:
    with pytest.raises(LookupError, match="no such file"):
        await connect("lab", ssh_config=config, passwords=Passwords(Operator(LookupError("no such file"))))


async def test_a_key_file_that_is_missing_does_not_keep_a_password_out(config: Path) -> None:
    config.write_text(config.read_text() + f"  IdentityFile {config.parent}/nowhere\n")
    await gets_in(config, Passwords(Operator()))
