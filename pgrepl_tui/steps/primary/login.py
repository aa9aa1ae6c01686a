"""The proof of the standby's way in, before anything is copied."""

from pgrepl_tui.events import Stage
from pgrepl_tui.postgres.login import own_login
from pgrepl_tui.postgres.logs import explain
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.door import door, knock
from pgrepl_tui.steps.password import passfile_path
from pgrepl_tui.steps.step import Step, StepError


class LoginProof(Step):
    """Log in for replication, from the standby's host, and see who answers."""

    id, title, stage, host = "login", "a real replication login", Stage.PRIMARY, "standby"
    readonly = True
    unproved = "the base backup logs in the same way, and will say what is wrong"
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
        if not ctx.standby.facts.passfile_in_conninfo:
            await self._by_its_own_libpq(ctx, known)
        kind = "over TLS" if login.tls else "in clear"
        return f"{ctx.user} gets in from {ctx.standby.name}, {kind}, and it is the primary ({known})"

    async def _by_its_own_libpq(self, ctx: Context, known: str) -> None:
        """Below 10 no conninfo names the passfile, and up to 9.3 libpq speaks TLS 1.0 only: so it is tried as well."""
        side = ctx.standby
        result = await side.host.run(own_login(side.cluster, door(ctx)))
        if result.status or result.text.split("|")[0].strip() != known:
            said = " ".join((result.error_text or result.text).split())
            cause = explain(said)
            raise StepError(
                f"PostgreSQL {side.cluster.major}'s own libpq does not get in from {side.name}: {said}",
                cause.remedy
                if cause
                else f"see that it reads {passfile_path(ctx)}, and what TLS both servers can speak",
            )
