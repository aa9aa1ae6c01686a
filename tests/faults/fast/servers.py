"""The pretended server processes, in this process: the start, the life and the end of a postmaster."""

import io
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.fast import processes
from tests.golden import grammar
from tests.golden.pretended import programs
from tests.golden.pretended.world import World

FULL = "No space left on device"


def log_of(world: World) -> Path:
    """Where its postmaster's output goes."""
    return Path(f"{world.data}.log")


def start(world: World, *, full: bool = False) -> bool:
    """Start a postmaster in the data directory; False where it does not come up, and its log says why."""
    lines: list[str] = []

    def say(text: str) -> None:
        lines.append(time.strftime(f"%Y-%m-%d %H:%M:%S.000 UTC [1] {text}", time.gmtime()) + "\n")

    try:
        return _up(world, say, full=full)
    finally:
        if not full:
            with log_of(world).open("a") as log:
                log.writelines(lines)


def _up(world: World, say: Callable[[str], None], *, full: bool) -> bool:
    if full:
        say(f'FATAL:  could not create lock file "postmaster.pid": {FULL}')
        return False
    try:
        values = world.configured()
    except (grammar.GrammarError, FileNotFoundError) as fault:
        say(f"FATAL:  {fault}")
        return False
    wrong = programs.will_not_start(world, values)
    if wrong:
        say(f"FATAL:  {wrong}")
        return False
    world.load(start=True)
    (world.folder / "run/streams").unlink(missing_ok=True)
    pid = processes.spawn(world.data)
    lines = (pid, world.data, int(time.time()), values["port"], world.folder / "sock", "localhost", "5432001")
    (world.data / "postmaster.pid").write_text("".join(f"{line}\n" for line in lines))
    if world.in_recovery:
        programs.recover(world, say)
    else:
        world.set_control(state="in production", max_connections=values["max_connections"])
        say("LOG:  database system is ready to accept connections")
    return True


def receive(world: World) -> None:
    """The WAL receiver of a standby tries again."""
    if not world.pid() or not world.in_recovery or world.streams():
        return
    recovery = grammar.conf((world.data / "recovery.conf").read_bytes())
    upstream, _ = programs.walreceiver(world, recovery)
    if upstream is not None:
        (world.folder / "run/streams").touch()
        with log_of(world).open("a") as log:
            log.write(time.strftime("%Y-%m-%d %H:%M:%S.000 UTC [1] LOG:  started streaming WAL from primary\n"))


def stop(world: World) -> bool:
    """A fast shutdown; False where nothing runs."""
    if not world.pid():
        return False
    crash(world)
    world.set_control(state="shut down in recovery" if world.in_recovery else "shut down")
    (world.data / "postmaster.pid").unlink()
    with log_of(world).open("a") as log:
        log.write(time.strftime("%Y-%m-%d %H:%M:%S.000 UTC [1] LOG:  database system is shut down\n"))
    return True


def crash(world: World) -> None:
    """Its processes are gone, and nothing else has changed; a standby's sender on the primary goes with it."""
    processes.end(world.pid())
    if world.in_recovery and world.streams():
        (world.folder / "run/streams").unlink()
        for senders in world.folder.parent.glob("*/run/senders/*"):
            senders.unlink()


def pg_ctl(world: World, arguments: list[str], *, full: bool) -> int:
    """pg_ctl as ``programs.pg_ctl``, on servers of this process."""
    action = arguments[-1]
    if action in {"stop", "restart"} and not stop(world) and action == "stop":
        print(f'pg_ctl: PID file "{world.data}/postmaster.pid" does not exist\nIs server running?')
        return 1
    if action == "stop":
        print("waiting for server to shut down.... done\nserver stopped")
        return 0
    if world.pid():
        print("pg_ctl: another server might be running; trying to start server anyway")
        return 1
    up = start(world, full=full)
    if not up and action == "restart":
        print("pg_ctl: could not start server\nExamine the log output.")
        return 1
    print("server starting" if action == "start" else "server started")
    return 0


def captured(work: Callable[[], int], stdin: bytes = b"") -> tuple[int, bytes, bytes]:
    """Call a program's function with streams of its own: status, output, errors."""
    import sys  # noqa: PLC0415 - its streams are changed here and nowhere else

    kept = sys.stdin, sys.stdout, sys.stderr
    out, err = io.StringIO(), io.StringIO()
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(stdin.decode()), out, err
    try:
        status = work()
    finally:
        sys.stdin, sys.stdout, sys.stderr = kept
    return status, out.getvalue().encode(), err.getvalue().encode()
