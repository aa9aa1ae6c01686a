"""What every connection is opened with, whatever the operator's SSH configuration says."""

from pathlib import Path

import pytest

from pgrepl_tui.hosts import destination, ssh_attempt
from pgrepl_tui.hosts.ssh_login import Passwords

WEAK = """\
Host *
    StrictHostKeyChecking no
    UserKnownHostsFile none
    GlobalKnownHostsFile none
    ForwardAgent yes
    ForwardX11 yes
    GSSAPIDelegateCredentials yes
    ServerAliveInterval 0
    RequestTTY force
    SendEnv *
    SetEnv PGPASSWORD=x
    Compression yes
"""


@pytest.mark.parametrize("text", ["", WEAK])
def test_no_configuration_weakens_a_connection(text: str, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(text)
    attempt = ssh_attempt.prepare(destination.parse("db1.example"), config, 15.0, Passwords())
    given = ssh_attempt.options(attempt, None)
    assert given["known_hosts"] is attempt.known.keys, "None, an empty list and () each mean something else"
    assert attempt.known.keys is not None
    assert (given["agent_forwarding"], given["x11_forwarding"], given["gss_delegate_creds"]) == (False, False, False)
    assert (given["env"], given["send_env"], given["request_pty"], given["encoding"]) == (None, None, False, None)


def test_a_silent_host_is_given_up_within_twenty_seconds(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(WEAK)
    attempt = ssh_attempt.prepare(destination.parse("db1.example"), tmp_path / "config", 15.0, Passwords())
    given = ssh_attempt.options(attempt, None)
    assert 0 < given["keepalive_interval"] * (given["keepalive_count_max"] + 1) <= 20
