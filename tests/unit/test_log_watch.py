"""The standby's log is found in any place, and followed where it goes on; without one its processes are looked at."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.events import CommandStarted, Milestone, Note
from pgrepl_tui.hosts.host import Command, ConnectionLostError, HostError, Result
from pgrepl_tui.postgres.cluster import SystemdUnit
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.standby.follow import RECOVERING
from pgrepl_tui.steps.standby.log_source import CLOCK, Logging, LogSource, log_source, logging_of, marks, said_since
from pgrepl_tui.steps.standby.log_watch import LogWatch
from tests.unit.scripted_host import ScriptedHost, really
from tests.unit.scripted_pair import V15, Two, pair_in

STDERR = Logging(frozenset({"stderr"}), "", "postgres")
ENTERS = "LOG:  entering standby mode\n"
READY = "LOG:  database system is ready to accept read-only connections\n"


def following(monkeypatch: pytest.MonkeyPatch, *, fails: HostError | None = None) -> None:
    """The standby's host follows real files, or cannot."""

    async def follow(_host: ScriptedHost, path: str, *, offset: int, user: str | None) -> AsyncIterator[bytes]:
        del user
        if fails is not None:
            raise fails
        while True:
            if Path(path).exists():
                data = Path(path).read_bytes()
                if data[offset:]:
                    yield data[offset:]
                    offset = len(data)
            await asyncio.sleep(0.01)

    monkeypatch.setattr(ScriptedHost, "follow", follow)


def milestones(pair: Two) -> list[tuple[str, str]]:
    """Those that were told."""
    return [(event.name, event.line) for event in pair.told.events if isinstance(event, Milestone)]


def followed(pair: Two) -> list[str]:
    """What was followed."""
    return [event.line for event in pair.told.events if isinstance(event, CommandStarted) and "tail -F" in event.line]


