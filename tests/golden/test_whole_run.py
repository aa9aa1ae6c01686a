"""Whole runs against pretended 9.x servers: set up, proved, and nothing left to do the second time.

The servers are pretended, the rest is real: files, processes, locks, jobs, libpq's login at a walsender of 9.x.
"""

import hashlib
import re
from pathlib import Path

import pytest

from pgrepl_tui import events as ev
from pgrepl_tui.events import Outcome, RunOutcome
from pgrepl_tui.topology import Replication
from tests.golden import grammar
from tests.golden.checker import unknown_in_command, unknown_in_statement
from tests.golden.golden_file import VERSIONS, texts
from tests.golden.pretended.world import World, segment
from tests.golden.whole_run import Played, Pretended, pretended

TWICE = {"9.1", "9.4", "9.6"}
"""Versions whose second run is played as well: without slots, with one that reserves nothing, with one that does."""
OWN_NOTES = re.compile(r"(?:# write|mkdir -m 700) \S*/\.pgrepl-tui\b.*|flock .*|# forget the job .*")
"""The journal, the kept old bytes, the locks and the jobs' folders: no change of either cluster."""


def psql(statement: str) -> str:
    """A statement to the primary as it is shown."""
    escaped = statement.replace('"', '\\"')
    return f'psql -p PRIMARY -c "{escaped}"' if "'" in statement else f"psql -p PRIMARY -c '{statement}'"


RELOAD = psql("select pg_reload_conf()")


def cluster_changes(pair: Pretended, commands: list[str]) -> list[str]:
    """The commands that change a cluster, with names in place of what differs from run to run."""
    found = []
    for command in commands:
        text = command
        for number, world in ((1, pair.primary), (2, pair.standby)):
            text = text.replace(str(world.folder), f"/db{number}")
        for port, name in zip(pair.ports, ("PRIMARY", "STANDBY"), strict=True):
            text = text.replace(str(port), name)
        text = re.sub(r"md5[0-9a-f]{32}", "md5…", re.sub(r"\d{8}T\d{6}Z", "RUN", text))
        text = re.sub(r"(?<=/copy-)[0-9a-f]{12}$", "TAG", text)
        if not OWN_NOTES.fullmatch(text):
            found.append(text)
    return found


def expected(version: str) -> tuple[list[str], list[str]]:
    """What has to be done on each host, in order."""
    primary = [
        psql("create role \"replicator\" with login replication password 'md5…'"),
        "# write /db1/data/postgresql.conf",
        RELOAD,
        "/db1/bin/pg_ctl -D /db1/data -l /db1/data.log -m fast -w -t 86400 restart",
        "# write /db1/data/pg_hba.conf",
        RELOAD,
    ]
    if version >= "9.4":
        reserve = ", true" if version == "9.6" else ""
        primary.append(psql(f"select pg_create_physical_replication_slot('pgrepl_db2'{reserve})"))
    info = "\"host='127.0.0.1' port='PRIMARY' user='replicator' sslmode='prefer'\""
    login = f"-d {info}" if version >= "9.3" else "-h 127.0.0.1 -p PRIMARY -U replicator"
    mode = "PGSSLMODE=prefer " if version < "9.3" else ""
    wal = "-x" if version == "9.1" else "-X stream -S pgrepl_db2" if version == "9.6" else "-X stream"
    copy = "/db2/bin/pg_basebackup -D /db2/data.pgrepl-new -F p -w -v -P -c fast -l 'pgrepl-tui RUN'"
    return primary, [
        "# write /db2/home/.pgpass",
        "chmod 600 -- /db2/home/.pgpass",
        "# write /db2/data/postgresql.conf",
        "mkdir -p /db2/data.pgrepl-new",
        f"LC_ALL=C {mode}PGPASSFILE=/db2/home/.pgpass PGAPPNAME=pgrepl_db2_copy {copy} {wal} {login}",
        "# copy the own configuration of /db2/data to /db2/data.pgrepl-new",
        "# write /db2/data.pgrepl-new/recovery.conf",
        "mv -T /db2/data /db2/data.pgrepl-old-RUN && mv -T /db2/data.pgrepl-new /db2/data",
        "rm -f /db2/home/.pgrepl-tui/copy-TAG",
        "/db2/bin/pg_ctl -D /db2/data -l /db2/data.log -W start",
    ]


