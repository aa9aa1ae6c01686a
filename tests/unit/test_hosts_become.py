"""How a login becomes another user, with a sudo that is played."""

from dataclasses import dataclass, field

import pytest

from pgrepl_tui.hosts.become import Becoming
from pgrepl_tui.hosts.host import Command, HostError, Result
from pgrepl_tui.hosts.secret import Secret

WANTED = b"sudo: a password is required\n"
WRONG = b"Sorry, try again.\nsudo: 1 incorrect password attempt\n"
NO_TERMINAL = b"sudo: sorry, you must have a tty to run sudo\n"
MISSING = b"env: 'sudo': No such file or directory\n"


@dataclass
class Played:
    """A host whose sudo wants a password, or refuses with other words, and whose su works for root."""

    password: str = "open sesame"
    refusal: bytes = WANTED
    login: str = "ops"
    lines: list[str] = field(default_factory=list)
    checked: list[bytes] = field(default_factory=list)
    becoming: Becoming = field(init=False)

    def __post_init__(self) -> None:
        self.becoming = Becoming("db1", self.run)

    async def run(self, command: Command) -> Result:
        line, first = self.becoming.prepared(command, self.login, None)
        self.lines.append(line)
        if command.argv[:2] == ("sudo", "-k"):
            self.checked.append(command.stdin)
            return Result(0, b"", b"") if command.stdin.decode() == f"{self.password}\n" else Result(1, b"", WRONG)
        if " su -s " in line:
            return Result(0, b"", b"") if self.login == "root" else Result(1, b"", b"su: Authentication failure\n")
        if not self.refusal or first.startswith(self.password.encode()):
            return Result(0, b"", b"")
        return Result(1, b"", self.refusal)


class Operator:
    """Gives these passwords, one after the other."""

    def __init__(self, *passwords: str) -> None:
        self.passwords = list(passwords)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, text: str, *, attempt: int) -> Secret | None:
        self.asked.append((text, attempt))
        return Secret(self.passwords.pop(0)) if self.passwords else None


async def test_without_a_password_sudo_is_asked_once_and_the_operator_never() -> None:
    host, operator = Played(refusal=b""), Operator()
    host.becoming.ask = operator
    for user in ("postgres", "postgres", "ops", None):
        await host.becoming.become("ops", user)
    assert len(host.lines) == 1
    assert "sudo -n -u 'postgres'" in host.lines[0]
    assert operator.asked == []


async def test_the_password_is_asked_for_once_and_stands_before_the_commands_own_input() -> None:
    host, operator = Played(), Operator("wrong", "open sesame")
    host.becoming.ask = operator
    await host.becoming.become("ops", "postgres")
    await host.becoming.become("ops", "root")
    assert [attempt for _, attempt in operator.asked] == [1, 2]
    assert operator.asked[1][0] == "Password of ops on db1, for sudo (that was not it)"
    line, first = host.becoming.prepared(Command(("cat",), user="postgres"), "ops", None)
    password, mark, rest = first.decode().split("\n")
    assert (password, rest) == ("open sesame", "")
    assert mark in line
    assert "sudo -k -S -p '' -u 'postgres' -H --" in line
    assert not [text for text in host.lines if "sesame" in text or "wrong" in text]
    assert host.becoming.prepared(Command(("cat",)), "ops", None)[1] == b""


async def test_a_password_that_is_wrong_three_times_is_not_asked_for_again() -> None:
    host, operator = Played(), Operator(*"abcd")
    host.becoming.ask = operator
    with pytest.raises(HostError, match="may not run commands as postgres: sudo: 1 incorrect password attempt"):
        await host.becoming.become("ops", "postgres")
    assert host.checked == [b"a\n", b"b\n", b"c\n"]


@pytest.mark.parametrize(
    ("refusal", "remedy"),
    [
        (WANTED, "ops ALL=(postgres) NOPASSWD: ALL"),
        (NO_TERMINAL, "Defaults:ops !requiretty"),
        (MISSING, "ops ALL=(postgres) NOPASSWD: ALL"),
    ],
)
async def test_with_nobody_to_ask_the_refusal_and_its_remedy_are_told(refusal: bytes, remedy: str) -> None:
    host = Played(refusal=refusal)
    host.becoming.ask = None if refusal is not WANTED else Operator()
    with pytest.raises(HostError) as caught:
        await host.becoming.become("ops", "postgres")
    assert refusal.decode().strip() in caught.value.what
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("refusal", [MISSING, NO_TERMINAL, WANTED])
async def test_root_falls_back_on_su(refusal: bytes) -> None:
    host = Played(refusal=refusal, login="root")
    await host.becoming.become("root", "postgres")
    line, first = host.becoming.prepared(Command(("id",), user="postgres"), "root", None)
    assert " su -s /bin/sh -c " in line
    assert line.endswith(" 'postgres'")
    assert first == b""
