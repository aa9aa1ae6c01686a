"""The lab's SSH server alone, without PostgreSQL."""

import asyncio
import os
import secrets
import shlex
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import asyncssh
import pytest

from pgrepl_tui.lab.account import Account, environment, lab_account
from pgrepl_tui.lab.sshd import Login, serve
from tests.lab.running import LIMIT

THREE_MB = 3_000_000


async def until(condition: Callable[[], bool], seconds: float = LIMIT) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def runs(pid: int) -> bool:
    """The process is there and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class SshHost:
    def __init__(self, account: Account, home: Path) -> None:
        self.account = account
        self.home = home
        self.user_key = asyncssh.generate_private_key("ssh-ed25519")
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.port = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["SshHost"]:
        env = environment(self.account, self.home, Path("/usr/bin"), self.home)
        server = await serve(
            "127.0.0.1", Login(self.account, self.user_key.convert_to_public(), self.home, env), self.host_key
        )
        self.port = server.get_port()
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()

    def connect(
        self, user: str = "", key: asyncssh.SSHKey | None = None
    ) -> AbstractAsyncContextManager[asyncssh.SSHClientConnection]:
        return asyncssh.connect(
            "127.0.0.1",
            self.port,
            username=user or self.account.name,
            client_keys=[key or self.user_key],
            known_hosts=([self.host_key.convert_to_public()], [], []),
            config=None,
            agent_path=None,
        )


@pytest.fixture
def home() -> Iterator[Path]:
    """A short path that the lab's user may enter; pytest's own folders are closed to it."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="lab-home-") as name:
        lab_account().own(Path(name))
        yield Path(name).resolve()


@pytest.fixture
async def host(home: Path) -> AsyncIterator[SshHost]:
    async with SshHost(lab_account(), home).listening() as host:
        yield host


