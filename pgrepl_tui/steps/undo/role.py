"""Drop the role that a run made, or take back the rights that it got."""

from dataclasses import dataclass

from pgrepl_tui.events import ShownCommand, Stage
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.server import Server, SqlRow, shown_psql, truth
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import RoleAllowed, RoleMade, digest
from pgrepl_tui.steps.step import Look, Preview, done, needed
from pgrepl_tui.steps.undo.work import UndoStep


@dataclass(frozen=True)
class Change:
    """What is to be done with a role: a statement, or why it is left as it is."""

    statement: str = ""
    left: str = ""


class RoleBack(UndoStep):
    """Drop the role, unless somebody else uses it now."""

    id, title, stage, host = "undo-role", "drop the replication role", Stage.PRIMARY, "primary"
    why = (
        "A role that was there before is never dropped. One that a run made is left where others log in with it, "
        "where it owns something, or where its password was changed since."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when it is as it was, or is left as it is."""
        change = await self._change(ctx)
        if change.left:
            self.work.left[self.id] = f"the role was left as it is: {change.left}"
            return done(f"left as it is: {change.left}")
        if not change.statement:
            return done("it is as before" if self._touched() else "no run changed it")
        return needed(change.statement)

    async def preview(self, ctx: Context) -> Preview:
        """One statement."""
        side, change = ctx.primary, await self._change(ctx)
        return Preview((ShownCommand(side.name, shown_psql(side.cluster, change.statement)),))

    async def run(self, ctx: Context) -> str:
        """Drop or alter it."""
        change = await self._change(ctx)
        if change.statement:
            await ctx.primary.server.change(queries.LOCAL_COMMIT, change.statement)
        return change.statement or "it is as before"

    def _touched(self) -> list[RoleMade | RoleAllowed]:
        return [one for one in self.work.entries("primary") if isinstance(one, RoleMade | RoleAllowed)]

    async def _change(self, ctx: Context) -> Change:
        touched = self._touched()
        if not touched:
            return Change()
        first = touched[0]
        row = await _row(ctx, first.name)
        if row is None:
            return Change()
        if isinstance(first, RoleAllowed):
            return await _rights(ctx, first, row)
        made = {one.verifier for one in touched if isinstance(one, RoleMade)}
        if digest((row[2] or "").encode()) not in made:
            return Change(left=f"the password of {first.name} was changed since")
        used = await _users(ctx, first.name)
        return Change(left=used) if used else Change(f"drop role {queries.identifier(first.name)}")


async def _row(ctx: Context, name: str) -> SqlRow | None:
    """The role, its verifier included; told to nobody."""
    rows = await Server(ctx.primary.files, ctx.primary.cluster).query(queries.role(name))
    return rows[0] if rows else None


async def _rights(ctx: Context, before: RoleAllowed, row: SqlRow) -> Change:
    rights = (("nologin", before.login, row[0]), ("noreplication", before.replication, row[1]))
    words = [word for word, had, has in rights if truth(has) and not had]
    if not words:
        return Change()
    used = await _users(ctx, before.name)
    statement = f"alter role {queries.identifier(before.name)} with {' '.join(words)}"
    return Change(left=used) if used else Change(statement)


async def _users(ctx: Context, name: str) -> str:
    """Who uses the role but for this pair; empty for nobody."""
    own = ", ".join(queries.literal(known) for known in (ctx.application, ctx.copier))
    who = queries.literal(name)
    sessions = await ctx.primary.server.query(
        "select coalesce(nullif(application_name, ''), 'a session'), coalesce(client_addr::text, 'its own machine')"  # noqa: S608 - literals
        f" from pg_stat_activity where usename = {who} and application_name not in ({own})"
    )
    if sessions:
        return f"others use {name}: {', '.join(f'{app} from {address}' for app, address in sessions)}"
    tied = await ctx.primary.server.value(
        "select (select count(*) from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = r.oid)"  # noqa: S608 - a literal
        " + (select count(*) from pg_auth_members where roleid = r.oid or member = r.oid)"
        f" from pg_roles r where rolname = {who}"
    )
    return f"{name} owns something, or has rights or members of its own" if tied not in {"", "0"} else ""
