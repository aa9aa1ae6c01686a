"""Commands over a real SSH connection."""

import asyncio
import os
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from pgrepl_tui.hosts import remote_command
from pgrepl_tui.hosts.host import Command, ConnectionLostError, HostError
from pgrepl_tui.hosts.ssh import SshHost, connect
from tests.lab.running import LIMIT

NAP = f"sleep 9{os.getpid()}"
"""Long enough; nobody else sleeps for just as long."""


def sh(script: str, *arguments: str, quiet_for: float = 20.0, stdin: bytes = b"") -> Command:
    return Command(("/bin/sh", "-c", script, "sh", *arguments), quiet_for=quiet_for, stdin=stdin)


async def count(pattern: str) -> int:
    """How many processes have this text in their command line."""
    found = 0
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += pattern in entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue  # it ended meanwhile
    return found


async def until_none(pattern: str, seconds: float = LIMIT) -> None:
    async with asyncio.timeout(seconds):
        while await count(pattern):
            await asyncio.sleep(0.02)


async def test_status_and_both_streams_come_back(ssh_host: SshHost) -> None:
    result = await ssh_host.run(sh("echo out; echo err >&2; exit 7"))
    assert (result.status, result.out, result.err) == (7, b"out\n", b"err\n")


async def test_the_login_is_the_hosts_own_name_for_it(ssh_host: SshHost) -> None:
    result = await ssh_host.run(Command(("id", "-un")))
    assert ssh_host.login == result.text.strip()
    assert ssh_host.name == "lab"


async def test_a_command_runs_in_the_c_locale_from_the_root_folder(ssh_host: SshHost) -> None:
    result = await ssh_host.run(sh('echo "$LC_ALL,$LANGUAGE,$X"; pwd'))
    assert result.text == "C,,\n/\n"


async def test_bytes_that_are_no_text_come_back_as_they_are(ssh_host: SshHost) -> None:
    data = bytes(range(256)) * 300 + b"\xff\xfe\x00"
    result = await ssh_host.run(sh("cat", stdin=data))
    assert result.out == data
    assert result.status == 0


async def test_input_that_nobody_reads_does_no_harm(ssh_host: SshHost) -> None:
    result = await ssh_host.run(sh("echo done", stdin=b"x" * 4_000_000))
    assert (result.status, result.out) == (0, b"done\n")


async def test_thirty_megabytes_come_whole_in_pieces(ssh_host: SshHost) -> None:
    sizes: list[int] = []
    result = await ssh_host.run(sh("head -c 30000000 /dev/zero"), lambda _stream, piece: sizes.append(len(piece)))
    assert len(result.out) == sum(sizes) == 30_000_000
    assert max(sizes) <= remote_command.WINDOW


async def test_output_without_end_is_stopped(ssh_host: SshHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_command, "MOST_OUTPUT", 3_000_000)
    with pytest.raises(HostError, match=r"wrote more than .* and was stopped"):
        await ssh_host.run(sh("exec head -c 1000000000000 /dev/zero", "no-end-mark"))
    await until_none("head -c 1000000000000")


async def test_death_by_a_signal_is_a_negative_status(ssh_host: SshHost) -> None:
    result = await ssh_host.run(sh("kill -s KILL $$"))
    assert result.status == -9


async def test_a_silent_command_is_stopped_with_its_children(ssh_host: SshHost) -> None:
    began = time.monotonic()
    with pytest.raises(ConnectionLostError, match=r"silent for 0\.5 s and was stopped"):
        await ssh_host.run(sh(f"{NAP} & {NAP}; echo never", quiet_for=0.5))
    assert time.monotonic() - began < 60
    await until_none(NAP)


async def test_a_command_that_goes_on_writing_is_not_silent(ssh_host: SshHost) -> None:
    result = await ssh_host.run(sh("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $i; sleep 0.5; done", quiet_for=5.0))
    assert result.status == 0


async def test_a_cancelled_command_ends_on_the_host(ssh_host: SshHost) -> None:
    began = asyncio.Event()
    task = asyncio.create_task(ssh_host.run(sh(f"echo up; {NAP}"), lambda _stream, _piece: began.set()))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_none(NAP)
    assert (await ssh_host.run(sh("true"))).status == 0


async def test_many_commands_at_once_wait_for_their_turn(ssh_host: SshHost) -> None:
    results = await asyncio.gather(*(ssh_host.run(sh("echo $1; sleep 0.05", str(number))) for number in range(30)))
    assert [int(result.text) for result in results] == list(range(30))


async def test_a_sink_that_fails_is_not_hidden(ssh_host: SshHost) -> None:
    def sink(_stream: str, _piece: bytes) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await ssh_host.run(sh(f"echo x; {NAP}"), sink)
    await until_none(NAP)


