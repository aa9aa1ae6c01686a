"""A host key that is put on record: the line is OpenSSH's, and what was there stays."""

import os
import stat
from pathlib import Path

import asyncssh
import pytest

from pgrepl_tui.hosts import known_hosts
from pgrepl_tui.hosts.host import HostError
from pgrepl_tui.hosts.known_hosts import HostKeyError, Peer
from pgrepl_tui.hosts.remember import remember


def unknown(*files: Path, port: int = 2222) -> HostKeyError:
    key = asyncssh.generate_private_key("ssh-ed25519").convert_to_public()
    return known_hosts.refused(known_hosts.read(files), Peer("db1", "", port), key, "")


@pytest.mark.parametrize(("port", "name"), [(22, "db1"), (2222, "[db1]:2222")])
def test_what_is_remembered_is_known(tmp_path: Path, port: int, name: str) -> None:
    file = tmp_path / ".ssh" / "known_hosts"
    offer = unknown(file, port=port).offer
    assert offer is not None
    remember(offer)
    assert file.read_text().startswith(f"{name} ssh-ed25519 AAAA")
    (key,) = known_hosts.recorded(known_hosts.read([file]), Peer("db1", "", port))
    assert key.get_fingerprint() == offer.fingerprint
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]


def test_lines_mode_and_link_stay_as_they_are(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "known_hosts"
    real.write_text("# mine, without an end")
    real.chmod(0o640)
    link.symlink_to(real)
    offer = unknown(link).offer
    assert offer is not None
    remember(offer)
    assert link.is_symlink()
    assert real.read_text() == f"# mine, without an end\n{offer.line}\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(os.listdir(tmp_path)) == ["known_hosts", "real"]


def test_only_a_file_of_the_operators_is_written() -> None:
    assert unknown().offer is None
    assert unknown(Path("/dev/null")).offer is None
    assert unknown(Path("/etc/ssh/ssh_known_hosts")).offer is None


def test_a_changed_key_is_not_offered(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    offer = unknown(file).offer
    assert offer is not None
    remember(offer)
    changed = unknown(file)
    assert changed.changed
    assert changed.offer is None


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    offer = unknown(tmp_path / "folder" / "known_hosts").offer
    assert offer is not None
    (tmp_path / "folder").write_text("a file is in the way")
    with pytest.raises(HostError, match="cannot be put on record"):
        remember(offer)
