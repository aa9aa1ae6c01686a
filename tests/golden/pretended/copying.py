"""pg_basebackup of a pretended 9.x server."""

import getopt
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.golden import grammar
from tests.golden.pretended.world import World, lsn, segment

OPTIONS = {
    "9.1": "D:F:xl:zZ:c:h:p:U:wWvP",
    "9.2": "D:F:xX:l:zZ:c:h:p:U:s:wWvP",
    "9.3": "D:F:RxX:l:zZ:d:c:h:p:U:s:wWvP",
    "9.4": "D:F:r:RT:xX:l:zZ:d:c:h:p:U:s:wWvP",
    "9.5": "D:F:r:RT:xX:l:zZ:d:c:h:p:U:s:wWvP",
    "9.6": "D:F:r:RT:xX:l:zZ:d:c:h:p:U:s:S:wWvP",
}
"""getopt_long of pg_basebackup.c in each branch."""
BLOCK_KB, BLOCKS = 32, 3000
"""The server sends 32 kB at a time (basebackup.c, TAR_SEND_SIZE): here 96 MB."""


def pg_basebackup(world: World, arguments: list[str]) -> int:
    """Copy the primary's data directory, with its WAL, and say so as that version does."""
    try:
        options, rest = getopt.getopt(arguments, OPTIONS[world.version])
    except getopt.GetoptError as error:
        print(f'pg_basebackup: {error}\nTry "pg_basebackup --help" for more information.', file=sys.stderr)
        return 1
    given = dict(options)
    if rest:
        print(f'pg_basebackup: too many command-line arguments (first is "{rest[0]}")', file=sys.stderr)
        return 1
    target = Path(given["-D"])
    if target.exists() and any(target.iterdir()):
        print(f'pg_basebackup: directory "{target}" exists but is not empty', file=sys.stderr)
        return 1
    primary, why = _connect(world, given)
    if primary is None or why:
        print(f"pg_basebackup: could not connect to server: {why}", file=sys.stderr)
        return 1
    _copy(primary, target, given)
    _tell(world.version, primary)
    return 0


def _connect(world: World, given: Mapping[str, str]) -> tuple[World | None, str]:
    info = grammar.conninfo(given["-d"].encode()) if "-d" in given else {
        "host": given["-h"].encode(), "port": given["-p"].encode(), "user": given["-U"].encode()
    }  # fmt: skip
    primary = world.at(info["port"].decode())
    if primary is None:
        return None, "Connection refused"
    _, why = primary.refuses(info["user"].decode(), primary.password_of(info, world.passfile))
    needed = 2 if given.get("-X") == "stream" else 1
    if not why and int(primary.running()["max_wal_senders"]) < needed:
        why = "number of requested standby connections exceeds max_wal_senders (currently 1)"
    if not why and given.get("-S") and given["-S"] not in primary.state("slots"):
        why = f'replication slot "{given["-S"]}" does not exist'
    return primary, why


def _copy(primary: World, target: Path, given: Mapping[str, str]) -> None:
    """All but what a base backup leaves out; with -x or -X the WAL from the start to the end of the backup."""
    left_out = shutil.ignore_patterns("postmaster.pid", "pg_xlog")
    shutil.copytree(primary.data, target, dirs_exist_ok=True, ignore=left_out)
    wal = target / "pg_xlog"
    wal.mkdir()
    start = primary.position()
    if "-x" in given or "-X" in given:
        (wal / segment(start)).touch()
    (target / "backup_label").write_text(f"START WAL LOCATION: {lsn(start)}\nLABEL: {given['-l']}\n")
    target.chmod(0o700)
    if primary.version == "9.1":
        primary.write_wal(0x100)


def _tell(version: str, primary: World) -> None:
    """The words of -v and -P; up to 9.3 a state of progress for each block, from 9.4 on one a second."""
    err, start, end = sys.stderr, lsn(primary.position() - 0x100), lsn(primary.position())
    point = {"9.1": ("xlog", ""), "9.2": ("transaction log", "")}.get(version, ("transaction log", " on timeline 1"))
    err.write(f"{point[0]} start point: {start}{point[1]}\n")
    if version != "9.1":
        err.write("pg_basebackup: starting background WAL receiver\n")
    total, step = BLOCKS * BLOCK_KB, 1 if version < "9.4" else BLOCKS // 3
    for done in range(0, BLOCKS, step):
        kb = done * BLOCK_KB
        err.write(f"{kb}/{total} kB ({kb * 100 // total}%), 0/1 tablespace ({'base/12345/' + str(done):<30.30})\r")
    err.write(f"{total}/{total} kB (100%), 1/1 tablespace {'':35}\r\n")
    err.write(f"{point[0]} end point: {end}\n")
    if version != "9.1":
        err.write("pg_basebackup: waiting for background process to finish streaming ...\n")
    err.write("pg_basebackup: base backup completed\n")
