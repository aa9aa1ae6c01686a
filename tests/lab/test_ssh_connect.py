"""Connecting: what is let through, what is refused, and what is said about it."""

import asyncio
import os
import time
from pathlib import Path

import asyncssh
import pytest

from pgrepl_tui.hosts import ssh_attempt
from pgrepl_tui.hosts.destination import DestinationError
from pgrepl_tui.hosts.host import Command, ConnectionLostError, HostError
from pgrepl_tui.hosts.known_hosts import HostKeyError
from pgrepl_tui.hosts.ssh import connect
from pgrepl_tui.lab.account import Account


class Link:
    """A relay before a server, which can be cut or go silent."""

    def __init__(self) -> None:
        self.port = 0
        self.silent = asyncio.Event()
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self, port: int) -> asyncio.Server:
        async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
            self._writers += [writer, far_writer]
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

        server = await asyncio.start_server(join, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (piece := await reader.read(65536)) and not self.silent.is_set():
                writer.write(piece)
                await writer.drain()
        except OSError:
            return  # cut

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


def through(config: Path, port: int) -> None:
    """Send the connection through another port, under the server's own key."""
    known = config.parent / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {known.read_text().split(' ', 1)[1]}")
    text = config.read_text()
    config.write_text("\n".join(f"  Port {port}" if "Port " in line else line for line in text.splitlines()))


async def refusal(config: Path | None, destination: str = "lab", timeout: float = 60) -> HostError:
    with pytest.raises(HostError) as caught:
        await connect(destination, ssh_config=config, timeout=timeout)
    assert "\n" not in caught.value.what
    assert caught.value.remedy
    return caught.value


async def test_a_known_host_takes_a_known_key(ssh_config: Path, ssh_account: Account) -> None:
    host = await connect("lab", ssh_config=ssh_config, name="db1")
    assert (host.name, host.login) == ("db1", ssh_account.name)
    cipher = host._connection.get_extra_info("send_cipher")
    assert cipher == "aes128-gcm@openssh.com"
    await host.close()


async def test_the_default_configuration_is_the_operators_own(ssh_config: Path) -> None:
    folder = ssh_config.parent / ".ssh"
    folder.mkdir()
    ssh_config.rename(folder / "config")
    await (await connect("lab", ssh_config=None)).close()


async def test_an_unknown_key_is_refused_with_its_fingerprint(ssh_config: Path) -> None:
    known = ssh_config.parent / "known_hosts"
    key = asyncssh.import_public_key(known.read_text().split(" ", 1)[1])
    known.write_text("")
    error = await refusal(ssh_config)
    assert isinstance(error, HostKeyError)
    assert not error.changed
    assert "is not known: ed25519 " + key.get_fingerprint() in error.what
    assert f"ssh-keyscan -t ed25519 -p {error.what.split('port ')[1].split()[0]} 127.0.0.1 >> {known}" in error.remedy


async def test_a_changed_key_is_a_stop(ssh_config: Path, ssh_server: asyncssh.SSHAcceptor) -> None:
    known = ssh_config.parent / "known_hosts"
    other = asyncssh.generate_private_key("ssh-ed25519")
    known.write_text(f"[127.0.0.1]:{ssh_server.get_port()} {other.export_public_key().decode()}")
    error = await refusal(ssh_config)
    assert isinstance(error, HostKeyError)
    assert error.changed
    assert "has CHANGED" in error.what
    assert other.get_fingerprint() in error.what
    assert f"ssh-keygen -R '[127.0.0.1]:{ssh_server.get_port()}' -f {known}" in error.remedy


async def test_a_key_of_another_type_on_record_is_a_changed_key(
    ssh_config: Path, ssh_server: asyncssh.SSHAcceptor
) -> None:
    other = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    line = f"[127.0.0.1]:{ssh_server.get_port()} {other.export_public_key().decode()}"
    (ssh_config.parent / "known_hosts").write_text(line)
    error = await refusal(ssh_config)
    assert isinstance(error, HostKeyError)
    assert error.changed


async def test_a_revoked_key_is_refused(ssh_config: Path) -> None:
    known = ssh_config.parent / "known_hosts"
    known.write_text(f"{known.read_text()}\n@revoked {known.read_text()}")
    error = await refusal(ssh_config)
    assert isinstance(error, HostKeyError)
    assert "revoked" in error.what


@pytest.mark.parametrize("file", ["none", "/dev/null", "~/missing"])
async def test_no_configuration_switches_the_check_off(ssh_config: Path, file: str) -> None:
    lines = [line for line in ssh_config.read_text().splitlines() if "KnownHosts" not in line]
    lines += [f"  UserKnownHostsFile {file}", "  StrictHostKeyChecking no"]
    ssh_config.write_text("\n".join(lines))
    error = await refusal(ssh_config)
    assert isinstance(error, HostKeyError)
    assert "is not known" in error.what


async def test_garbage_in_known_hosts_is_passed_over(ssh_config: Path) -> None:
    known = ssh_config.parent / "known_hosts"
    known.write_bytes(b"garbage\n@what x y\n|1|bad|hash ssh-ed25519 AAAA\n\xff\xfe\n" + known.read_bytes())
    await (await connect("lab", ssh_config=ssh_config)).close()


async def test_a_key_that_the_server_does_not_take_is_named(ssh_config: Path, ssh_account: Account) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(ssh_config.parent / "key")
    error = await refusal(ssh_config)
    assert (
        f"lets {ssh_account.name} in with none of these keys: {ssh_config.parent}/key {key.get_fingerprint()}"
        in error.what
    )
    assert "authorized_keys" in error.remedy


async def test_a_key_with_a_passphrase_is_named(ssh_config: Path) -> None:
    asyncssh.generate_private_key("ssh-rsa", key_size=2048).write_private_key(
        ssh_config.parent / "key", "pkcs8-pem", passphrase="x"
    )
    error = await refusal(ssh_config)
    assert f"{ssh_config.parent}/key" in error.what
    assert "ssh-add" in error.remedy


async def test_a_missing_key_file_is_named(ssh_config: Path) -> None:
    (ssh_config.parent / "key").unlink()
    error = await refusal(ssh_config)
    assert f"{ssh_config.parent}/key" in error.what


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
async def test_an_unreadable_key_file_is_named(ssh_config: Path) -> None:
    (ssh_config.parent / "key").chmod(0)
    assert f"{ssh_config.parent}/key" in (await refusal(ssh_config)).what


async def test_a_port_where_nobody_listens_is_refused(ssh_config: Path, ssh_server: asyncssh.SSHAcceptor) -> None:
    ssh_server.close()
    await ssh_server.wait_closed()
    assert "refused the connection" in (await refusal(ssh_config)).what


async def test_a_server_that_never_answers_costs_a_bounded_time() -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    began = time.monotonic()
    error = await refusal(None, f"127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=3)
    assert "took the connection, but did not complete a login within 3 s" in error.what
    assert time.monotonic() - began < 60
    server.close()


async def test_a_server_that_speaks_something_else_is_named() -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 smtp.example.com ESMTP\r\n" * 2000)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        error = await refusal(None, f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert "Is it an SSH server?" in error.remedy


async def test_a_name_that_does_not_resolve_is_named() -> None:
    assert "no-such-host.invalid does not resolve" in (await refusal(None, "no-such-host.invalid")).what


async def test_an_option_is_no_destination() -> None:
    with pytest.raises(DestinationError):
        await connect("-oProxyCommand=touch /tmp/x", ssh_config=None)


async def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    assert f"{tmp_path}/nowhere" in (await refusal(tmp_path / "nowhere")).what


async def test_a_broken_configuration_is_named_with_its_line(ssh_config: Path) -> None:
    ssh_config.write_text("Host lab\n  Port many\n")
    assert f"{ssh_config} line 2" in (await refusal(ssh_config)).what


async def test_a_login_shell_that_writes_is_refused(ssh_config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The server starts every command with /bin/sh, which reads no start-up file: let the text come with the command.
    from pgrepl_tui.hosts import shell  # noqa: PLC0415 - only this test reaches into it

    wrap = shell.wrap
    monkeypatch.setattr(shell, "wrap", lambda *command: "echo Welcome; " + wrap(*command))
    assert "writes text of its own: Welcome" in (await refusal(ssh_config)).what


async def test_a_login_without_a_shell_is_refused(ssh_config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pgrepl_tui.hosts import shell  # noqa: PLC0415 - only this test reaches into it

    monkeypatch.setattr(shell, "wrap", lambda *_command: "echo This account is not available.; exit 1")
    error = await refusal(ssh_config)
    assert "does not run commands: This account is not available." in error.what


async def test_the_agent_is_not_forwarded(ssh_config: Path) -> None:
    ssh_config.write_text(ssh_config.read_text() + "  ForwardAgent yes\n")
    host = await connect("lab", ssh_config=ssh_config)
    assert (await host.run(Command(("sh", "-c", 'echo "[$SSH_AUTH_SOCK]"')))).text == "[]\n"
    await host.close()


async def test_a_host_is_reached_through_its_jump_hosts(ssh_config: Path) -> None:
    text = ssh_config.read_text()
    jumps = [text.replace("Host lab", f"Host {name}") for name in ("outer", "inner")]
    ssh_config.write_text("\n".join([*jumps, text + "  ProxyJump outer,inner", "Host *\n  ProxyJump outer"]))
    host = await connect("lab", ssh_config=ssh_config)
    outer, inner, last = host._chain
    assert (await host.run(Command(("echo", "there")))).text == "there\n"
    async with asyncio.timeout(60):
        outer.abort()
        await inner.wait_closed()
        await last.wait_closed()
    await host.close()


async def test_a_jump_host_is_checked_like_any_other(ssh_config: Path) -> None:
    text = ssh_config.read_text()
    unchecked = text.replace("Host lab", "Host jump").replace(f"{ssh_config.parent}/known_hosts", "none")
    ssh_config.write_text(f"{unchecked}\n{text}  ProxyJump jump\n")
    assert isinstance(await refusal(ssh_config), HostKeyError)


async def test_a_connection_that_is_cut_is_a_failure(ssh_config: Path, ssh_server: asyncssh.SSHAcceptor) -> None:
    link = Link()
    async with await link.start(ssh_server.get_port()):
        through(ssh_config, link.port)
        host = await connect("lab", ssh_config=ssh_config)
        with pytest.raises(ConnectionLostError):
            await host.run(Command(("sh", "-c", "echo up; exec sleep 30")), lambda _stream, _piece: link.cut())
        with pytest.raises(ConnectionLostError):
            await host.run(Command(("true",)))
        await host.close()


async def test_a_host_that_goes_silent_is_found_out(
    ssh_config: Path, ssh_server: asyncssh.SSHAcceptor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_attempt, "KEEPALIVE_SECONDS", 0.2)
    link = Link()
    async with await link.start(ssh_server.get_port()):
        through(ssh_config, link.port)
        host = await connect("lab", ssh_config=ssh_config)
        began = time.monotonic()
        with pytest.raises(ConnectionLostError):
            await host.run(Command(("sh", "-c", "echo up; exec sleep 30")), lambda _stream, _piece: link.silent.set())
        assert time.monotonic() - began < 25
        await host.close()
        link.cut()
