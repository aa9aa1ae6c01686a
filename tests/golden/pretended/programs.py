"""The programs of a pretended 9.x server: pg_ctl, postgres, psql, pg_basebackup, pg_controldata, each as its version's.

Started as ``python programs.py PROGRAM FOLDER ARGUMENTS``; options are read by the getopt strings of each version.
"""

import getopt
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.golden import grammar
from tests.golden.pretended.world import MINORS, World, lsn

PG_CTL = "cD:l:m:N:o:p:P:sS:t:U:wW"
"""getopt_long of pg_ctl.c, REL9_1_STABLE to REL9_6_STABLE, less what Windows has."""
STARTS_WITHIN = 20.0
Log = Callable[[str], None]


def pg_ctl(world: World, arguments: list[str]) -> int:
    """start, stop, restart; anything else is unknown here."""
    options, rest = getopt.gnu_getopt(arguments, PG_CTL)
    given = dict(options)
    if given["-D"] != str(world.data) or len(rest) != 1:
        print(f"pg_ctl: no database directory specified: {arguments}", file=sys.stderr)
        return 1
    if rest == ["start"]:
        if world.pid():
            print("pg_ctl: another server might be running; trying to start server anyway")
            return 1
        _spawn(world, given["-l"])
        print("server starting" if "-W" in given else "waiting for server to start.... done")
        return 0
    if rest in (["stop"], ["restart"]):
        _stop(world)
        print("waiting for server to shut down.... done\nserver stopped")
        if rest == ["restart"]:
            _spawn(world, given["-l"])
            end = time.monotonic() + STARTS_WITHIN
            while not world.pid():
                if time.monotonic() > end:
                    print("pg_ctl: could not start server\nExamine the log output.", file=sys.stderr)
                    return 1
                time.sleep(0.02)
            print("waiting for server to start.... done\nserver started")
        return 0
    print(f'pg_ctl: unrecognized operation mode "{rest[0]}"', file=sys.stderr)
    return 1


def _spawn(world: World, log: str) -> None:
    import subprocess  # noqa: PLC0415 - psql is started a hundred times, without it

    argv = [sys.executable, "-I", "-S", __file__, "postmaster", str(world.folder)]
    with Path(log).open("ab") as out:
        subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=world.data, start_new_session=True)


def _stop(world: World) -> None:
    pid = world.pid()
    if pid:
        os.kill(pid, signal.SIGINT)
    while world.pid():
        time.sleep(0.02)


def postmaster(world: World, _arguments: list[str]) -> int:
    """The server process: it works in its data directory, and ends in order on SIGINT."""

    def log(text: str) -> None:
        print(time.strftime(f"%Y-%m-%d %H:%M:%S.000 UTC [{os.getpid()}] {text}", time.gmtime()), flush=True)

    try:
        values = world.configured()
    except grammar.GrammarError as fault:
        log(f"FATAL:  {fault}")
        return 1
    wrong = will_not_start(world, values)
    if wrong:
        log(f"FATAL:  {wrong}")
        return 1
    world.load(start=True)
    signal.signal(signal.SIGINT, lambda *_: _ended(world, log))
    (world.folder / "run/streams").unlink(missing_ok=True)
    lines = (os.getpid(), world.data, int(time.time()), values["port"], world.folder / "sock", "localhost", "5432001")
    pid_file = "".join(f"{line}\n" for line in lines)
    if world.in_recovery:
        world.put(world.data / "postmaster.pid", pid_file)
        recover(world, log)
        while True:
            signal.pause()
    from tests.golden.pretended import walsender  # noqa: PLC0415 - likewise

    listener = walsender.listen(int(values["port"]))
    world.set_control(state="in production", max_connections=values["max_connections"])
    log("LOG:  database system is ready to accept connections")
    world.put(world.data / "postmaster.pid", pid_file)  # the last of all: whoever finds it finds a server that is ready
    walsender.serve(world, listener)
    return 0


def will_not_start(world: World, values: Mapping[str, str]) -> str:
    """Why a server does not start with these values; empty where it does."""
    senders = int(values["max_wal_senders"])
    if senders and values["wal_level"] == "minimal":
        wanted = '"archive", "hot_standby"' if world.version < "9.6" else '"replica"'
        return f"WAL streaming (max_wal_senders > 0) requires wal_level {wanted}"
    if senders >= int(values["max_connections"]):
        return "max_wal_senders must be less than max_connections"
    return "SSL is not supported by this build" if values["ssl"] == "on" else ""


