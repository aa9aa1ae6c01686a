"""What stands on the standby's host: nothing, an old cluster, or the standby that we want."""

from dataclasses import dataclass

from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres import conninfo
from pgrepl_tui.postgres.conf import settings
from pgrepl_tui.postgres.recovery import RecoveryFiles, plan, primary_conninfo
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.control_file import read_control
from pgrepl_tui.steps.edit import read
from pgrepl_tui.steps.password import passfile_path
from pgrepl_tui.steps.settings import AUTO_CONF
from pgrepl_tui.steps.tag import tag_of

RECOVERY_CONF = "recovery.conf"


@dataclass(frozen=True)
class Places:
    """The folders of a base backup: beside the data directory, so that a rename puts it in place."""

    data: str
    new: str
    old: str
    job: str


def places(ctx: Context) -> Places:
    """The folders that belong to the standby's data directory."""
    side = ctx.standby
    data = side.cluster.data.rstrip("/")
    job = f"{side.state_dir}/basebackup-{tag_of(data)}"
    return Places(data, f"{data}.pgrepl-new", f"{data}.pgrepl-old-{ctx.run_id}", job)


def recovery_files(ctx: Context) -> RecoveryFiles:
    """What makes the copy a standby of the primary."""
    side, primary = ctx.standby, ctx.primary
    info = primary_conninfo(
        side.cluster.major,
        host=primary.address,
        port=primary.cluster.port,
        user=ctx.user,
        sslmode=ctx.topology.replication.sslmode,
        passfile=passfile_path(ctx),
        application_name=ctx.application,
    )
    return plan(side.cluster.major, conninfo=info, slot=ctx.slot)


async def follows_primary(ctx: Context, folder: str) -> bool:
    """True where the data directory in ``folder`` is set up as a standby of this primary, by this role and slot."""
    side, wanted = ctx.standby, recovery_files(ctx)
    if wanted.signal:
        signal = await _there(side, folder, wanted.signal)
        text = await read(side, f"{folder}/{AUTO_CONF}") if signal else None
        expected = wanted.settings
    else:
        text = await read(side, f"{folder}/{RECOVERY_CONF}")
        expected = settings(wanted.recovery_conf or "")
    if text is None:
        return False
    there = settings(text)
    if there.get("primary_slot_name", "") != expected.get("primary_slot_name", ""):
        return False
    return _same_target(there.get("primary_conninfo", ""), expected["primary_conninfo"])


def _same_target(there: str, wanted: str) -> bool:
    try:
        old, new = conninfo.parse(there), conninfo.parse(wanted)
    except conninfo.ConninfoError:
        return False
    return old == new


async def is_ours(ctx: Context) -> bool:
    """True where the cluster in place is a standby's copy of this primary: there is nothing to copy.

    Its system identifier is the primary's, it would start as a standby, and it was last in recovery or, as
    ``backup_label`` shows, has not been started since it was copied: never one that took writes of its own. Whether
    it follows with the right connection string is for the configuration step.

    A server that was starting when it was looked at had its old state in the control file, and ``backup_label`` is gone
    by now: then the control file is read anew.
    """
    side, primary = ctx.standby, ctx.primary
    if side.control is None or primary.control is None:
        return False
    if side.control.system_identifier != primary.control.system_identifier:
        return False
    signal = recovery_files(ctx).signal or RECOVERY_CONF
    if not await _there(side, side.cluster.data, signal):
        return False
    if side.control.in_recovery or await _there(side, side.cluster.data, "backup_label"):
        return True
    if not side.cluster.running:
        return False
    side.control = await read_control(side)
    return side.control is not None and side.control.in_recovery


async def copy_is_used(ctx: Context) -> bool:
    """True where somebody has started a server in the copy that is not in its place yet."""
    return await _there(ctx.standby, places(ctx).new, "postmaster.pid")


def stop_it(ctx: Context) -> str:
    """How such a server is stopped."""
    side = ctx.standby
    command = line((side.cluster.program("pg_ctl"), "-D", places(ctx).new, "stop"))
    return f"stop it on {side.name} as {side.cluster.os_user}: {command}. Then run again"


async def _there(side: Side, folder: str, name: str) -> bool:
    return await files.stat(side.files, f"{folder}/{name}", side.cluster.os_user) is not None
