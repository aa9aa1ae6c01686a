"""Each way in that OpenSSH knows, by the operator's own files: the pair is set up once, and each way finds it done."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.hosts.debian import DebianHost
from tests.hosts.hub import has_ipv6, output
from tests.hosts.pair import DebianPair
from tests.hosts.rootfs import Release, root
from tests.lab.running import Ran

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSPHRASE = "not the password"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(release: Release, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DebianPair]:
    async with DebianPair.up(release, tmp_path_factory.mktemp(release.suite)) as made:
        await made.set_up(made.topology("root"))
        yield made


def topology(pair: DebianPair, config: str, first: str = "root@db1", second: str = "root@db2") -> Path:
    """The pair, reached by another SSH configuration; its aliases are the names of the pair's hosts."""
    (pair.folder / "other_config").write_text(config)
    text = pair.topology("root").read_text().replace("./ssh_config", "./other_config")
    path = pair.folder / "other.yaml"
    path.write_text(text.replace("root@db1", first).replace("root@db2", second))
    return path


def aliases(pair: DebianPair, known: Path, more: str = "", key: str = "key") -> str:
    """A configuration with both hosts under their names, and lines that count for both."""
    hosts = "".join(f"Host {host.name}\n  HostName {host.address}\n" for host in (pair.db1, pair.db2))
    identity = f"  IdentityFile {pair.folder}/{key}\n" if key else ""
    return f"{hosts}Host *\n  UserKnownHostsFile {known}\n{identity}{more}"


def known_as(pair: DebianPair, form: str) -> Path:
    """A known_hosts file in which ``{}`` of the form stands for each host's address."""
    path = pair.folder / "other_known"
    lines = [f"{form.format(host.address)} {pair.host_keys[host.name]}\n" for host in (pair.db1, pair.db2)]
    path.write_text("".join(lines))
    return path


async def finds_it_done(pair: DebianPair, path: Path, **more: str) -> Ran:
    ran = await pair.wizard("run", str(path), **more)
    assert (ran.code, ran.changed()) == (0, []), ran.out + ran.err
    assert "WAL positions: match" in ran.out
    return ran


async def is_refused(pair: DebianPair, path: Path, *words: str) -> None:
    ran = await pair.wizard("run", str(path), "--yes")
    assert (ran.code != 0, ran.changed()) == (True, []), ran.out + ran.err
    assert not [word for word in words if word not in ran.out], ran.out


