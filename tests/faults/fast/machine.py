"""A pretended machine: its folders, its servers and jobs, its locks, and the state that a fault puts it in."""

import asyncio
import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pgrepl_tui.hosts import file_scripts, job_scripts
from pgrepl_tui.hosts.host import Command, Result
from pgrepl_tui.postgres.locate import WANTED_SETTINGS
from pgrepl_tui.steps import identity
from pgrepl_tui.steps.standby import copy, log_source, outside_scripts
from pgrepl_tui.steps.standby.swap import SWAP
from tests.faults.fast import answers, processes, servers
from tests.faults.fast.answers import bad, good
from tests.faults.fast.servers import captured
from tests.golden.pretended import programs, talking
from tests.golden.pretended.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.fast.wire import Wire

COPY_TAKES, RESTART_TAKES = 6.0, 2.0
"""Seconds of virtual time."""
COMPARED = {file_scripts.STAT, identity.SCRIPT, copy.LAST_SEGMENT, outside_scripts.LINKS, log_source.MARKS}
"""Scripts whose answers depend on nothing that is pretended."""
FULL = "ulimit -f 0; trap '' XFSZ; "
"""No file may grow: what writes fails half-way, as on a full disk; the words for it are changed in the answer."""
CONTROLDATA = r"""#!/bin/sh
line=$(cat "$1/global/pg_control") || exit 2
value() { rest=${line#*"\"$1\": \""}; printf '%s\n' "${rest%%\"*}"; }
echo "Database system identifier: $(value identifier)"
echo "Database cluster state: $(value state)"
"""
"""What the scripts ask pg_controldata for; the whole of it is printed where it is called by itself."""


