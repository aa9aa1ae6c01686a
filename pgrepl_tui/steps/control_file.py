"""A cluster's control file, read by its own pg_controldata."""

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres.control import ControlData, parse_control
from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.step import StepError


async def read_control(side: Side) -> ControlData | None:
    """The control file as it is now; None where there is no cluster.

    Raises:
        StepError: it cannot be read: that is not taken for none.
    """
    cluster = side.cluster
    command = Command((cluster.program("pg_controldata"), cluster.data), user=cluster.os_user)
    result = await side.host.run(command)
    if result.status == 0:
        return parse_control(result.text)
    there = await side.host.run(Command(("ls", "-A", "--", cluster.data), user=cluster.os_user))
    if there.status == 0 and there.out.strip():
        raise StepError(
            f"{cluster.data} on {side.name} is not empty, and its control file cannot be read: {result.error_text}",
            "check that this is the right directory, and that pg_controldata of the same major is there",
            refused=True,
        )
    return None
