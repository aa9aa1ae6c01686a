"""The pg_hba rule that lets the standby in, and nobody else."""

from pgrepl_tui.events import Activation, Finding, ShownCommand, Stage
from pgrepl_tui.postgres import hba
from pgrepl_tui.postgres.server import shown_psql
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.door import expected_source, knock
from pgrepl_tui.steps.edit import Edit, read
from pgrepl_tui.steps.password import role_row
from pgrepl_tui.steps.primary.settings import RELOAD, RELOAD_TAKES
from pgrepl_tui.steps.primary.standing import hba_errors
from pgrepl_tui.steps.settings import MARK
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, blocked, done, needed
from pgrepl_tui.steps.wait import until


class Hba(Step):
    """Let the standby in: one rule for one role from one address."""

    id, title, stage, host = "hba", "pg_hba rule", Stage.PRIMARY, "primary"
    why = (
        "A replication login needs a rule of its own: `all` does not match it. The rule is for the address that the "
        "primary sees, which it says itself when it refuses; it stands before the first rule that would match."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when the primary does not refuse the standby for want of a rule."""
        errors = await hba_errors(ctx.primary)
        if errors:
            return blocked(f"pg_hba.conf has errors already: {errors}", "mend them first, then retry")
        login = await knock(ctx)
        if login.ok:
            return done("the standby gets in")
        if login.refused_address:
            return needed(f"the primary refuses {ctx.user} from {login.refused_address}")
        if not login.reached:
            return needed("the primary does not listen there yet; its rules are looked at when it does")
        return done(f"no rule stands in the way: {login.message}")

    async def preview(self, ctx: Context) -> Preview:
        """A diff of pg_hba.conf."""
        login = await knock(ctx)
        address = login.refused_address or await expected_source(ctx)
        edit = await self._edit(ctx, address)
        reload = ShownCommand(ctx.primary.name, shown_psql(ctx.primary.cluster, RELOAD))
        notes = () if login.refused_address else (
            f"{address} is what the standby's routes say; when the primary listens, the address that it sees is taken",
        )  # fmt: skip
        return Preview((reload,), (edit.diff(),) if edit.changes else (), Activation.RELOAD, notes=notes)

    async def run(self, ctx: Context) -> str:
        """Insert the rule for the address that the primary names, and reload."""
        login = await knock(ctx)
        if login.ok:
            return "the standby gets in already"
        if not login.refused_address:
            raise StepError(
                f"the standby does not get as far as pg_hba.conf: {login.message}",
                f"{ctx.primary.address}:{ctx.primary.cluster.port} must be reachable from {ctx.standby.name}: look at "
                "listen_addresses and at firewalls, then retry",
            )
        edit = await self._edit(ctx, login.refused_address)
        if edit.changes:
            await edit.write(ctx)
        await ctx.primary.server.change(RELOAD)
        if not edit.changes and (await self.confirm(ctx)).finding is not Finding.DONE:
            raise StepError(
                f"the rule for {login.refused_address} stands in {edit.path}, and the primary still refuses",
                "a rule above it rejects, or the file is not the one in use: look at pg_hba_file_rules, then retry",
            )
        return f"{ctx.user} may come in from {login.refused_address}"

    async def confirm(self, ctx: Context) -> Look:
        """No errors in the file, and the standby is not refused any more."""
        looks: list[Look] = []

        async def let_in() -> bool:
            looks.append(await self.inspect(ctx))
            return looks[-1].finding is Finding.DONE

        await until(let_in, seconds=RELOAD_TAKES)
        return looks[-1]

    async def _edit(self, ctx: Context, address: str) -> Edit:
        side = ctx.primary
        old = await read(side, side.cluster.hba)
        row = await role_row(ctx)
        old_kind = row is not None and (row[2] or "").startswith("md5")
        method = "scram-sha-256" if side.facts.scram and not old_kind else "md5"
        rule = hba.standby_rule(ctx.user, address, tls=ctx.tls, method=method)
        new = hba.insert(old or "", rule, mark=MARK, continued=side.facts.hba_continues)
        return Edit(side, side.cluster.hba, old, new)
