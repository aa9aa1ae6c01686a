"""The role that the standby logs in as."""

from pgrepl_tui.events import ShownCommand, Stage
from pgrepl_tui.postgres import queries, scram
from pgrepl_tui.postgres.server import shown_psql, truth
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import RoleAllowed, RoleMade, digest
from pgrepl_tui.steps.journal import note
from pgrepl_tui.steps.password import VARIABLE, obtain, role_row
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, blocked, done, needed


class Role(Step):
    """Make the replication role, or let an existing one replicate; its password is never changed."""

    id, title, stage, host = "role", "replication role", Stage.PRIMARY, "primary"
    why = (
        "The standby logs in as a role that may replicate and nothing more. The primary gets a verifier that is "
        "computed here, so the password itself is in no statement and no log."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when the role may log in and replicate, and the password that we have is its password."""
        row = await role_row(ctx)
        if row is None:
            return needed(f"there is no role {ctx.user}")
        login, replication, verifier, expired, limit = row
        if truth(expired) or limit == "0":
            return blocked(
                f"the role {ctx.user} cannot log in: its validity has ended, or its connection limit is 0",
                f"ALTER ROLE {queries.identifier(ctx.user)} VALID UNTIL 'infinity' CONNECTION LIMIT -1, then retry",
            )
        password = await obtain(ctx)
        if password is None or not scram.matches(
            verifier or "", ctx.user, password.reveal(), plain=not ctx.primary.facts.scram
        ):
            return blocked(
                f"the role {ctx.user} exists, and the password from {ctx.password_source or 'nowhere'} is not its own",
                f"give the right one in {VARIABLE}, or name another role; an existing password is never changed "
                "(other standbys may use it)",
            )
        if not truth(login) or not truth(replication):
            return needed(f"the role {ctx.user} may not {'replicate' if truth(login) else 'log in'} yet")
        return done(f"{ctx.user} may replicate, and the password is right")

    async def preview(self, ctx: Context) -> Preview:
        """One statement."""
        side = ctx.primary
        if await role_row(ctx) is None:
            statement = queries.create_role(ctx.user, "********")
            notes: tuple[str, ...] = ("statement logging is off for this one session",)
        else:
            statement, notes = queries.allow_replication(ctx.user), ("its password stays as it is",)
        return Preview((ShownCommand(side.name, shown_psql(side.cluster, statement)),), notes=notes)

    async def run(self, ctx: Context) -> str:
        """Create or alter the role."""
        side = ctx.primary
        row = await role_row(ctx)
        if row is not None:
            await note(ctx, side, RoleAllowed(name=ctx.user, login=truth(row[0]), replication=truth(row[1])))
            await side.server.change(queries.LOCAL_COMMIT, queries.allow_replication(ctx.user))
            return f"{ctx.user} may log in and replicate now"
        password = await obtain(ctx)
        if password is None:
            raise StepError(
                f"the password of {ctx.user} is not known", f"name a file with it in {VARIABLE}", refused=True
            )
        verifier = scram.verifier(ctx.user, password.reveal(), scram=side.facts.scram)
        ctx.reporter.add_secret(verifier)
        await note(ctx, side, RoleMade(name=ctx.user, verifier=digest(verifier.encode())))
        await side.server.change(*queries.QUIET_SESSION, queries.LOCAL_COMMIT, queries.create_role(ctx.user, verifier))
        return f"the role {ctx.user} is there"
