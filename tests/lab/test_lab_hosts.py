"""A whole lab, as the wizard finds it."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncssh
import psycopg
import pytest
import pytest_asyncio
import yaml

from pgrepl_tui.lab.client import Lab
from pgrepl_tui.lab.errors import LabError
from pgrepl_tui.lab.layout import LabHost
from tests.lab.running import LIMIT

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab() -> AsyncIterator[Lab]:
    said: list[str] = []
    async with Lab.start(megabytes=8, progress=said.append) as lab:
        assert said == ["making the two clusters", "making the primary's tables, 8 MiB"]
        yield lab


def connect(lab: Lab, host: LabHost) -> AbstractAsyncContextManager[asyncssh.SSHClientConnection]:
    return asyncssh.connect(host.name, config=[lab.ssh_config], agent_path=None)


async def wait_for_writes(lab: Lab, more_than: int) -> int:
    async with asyncio.timeout(LIMIT):
        while (count := int(await lab.sql(lab.primary, "SELECT count(*) FROM heartbeat", "app"))) <= more_than:
            await asyncio.sleep(0.05)
    return count


async def test_the_ssh_config_alone_reaches_both_hosts_as_different_hosts(lab: Lab) -> None:
    homes = set()
    for host in (lab.primary, lab.standby):
        async with connect(lab, host) as connection:
            answer = await connection.run("pwd; command -v pg_ctl", check=True)
        home, pg_ctl = str(answer.stdout).split()
        assert Path(pg_ctl) == host.bin / "pg_ctl"
        homes.add(Path(home))
    assert homes == {lab.primary.home, lab.standby.home}


@pytest.mark.skipif(shutil.which("ssh") is None, reason="no OpenSSH client here")
async def test_openssh_reaches_a_host_by_the_ssh_config(lab: Lab) -> None:
    process = await asyncio.create_subprocess_exec(
        "ssh", "-F", lab.ssh_config, "db2", "cat; exit 3",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate(b"through")
    assert (process.returncode, out) == (3, b"through")


async def test_the_clusters_are_two_and_both_listen_on_localhost_only_with_tls_and_scram(lab: Lab) -> None:
    systems = set()
    for host in (lab.primary, lab.standby):
        systems.add(await lab.sql(host, "SELECT system_identifier FROM pg_control_system()"))
        shown = [await lab.sql(host, f"SHOW {name}") for name in ("listen_addresses", "ssl", "password_encryption")]
        assert shown == ["localhost", "on", "scram-sha-256"]
        assert await lab.sql(host, "SELECT current_user, pg_is_in_recovery()") == f"{lab.user}|f"
    assert len(systems) == 2


async def test_the_primary_is_a_plain_server_with_nothing_left_of_the_load(lab: Lab) -> None:
    settings = "fsync|on\nmax_wal_senders|10\nwal_level|replica"
    query = "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'max_wal_senders', 'wal_level') ORDER BY 1"
    assert await lab.sql(lab.primary, query) == settings
    assert await lab.sql(lab.primary, "SELECT count(*) FROM pg_settings WHERE source = 'command line'") == (
        await lab.sql(lab.standby, "SELECT count(*) FROM pg_settings WHERE source = 'command line'")
    )


async def test_no_rule_lets_anybody_replicate_and_none_is_without_a_password_but_peer(lab: Lab) -> None:
    rules = "SELECT type, database, auth_method, error FROM pg_hba_file_rules"
    expected = "local|{all}|peer|\nhostssl|{all}|scram-sha-256|\nhostssl|{all}|scram-sha-256|"
    assert await lab.sql(lab.primary, rules) == expected
    assert await lab.sql(lab.standby, rules) == expected


async def test_the_primary_has_about_the_data_asked_for_in_real_tables(lab: Lab) -> None:
    query = (
        "SELECT sum(pg_total_relation_size(oid)) / 1048576.0 FROM pg_class WHERE relname IN ('orders', 'page_views')"
    )
    assert 7 < float(await lab.sql(lab.primary, query, "app")) < 9.5


async def test_the_writes_go_on_and_start_again_after_a_restart(lab: Lab) -> None:
    before = await wait_for_writes(lab, 0)
    async with connect(lab, lab.primary) as connection:
        await connection.run(f"pg_ctl restart -s -w -m fast -D {lab.primary.data} -l {lab.primary.log}", check=True)
    await wait_for_writes(lab, before + 3)
    unmatched = "SELECT count(*) FROM heartbeat h LEFT JOIN orders o ON o.id = h.order_id WHERE o.id IS NULL"
    assert await lab.sql(lab.primary, unmatched, "app") == "0"


async def test_the_old_cluster_of_the_standby_holds_rows_to_look_for_later(lab: Lab) -> None:
    assert (await lab.sql(lab.standby, "SELECT id, town FROM branches ORDER BY id", "legacy")).splitlines() == [
        "1|Bergen", "2|Porto", "3|Gdansk",
    ]  # fmt: skip


async def test_the_log_is_the_file_that_the_postmaster_writes_to(lab: Lab) -> None:
    for host in (lab.primary, lab.standby):
        async with connect(lab, host) as connection:
            answer = await connection.run(f"readlink /proc/$(head -n 1 {host.data}/postmaster.pid)/fd/2", check=True)
        assert Path(str(answer.stdout).strip()) == host.log


async def test_peer_authentication_works_through_a_forwarded_socket(lab: Lab) -> None:
    there = lab.primary.socket_dir / f".s.PGSQL.{lab.primary.pg_port}"
    with tempfile.TemporaryDirectory() as name:
        async with (
            connect(lab, lab.primary) as connection,
            await connection.forward_local_path(f"{name}/{there.name}", str(there)),
        ):
            conninfo = f"host={name} port={lab.primary.pg_port} dbname=app"
            async with await psycopg.AsyncConnection.connect(conninfo, user=lab.user) as database:
                row = await (await database.execute("SELECT current_user, repeat('x', 3000000)")).fetchone()
            with pytest.raises(psycopg.OperationalError, match="[Pp]eer authentication failed"):
                await psycopg.AsyncConnection.connect(conninfo, user="replicator")
    assert row == (lab.user, "x" * 3_000_000)


async def test_scram_over_tls_works_through_a_forwarded_port_and_nothing_less(lab: Lab) -> None:
    await lab.sql(lab.primary, "CREATE ROLE clerk LOGIN PASSWORD 'for this test'")
    async with (
        connect(lab, lab.primary) as connection,
        await connection.forward_local_port("127.0.0.1", 0, "127.0.0.1", lab.primary.pg_port) as listener,
    ):
        where = f"host=127.0.0.1 port={listener.get_port()} user=clerk dbname=app require_auth=scram-sha-256"
        async with await psycopg.AsyncConnection.connect(
            f"{where} sslmode=require password='for this test'"
        ) as session:
            row = await (await session.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).fetchone()
        assert row == (True,)
        with pytest.raises(psycopg.OperationalError, match="no encryption"):
            await psycopg.AsyncConnection.connect(f"{where} sslmode=disable password='for this test'")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            await psycopg.AsyncConnection.connect(f"{where} sslmode=require password=wrong")


async def test_the_topology_names_what_is_there(lab: Lab) -> None:
    topology = yaml.safe_load(lab.topology.read_text())
    assert topology["same_machine"] is True
    assert (lab.topology.parent / topology["ssh_config"]) == lab.ssh_config
    for host, server in ((lab.primary, topology["primary"]), (lab.standby, topology["standbys"][0])):
        assert server == {
            "ssh": host.name, "address": host.address, "port": host.pg_port,
            "bin": str(host.bin), "data": str(host.data), "os_user": lab.user,
        }  # fmt: skip
        assert (Path(server["bin"]) / "pg_basebackup").is_file()


async def test_the_private_key_is_closed_to_everybody_else(lab: Lab) -> None:
    assert (lab.folder / "id_ed25519").stat().st_mode & 0o777 == 0o600
    assert lab.folder.stat().st_mode & 0o066 == 0


async def test_a_query_that_fails_says_why(lab: Lab) -> None:
    with pytest.raises(LabError, match='relation "nothing" does not exist'):
        await lab.sql(lab.primary, "SELECT * FROM nothing")
