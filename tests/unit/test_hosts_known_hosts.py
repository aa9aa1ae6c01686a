"""Which host keys are known, and what is said of the others."""

from pathlib import Path

import asyncssh
import pytest

from pgrepl_tui.hosts import known_hosts
from pgrepl_tui.hosts.host import HostError
from pgrepl_tui.hosts.known_hosts import Peer

TOKENS = {"h": "db1.example.com", "p": "22", "d": "/home/ops"}


def public(kind: str = "ssh-ed25519") -> asyncssh.SSHKey:
    return asyncssh.generate_private_key(kind).convert_to_public()


def line(name: str, key: asyncssh.SSHKey) -> str:
    return f"{name} {key.export_public_key().decode()}"


def test_the_usual_files_count_where_nothing_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ops")
    found = known_hosts.files(None, None, {})
    assert found[0] == Path("/home/ops/.ssh/known_hosts")
    assert Path("/etc/ssh/ssh_known_hosts") in found


def test_configured_files_count_with_their_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ops")
    found = known_hosts.files(["~/known_%h", "%d/100%%h"], ["none"], TOKENS)
    assert found == (Path("/home/ops/known_db1.example.com"), Path("/home/ops/100%h"))


@pytest.mark.parametrize("user", [[], ["none"], ["NONE"]])
def test_none_is_no_file(user: list[str]) -> None:
    assert known_hosts.files(user, [], {}) == ()


def test_a_missing_file_and_dev_null_hold_no_keys(tmp_path: Path) -> None:
    known = known_hosts.read([tmp_path / "missing", Path("/dev/null")])
    assert known_hosts.recorded(known, Peer("db1", "", 22)) == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=str(tmp_path)):
        known_hosts.read([tmp_path])


def test_hashed_names_and_other_ports_are_found(tmp_path: Path) -> None:
    key = public()
    file = tmp_path / "known"
    file.write_text(line("[db1]:2222", key) + line("192.0.2.7", key) + "not a line\n")
    known = known_hosts.read([file])
    assert known_hosts.recorded(known, Peer("db1", "", 2222)) == [key]
    assert known_hosts.recorded(known, Peer("db1", "", 22)) == []
    assert known_hosts.recorded(known, Peer("db2", "192.0.2.7", 22)) == [key]


def test_an_unknown_key_comes_with_what_to_compare_and_what_to_run(tmp_path: Path) -> None:
    key, file = public("ecdsa-sha2-nistp256"), tmp_path / "my known"
    error = known_hosts.refused(known_hosts.read([file]), Peer("db1", "", 2222), key, "")
    assert not error.changed
    assert error.what == f"the host key of db1, port 2222 is not known: ecdsa {key.get_fingerprint()}"
    assert "ssh-keygen -lf /etc/ssh/ssh_host_ecdsa_key.pub" in error.remedy
    assert f"ssh-keyscan -t ecdsa -p 2222 db1 >> '{file}'" in error.remedy


def test_where_no_file_is_configured_the_remedy_says_so() -> None:
    error = known_hosts.refused(known_hosts.read([]), Peer("db1", "", 22), public(), "")
    assert "UserKnownHostsFile" in error.remedy


def test_a_changed_key_comes_with_both_fingerprints_and_a_stop(tmp_path: Path) -> None:
    old, new, file = public(), public(), tmp_path / "known"
    file.write_text(line("db1", old))
    error = known_hosts.refused(known_hosts.read([file]), Peer("db1", "", 22), new, "")
    assert error.changed
    assert old.get_fingerprint() in error.what
    assert new.get_fingerprint() in error.what
    assert error.remedy.startswith("Stop.")
    assert f"ssh-keygen -R db1 -f {file}" in error.remedy
