"""Detached jobs: a command that goes on without us, and that is found again after any interruption.

A job is a folder on its host with the files ``pgid`` (process, start time, boot), ``log`` (all that it wrote), ``rc``
(its exit status, once it ended) and ``command``.
"""

from dataclasses import dataclass

from pgrepl_tui.hosts import job_scripts, shell
from pgrepl_tui.hosts.host import Command, Host, HostError, Result
from pgrepl_tui.spoken import spoken

PIECE = 1024 * 1024
"""Bytes of the log that one poll brings at most."""
_STOP_SECONDS = 10


@dataclass(frozen=True)
class JobState:
    """How a job is.

    Attributes:
        name: ``absent`` (no such folder), ``running``, ``ended``, or ``lost``: it left no exit status, and no process.
        status: the exit status of a job that ended (more than 128: 128 and the signal that ended it); else None.
    """

    name: str
    status: int | None = None

    @property
    def running(self) -> bool:
        """It is still at work."""
        return self.name == "running"


async def start(host: Host, job_dir: str, command: Command, user: str | None) -> None:
    """Start a command that survives the connection and this program; return when its process is known.

    Args:
        host: where.
        job_dir: the job's folder; it may not exist.
        command: what to run; ``argv``, ``env`` and ``shown`` count. Its standard input is empty.
        user: the OS user to run it as, who owns the folder.

    Raises:
        HostError: there is such a job already, or it could not be started.
    """
    if command.stdin:
        raise HostError("a detached job takes no standard input", "Give it a file.")
    shown = command.shown or shell.line(command.argv, command.env)
    argv = ("/bin/sh", "-c", job_scripts.START, "sh", job_dir, shown, job_scripts.RUNNER, *command.argv)
    result = await host.run(Command(argv, user=user, env=command.env, changes=True, shown=shown))
    if result.status != 0:
        raise _failed(f"the job {job_dir} on {host.name} could not be started", result)


async def state(host: Host, job_dir: str, user: str | None) -> JobState:
    """How a job is.

    Raises:
        HostError: it cannot be told.
    """
    result = await _run(host, job_scripts.STATE, job_dir, user=user, shown="state of")
    return _state(host, job_dir, result, result.out)


async def poll(host: Host, job_dir: str, offset: int, user: str | None) -> tuple[bytes, int, JobState]:
    """Read on in a job's log.

    Args:
        host: where.
        job_dir: the job's folder.
        offset: where to read on, in bytes.
        user: the OS user that the job runs as.

    Returns:
        At most 1 MiB of the log, the offset for the next call, and the state. A job that ended has written all of its
        log; there is more of it to read as long as a call brings something.

    Raises:
        HostError: it cannot be read.
    """
    result = await _run(host, job_scripts.POLL, job_dir, str(offset + 1), str(PIECE), user=user, poll=True)
    line, _, piece = result.out.partition(b"\n")
    return piece, offset + len(piece), _state(host, job_dir, result, line)


async def stop(host: Host, job_dir: str, user: str | None) -> JobState:
    """End a job with all of its processes (TERM, and after 10 s KILL); afterwards none is left.

    Raises:
        HostError: some are left; the message has their numbers.
    """
    tenths = str(round(_STOP_SECONDS * 10))
    result = await _run(host, job_scripts.STOP, job_dir, tenths, user=user, changes=True, shown="stop")
    return _state(host, job_dir, result, result.out)


async def forget(host: Host, job_dir: str, user: str | None) -> None:
    """Remove the folder of a job that does not run any more.

    Raises:
        HostError: it still runs, or the folder holds files that are not the job's.
    """
    result = await _run(host, job_scripts.FORGET, job_dir, user=user, changes=True, shown="forget")
    if result.status != 0:
        raise _failed(f"the job {job_dir} on {host.name} could not be forgotten", result)


async def _run(  # noqa: PLR0913 - what a command is made of
    host: Host,
    script: str,
    job_dir: str,
    *arguments: str,
    user: str | None,
    changes: bool = False,
    poll: bool = False,
    shown: str = "read",
) -> Result:
    argv = ("/bin/sh", "-c", script, "sh", job_dir, *arguments)
    line = spoken(f"{shown} the job {job_dir}")
    return await host.run(Command(argv, user=user, changes=changes, poll=poll, shown=line))


def _state(host: Host, job_dir: str, result: Result, line: bytes) -> JobState:
    words = line.decode("utf-8", "backslashreplace").split()
    if result.status != 0 or not words:
        raise _failed(f"the job {job_dir} on {host.name} does not tell how it is", result)
    return JobState(words[0], int(words[1]) if len(words) > 1 else None)


def _failed(what: str, result: Result) -> HostError:
    lines = result.error_text.splitlines() or [f"status {result.status}"]
    return HostError(f"{what}: {lines[-1]}", "Look at the folder and its log on the host.")
