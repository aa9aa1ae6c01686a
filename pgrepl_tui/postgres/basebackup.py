"""pg_basebackup: its arguments by version, and what its lines say.

Options: app-pgbasebackup.html of each version. Texts: measured with clients 14 to 18; pg_basebackup.c of older ones.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType

from pgrepl_tui.postgres.facts import facts
from pgrepl_tui.postgres.recovery import primary_conninfo
from pgrepl_tui.postgres.text_error import TextError
from pgrepl_tui.postgres.version import Major

WAITING_FOR_CHECKPOINT = "waiting for checkpoint"
COPYING = "copying"
WAITING_FOR_WAL = "waiting for WAL"
SYNCING = "syncing"
DONE = "done"
PHASES = (WAITING_FOR_CHECKPOINT, COPYING, WAITING_FOR_WAL, SYNCING, DONE)
"""In order. Before 10 the first one has no line of its own: a backup is in it until another phase shows."""

_PROGRESS = re.compile(r"\s*(\d+)/(\d+) kB \((\d+)%\), \d+/\d+ tablespaces?\b")
_TEXTS = (
    (re.compile(r"initiating base backup, waiting for checkpoint to complete"), WAITING_FOR_CHECKPOINT),
    (re.compile(r"checkpoint completed$"), COPYING),
    (re.compile(r"(?:xlog|transaction log|write-ahead log) start point: "), COPYING),
    (re.compile(r"(?:xlog|transaction log|write-ahead log) end point: "), WAITING_FOR_WAL),
    (re.compile(r"waiting for background process to finish streaming"), WAITING_FOR_WAL),
    (re.compile(r"syncing data to disk"), SYNCING),
    (re.compile(r"renaming backup_manifest\.tmp to backup_manifest"), SYNCING),
    (re.compile(r"base backup completed$"), DONE),
)

THIN = r"""
command -v awk >/dev/null 2>&1 || exec "$@"
exec 3>&1
status=$({ { "$@" 2>&1 3>&- 4>&-; echo "$?" >&4; } | awk '
BEGIN { RS = ORS = "\r" }
index($0, "\n") { if (held != "") print held; held = ""; print; next }
{ if (++told % 256 == 1) { held = ""; print } else held = $0 }
END { if (held != "") print held }' >&3; } 4>&1)
exit "$status"
"""
"""Runs pg_basebackup, and passes on one progress line in 256 (one in 8 MB), the last one, and all that it says else.

A state of progress ends with a carriage return, any other line with a newline."""

_TALK = re.compile(
    r"starting background WAL receiver|created temporary replication slot "
    r"|removing (?:contents of )?(?:data|WAL|transaction log) directory "
    r"|(?:data|WAL|transaction log) directory .* not removed|changes to tablespace directories will not be undone"
)
"""What it says on its way, and while it tidies up after a failure: of neither anything has to be mended."""
_REFUSAL = re.compile(r"error|fatal|panic", re.IGNORECASE)
_PROGRAM = re.compile(r"(?:.*/)?pg_basebackup: (?:info: )?")


@dataclass(frozen=True, slots=True)
class BackupLine:
    """What a line says: a phase ("" where it says nothing of that), and bytes done and in all (0 where not said)."""

    phase: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the standby's host logs in to the primary.

    Attributes:
        host: name, address or socket directory of the primary.
        port: of the primary.
        user: the replication role.
        sslmode: libpq's; empty for its default.
        sslrootcert: path of the root certificates on the standby.
        passfile: path of the password file on the standby.
    """

    host: str
    port: int
    user: str
    sslmode: str = ""
    sslrootcert: str = ""
    passfile: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be copied where.

    Attributes:
        target: directory to write, empty or not there.
        slot: replication slot to stream from; left out below 9.6, where pg_basebackup cannot use one.
        label: backup label.
        max_rate: kilobytes a second, or with the suffix k or M; empty for no limit.
        tablespaces: the primary's folders of tablespaces, each with the one to write; others keep their paths.
        wal_dir: directory for the WAL, empty or not there; left empty it lies in ``target``.
    """

    target: str
    slot: str
    label: str
    max_rate: str = ""
    tablespaces: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    wal_dir: str = ""


def arguments(major: Major, wanted: Wanted, way: Way) -> tuple[str, ...]:
    """The arguments of the pg_basebackup of that version, without the program's name; none of them is secret.

    It never prompts (-w), asks for a fast checkpoint, reports progress and phases, and brings the WAL along. From 10 on
    it writes recovery settings itself (-R), right after the last file of the data directory and while the WAL still
    comes, without which the copy does not start: cut off or complete, it is no server of its own. Before 10 a password
    from the passfile would get into them. What the arguments of an old version cannot say is in ``environment()``.

    Raises:
        ConninfoError: a value cannot be written into a connection string.
        ValueError: something was asked of a version that does not have it.
    """
    known = facts(major)
    _check(major, wanted)
    spaces = wanted.tablespaces.items()
    return (
        *("-D", wanted.target, "-F", "p", "-w", "-v", "-P", "-c", "fast", "-l", wanted.label),
        *(("-R",) if known.basebackup_signal else ()),
        *known.basebackup_wal_arguments,
        *(("-S", wanted.slot) if wanted.slot and known.basebackup_slot else ()),
        *(("-r", wanted.max_rate) if wanted.max_rate else ()),
        *(part for old, new in spaces for part in ("-T", f"{_escaped(old)}={_escaped(new)}")),
        *((known.basebackup_wal_dir_option, wanted.wal_dir) if wanted.wal_dir else ()),
        *_login(major, way),
    )


def _login(major: Major, way: Way) -> tuple[str, ...]:
    """The options that say where to log in, as whom: one connection string where the version takes it (9.3)."""
    if facts(major).basebackup_conninfo:
        return ("-d", primary_conninfo(major, **asdict(way)))
    return ("-h", way.host, "-p", str(way.port), "-U", way.user)


def _check(major: Major, wanted: Wanted) -> None:
    """Refuse what a version's program cannot do.

    Raises:
        ValueError: it cannot; 9.4 is the first that can.
    """
    known = facts(major)
    for asked, can, what in (
        (wanted.max_rate, known.basebackup_max_rate, "limit its rate"),
        (wanted.tablespaces, known.basebackup_maps_tablespaces, "map tablespaces"),
        (wanted.wal_dir, bool(known.basebackup_wal_dir_option), "put the WAL elsewhere"),
    ):
        if asked and not can:
            raise TextError(f"pg_basebackup {major} cannot {what} (9.4 is the first that can): leave that out")


def _escaped(path: str) -> str:
    """An equal sign in a path has a backslash before it (app-pgbasebackup.html, --tablespace-mapping).

    Raises:
        ValueError: the path ends with a backslash, which no mapping can say.
    """
    if path.endswith("\\"):
        raise TextError(f"pg_basebackup cannot be told of a folder whose name ends with a backslash: {path}")
    return path.replace("=", "\\=")


def program(path: str, major: Major, options: tuple[str, ...]) -> tuple[str, ...]:
    """pg_basebackup with its options; below 9.4 through a filter, or its progress would fill disks (75 bytes a block).

    Args:
        path: of the program.
        major: its version.
        options: as ``arguments`` gives them.
    """
    if facts(major).basebackup_tells_each_block:
        return ("/bin/sh", "-c", THIN, "sh", path, *options)
    return (path, *options)


def environment(major: Major, way: Way) -> dict[str, str]:
    """The environment for pg_basebackup: English messages, for ``read_line``, and what ``arguments`` could not carry.

    Below 9.3 there is no connection string on the command line, and below 10 none names a passfile.
    """
    known = facts(major)
    values = {"LC_ALL": "C"}
    if not known.basebackup_conninfo:
        values |= {"PGSSLMODE": way.sslmode, "PGSSLROOTCERT": way.sslrootcert}
    if not known.passfile_in_conninfo:
        values |= {"PGPASSFILE": way.passfile}
    return {name: value for name, value in values.items() if value}


def read_line(line: str) -> BackupLine:
    """What a line of pg_basebackup's standard error says. Of several states written over one another, the last."""
    line = line.rstrip("\r\n").rsplit("\r", 1)[-1].rstrip()
    progress = _PROGRESS.match(line)
    if progress:
        return BackupLine(COPYING, int(progress[1]) * 1024, int(progress[2]) * 1024)
    said = _PROGRAM.sub("", line, count=1)
    for text, phase in _TEXTS:
        if text.match(said):
            return BackupLine(phase)
    return BackupLine()


def trouble(lines: Sequence[str]) -> list[str]:
    """Of its last lines those that say what went wrong; none, where it was ended before it could say so.

    A line has "error:" from 12 on; before, any line that is no talk of its way is one.
    """
    told = [text for text in lines if not read_line(text).phase and not _TALK.match(_PROGRAM.sub("", text, count=1))]
    return [text for text in told if _REFUSAL.search(text)] or told
