"""A server's start or restart that goes through, whatever becomes of the connection and of this program.

pg_ctl restart stops the server and then starts it: cut off between the two, it would leave the server down. A server
that pg_ctl has just started still carries the mark by which a cut-off command's processes are found and ended
(hosts/remote_end.py), and a pg_ctl that waits ends it itself at SIGINT or SIGHUP (pg_ctl.c,
trap_sigint_during_startup). A job has neither the mark nor our channel.
"""

import asyncio

from pgrepl_tui.hosts import job
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.headway import Headway, run_while_it_moves
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.tag import tag_of

POLL = 0.2


async def carry_out(side: Side, action: Action) -> tuple[int | None, str]:
    """Run the action as a detached job; its exit status and its last words.

    systemd goes through with what it was asked for, so its command runs as any other.

    Raises:
        StepError: the server makes no headway; the job goes on, and the next run takes it up.
        HostError: the connection was lost; the job goes on.
    """
    command = side.cluster.control.command(action, side.cluster)
    user = side.cluster.os_user
    if command.user != user:
        result = await run_while_it_moves(side, command)
        return result.status, (result.error_text or result.text.strip())[-500:]
    folder = _folder(side, action)
    earlier = await job.state(side.host, folder, user)
    if not earlier.running:
        if earlier.name != "absent":
            await job.forget(side.host, folder, user)
        await job.start(side.host, folder, command, user)
    status, said = await _ended(side, folder)
    await job.forget(side.host, folder, user)
    return status, said.decode("utf-8", "backslashreplace").strip()[-500:]


async def succeed(side: Side, action: Action) -> None:
    """Run the action so, where only a good end will do.

    Raises:
        StepError: it did not end well, or the server makes no headway with it.
        HostError: the connection was lost; the job goes on.
    """
    status, said = await carry_out(side, action)
    if status != 0:
        raise StepError(f"it did not {action}: {said or 'it was cut off'}", f"its log says why: {side.cluster.log}")


async def tidy(side: Side) -> None:
    """Remove what an earlier run left of starts and restarts that have ended, where it was cut off before it saw that.

    Raises:
        HostError: they cannot be looked at, or not be removed.
    """
    for action in (Action.START, Action.RESTART):
        folder, user = _folder(side, action), side.cluster.os_user
        earlier = await job.state(side.files, folder, user)
        if earlier.name != "absent" and not earlier.running:
            await job.forget(side.host, folder, user)


def _folder(side: Side, action: Action) -> str:
    return f"{side.state_dir}/{action}-{tag_of(side.cluster.data)}"


async def _ended(side: Side, folder: str) -> tuple[int | None, bytes]:
    offset, said, headway = 0, b"", Headway(side)
    while True:
        data, offset, state = await job.poll(side.host, folder, offset, side.cluster.os_user)
        said += data
        if not data and not state.running:
            return state.status, said
        await headway.look()
        if not data:
            await asyncio.sleep(POLL)