def proved(played: Played) -> None:
    """The run ended well, with a match and a marked record that arrived."""
    assert played.ended.outcome is RunOutcome.DONE, (played.ended.message, played.ended.remedy)
    matched = [event for event in played.told.events if isinstance(event, ev.Matched)]
    assert [event.matching for event in matched] == [True]
    assert matched[0].received == matched[0].replayed == matched[0].lsn
    points = [event.point for event in played.told.events if isinstance(event, ev.MarkReached)]
    assert points == ["made", "sent", "written", "flushed", "received", "replayed"]


def sent(world: World) -> list[str]:
    """The statements that a server was sent."""
    return (world.folder / "run/statements.log").read_text().splitlines()


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_standby_is_set_up_and_proved_by_the_commands_of_its_version(version: str, tmp_path: Path) -> None:
    with pretended(tmp_path, version) as pair:
        played = await pair.run()
        proved(played)
        primary, standby = expected(version)
        assert cluster_changes(pair, played.primary.changes) == primary
        assert cluster_changes(pair, played.standby.changes) == standby
        only_what_is_known(pair, played)
        what_was_written_means_what_was_meant(pair)
        progress_was_thin(played)
        if version in TWICE:
            again = await pair.run()
            proved(again)
            assert (again.ended.changes, again.changed) == (0, [])
            assert cluster_changes(pair, again.primary.changes + again.standby.changes) == []


def only_what_is_known(pair: Pretended, played: Played) -> None:
    """Every statement that really went out is a golden one, and every program's options are known."""
    golden = set(texts(pair.version, "statements.sql"))
    for statement in {*sent(pair.primary), *sent(pair.standby)}:
        plain = re.sub(r"md5[0-9a-f]{32}", "md5" + md5("correct horse battery"), statement)
        plain = re.sub(r"'(pgrepl_tui )?[0-9a-f]{16}'", r"'\g<1>0123456789abcdef'", plain)
        assert unknown_in_statement(statement, pair.version) == []
        assert plain in golden or plain.startswith("select name, setting, unit"), plain
    for command in played.primary.asked + played.standby.asked:
        if "/bin/pg_" in command.shown.partition(" -D")[0]:
            assert unknown_in_command(command.shown, pair.version) == []


def what_was_written_means_what_was_meant(pair: Pretended) -> None:
    """Read back by the other parser, as that server reads it."""
    recovery = grammar.conf((pair.standby.data / "recovery.conf").read_bytes())
    info = grammar.conninfo(recovery["primary_conninfo"])
    assert info["port"] == str(pair.ports[0]).encode()
    assert recovery["standby_mode"] == b"on"
    assert recovery["recovery_target_timeline"] == b"latest"
    assert ("primary_slot_name" in recovery) == (pair.version >= "9.4")
    conf = grammar.conf((pair.standby.data / "postgresql.conf").read_bytes())
    assert conf["port"] == str(pair.ports[1]).encode(), "the standby keeps its own configuration"
    secret = (pair.standby.folder / "home/.pgpass").read_bytes()
    found = grammar.password(secret, pair.version, host=b"127.0.0.1", port=info["port"], database=b"replication",
                             user=b"replicator")  # fmt: skip
    assert found is not None
    assert md5(found.decode()) == pair.primary.state("roles")["replicator"]["password"].removeprefix("md5")


def md5(password: str) -> str:
    return hashlib.md5(f"{password}replicator".encode(), usedforsecurity=False).hexdigest()