async def test_a_command_is_spoken_to(ssh_host: SshHost) -> None:
    async with ssh_host.converse(sh('while read -r line; do echo "<$line>"; done')) as talk:
        for word in (b"one", b"two \xff"):
            await talk.say(word + b"\n")
            assert await talk.hear(b">\n") == b"<" + word


async def test_a_conversation_ends_what_does_not_listen(ssh_host: SshHost) -> None:
    async with ssh_host.converse(sh(f"echo up; {NAP}")) as talk:
        assert await talk.hear(b"\n") == b"up"
    assert await count(NAP) == 0


async def test_a_log_is_followed_from_an_offset_and_through_rotation(ssh_host: SshHost, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_bytes(b"old\nnew\n")
    seen = b""
    async with asyncio.timeout(LIMIT), aclosing(ssh_host.follow(str(log), offset=4, user=None)) as pieces:
        async for piece in pieces:
            seen += piece
            if seen == b"new\n":
                with log.open("ab") as file:
                    file.write(b"more \xff\x00\n")
            elif seen == b"new\nmore \xff\x00\n":
                log.rename(tmp_path / "server.log.1")
                log.write_bytes(b"rotated\n")
            elif seen.endswith(b"rotated\n"):
                break
    assert seen == b"new\nmore \xff\x00\nrotated\n"
    await until_none(str(log))


async def test_a_follower_leaves_nothing_when_the_connection_ends(ssh_config: Path, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_bytes(b"line\n")
    host = await connect("lab", ssh_config=ssh_config)
    pieces = host.follow(str(log), offset=0, user=None)
    assert await anext(pieces) == b"line\n"
    assert await count(str(log)) > 0
    host._connection.abort()
    with pytest.raises(ConnectionLostError):
        await anext(pieces)
    await host.close()
    await until_none(str(log))


async def test_a_file_that_may_not_be_read_cannot_be_followed(ssh_host: SshHost, tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"cannot be followed: .*Is a directory"):
        await anext(ssh_host.follow(str(tmp_path), offset=0, user=None))


async def test_a_port_is_forwarded(ssh_host: SshHost) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, ssh_host.forward_port("127.0.0.1", server.sockets[0].getsockname()[1]) as near:
        reader, writer = await asyncio.open_connection("127.0.0.1", near.port)
        writer.write(b"hello\n")
        assert await reader.read() == b"HELLO\n"
        writer.close()


async def test_a_socket_is_forwarded_through_a_private_folder(ssh_host: SshHost, tmp_path: Path) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * 1_000_000)
        await writer.drain()
        writer.close()

    far = tmp_path / ".s.PGSQL.5432"
    server = await asyncio.start_unix_server(answer, far)
    async with server, ssh_host.forward_socket(str(far)) as near:
        assert Path(near.path).name == far.name
        assert Path(near.path).parent.stat().st_mode & 0o777 == 0o700
        reader, writer = await asyncio.open_unix_connection(near.path)
        assert len(await reader.read()) == 1_000_000
        writer.close()
    assert not Path(near.path).parent.exists()


async def test_a_far_end_that_refuses_is_named(ssh_host: SshHost, unused_port: int) -> None:
    with pytest.raises(HostError, match=rf"127\.0\.0\.1 port {unused_port}.*"):
        await read_from_refusing(ssh_host, unused_port)


async def read_from_refusing(host: SshHost, port: int) -> None:
    async with host.forward_port("127.0.0.1", port) as near:
        reader, _writer = await asyncio.open_connection("127.0.0.1", near.port)
        await reader.readexactly(1)


@pytest.fixture
async def unused_port() -> int:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


SUDO = """\
#!/bin/sh
echo "$*" >> "$HOME/sudo.log"
[ "$1 $2 $4 $5" = "-n -u -H --" ] || { echo "sudo: bad usage $*" >&2; exit 1; }
case $3 in nobody2) shift 5; WHO=nobody2 exec "$@";; esac
echo "sudo: a password is required" >&2
exit 1
"""


@pytest.fixture
def sudo(ssh_home: Path) -> Path:
    program = ssh_home / "bin" / "sudo"
    program.write_text(SUDO)
    program.chmod(0o755)
    return ssh_home / "sudo.log"


async def test_another_user_is_reached_by_sudo_which_is_asked_once(ssh_host: SshHost, sudo: Path) -> None:
    for word in ("it's", 'a "b"'):
        result = await ssh_host.run(Command(("sh", "-c", 'echo "$WHO $1"', "sh", word), user="nobody2"))
        assert result.text == f"nobody2 {word}\n"
    assert sum(line.endswith("exec true") for line in sudo.read_text().splitlines()) == 1


@pytest.mark.usefixtures("sudo")
async def test_a_user_that_sudo_refuses_is_named_with_the_remedy(ssh_host: SshHost) -> None:
    with pytest.raises(HostError, match="may not run commands as other: sudo: a password is required") as caught:
        await ssh_host.run(Command(("id",), user="other"))
    assert f"{ssh_host.login} ALL=(other) NOPASSWD: ALL" in caught.value.remedy
