"""Names for completion out of ~/.ssh, without following or trusting anything in there."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui.hosts import destination
from pgrepl_tui.hosts.names import aliases, host_names, known_names


def test_aliases_come_first_then_known_hosts_each_once(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("Host db2 db1\n  HostName 10.0.0.1\nhost=db3\nHost *\n")
    (tmp_path / "known_hosts").write_text("db1 ssh-ed25519 AAAA\nalpha,10.0.0.9 ssh-ed25519 AAAA\n")
    assert host_names(tmp_path) == ["db2", "db1", "db3", "10.0.0.9", "alpha"]


def test_included_files_count_and_a_circle_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".ssh"
    (folder / "config.d").mkdir(parents=True)
    (folder / "config").write_text("Include config.d/*.conf ~/.ssh/config\nHost own\n")
    (folder / "config.d" / "one.conf").write_text("Host included\n")
    assert host_names() == ["own", "included"]


def test_hashed_names_patterns_and_authorities_are_left_out() -> None:
    text = (
        "|1|abc=|def= ssh-ed25519 AAAA\n@cert-authority *.x ssh-ed25519 AAAA\n@revoked bad ssh-ed25519 AAAA\n"
        "*.example,!no,yes ssh-ed25519 AAAA\n# comment here it is\n[::1]:2222 ssh-ed25519 AAAA\nshort AAAA\n"
    )
    assert list(known_names(text)) == ["yes", "[::1]:2222"]


def test_without_a_folder_there_are_no_names(tmp_path: Path) -> None:
    assert host_names(tmp_path / "none") == []
    (tmp_path / "config").mkdir()
    assert host_names(tmp_path) == []


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(max_codepoint=0x2FF), max_size=80))
def test_whatever_the_files_hold_each_name_is_a_destination(text: str) -> None:
    for name in (*aliases(f"Host {text}"), *known_names(f"{text} ssh-ed25519 AAAA")):
        destination.parse(name)