def _ended(world: World, log: Log) -> None:
    world.set_control(state="shut down in recovery" if world.in_recovery else "shut down")
    if world.in_recovery:
        (world.folder / "run/streams").unlink(missing_ok=True)
    (world.data / "postmaster.pid").unlink(missing_ok=True)
    log("LOG:  database system is shut down")
    os._exit(0)


def recover(world: World, say: Log) -> None:
    """What a standby logs, and its WAL receiver's way in; its start ends where a file is not as it has to be."""

    say("LOG:  database system was interrupted; last known up at 2026-01-01 00:00:00 UTC")
    recovery = grammar.conf((world.data / "recovery.conf").read_bytes())
    known = {"standby_mode", "primary_conninfo", "recovery_target_timeline", "restore_command", "trigger_file"}
    known |= {"primary_slot_name"} if world.version >= "9.4" else set()
    if set(recovery) - known:
        say(f'FATAL:  unrecognized recovery parameter "{min(set(recovery) - known)}"')
        os._exit(1)
    say("LOG:  entering standby mode")
    world.set_control(state="in archive recovery")
    say(f"LOG:  redo starts at {lsn(int(world.control()['redo']))}")
    say(f"LOG:  consistent recovery state reached at {lsn(int(world.control()['redo']) + 0xD8)}")
    if world.running()["hot_standby"] == "on":
        say("LOG:  database system is ready to accept read only connections")
    upstream, why = walreceiver(world, recovery)
    if upstream is None:
        say(f"FATAL:  could not connect to the primary server: {why}")
        return
    (world.folder / "run/streams").touch()
    if world.version < "9.3":
        say("LOG:  streaming replication successfully connected to primary")
    else:
        say(f"LOG:  started streaming WAL from primary at {lsn(upstream.position() & ~0xFFFFFF)} on timeline 1")


def walreceiver(world: World, recovery: Mapping[str, bytes]) -> tuple[World | None, str]:
    """Its way in: the primary that it receives from, or why there is none."""
    info = grammar.conninfo(recovery["primary_conninfo"])
    upstream = world.upstream(recovery)
    if upstream is None:
        return None, "could not connect to server: Connection refused"
    password = upstream.password_of(info, world.passfile)
    _, why = upstream.refuses(info["user"].decode(), password)
    name = recovery.get("primary_slot_name", b"").decode()
    if not why and name and name not in upstream.state("slots"):
        why = f'replication slot "{name}" does not exist'
    if why:
        return None, why
    application = info.get("application_name", b"walreceiver").decode()
    (upstream.folder / "run/senders").mkdir(exist_ok=True)
    (upstream.folder / "run/senders" / application).touch()
    if name:
        slots = upstream.state("slots")
        slots[name] = {"active": "t", "restart_lsn": lsn(upstream.position())}
        upstream.set_state("slots", slots)
    return upstream, ""


def postgres(world: World, arguments: list[str]) -> int:
    """-V, and from 9.2 on -C."""
    if arguments == ["-V"]:
        print(f"postgres (PostgreSQL) {MINORS[world.version]}")
        return 0
    if arguments[:1] == ["-C"] and world.version >= "9.2":
        print(world.configured()[arguments[1]])
        return 0
    print(f"postgres: invalid option -- '{arguments[0][1:2]}'\nTry \"postgres --help\".", file=sys.stderr)
    return 1


def pg_controldata(world: World, arguments: list[str]) -> int:
    """The control file of a data directory."""
    folder = Path(arguments[0])
    if not (folder / "global/pg_control").exists():
        print(f'pg_controldata: could not open file "{folder}/global/pg_control" for reading', file=sys.stderr)
        return 2
    sys.stdout.write(world.control_text(folder))
    return 0


def pg_basebackup(world: World, arguments: list[str]) -> int:
    """A copy of the primary."""
    from tests.golden.pretended import copying  # noqa: PLC0415 - likewise

    return copying.pg_basebackup(world, arguments)


def psql(world: World, arguments: list[str]) -> int:
    """Questions to the server."""
    from tests.golden.pretended import talking  # noqa: PLC0415 - likewise

    return talking.psql(world, arguments)


PROGRAMS = {"pg_ctl": pg_ctl, "postmaster": postmaster, "postgres": postgres, "pg_controldata": pg_controldata,
            "pg_basebackup": pg_basebackup, "psql": psql}  # fmt: skip


if __name__ == "__main__":
    sys.exit(PROGRAMS[sys.argv[1]](World(Path(sys.argv[2])), sys.argv[3:]))
