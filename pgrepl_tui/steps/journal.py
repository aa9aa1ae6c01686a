"""The journal of a run: on each host that it may change, in our own folder there, written before each change.

It lies with the hosts, so that undo needs nothing of the program that made the changes, nor of its machine. It is
written as a whole each time, synced and renamed into place: what is in it is never half an entry.
"""

import getpass
import os
import posixpath
import socket

from pgrepl_tui.hosts import files
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.entries import Began, Entry, FileChanged, digest, encode
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.tag import tag_of


def journal_path(side: Side, run_id: str) -> str:
    """The journal of a run on a side's host."""
    return f"{side.state_dir}/journal-{run_id}-{tag_of(side.cluster.data)}.jsonl"


def backup_dir(side: Side, run_id: str) -> str:
    """The folder on a side's host where the old bytes of files are kept."""
    return f"{side.state_dir}/backup-{run_id}"


async def note(ctx: Context, side: Side, *entries: Entry) -> None:
    """Write entries into the journal on a side's host; what they tell is done only after this.

    Raises:
        HostError: they could not be written, so it must not be done.
        StepError: it is not known which primary this is.
    """
    if not ctx.journal:
        await _begin(ctx)
    text = ctx.journal[side.role] + encode(entries)
    await _write(ctx, side, text)
    ctx.journal[side.role] = text


async def note_file(  # noqa: PLR0913 - a change of a file, and all but three are named in the call
    ctx: Context,
    side: Side,
    path: str,
    *,
    old: bytes | None,
    new: bytes | None,
    new_mode: int | None = None,
    secret: bool = False,
) -> None:
    """Write into the journal that a file will be changed; its old bytes are to be kept where it says.

    Args:
        ctx: the run's context.
        side: whose host.
        path: the file.
        old: what it holds; None where it is not there.
        new: what it will hold; None where another program writes it.
        new_mode: its permission bits afterwards; None keeps them.
        secret: what it holds is not to be shown.
    """
    found = await files.stat(side.files, path, side.cluster.os_user) if old is not None else None
    change = FileChanged(path=path, old=digest(old), new=digest(new), new_mode=new_mode or 0, secret=secret)
    if found is not None:
        name = f"{posixpath.basename(found.real_path)}.{digest(old)[:16]}"
        change = FileChanged(
            path=path,
            old=digest(old),
            new=digest(new),
            backup=f"{backup_dir(side, ctx.run_id)}/{name}",
            owner=found.owner,
            mode=found.mode,
            new_mode=new_mode or found.mode,
            secret=secret,
        )
    await note(ctx, side, change)


async def _begin(ctx: Context) -> None:
    """The standby's journal first: by its run the primary's is found, where other pairs' journals may be as well."""
    if ctx.primary.control is None:
        raise StepError("the primary's control file was not read", "run again", refused=True)
    begun: dict[str, str] = {}
    for side in (ctx.standby, ctx.primary):
        began = Began(
            run=ctx.run_id,
            role=side.role,
            by=f"{getpass.getuser()}@{socket.gethostname()} (process {os.getpid()})",
            identifier=ctx.primary.control.system_identifier,
            primary=ctx.primary.name,
            primary_data=ctx.primary.cluster.data,
            standby=ctx.standby.name,
            standby_data=ctx.standby.cluster.data,
        )
        await files.make_dir(side.files, side.state_dir, side.cluster.os_user)
        begun[side.role] = encode([began])
        await _write(ctx, side, begun[side.role])
    ctx.journal.update(begun)


async def _write(ctx: Context, side: Side, text: str) -> None:
    path = journal_path(side, ctx.run_id)
    await files.write(side.files, path, text.encode(), user=side.cluster.os_user, mode=0o600)