async def until(ready: Callable[[], object]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(20):
        while not ready():
            await asyncio.sleep(0.01)


def says(pair: Two, **settings: str) -> None:
    """What postgres -C prints."""
    rows = "".join(f"{name}={value}\n" for name, value in settings.items())
    pair.standby.on("postgres -C", rows)


async def test_how_it_logs_is_read_from_its_own_settings(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    says(pair, log_destination="csvlog, STDERR", logging_collector="on", log_directory="log", syslog_ident="pg5")
    assert await logging_of(pair.ctx) == Logging(frozenset({"csvlog", "stderr"}), f"{tmp_path}/data/log", "pg5")
    says(pair, log_destination="syslog", logging_collector="off", log_directory="/var/log/pg", syslog_ident="postgres")
    assert await logging_of(pair.ctx) == Logging(frozenset({"syslog"}), "", "postgres")


async def test_9_1_is_read_from_its_file_with_what_is_built_in(tmp_path: Path) -> None:
    pair = pair_in(tmp_path, Major(9, 1))
    pair.standby.on("postgres -C")
    assert await logging_of(pair.ctx) == STDERR
    (tmp_path / "data/postgresql.conf").write_text("logging_collector = on\n")
    assert await logging_of(pair.ctx) == Logging(frozenset({"stderr"}), f"{tmp_path}/data/pg_log", "postgres")


@pytest.mark.parametrize(
    ("destinations", "expected"),
    [("stderr", "x.log"), ("csvlog", "x.csv"), ("jsonlog", "x.json"), ("csvlog jsonlog", "x.csv"),
     ("stderr csvlog", "x.log")],
)  # fmt: skip
@pytest.mark.parametrize("current", [True, False])
async def test_the_collectors_file_of_the_form_that_is_asked_for(
    tmp_path: Path, destinations: str, expected: str, *, current: bool
) -> None:
    pair, folder = pair_in(tmp_path), tmp_path / "data/log"
    folder.mkdir()
    for name in ("x.log", "x.csv", "x.json"):
        (folder / name).touch()
    if current:
        text = "stderr log/x.log\ncsvlog log/x.csv\njsonlog log/x.json\n"
        (tmp_path / "data/current_logfiles").write_text(text)
    logging = Logging(frozenset(destinations.split()), str(folder), "postgres")
    assert await log_source(pair.ctx, logging) == LogSource(f"{folder}/{expected}")


async def test_before_the_collector_has_a_file_its_first_words_are_in_the_plain_one(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    logging = Logging(frozenset({"csvlog"}), str(tmp_path / "none"), "postgres")
    assert await log_source(pair.ctx, logging) == LogSource(f"{tmp_path}/data.log")


async def test_under_systemd_without_a_file_it_is_the_journal(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    side = pair.ctx.standby
    side.cluster = replace(side.cluster, control=SystemdUnit("postgresql-15"))
    assert await log_source(pair.ctx, STDERR) == LogSource(journal=("-u", "postgresql-15"))
    syslog = Logging(frozenset({"syslog"}), "", "pg5")
    assert await log_source(pair.ctx, syslog) == LogSource(journal=("-t", "pg5"))
    (tmp_path / "data.log").touch()
    assert await log_source(pair.ctx, STDERR) == LogSource(f"{tmp_path}/data.log")
    side.cluster = replace(side.cluster, control=pair.ctx.primary.cluster.control)
    assert await log_source(pair.ctx, syslog) == LogSource()


async def test_what_stood_in_the_files_before_the_start_is_known_by_their_lengths(tmp_path: Path) -> None:
    pair, folder = pair_in(tmp_path), tmp_path / "data/log"
    folder.mkdir()
    (folder / "a b.csv").write_text("x" * 10)
    (tmp_path / "data.log").write_text("x" * 7)
    says(pair, log_destination="csvlog", logging_collector="on", log_directory="log")
    found = await marks(pair.ctx)
    assert found.pop(CLOCK) > 1_000_000_000
    assert found == {f"{tmp_path}/data.log": 7, f"{folder}/a b.csv": 10}
    pair.ctx.log_marks = found
    with (tmp_path / "data.log").open("a") as log:
        log.write("FATAL:  plain\n")
    with (folder / "a b.csv").open("a") as log:
        log.write('t,"u","d",7,"h",s,1,"c",b,v,0,FATAL,53100,"by field",,,,,,,,,"app"\n')
    where, entries = await said_since(pair.ctx)
    assert entries == ["FATAL:  plain", "t [7] FATAL:  53100: by field"]
    assert where == f"{tmp_path}/data.log and {folder}/a b.csv"


async def test_a_log_that_goes_on_in_another_file_is_followed_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair, folder = pair_in(tmp_path), tmp_path / "data/log"
    following(monkeypatch)
    folder.mkdir()
    current = tmp_path / "data/current_logfiles"
    current.write_text("stderr log/one.log\n")
    (folder / "one.log").write_text(f"LOG:  long ago\n{ENTERS}")
    pair.ctx.log_marks = {f"{folder}/one.log": len("LOG:  long ago\n")}
    watch = LogWatch(pair.ctx, Logging(frozenset({"stderr"}), str(folder), "postgres"))
    try:
        await watch.turn()
        await until(lambda: watch.seen == {"standby mode"})
        (folder / "two.log").write_text(READY)
        current.write_text("stderr log/two.log\n")
        await watch.turn()
        await until(lambda: watch.seen == {"standby mode", "ready"})
        await watch.turn()
    finally:
        await watch.end()
    assert followed(pair) == [f"tail -F {folder}/one.log", f"tail -F {folder}/two.log"]
    assert b"long ago" not in b"".join(pair.told.outputs)
    assert watch.where == f"{folder}/two.log"


async def test_records_are_told_as_lines_and_their_milestones_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = pair_in(tmp_path)
    following(monkeypatch)
    (tmp_path / "x.json").write_text(
        '{"timestamp":"t","pid":1,"error_severity":"LOG","state_code":"00000","message":"entering standby mode"}\n'
    )
    pair.ctx.log_marks = {}
    pair.standby.on("current_logfiles", f"jsonlog {tmp_path}/x.json\n")
    watch = LogWatch(pair.ctx, Logging(frozenset({"jsonlog"}), "log", "postgres"))
    await watch.turn()
    await until(lambda: watch.seen)
    await watch.end()
    assert milestones(pair) == [("standby mode", "t [1] LOG:  entering standby mode")]
    assert b"".join(pair.told.outputs) == b"t [1] LOG:  entering standby mode\n"


@pytest.mark.parametrize("lost", [False, True])
async def test_a_log_that_cannot_be_read_is_done_without_but_not_a_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, lost: bool
) -> None:
    pair = pair_in(tmp_path)
    error = (ConnectionLostError if lost else HostError)("db2: data.log cannot be followed: Permission denied")
    following(monkeypatch, fails=error)
    watch = LogWatch(pair.ctx, STDERR)
    await watch.turn()
    await until(lambda: all(tail.done() for tail in watch.tails.values()))
    if lost:
        with pytest.raises(ConnectionLostError):
            await watch.turn()
    else:
        await watch.turn()
        await watch.turn()
        notes = [event.text for event in pair.told.events if isinstance(event, Note)]
        assert len(notes) == 1
        assert notes[0].startswith(
            "db2: data.log cannot be followed: Permission denied; its state is asked for instead"
        )
    await watch.end()


async def test_the_journal_is_read_on_from_its_cursor(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    pair.ctx.log_marks = {CLOCK: 1234}
    asked: list[tuple[str, ...]] = []
    answers = [f"{ENTERS}-- cursor: s=1;i=2\n", "", f"{READY}-- cursor: s=1;i=3\n"]

    def journal(command: Command) -> Result:
        asked.append(command.argv[7:])
        assert command.user == "root"
        return Result(0, (answers[len(asked) - 1] if len(asked) <= len(answers) else "").encode(), b"")

    side = pair.ctx.standby
    side.cluster = replace(side.cluster, control=SystemdUnit("pg"))
    pair.standby.by("journalctl", journal)
    watch = LogWatch(pair.ctx, STDERR)
    await watch.turn()
    await until(lambda: len(asked) > 3)
    await watch.end()
    assert watch.seen == {"standby mode", "ready"}
    cursors = [("--after-cursor", "s=1;i=2"), ("--after-cursor", "s=1;i=2"), ("--after-cursor", "s=1;i=3")]
    assert asked[:4] == [("pg", "--since", "@1234"), *(("pg", *cursor) for cursor in cursors)]


PRIMARY_SAYS = 'could not connect to the primary server: FATAL:  password authentication failed for user "r"'


@pytest.mark.parametrize(
    ("entry", "cause"),
    [
        ('FATAL:  password authentication failed for user "app"', None),
        ("FATAL:  the database system is starting up", None),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "app", database "app", no encryption', None),
        (f"FATAL:  {PRIMARY_SAYS}", "wrong_password"),
        ('\tFATAL:  password authentication failed for user "r"', "wrong_password"),
        ("FATAL:  requested WAL segment 000000010000000000000001 has already been removed", "wal_removed"),
    ],
)
async def test_a_client_that_the_standby_turns_away_is_no_trouble_of_ours(
    tmp_path: Path, entry: str, cause: str | None
) -> None:
    watch = LogWatch(pair_in(tmp_path, V15).ctx, STDERR)
    watch.entry(entry, entry)
    assert (watch.cause.name if watch.cause else None) == cause
    watch.reached("ready", "LOG:  ready")
    assert watch.cause is None, "what is behind it is no trouble any more"


async def test_each_milestone_is_told_once_whoever_sees_it_first(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    watch = LogWatch(pair.ctx, STDERR)
    watch.entry(READY.strip(), READY.strip())
    watch.reached("ready", "by its state")
    watch.reached("streaming", "by its state")
    assert milestones(pair) == [("ready", READY.strip()), ("streaming", "by its state")]


def test_the_process_that_replays_is_seen_by_its_title_and_a_server_that_is_gone_is_said_to_be() -> None:
    title = "postgres: 15/main: startup recovering 000000010000000000000007"
    script = f'(exec -a "{title}" sleep 60) & (exec -a "postgres: app db 10.0.0.1 startup" sleep 60) & echo up; wait'
    with subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE, process_group=0) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        try:
            said = ""
            for _ in range(200):
                said = really(Command(("/bin/sh", "-c", RECOVERING, "sh", str(parent.pid)))).text
                if said:
                    break
        finally:
            subprocess.run(["kill", "--", f"-{parent.pid}"], check=True)
    assert [line.rsplit(" ", 1)[0].rstrip() for line in said.splitlines()] == [f"{title} 60"]
    gone = really(Command(("/bin/sh", "-c", RECOVERING, "sh", "999999999")))
    assert gone.text == "gone\n"
