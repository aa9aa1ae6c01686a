"""Where the standby's server writes its log: a file of the collector, the file of its standard error, the journal."""

from dataclasses import dataclass

from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres.cluster import SystemdUnit
from pgrepl_tui.postgres.log_reader import FORMS, STDERR, LogReader, form_of, readable
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.standby.settings import configured

CLOCK = "clock"
"""Among the marks: the host's time in seconds."""
UNKNOWN = "0"
"""What is said of a setting that is neither in the file nor known otherwise."""

MARKS = r"""
date +%s
[ ! -f "$1" ] || stat -Lc '%s %n' -- "$1"
[ -z "$2" ] || [ ! -d "$2" ] || find -L "$2" -maxdepth 1 -type f -exec stat -c '%s %n' -- {} +
exit 0
"""
"""$1 the file of standard error, $2 the collector's folder; prints the time, then size and name of each file there."""

COLLECTED = r"""
if [ -s "$1/current_logfiles" ]; then
    cat -- "$1/current_logfiles"
else
    ls -t -- "$2" 2>/dev/null
fi
exit 0
"""
"""$1 the data directory, $2 the collector's folder. ``current_logfiles`` is there from 10 on while a collector runs."""

SINCE = 'tail -c "+$2" -- "$1" | tail -c 65536'
"""What a log says since the start; the whole of it may be gigabytes."""


@dataclass(frozen=True)
class Logging:
    """How a server logs, by its own files; ``folder`` is the collector's, empty where there is none."""

    destinations: frozenset[str]
    folder: str
    ident: str


@dataclass(frozen=True)
class LogSource:
    """Where to read.

    Attributes:
        path: a file; empty where it is none.
        journal: what makes journalctl show just this server's entries; empty where it is not there.
    """

    path: str = ""
    journal: tuple[str, ...] = ()

    @property
    def form(self) -> str:
        """In what form it is written."""
        return form_of(self.path)


async def logging_of(ctx: Context) -> Logging:
    """How the standby's files say that its server logs; the server need not answer for that."""
    side = ctx.standby
    said = await configured(ctx, ["log_destination", "logging_collector", "log_directory", "syslog_ident"])
    known = {name: value for name, value in said.items() if value != UNKNOWN}
    folder = ""
    if known.get("logging_collector") == "on":
        folder = known.get("log_directory", side.facts.log_dir)
        folder = folder if folder.startswith("/") else f"{side.cluster.data}/{folder}"
    names = (name.strip().strip('"').lower() for name in known.get("log_destination", STDERR).split(","))
    return Logging(frozenset(names), folder, known.get("syslog_ident", "postgres"))


async def log_source(ctx: Context, logging: Logging) -> LogSource:
    """Where it logs now; an empty source where that is nothing that can be read."""
    side = ctx.standby
    if not logging.destinations & set(FORMS):
        by_systemd = isinstance(side.cluster.control, SystemdUnit)
        return LogSource(journal=("-t", logging.ident)) if by_systemd else LogSource()
    if logging.folder and (path := await _collected(ctx, logging)):
        return LogSource(path)
    if isinstance(side.cluster.control, SystemdUnit):
        found = await files.stat(side.files, side.cluster.log, side.cluster.os_user)
        if found is None:
            return LogSource(journal=("-u", side.cluster.control.unit))
    return LogSource(side.cluster.log)


async def _collected(ctx: Context, logging: Logging) -> str:
    """The collector's file, the plainest of the forms that are asked for; empty while there is none."""
    side = ctx.standby
    argv = ("/bin/sh", "-c", COLLECTED, "sh", side.cluster.data, logging.folder)
    result = await side.host.run(
        Command(argv, user=side.cluster.os_user, poll=True, shown=spoken("read current_logfiles"))
    )
    found: dict[str, str] = {}
    for row in result.text.splitlines():
        form, _, path = row.partition(" ")
        if form not in FORMS or not path:
            form, path = form_of(row), row
        found.setdefault(form, path)
    path = next((found[form] for form in FORMS if form in logging.destinations and form in found), "")
    if not path or path.startswith("/"):
        return path
    base = logging.folder if "/" not in path else side.cluster.data  # of ls, or of current_logfiles
    return f"{base}/{path}"


async def marks(ctx: Context) -> dict[str, int]:
    """How long each file is into which the standby may log, in bytes, and the time: what comes then is new."""
    side, logging = ctx.standby, await logging_of(ctx)
    argv = ("/bin/sh", "-c", MARKS, "sh", side.cluster.log, logging.folder)
    result = await side.files.run(Command(argv, user=side.cluster.os_user, shown=f"stat {side.cluster.log}"))
    clock, *rows = result.text.splitlines() or ["0"]
    sizes = (row.partition(" ") for row in rows)
    return {CLOCK: int(clock), **{path: int(size) for size, _, path in sizes if size.isdigit()}}


async def said_since(ctx: Context) -> tuple[str, list[str]]:
    """What the server logged since the marks were taken, the plain file first, and where that was read."""
    side, before = ctx.standby, ctx.log_marks or {}
    source = await log_source(ctx, await logging_of(ctx))
    entries: list[str] = []
    paths = list(dict.fromkeys(path for path in (side.cluster.log, source.path) if path))
    for path in paths:
        argv = ("/bin/sh", "-c", SINCE, "sh", path, str(before.get(path, 0) + 1))
        result = await side.files.run(Command(argv, user=side.cluster.os_user, shown=f"tail {path}"))
        form = form_of(path)
        entries += [readable(entry, form) for entry in LogReader(form).feed(result.out + b"\n") if entry.strip()]
    return " and ".join(paths) or "the system's log", entries
