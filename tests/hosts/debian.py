"""One Debian host: its overlay, its namespaces, its link, and what a test can do to it."""

import asyncio
import contextlib
import os
import tempfile
from pathlib import Path

from tests.hosts.hub import (
    PREFIX,
    PREFIX6,
    SECONDS,
    HostFailedError,
    Hub,
    children,
    control_groups,
    has_ipv6,
    kill,
    output,
)
from tests.hosts.rootfs import Release

BOOT = Path(__file__).with_name("boot.sh")
ROOM = "2g"
"""The most that a host can write; it lies in memory."""


class DebianHost:
    """A host on a hub; nothing runs on it until `start`.

    Args:
        hub: its network.
        name: its name, also in its /etc/hostname.
        address: its address on the hub's network.
        release: which Debian it is.
        init: what its first process is: ``tini`` (with sshd, no systemd) or ``systemd``.
    """

    def __init__(self, hub: Hub, name: str, address: str, release: Release, init: str = "tini") -> None:
        self.hub, self.name, self.address, self.release, self.init = hub, name, address, release, init
        self.folder = hub.folder / name
        self._console = tempfile.TemporaryFile()  # noqa: SIM115 - it is as long as the host
        self._process: asyncio.subprocess.Process | None = None
        self._pid = 0

    async def create(self, lower: Path) -> None:
        """Give it a disk: the release's root file system below, an empty layer of its own above."""
        place = self.folder
        place.mkdir()
        await self.hub.mounted("mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place))
        await self.hub.mounted("mkdir", *(str(place / part) for part in ("upper", "work", "root")))
        layers = f"lowerdir={lower},upperdir={place}/upper,workdir={place}/work"
        await self.hub.mounted("mount", "-t", "overlay", "overlay", "-o", layers, str(place / "root"))
        hosts = f"127.0.0.1 localhost\n{self.address} {self.name}\n"
        script = 'cd "$1/root/etc" && printf "%s\\n" "$2" >hostname && printf %s "$3" >hosts'
        await self.hub.mounted("sh", "-c", script, "sh", str(place), self.name, hosts)

    async def start(self) -> None:
        """Switch it on; it is up when its sshd answers."""
        argv = ("sh", "-c", self._unshared(), "sh", str(BOOT), str(self.folder), self.name, self.init)
        where = ("nsenter", f"--target={self.hub.pid}", "--net", "--mount", "--pid", "--ipc", "--")
        self._process = await asyncio.create_subprocess_exec(
            *where, *argv, stdin=asyncio.subprocess.PIPE, stdout=self._console, stderr=self._console
        )
        self._pid = await self._first_process()
        await self._plug_in()
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")
        await self._process.stdin.drain()
        await self._answers()

    def _unshared(self) -> str:
        kinds = "--net --mount --uts --ipc --pid --fork --kill-child --propagation private"
        groups = control_groups()
        if self.init != "systemd":
            return f'exec unshare {kinds} sh "$@"'
        if groups is None:
            raise HostFailedError("systemd needs version 2 of the control groups, which is not mounted here")
        group = groups / f"{PREFIX}-{os.getpid()}-{self.hub.pid}-{self.name}"
        return f'mkdir -p {group} && echo 0 >{group}/cgroup.procs && exec unshare {kinds} --cgroup sh "$@"'

    async def _first_process(self) -> int:
        """The init, two steps below the process that we started: it is in its own namespaces by then."""
        assert self._process is not None
        async with asyncio.timeout(SECONDS):
            while self._process.returncode is None:
                for child in children(self._process.pid):
                    with contextlib.suppress(OSError):  # what came before unshare is gone again
                        unshare = Path(f"/proc/{child}/comm").read_text().strip() == "unshare"
                        if unshare and (found := children(child)):
                            return found[0]
                await asyncio.sleep(0.01)
        raise HostFailedError(f"{self.name} did not start: {self.console()}")

    async def _plug_in(self) -> None:
        card = "02:00:" + ":".join(f"{int(part):02x}" for part in self.address.split("."))
        await self.hub.ip(f"link add {self._link} type veth peer name eth0 address {card} netns {self._pid}")
        await self.hub.ip(f"link set {self._link} master br0 up")
        addresses = [f"addr add {self.address}/24 dev eth0"]
        if has_ipv6():
            addresses.append(f"addr add {self.address6}/64 dev eth0 nodad")
        for words in ("link set lo up", *addresses, "link set eth0 up"):
            await output("nsenter", f"--target={self._pid}", "--net", "--", "ip", *words.split())

    @property
    def address6(self) -> str:
        """Its IPv6 address, where there is IPv6."""
        return PREFIX6 + self.address.rpartition(".")[2]

    @property
    def _link(self) -> str:
        return f"v-{self.name}"

    async def sshd(self, port: int, **options: str) -> None:
        """Start one more sshd, on a port of its own, with these options before those of its sshd_config."""
        given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        await self.run('exec /usr/sbin/sshd -p "$@"', str(port), *given)
        await self._answers(port)

    async def _answers(self, port: int = 22) -> None:
        script = 'until read -r banner <"/dev/tcp/$0/$1"; do sleep 0.05; done 2>/dev/null'
        try:
            await output(*self.hub.command("bash", "-c", script, self.address, str(port)))
        except TimeoutError as error:
            raise HostFailedError(f"{self.name}: its sshd does not answer: {self.console()}") from error

    def console(self) -> str:
        """What its start printed."""
        self._console.seek(0)
        return self._console.read().decode(errors="replace")[-2000:]

    async def run(self, script: str, *arguments: str, user: str = "root", stdin: bytes = b"") -> str:
        """Run a script on the host without SSH, and hear what it prints.

        Raises:
            HostFailedError: it ended with another status than 0.
        """
        spaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd"]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        home = "/root" if user == "root" else f"/home/{user}"
        become = () if user == "root" else ("runuser", "-u", user, "--")
        argv = ("env", "-i", path, f"HOME={home}", "LANG=C.UTF-8", *become, "sh", "-c", script, "sh", *arguments)
        return await output("nsenter", f"--target={self._pid}", *spaces, "--", *argv, stdin=stdin)

    async def power_cut(self) -> None:
        """Every process on it is gone at once, and its link with them; its disk stays."""
        assert self._process is not None
        kill(self._pid)
        await self._process.wait()
        with contextlib.suppress(HostFailedError):  # its end of the link may have taken ours with it already
            await self.hub.ip(f"link del {self._link}")

    async def cut_link(self) -> None:
        """Nothing gets to it, and nobody is told."""
        await self.hub.ip(f"link set {self._link} down")

    async def mend_link(self) -> None:
        """The link is back."""
        await self.hub.ip(f"link set {self._link} up")

    async def fill(self) -> None:
        """There is no room left on its disk."""
        await self.run("dd if=/dev/zero of=/filler bs=1M 2>/dev/null || true; dd if=/dev/zero of=/more bs=1k || true")

    async def make_room(self) -> None:
        """There is room again."""
        await self.run("rm -f /filler /more")

    async def slow_link(self, rate: str) -> None:
        """Let no more through to it than ``rate``, such as ``10mbit``."""
        tbf = f"root tbf rate {rate} burst 64kb latency 50ms"
        await output(*self.hub.command("tc", "qdisc", "replace", "dev", self._link, *tbf.split()))