@contextlib.asynccontextmanager
async def agent(folder: Path) -> AsyncIterator[Path]:
    """An SSH agent that holds the key ``locked``, whose file has a passphrase."""
    await output("ssh-keygen", "-q", "-t", "ed25519", "-N", PASSPHRASE, "-f", str(folder / "locked"))
    asking = folder / "askpass"
    asking.write_text(f"#!/bin/sh\necho '{PASSPHRASE}'\n")
    asking.chmod(0o700)
    process = await asyncio.create_subprocess_exec(
        "ssh-agent", "-D", "-a", str(folder / "agent"), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(20):
            while not (folder / "agent").exists():
                await asyncio.sleep(0.01)
        env = ["env", f"SSH_AUTH_SOCK={folder}/agent", f"SSH_ASKPASS={asking}", "SSH_ASKPASS_REQUIRE=force"]
        await output(*env, "ssh-add", "-q", str(folder / "locked"))
        yield folder / "agent"
    finally:
        process.terminate()
        await process.wait()


async def test_by_a_key_with_a_passphrase_from_the_agent(pair: DebianPair) -> None:
    known = known_as(pair, "{}")
    async with agent(pair.folder) as socket:
        for host in (pair.db1, pair.db2):
            public = (pair.folder / "locked.pub").read_bytes()
            await host.run("cat >>/root/.ssh/authorized_keys", stdin=public)
        await finds_it_done(pair, topology(pair, aliases(pair, known, key="")), SSH_AUTH_SOCK=str(socket))
        only = f"  IdentitiesOnly yes\n  IdentityFile {pair.folder}/locked.pub\n  IdentityAgent {socket}\n"
        await finds_it_done(pair, topology(pair, aliases(pair, known, only, key="")))
    await is_refused(pair, topology(pair, aliases(pair, known, key="locked")), "locked", "ssh-add")


async def sign(authority: Path, *what: str) -> None:
    await output("ssh-keygen", "-q", "-s", str(authority), *what)


async def test_by_certificates_of_the_user_and_of_the_hosts(pair: DebianPair) -> None:
    folder = pair.folder
    for name in ("authority", "other", "certified"):
        await output("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
    await sign(folder / "authority", "-I", "operator", "-n", "root", "-V", "+1h", str(folder / "certified.pub"))
    for host in (pair.db1, pair.db2):
        mine = folder / f"{host.name}.pub"
        mine.write_text(pair.host_keys[host.name] + "\n")
        for port, authority, name in (
            (2201, "authority", host.address),
            (2202, "other", host.address),
            (2203, "authority", "elsewhere"),
        ):
            await sign(folder / authority, "-I", host.name, "-h", "-n", name, "-V", "+1h", str(mine))
            await host.run('cat >"/etc/ssh/cert$1"', str(port), stdin=(folder / f"{host.name}-cert.pub").read_bytes())
            await host.run("cat >/etc/ssh/users_ca", stdin=(folder / "authority.pub").read_bytes())
            await host.sshd(
                port,
                HostCertificate=f"/etc/ssh/cert{port}",
                TrustedUserCAKeys="/etc/ssh/users_ca",
                AuthorizedKeysFile="none",
            )
    known = folder / "authorities"
    known.write_text(f"@cert-authority 10.77.0.* {(folder / 'authority.pub').read_text()}")
    await finds_it_done(pair, topology(pair, aliases(pair, known, "  Port 2201\n", key="certified")))

    shutil.move(folder / "certified-cert.pub", folder / "elsewhere-cert.pub")
    named = f"  Port 2201\n  CertificateFile {folder}/elsewhere-cert.pub\n"
    await finds_it_done(pair, topology(pair, aliases(pair, known, named, key="certified")))
    uncertified = topology(pair, aliases(pair, known, "  Port 2201\n", key="certified"))
    await is_refused(pair, uncertified, "lets root in with none of these keys")
    for port in (2202, 2203):
        refused = topology(pair, aliases(pair, known, named.replace("2201", str(port)), key="certified"))
        await is_refused(pair, refused, "10.77.0.11", "host key")


async def test_by_hashed_names_and_names_with_a_port(pair: DebianPair) -> None:
    for host in (pair.db1, pair.db2):
        await host.sshd(2222)
    known = known_as(pair, "{}")
    await output("ssh-keygen", "-q", "-H", "-f", str(known))
    assert known.read_text().startswith("|1|")
    await finds_it_done(pair, topology(pair, aliases(pair, known)))

    known = known_as(pair, "[{}]:2222")
    await finds_it_done(pair, topology(pair, aliases(pair, known), "root@db1:2222", "root@db2:2222"))
    await output("ssh-keygen", "-q", "-H", "-f", str(known))
    await finds_it_done(pair, topology(pair, aliases(pair, known, "  Port 2222\n")))
    await is_refused(pair, topology(pair, aliases(pair, known)), "10.77.0.11, port 22 is not known")


async def test_no_file_of_the_operator_weakens_the_check_of_host_keys(pair: DebianPair) -> None:
    weak = (
        "  StrictHostKeyChecking no\n  CheckHostIP no\n  NoHostAuthenticationForLocalhost yes\n  VerifyHostKeyDNS yes\n"
    )
    await is_refused(pair, topology(pair, aliases(pair, Path("/dev/null"), weak)), "is not known", "SHA256:")

    known = known_as(pair, "{}")
    known.write_text(known.read_text() + "".join(f"@revoked * {key}\n" for key in pair.host_keys.values()))
    await is_refused(pair, topology(pair, aliases(pair, known, weak)), "revoked", "Do not connect")

    first, second = pair.host_keys["db1"], pair.host_keys["db2"]
    known.write_text(f"{pair.db1.address} {second}\n{pair.db2.address} {first}\n")
    await is_refused(pair, topology(pair, aliases(pair, known, weak)), "has CHANGED", "ssh-keygen -R 10.77.0.11")


@pytest.mark.skipif(not has_ipv6(), reason="this kernel has no IPv6 in new networks")
async def test_by_ipv6(pair: DebianPair) -> None:
    known = pair.folder / "other_known"
    lines = [f"{host.address6} {pair.host_keys[host.name]}\n" for host in (pair.db1, pair.db2)]
    known.write_text("".join(lines))
    config = aliases(pair, known)
    for host in (pair.db1, pair.db2):
        config = config.replace(host.address, host.address6)
    path = topology(pair, config)
    path.write_text(path.read_text().replace("@db1\n", f"@db1\n    address: {pair.db1.address}\n"))
    await finds_it_done(pair, path)


async def test_through_two_jump_hosts_where_there_is_no_other_way(pair: DebianPair) -> None:
    gates = [DebianHost(pair.hub, f"gate{n}", f"10.77.0.{20 + n}", pair.db1.release) for n in (1, 2)]
    known = known_as(pair, "{}")
    for gate in gates:
        await gate.create(root(gate.release))
        await gate.start()
        public = (pair.folder / "key.pub").read_bytes()
        await gate.run("mkdir -p /root/.ssh && cat >/root/.ssh/authorized_keys", stdin=public)
        host_key = await gate.run("cat /etc/ssh/ssh_host_ed25519_key.pub")
        known.write_text(f"{known.read_text()}{gate.address} {host_key}")
    far = [gates[1].address, pair.db1.address, pair.db2.address]
    config = aliases(pair, known)
    first, second = (f"root@{gate.address}" for gate in gates)
    nested = f"Host {gates[1].address}\n  ProxyJump {first}\nHost db1 db2\n  ProxyJump {second}\n"
    for address in far:
        await pair.hub.ip(f"route add unreachable {address}")
    try:
        await is_refused(pair, topology(pair, config), "10.77.0.11, port 22 cannot be reached")
        await finds_it_done(pair, topology(pair, f"Host db1 db2\n  ProxyJump {first},{second}\n{config}"))
        await finds_it_done(pair, topology(pair, nested + config))
        swapped = nested.replace(gates[1].address, "10.77.0.99")
        await is_refused(pair, topology(pair, swapped + config), "10.77.0.99")
        known.write_text("".join(line for line in known.read_text().splitlines(True) if gates[0].address not in line))
        await is_refused(pair, topology(pair, nested + config), "host key of 10.77.0.21, port 22 is not known")
    finally:
        for address in far:
            await pair.hub.ip(f"route del unreachable {address}")
        for gate in gates:
            await gate.power_cut()


async def test_the_operators_own_files_count_where_the_topology_names_none(pair: DebianPair) -> None:
    own = pair.folder / ".ssh"
    own.mkdir()
    (own / "config").write_text(aliases(pair, known_as(pair, "{}"), key="id_here"))
    for end in ("", ".pub"):
        shutil.copy(pair.folder / f"key{end}", own / f"id_ed25519{end}")
        shutil.copy(pair.folder / f"key{end}", pair.folder / f"id_here{end}")
    path = pair.topology("root")
    plain = pair.folder / "plain.yaml"
    plain.write_text(path.read_text().replace("ssh_config: ./ssh_config\n", ""))
    await finds_it_done(pair, plain)
    (pair.folder / "id_here").unlink()
    (own / "config").write_text("".join(f"Host {h.name}\n  HostName {h.address}\n" for h in (pair.db1, pair.db2)))
    shutil.copy(pair.folder / "other_known", own / "known_hosts")
    await finds_it_done(pair, plain)
