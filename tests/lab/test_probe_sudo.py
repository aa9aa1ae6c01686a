"""The test of a connection where the clusters are another user's: what sudo says, and where its password goes."""

from pathlib import Path

import pytest

from pgrepl_tui.postgres.found import Standing
from pgrepl_tui.probe import HostProber
from pgrepl_tui.session.prober import Doing, Heard, Reached, Sudo
from pgrepl_tui.topology import Node
from tests.lab.probed import Answers, probed

PASSWORD = "horse battery staple"
NODE = Node("lab", bin="/opt/no/bin", data="/no/such/place", os_user="daemon")
FREE = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift; exec "$@"
"""
WANTS_PASSWORD = """#!/bin/sh
printf '%s\\n' "$*" >>"$HOME/sudo.log"
[ "$1" = -n ] && { echo "sudo: a password is required" >&2; exit 1; }
IFS= read -r given
[ "$given" = "$(cat "$HOME/right")" ] || { echo "sudo: 1 incorrect password attempt" >&2; exit 1; }
while [ "$1" != -- ]; do [ "$1" = -v ] && exit 0; shift; done
shift; exec "$@"
"""
REFUSES = """#!/bin/sh
echo "sudo: not in the sudoers file" >&2
exit 1
"""


@pytest.fixture
def host(ssh_home: Path, ssh_config: Path) -> Path:
    """A host on which root is nothing special; the SSH configuration that names it."""
    program(ssh_home, "su", "#!/bin/sh\nexit 1\n")
    (ssh_home / "right").write_text(PASSWORD)
    return ssh_config


def program(home: Path, name: str, script: str) -> None:
    path = home / "bin" / name
    path.write_text(script)
    path.chmod(0o755)


def end(heard: list[Heard]) -> Reached:
    last = heard[-1]
    assert isinstance(last, Reached), last
    return last


async def test_sudo_without_a_password(host: Path, ssh_home: Path) -> None:
    program(ssh_home, "sudo", FREE)
    answers = Answers()
    heard = await probed(NODE, host, answers)
    expected = Sudo.ROOT if end(heard).login == "root" else Sudo.FREE
    assert (end(heard).sudo, end(heard).owner, answers.asked) == (expected, "daemon", [])
    assert Doing("asking for sudo to daemon") in heard
    place = next(cluster for cluster in end(heard).clusters if cluster.data == "/no/such/place")
    assert "postgres" in place.note  # there is no such program: it was looked at


async def test_sudo_wants_a_password_and_nobody_has_one(host: Path, ssh_home: Path) -> None:
    program(ssh_home, "sudo", WANTS_PASSWORD)
    answers = Answers()
    reached = end(await probed(NODE, host, answers))
    assert reached.sudo is Sudo.WANTS_PASSWORD
    assert len(answers.asked) == 1  # not once more for each owner
    assert "for sudo" in answers.asked[0]
    assert all(cluster.standing is Standing.UNKNOWN for cluster in reached.clusters if cluster.owner != reached.login)


async def test_sudos_password_is_remembered_for_the_next_test_and_written_nowhere(
    host: Path, ssh_home: Path, tmp_path: Path
) -> None:
    program(ssh_home, "sudo", WANTS_PASSWORD)
    prober, answers = HostProber(), Answers(secret=PASSWORD)
    heard = await probed(NODE, host, answers, prober)
    assert end(heard).sudo is Sudo.PASSWORD
    assert Doing("asking for sudo's password") in heard
    assert end(await probed(NODE, host, answers, prober)).sudo is Sudo.PASSWORD
    assert len(answers.asked) == 1
    assert end(await probed(NODE, host, Answers(secret="wrong"), HostProber())).sudo is Sudo.NONE
    (ssh_home / "right").write_text("another one")
    changed = Answers(secret="another one")
    assert end(await probed(NODE, host, changed, prober)).sudo is Sudo.PASSWORD
    assert "(that was not it)" in changed.asked[0]
    (ssh_home / "right").unlink()
    assert PASSWORD not in repr(heard)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path


async def test_sudos_password_comes_from_the_operators_file_as_in_a_run(
    host: Path, ssh_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(ssh_home, "sudo", WANTS_PASSWORD)
    (tmp_path / "file").write_text(f"{PASSWORD}\n")
    monkeypatch.setenv("PGREPL_SUDO_PASSWORD_FILE", str(tmp_path / "file"))
    answers = Answers()
    assert end(await probed(NODE, host, answers)).sudo is Sudo.PASSWORD
    assert answers.asked == []
    monkeypatch.setenv("PGREPL_SUDO_PASSWORD_FILE", str(tmp_path / "none"))
    heard = await probed(NODE, host, answers)
    assert "PGREPL_SUDO_PASSWORD_FILE" in repr(heard[-1])


async def test_a_login_that_may_not_use_sudo(host: Path, ssh_home: Path) -> None:
    program(ssh_home, "sudo", REFUSES)
    reached = end(await probed(NODE, host))
    assert reached.sudo is Sudo.NONE
    assert "not in the sudoers file" in reached.trouble
    assert "visudo" in reached.remedy


async def test_an_os_user_that_is_not_there_is_not_become(host: Path, ssh_home: Path) -> None:
    program(ssh_home, "sudo", REFUSES)
    heard = await probed(Node("lab", os_user="no-such-user-here"), host)
    assert "no-such-user-here" not in repr([one for one in heard if isinstance(one, Doing)])