def progress_was_thin(played: Played) -> None:
    """pg_basebackup told of 3000 blocks up to 9.3; what comes of it here is a few lines, and the last one is exact."""
    progress = [event for event in played.told.events if isinstance(event, ev.Progress)]
    assert progress[-1].done == progress[-1].total == 3000 * 32 * 1024
    said = b"".join(data for data in played.told.outputs if b" kB (" in data)
    assert 2 <= said.count(b" kB (") <= 20
    assert b"base backup completed" in b"".join(played.told.outputs)


@pytest.mark.parametrize("version", ["9.1", "9.5"])
async def test_wal_that_is_gone_before_the_standby_starts_is_found_after_the_copy(version: str, tmp_path: Path) -> None:
    """The kept WAL did not last: nothing is set aside, and the old cluster is still in its place."""
    with pretended(tmp_path, version) as pair:
        wal = pair.primary.data / "pg_xlog" / segment(pair.primary.position())
        finish = pair.standby.folder / "bin/pg_basebackup"
        finish.write_text(finish.read_text().replace("exec ", "").rstrip() + f'\nrc=$?\nrm -f "{wal}"\nexit $rc\n')
        played = await pair.run()
        assert played.ended.outcome is RunOutcome.FAILED
        assert "thrown away the WAL" in played.ended.message
        assert "wal_keep_segments" in played.ended.remedy
        assert pair.standby.control()["identifier"] == "42"
        assert not list(tmp_path.glob("two/data.pgrepl-old-*"))


@pytest.mark.parametrize("version", ["9.1", "9.6"])
async def test_tls_that_the_primary_was_built_without_is_a_stop_before_any_change(version: str, tmp_path: Path) -> None:
    with pretended(tmp_path, version) as pair:
        pair.replication = Replication(sslmode="require")
        before = (pair.primary.data / "postgresql.conf").read_bytes()
        played = await pair.run()
        assert played.ended.outcome is RunOutcome.REFUSED
        assert "built without TLS" in played.ended.message
        assert "sslmode: prefer" in played.ended.remedy
        assert played.changed == []
        assert (pair.primary.data / "postgresql.conf").read_bytes() == before


async def test_an_owner_without_a_home_in_passwd_has_the_passfile_named_to_the_server(tmp_path: Path) -> None:
    """An old libpq looks nowhere else: pg_ctl is given PGPASSFILE, and the operator is told."""
    with pretended(tmp_path, "9.2", home="/nonexistent") as pair:
        played = await pair.run()
        proved(played)
        (start,) = (text for text in cluster_changes(pair, played.standby.changes) if text.endswith(" -W start"))
        assert start.startswith("PGPASSFILE=/db2/home/.pgpass /db2/bin/pg_ctl")
        (command,) = (command for command in played.standby.asked if "-W" in command.argv)
        assert dict(command.env) == {"PGPASSFILE": f"{pair.standby.folder}/home/.pgpass"}
        told = [event.text for event in played.told.events if isinstance(event, ev.Note)]
        assert [text for text in told if f"set PGPASSFILE={pair.standby.folder}/home/.pgpass" in text]


async def test_a_passfile_that_the_servers_own_libpq_does_not_read_is_found_before_the_copy(tmp_path: Path) -> None:
    """The login from here works, as it does not need the file: its own libpq is asked as well."""
    with pretended(tmp_path, "9.3") as pair:
        psql = pair.standby.folder / "bin/psql"
        closing = f'case "$*" in *IDENTIFY_SYSTEM*) chmod 644 "{pair.standby.folder}/home/.pgpass" ;; esac'
        psql.write_text(psql.read_text().replace("exec ", f"{closing}\nexec "))
        played = await pair.run()
        assert played.outcome("login").outcome is Outcome.FAILED
        assert "own libpq does not get in" in played.ended.message
        assert "no password supplied" in played.ended.message
        assert not (tmp_path / "two/data.pgrepl-new").exists()
