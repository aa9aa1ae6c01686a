"""Where the replication role's password comes from."""

import os
from pathlib import Path

from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.postgres import queries, scram
from pgrepl_tui.postgres.passfile import find
from pgrepl_tui.postgres.password_rules import problem
from pgrepl_tui.postgres.server import Server, SqlRow
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.step import StepError

VARIABLE = "PGREPL_PASSWORD_FILE"


def passfile_path(ctx: Context) -> str:
    """The standby's passfile: our own where primary_conninfo can name it, else the one that libpq looks for."""
    side = ctx.standby
    return (
        f"{side.state_dir}/passfile" if side.facts.passfile_in_conninfo else f"{side.libpq_home or side.home}/.pgpass"
    )


async def role_row(ctx: Context) -> SqlRow | None:
    """What the primary knows about the role, its verifier included; told to nobody."""
    side = ctx.primary
    rows = await Server(side.files, side.cluster).query(queries.role(ctx.user))
    if not rows:
        return None
    if rows[0][2]:
        ctx.reporter.add_secret(rows[0][2])
    return rows[0]


async def obtain(ctx: Context) -> Secret | None:
    """The role's password: typed before the run, from the operator's file, the passfile, newly made, or asked for.

    None where the role exists and nobody knows its password.

    Raises:
        StepError: what was typed, or the operator's file, cannot be used.
    """
    if ctx.password is None:
        found = _typed(ctx) or _from_file(ctx) or await _from_passfile(ctx) or await _made_or_asked(ctx)
        if found is None:
            return None
        ctx.password, ctx.password_source = found
        ctx.reporter.add_secret(ctx.password.reveal())
    return ctx.password


def _typed(ctx: Context) -> tuple[Secret, str] | None:
    if ctx.given is None:
        return None
    ctx.reporter.add_secret(ctx.given.reveal())
    wrong = problem(ctx.given.reveal(), ctx.primary.cluster.major)
    if wrong:
        raise StepError(f"the password of the Hosts form cannot be used: {wrong}", "choose another one", refused=True)
    return ctx.given, "the Hosts form"


def _from_file(ctx: Context) -> tuple[Secret, str] | None:
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    try:
        text = Path(name).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise StepError(f"{VARIABLE}: {name} cannot be read: {error}", "give a file that holds the password alone",
                        refused=True) from error  # fmt: skip
    wrong = problem(text, ctx.primary.cluster.major)
    if wrong:
        raise StepError(f"the password in {name} cannot be used: {wrong}", "choose another one", refused=True)
    return Secret(text), VARIABLE


async def _from_passfile(ctx: Context) -> tuple[Secret, str] | None:
    side, primary = ctx.standby, ctx.primary
    data = await files.read(side.files, passfile_path(ctx), side.cluster.os_user)
    text = (data or b"").decode("utf-8", "replace")
    password = find(text, primary.address, str(primary.cluster.port), "replication", ctx.user)
    return (Secret(password), f"the passfile on {side.name}") if password else None


async def _made_or_asked(ctx: Context) -> tuple[Secret, str] | None:
    if await role_row(ctx) is None:
        return Secret(scram.strong_password()), "made now"
    asked = await ctx.ask_secret(f"Password of the role {ctx.user}, which exists on {ctx.primary.name}")
    if asked is None:
        return None
    wrong = problem(asked.reveal(), ctx.primary.cluster.major)
    if wrong:
        raise StepError(f"that password cannot be used: {wrong}", "run again with another one", refused=True)
    return asked, "given by the operator"
