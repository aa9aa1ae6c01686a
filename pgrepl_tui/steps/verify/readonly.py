"""The standby answers queries and refuses writes."""

from pgrepl_tui.counted import counted
from pgrepl_tui.events import Stage
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.step import Step, StepError

READ_ONLY = "25006"


class ReadOnly(Step):
    """Read something on the standby, and try a write that it has to refuse."""

    id, title, stage, host = "read-only", "reads, and refuses writes", Stage.VERIFY, "standby"
    readonly = True
    unproved = "that the standby reads, and refuses writes, was not shown"
    why = "A standby takes no writes of its own: one is tried, and has to be refused with SQLSTATE 25006."

    async def run(self, ctx: Context) -> str:
        """A read and a refused write."""
        server = ctx.standby.server
        databases = int(await server.value("select count(*) from pg_database where not datistemplate") or 0)
        try:
            await server.query(*queries.REFUSED_WRITE)
        except SqlError as error:
            if error.sqlstate != READ_ONLY:
                raise StepError(f"the write was refused for another reason: {error}", "look at the standby") from error
            return f"reads {counted(databases, 'database')}, refuses writes ({READ_ONLY})"
        raise StepError(f"{ctx.standby.name} takes writes: it is not a standby", "stop it before somebody writes to it")
