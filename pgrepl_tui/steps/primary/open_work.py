"""What a restart of the primary would spoil: backups that run, and transactions that are prepared and not ended."""

from pgrepl_tui.counted import counted
from pgrepl_tui.hosts import files
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.server import SqlRow
from pgrepl_tui.steps.context import Context, Side

REMEDY = (
    "wait until the backup has ended; end prepared transactions with commit prepared or rollback prepared; then retry"
)


async def open_work(ctx: Context) -> str:
    """What keeps the primary from being restarted, in words; empty where there is nothing.

    A backup between pg_start_backup() and pg_stop_backup() that is not an exclusive one stands in no view: it is known
    by what its session said last, or by pgBackRest's name.
    """
    side = ctx.primary
    copies = _named("a base backup runs", await side.server.query(queries.base_backups()))
    sessions = _named("a backup is under way", await side.server.query(queries.backup_sessions(side.facts)))
    prepared = _prepared(await side.server.query(queries.prepared_transactions()))
    return "; ".join(filter(None, [copies, sessions, await _exclusive(side), prepared]))


def _named(what: str, rows: list[SqlRow]) -> str:
    who = ", ".join(f"{name or 'no name'} from {address or 'its own machine'}" for name, address in rows)
    return f"{what} ({who})" if rows else ""


def _prepared(rows: list[SqlRow]) -> str:
    who = ", ".join(f"{gid} of {owner} in {database}" for gid, owner, database in rows[:3])
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    are = "is" if len(rows) == 1 else "are"
    return f"{counted(len(rows), 'prepared transaction')} {are} open: {who}{more}" if rows else ""


async def _exclusive(side: Side) -> str:
    """An exclusive backup (up to 14) has its label in the data directory: that is what pg_is_in_backup() looks at."""
    label = f"{side.cluster.data}/backup_label"
    there = await files.stat(side.files, label, side.cluster.os_user)
    return f"an exclusive backup is open ({label})" if there is not None else ""
