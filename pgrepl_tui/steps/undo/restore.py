"""Put a file back as it was before the first of the runs: bytes and mode; a file that was not there goes."""

from collections.abc import Sequence

from pgrepl_tui.events import FileDiff, ShownCommand
from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.edit import Edit, read
from pgrepl_tui.steps.journal import backup_dir
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.undo.history import History, Now, foreign, old_bytes, probe

MOVE = r"""
umask 077
mkdir -p -- "$2" && mv -- "$1" "$2/"
"""


async def changed(side: Side, histories: Sequence[History]) -> list[tuple[History, Now]]:
    """The files that are not as they were, each with how it is."""
    nows = await probe(side, (history.path for history in histories))
    return [(history, now) for history, now in zip(histories, nows, strict=True) if not history.as_before(now)]


async def shown(side: Side, histories: Sequence[History]) -> tuple[tuple[ShownCommand, ...], tuple[FileDiff, ...]]:
    """What restoring would do: a diff, or a command where what the file holds is not to be shown."""
    commands: list[ShownCommand] = []
    diffs: list[FileDiff] = []
    for history, now in await changed(side, histories):
        if history.secret or not history.first.old or now.sum == history.first.old:
            commands.append(ShownCommand(side.name, line(_command(history, now))))
        else:
            old = (await old_bytes(side, history)).decode("utf-8", "surrogateescape")
            diffs.append(Edit(side, history.path, await read(side, history.path), old).diff())
    return tuple(commands), tuple(diffs)


def _command(history: History, now: Now) -> tuple[str, ...]:
    first = history.first
    if not first.old:
        return ("rm", "-f", history.path)
    if now.sum == first.old:
        return ("chmod", f"{first.mode:o}", history.path)
    return ("cp", "-p", first.backup, history.path)


async def restore(ctx: Context, side: Side, history: History, now: Now) -> None:
    """Put one file back.

    Raises:
        StepError: somebody else changed it; or its old bytes are gone.
        HostError: it could not be written; what was there is untouched.
    """
    why = await foreign(side, history, now)
    if why:
        raise StepError(why, way_out(history), refused=True)
    user, first = side.cluster.os_user, history.first
    if not first.old and history.unseen:
        await _keep(ctx, side, history.path)
    elif not first.old:
        await files.remove(side.host, history.path, user)
    else:
        there = await files.read(side.files, history.path, user)
        data = await old_bytes(side, history)
        await files.write(side.files, history.path, data, user=user, mode=first.mode, old=there)


async def _keep(ctx: Context, side: Side, path: str) -> None:
    """A new file of which it is not known what was put into it is kept, beside the old bytes of other files."""
    folder = backup_dir(side, ctx.run_id)
    argv = ("/bin/sh", "-c", MOVE, "sh", path, folder)
    command = Command(argv, user=side.cluster.os_user, changes=True, shown=line(("mv", path, f"{folder}/")))
    result = await side.host.run(command)
    if result.status:
        raise StepError(f"{path} on {side.name} could not be moved: {result.error_text}", "move it by hand, then retry")


def way_out(history: History) -> str:
    """What the operator can do where somebody else had a hand in it."""
    first = history.first
    if not first.old:
        return f"{history.path} was not there before: look at it, move it away if nobody needs it, then undo again"
    return (
        f"how it was before the first run is in {first.backup}: compare the two, copy that one over {history.path}, "
        "undo again, and then make the other change anew"
    )
