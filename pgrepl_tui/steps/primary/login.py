"""The proof of the standby's way in, before anything is copied."""

from pgrepl_tui.events import Stage
from pgrepl_tui.postgres.logs import explain
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.door import knock
from pgrepl_tui.steps.step import Step, StepError


class LoginProof(Step):
    """Log in for replication, from the standby's host, and see who answers."""

    id, title, stage, host = "login", "a real replication login", Stage.PRIMARY, "standby"
    readonly = True
    why = (
        "Network, firewall, pg_hba, TLS and password are proved by one real login from the standby's own host, through "
        "its SSH connection, before anything is copied. The server that answers must be the primary itself."
    )

    async def run(self, ctx: Context) -> str:
        """Log in; IDENTIFY_SYSTEM has to give the primary's system identifier."""
        login = await knock(ctx)
        primary = ctx.primary
        where = f"{primary.address}:{primary.cluster.port}"
        if not login.ok:
            cause = explain(login.message)
            remedy = cause.remedy if cause else "look at the primary's log for the same second"
            raise StepError(f"no replication login from {ctx.standby.name} to {where}: {login.message}", remedy)
        known = primary.control.system_identifier if primary.control else ""
        if login.system_identifier != known:
            raise StepError(
                f"another server answers at {where}: its system identifier is {login.system_identifier}, not {known}",
                "give the primary's real address and port in the topology",
                refused=True,
            )
        kind = "over TLS" if login.tls else "in clear"
        return f"{ctx.user} gets in from {ctx.standby.name}, {kind}, and it is the primary ({known})"