@dataclass
class Machine:
    """One host.

    Attributes:
        name: as it is called on screen.
        world: its server, and all of its folders.
        boots: how often it was started.
        jobs: detached jobs, by folder.
        locks: who holds each lock file: a conversation, or somebody else by name.
        wires: the connections to it that stand.
        hole: it answers nothing any more.
        full: no byte can be written.
        no_rights: sudo refuses everything.
        mood: the server is "starting", or its connections are "full".
        slow: how many times as long everything takes.
        incidents: the faults that happened to it, as it saw them.
        ran: each command that it ran, as it is shown.
        arguments: the arguments and the environment of each, as others on the machine could see them.
    """

    name: str
    world: World
    boots: int = 1
    jobs: dict[str, processes.Job] = field(default_factory=dict)
    locks: dict[str, object] = field(default_factory=dict)
    wires: "list[Wire]" = field(default_factory=list)
    hole: bool = False
    full: bool = False
    no_rights: bool = False
    mood: str = ""
    slow: int = 1
    incidents: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    by_shell: bool = False
    compared: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        tool = self.world.folder / "bin/pg_controldata"
        tool.write_text(CONTROLDATA)
        (self.world.folder / "proc").mkdir()
        self._known = answers.plain(self.world)

    @property
    def boot(self) -> str:
        """The boot id."""
        return f"boot-{self.name}-{self.boots}"

    @property
    def now(self) -> float:
        """Virtual seconds."""
        return asyncio.get_running_loop().time()

    # What a fault does to it; each leaves a line of its own that says so.

    def cut(self) -> None:
        """Reset all connections."""
        self.incidents.append(f"{len(self.wires)} connections were reset")
        self.hang_up()

    def hang_up(self) -> None:
        """The connections are gone, with the conversations over them and their locks."""
        for wire in [*self.wires]:
            wire.die()

    def reboot(self) -> None:
        """Everything that runs is gone; then what is enabled is started: the server in the data directory."""
        self.incidents.append(f"rebooted, {len(self.jobs)} jobs known")
        self.hang_up()
        self.boots += 1
        self.locks.clear()
        for job in self.jobs.values():
            job.killed(noted=False)
        servers.crash(self.world)
        if self.world.data.exists():
            servers.start(self.world)

    def settle(self) -> None:
        """Let happen what is due by now."""
        for job in self.jobs.values():
            job.settle(self.now)

    def heal(self) -> None:
        """The fault is over, and whoever looks after the machine has seen to its server."""
        self.hole = self.full = self.no_rights = False
        self.mood, self.slow = "", 1

    # What it answers.

    def execute(self, command: Command) -> Result:
        """Run a command to its end, at once."""
        self.settle()
        self.ran.append(command.shown or " ".join(command.argv))
        self.arguments.append(" ".join((*command.argv, *command.env.values())))
        if self.no_rights:
            return bad("sudo: a password is required")
        program = Path(command.argv[0])
        if program.parent == self.world.folder / "bin":
            return self._program(program.name, command)
        if command.argv[:2] == ("/bin/sh", "-c"):
            return self._script(command)
        return self._tool(command)

    def _program(self, name: str, command: Command) -> Result:
        arguments = list(command.argv[1:])
        if name == "psql":
            return self._psql(arguments, command.stdin)
        if name == "pg_ctl":
            return Result(*captured(lambda: servers.pg_ctl(self.world, arguments, full=self.full)))
        return Result(*captured(lambda: programs.PROGRAMS[name](self.world, arguments)))

    def _psql(self, arguments: list[str], stdin: bytes) -> Result:
        return Result(*self.psql(arguments, stdin))

    def psql(self, arguments: list[str], stdin: bytes) -> tuple[int, bytes, bytes]:
        """psql: status, output, errors."""
        words = {"starting": "the database system is starting up", "full": "sorry, too many clients already"}
        if self.mood and self.world.pid():
            return 2, b"", f"psql: FATAL:  {words[self.mood]}\n".encode()
        if self.full and any(word in stdin for word in (b"create role", b"pg_create_physical")):
            said = 'ERROR:  53100: could not extend file "base/1/1260": No space left on device'
            return talking.DIED, b"", f"{said}\nLOCATION:  mdextend, md.c:0\n".encode()
        servers.receive(self.world)
        return captured(lambda: talking.psql(self.world, arguments), stdin)

    def _script(self, command: Command) -> Result:
        script, words = command.argv[2], command.argv[4:]
        if self.full and command.changes:
            return self._shell(command)
        if script == file_scripts.WRITE:
            return self._shell(command) if self.by_shell else answers.write(command.stdin, *words)
        known = self._known.get(script) or answers.timed(self.world, self.now, self.boot).get(script)
        if known is not None:
            answer = known(*words)
            if self.by_shell and script in COMPARED:
                self._compare(command, answer)
            return answer
        jobs: dict[str, Callable[..., Result]] = {
            job_scripts.START: self._start,
            job_scripts.STATE: self._state,
            job_scripts.POLL: self._poll,
            job_scripts.STOP: self._stop,
            job_scripts.FORGET: self._forget,
        }
        if script in jobs:
            return jobs[script](command, *words)
        return self._shell(command)

    def _tool(self, command: Command) -> Result:
        program, last = command.argv[0], command.argv[-1]
        if program in {"head", "sed"} and (program == "head" or WANTED_SETTINGS in command.argv):
            answer = answers.head(last) if program == "head" else answers.conf_lines(last)
            if self.by_shell:
                self._compare(command, answer)
            return answer
        if program == "chmod" and not self.full:
            Path(last).chmod(int(command.argv[1], 8))
            return good()
        return self._shell(command)

    def _shell(self, command: Command) -> Result:
        """A real shell; of the processes it sees this machine's."""
        argv = list(command.argv)
        if argv[:2] == ["/bin/sh", "-c"]:
            if argv[2] == SWAP:
                self._show_processes()
                argv[2] = argv[2].replace("/proc/[0-9]", f"{self.world.folder}/proc/[0-9]")
            if self.full:
                argv[2] = FULL + argv[2]
        env = {"PATH": f"{self.world.folder}/system:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C",
               "HOME": str(self.world.folder / "home"), **command.env}  # fmt: skip
        with self._really_locked():
            done = subprocess.run(argv, input=command.stdin, capture_output=True, env=env, cwd="/", check=False)
        return Result(done.returncode, done.stdout, done.stderr.replace(b"File too large", b"No space left on device"))

    @contextmanager
    def _really_locked(self) -> Iterator[None]:
        """The locks that are held here are held for a shell too, which looks with flock."""
        with ExitStack() as stack:
            for file in self.locks:
                if Path(file).exists():
                    fcntl.flock(stack.enter_context(Path(file).open("rb")), fcntl.LOCK_EX)
            yield

    def _show_processes(self) -> None:
        folder = self.world.folder / "proc"
        for old in folder.iterdir():
            (old / "cwd").unlink()
            old.rmdir()
        for pid, cwd in processes.ALIVE.items():
            (folder / str(pid)).mkdir()
            (folder / str(pid) / "cwd").symlink_to(cwd)

    def _compare(self, command: Command, answer: Result) -> None:
        """Ask a shell as well."""
        real = self._shell(command)
        same = (real.status == 0) == (answer.status == 0) and _lasting(command, real) == _lasting(command, answer)
        self.compared.append("" if same else f"{command.shown}: {real} and not {answer}")

    # Detached jobs.

    def _start(self, command: Command, folder: str, shown: str, _runner: str, *argv: str) -> Result:
        if Path(folder).exists():
            return bad(f"mkdir: cannot create directory '{folder}': File exists")
        words = [word for word in argv if word.startswith("/")]
        program = Path(next(word for word in words if word.startswith(str(self.world.folder / "bin"))))
        arguments = list(argv[argv.index(str(program)) + 1 :])
        action = argv[-1] if program.name == "pg_ctl" else ""
        takes = {"start": 0.0, "restart": RESTART_TAKES}.get(action, COPY_TAKES)  # a start does not wait
        target = Path(arguments[arguments.index("-D") + 1]) if program.name == "pg_basebackup" else None
        job = processes.Job(
            Path(folder), program.name, processes.spawn(Path("/")),
            self.now + takes * self.slow,
            lambda: self._work(program.name, arguments, dict(command.env)), target,
        )  # fmt: skip
        job.begin(shown, self.boot)
        self.jobs[folder] = job
        if action == "restart":
            servers.stop(self.world)
        if action == "start":
            job.settle(self.now)
        return good()

    def _work(self, name: str, arguments: list[str], env: dict[str, str]) -> tuple[int, bytes]:
        if name == "pg_ctl":
            status, out, err = captured(lambda: servers.pg_ctl(self.world, arguments, full=self.full))
            return status, out + err
        if self.full:
            return 1, b'pg_basebackup: could not write to file "base/1/1260": No space left on device\n'
        kept = dict(os.environ)
        os.environ.update(env)
        try:
            status, out, err = captured(lambda: programs.PROGRAMS[name](self.world, arguments))
        finally:
            os.environ.clear()
            os.environ.update(kept)
        return status, out + err

    def job_state(self, folder: str) -> str:
        """As ``job_scripts.STATE`` prints it."""
        job, rc = self.jobs.get(folder), Path(folder, "rc")
        if not Path(folder).is_dir():
            return "absent"
        if rc.exists():
            return f"ended {rc.read_text().strip()}"
        return "running" if job is not None and processes.alive(job.pid) else "lost"

    def _state(self, _command: Command, folder: str) -> Result:
        return good(self.job_state(folder) + "\n")

    def _poll(self, _command: Command, folder: str, first: str, most: str) -> Result:
        log = Path(folder, "log")
        piece = log.read_bytes()[int(first) - 1 :][: int(most)] if log.exists() else b""
        return good(f"{self.job_state(folder)}\n".encode() + piece)

    def _stop(self, _command: Command, folder: str, _tenths: str) -> Result:
        if folder in self.jobs:
            self.jobs[folder].killed(noted=True)
        return good(self.job_state(folder) + "\n")

    def _forget(self, _command: Command, folder: str) -> Result:
        if self.job_state(folder) == "running":
            return bad("it still runs")
        if Path(folder).is_dir():
            for name in ("pgid", "rc", "log", "command"):
                Path(folder, name).unlink(missing_ok=True)
            Path(folder).rmdir()
        self.jobs.pop(folder, None)
        return good()


def _lasting(command: Command, result: Result) -> list[bytes]:
    """An answer without what moves by itself: the time of day, the room on a file system; and without mount points."""
    script = command.argv[2] if command.argv[0] == "/bin/sh" else ""
    if script == log_source.MARKS:
        return result.out.splitlines()[1:]
    if script == file_scripts.STAT and not result.status:
        facts, path, _ = result.out.split(b"\0", 2)
        words = facts.split(b" ")
        return [*words[:7], words[9], path]
    return [result.out]