async def test_a_command_runs_as_the_lab_user_at_home_with_no_foreign_environment(
    host: SshHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGHOST", "leaked.example")
    async with host.connect() as connection:
        answer = await connection.run("id -un; pwd; env", check=True)
    user, folder, *env = str(answer.stdout).splitlines()
    assert user == host.account.name
    assert folder == str(host.home)
    names = {line.partition("=")[0] for line in env}
    assert names <= {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "PGREPL_LAB", "PWD"}


async def test_as_root_a_command_has_no_group_of_root(host: SshHost) -> None:
    async with host.connect() as connection:
        answer = await connection.run("id -G", check=True)
    assert ("0" in str(answer.stdout).split()) == (os.getgid() == 0 and not host.account.switch)


async def test_three_megabytes_go_in_and_come_back_byte_for_byte(host: SshHost) -> None:
    sent = secrets.token_bytes(THREE_MB)
    async with host.connect() as connection:
        answer = await connection.run("cat; echo done >&2", input=sent, encoding=None, check=True)
    assert answer.stdout == sent
    assert answer.stderr == b"done\n"


async def test_a_reader_that_waits_makes_the_command_wait_and_loses_nothing(host: SshHost) -> None:
    async with (
        host.connect() as connection,
        connection.create_process(
            f"head -c {20 * THREE_MB} /dev/zero; echo . > finished", encoding=None, window=65536
        ) as process,
    ):
        process.stdout.channel.pause_reading()
        await asyncio.sleep(0.5)  # time in which a server without flow control would have taken it all
        assert not (host.home / "finished").exists()
        process.stdout.channel.resume_reading()
        assert len(await process.stdout.read()) == 20 * THREE_MB
    await until((host.home / "finished").exists)


@pytest.mark.parametrize("status", [0, 1, 7, 127, 255])
async def test_the_exit_status_comes_through(host: SshHost, status: int) -> None:
    async with host.connect() as connection:
        assert (await connection.run(f"exit {status}")).exit_status == status


async def test_the_signal_that_ended_a_command_comes_through(host: SshHost) -> None:
    async with host.connect() as connection:
        answer = await connection.run("kill -9 $$")
    assert answer.exit_signal is not None
    assert answer.exit_signal[0] == "KILL"


@pytest.mark.parametrize("delay", [0.0, 0.1])
async def test_a_signal_reaches_the_whole_group_even_one_sent_at_once(host: SshHost, delay: float) -> None:
    async with host.connect() as connection:
        process = await connection.create_process("sleep 600; true")
        await asyncio.sleep(delay)
        process.send_signal("TERM")
        async with asyncio.timeout(60):
            answer = await process.wait()
    assert answer.exit_signal is not None
    assert answer.exit_signal[0] == "TERM"


async def test_input_for_a_command_that_does_not_read_it_is_dropped(host: SshHost) -> None:
    sent = bytes(THREE_MB)
    async with host.connect() as connection:
        answer = await connection.run("exec 0<&-; echo deaf", input=sent, encoding=None)
    assert (answer.exit_status, answer.stdout) == (0, b"deaf\n")


async def test_a_command_that_the_system_refuses_ends_with_126_and_says_why(host: SshHost) -> None:
    async with host.connect() as connection:
        answer = await connection.run(f": {'a' * 200_000}")  # longer than one argument may be
    assert answer.exit_status == 126
    assert "too long" in str(answer.stderr)


async def test_thirty_commands_at_once_on_one_connection(host: SshHost) -> None:
    async with host.connect() as connection:
        answers = await asyncio.gather(*(connection.run(f"echo {number}") for number in range(30)))
    assert [str(answer.stdout).strip() for answer in answers] == [str(number) for number in range(30)]


@pytest.mark.parametrize("how", ["close the channel", "abort the connection"])
async def test_a_lost_channel_ends_the_group_but_not_what_left_it_by_setsid(host: SshHost, how: str) -> None:
    async with host.connect() as connection:
        process = await connection.create_process(
            "trap '' HUP; setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $!; sleep 601 & echo $!; echo $$; wait"
        )
        detached, child, shell = [int(await process.stdout.readline()) for _ in range(3)]
        if how == "close the channel":
            process.close()
        else:
            connection.abort()
        await until(lambda: not runs(child) and not runs(shell))
        assert runs(detached)
        os.kill(detached, 9)


async def test_a_background_job_outlives_a_command_that_ended_by_itself(host: SshHost) -> None:
    async with host.connect() as connection:
        answer = await connection.run("sleep 600 </dev/null >/dev/null 2>&1 & echo $!", check=True)
    pid = int(str(answer.stdout))
    assert runs(pid)
    os.kill(pid, 9)


async def test_another_key_or_user_or_a_shell_or_a_terminal_is_refused(host: SshHost) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        async with host.connect(key=asyncssh.generate_private_key("ssh-ed25519")):
            pass
    with pytest.raises(asyncssh.PermissionDenied):
        async with host.connect(user="somebody-else"):
            pass
    async with host.connect() as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.run(None, timeout=5)
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.run("true", term_type="xterm", timeout=5)


@asynccontextmanager
async def echo_server(path: Path) -> AsyncIterator[list[int]]:
    """Sends back what it gets, and notes the uid of each peer."""
    peers: list[int] = []

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        credentials = writer.get_extra_info("socket").getsockopt(1, 17, 12)  # SOL_SOCKET, SO_PEERCRED
        peers.append(int.from_bytes(credentials[4:8], "little"))
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(serve_one, path):
        path.chmod(0o777)
        yield peers


async def test_a_unix_socket_is_reached_as_the_lab_user_byte_for_byte(host: SshHost) -> None:
    sent = secrets.token_bytes(THREE_MB)
    async with echo_server(host.home / "echo") as peers, host.connect() as connection:
        reader, writer = await connection.open_unix_connection(str(host.home / "echo"))
        back = asyncio.create_task(reader.read())
        writer.write(sent)
        writer.write_eof()
        assert await asyncio.wait_for(back, 10) == sent
    assert peers == [host.account.uid]
    assert (os.geteuid(), os.getegid()) == (os.getuid(), os.getgid())


async def test_a_unix_socket_with_nobody_behind_it_is_refused(host: SshHost) -> None:
    async with host.connect() as connection:
        with pytest.raises(asyncssh.ChannelOpenError, match="No such file"):
            await connection.open_unix_connection(str(host.home / "nobody"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has more rights than the lab's user")
async def test_a_unix_socket_closed_to_the_lab_user_is_refused_under_root_too(host: SshHost) -> None:
    async with echo_server(host.home / "echo"), host.connect() as connection:
        (host.home / "echo").chmod(0o700)
        with pytest.raises(asyncssh.ChannelOpenError, match="Permission denied"):
            await connection.open_unix_connection(str(host.home / "echo"))


async def test_tcp_is_forwarded(host: SshHost) -> None:
    async with host.connect() as connection:
        reader, writer = await connection.open_connection("127.0.0.1", host.port)
        assert (await reader.readline()).startswith(b"SSH-2.0-")
        writer.close()


async def test_hostile_text_stays_one_argument(host: SshHost) -> None:
    text = "a b'$(touch x)\"\\\n*"
    async with host.connect() as connection:
        answer = await connection.run(f"printf %s {shlex.quote(text)}", encoding=None, check=True)
    assert answer.stdout == text.encode()
