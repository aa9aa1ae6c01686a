"""psql of a pretended 9.x server: a script or one statement in, unaligned rows out."""

import getopt
import sys
from collections.abc import Mapping

from tests.golden import grammar
from tests.golden.pretended.sql import RefusedError, Rows, answer
from tests.golden.pretended.world import World, lsn

OPTIONS = "aAc:d:eEf:F:h:HlL:no:p:P:qR:sStT:uU:v:VwWxX1?"
"""getopt_long of psql's startup.c, REL9_1_STABLE; 9.2 added z and 0, which nothing here needs."""
DIED = 3
"""The exit status of a script that ON_ERROR_STOP ended."""


def psql(world: World, arguments: list[str]) -> int:
    """One login for replication with -c, else a script on the standard input."""
    options, rest = getopt.getopt(arguments, OPTIONS)
    given = dict(options)
    if rest or "-X" not in given or "-w" not in given:
        print(f"psql: warning: extra command-line argument {rest} ignored", file=sys.stderr)
        return 1
    if given.get("-c"):
        return _identify(world, given)
    if not world.pid() or given["-p"] != world.running()["port"]:
        where = f"{given['-h']}/.s.PGSQL.{given['-p']}"
        print(f"psql: could not connect to server: No such file or directory\n\tIs the server running locally and "
              f'accepting\n\tconnections on Unix domain socket "{where}"?', file=sys.stderr)  # fmt: skip
        return 2
    if world.in_recovery and world.running()["hot_standby"] != "on":
        print("psql: FATAL:  the database system is starting up", file=sys.stderr)
        return 2
    return _script(world, given)


def _identify(world: World, given: Mapping[str, str]) -> int:
    info = grammar.conninfo(given["-d"].encode())
    primary = world.at(info["port"].decode())
    why = "could not connect to server: Connection refused"
    if primary is not None:
        _, why = primary.refuses(info["user"].decode(), primary.password_of(info, world.passfile))
    if primary is None or why or given["-c"] != "IDENTIFY_SYSTEM" or info.get("replication") != b"true":
        print(f"psql: {why}", file=sys.stderr)
        return 2
    print(f"{primary.control()['identifier']}|1|{lsn(primary.position())}{'|' if world.version >= '9.4' else ''}")
    return 0


def _script(world: World, given: Mapping[str, str]) -> int:
    """Statement after statement, each in lines of its own; ``\\echo`` answers at once, so that a talk can go on."""
    statement = ""
    for line in sys.stdin:
        if line.startswith("\\"):
            command, _, rest = line.strip().partition(" ")
            if command == "\\echo":
                sys.stdout.write(f"{rest}\n")
            elif line != "\\set VERBOSITY verbose\n":
                return 1
        else:
            statement += line
            if statement.endswith(";\n"):
                sent, statement = statement.removesuffix(";\n"), ""
                with (world.folder / "run/statements.log").open("a") as log:
                    log.write(f"{sent}\n")
                try:
                    _show(answer(world, sent), given)
                except RefusedError as refused:
                    print(f"ERROR:  {refused.sqlstate}: {refused}\nLOCATION:  errfinish, elog.c:0", file=sys.stderr)
                    return DIED
        sys.stdout.flush()
    return 0


def _show(rows: Rows, given: Mapping[str, str]) -> None:
    """print_unaligned_text of print.c: separators between, a newline after the last row, nothing for no row."""
    null = given["-P"].removeprefix("null=")
    cells = (given["-F"].join(null if cell is None else cell for cell in row) for row in rows)
    if rows:
        sys.stdout.write(given["-R"].join(cells) + "\n")
