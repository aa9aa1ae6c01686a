"""The password goes to the standby first, so that a run that is cut off can be taken up with the same one."""

from pgrepl_tui.events import ShownCommand, Stage
from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.postgres.passfile import Entry, find, render, replace
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.journal import backup_dir, note_file
from pgrepl_tui.steps.password import VARIABLE, obtain, passfile_path
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, blocked, done, needed


class Passfile(Step):
    """Put the role's password into a passfile on the standby."""

    id, title, stage, host = "passfile", "passfile on the standby", Stage.PRIMARY, "standby"
    why = (
        "The standby reads the password from a file that only the server's owner can read: never from a command line, "
        "the environment or primary_conninfo. It is written before the role is made, so that a run that is cut off "
        "knows the password when it is taken up again."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when the passfile holds this password and nobody else can read it."""
        password = await obtain(ctx)
        if password is None:
            return blocked(
                f"the role {ctx.user} exists on {ctx.primary.name} and its password is not known here",
                f"put the password into a file and name it in {VARIABLE}; or name another role in the topology",
            )
        size, most = len(render(_entry(ctx, password)).encode()), ctx.standby.facts.passfile_line_bytes
        if size > most:
            return blocked(
                f"the line for the passfile has {size} bytes, and libpq is sure to read {most}",
                "choose a shorter password, a shorter address of the primary (its IP address), or a shorter role name",
            )
        path, user = passfile_path(ctx), ctx.standby.cluster.os_user
        found = await files.stat(ctx.standby.files, path, user)
        if found is None:
            return needed(f"{path} is not there")
        if found.mode & 0o077:
            return needed(f"{path} can be read by others: libpq would ignore it")
        primary = ctx.primary
        text = _text(await files.read(ctx.standby.files, path, user))
        if find(text, primary.address, str(primary.cluster.port), "replication", ctx.user) != password.reveal():
            return needed(f"{path} does not hold the password")
        return done(f"{path} holds it (0600), password {ctx.password_source}")

    async def preview(self, ctx: Context) -> Preview:
        """One file, one line."""
        path, primary = passfile_path(ctx), ctx.primary
        entry = f"{primary.address}:{primary.cluster.port}:replication:{ctx.user}:********"
        line = f"install -m 0600 /dev/stdin {path}   # {entry}"
        return Preview((ShownCommand(ctx.standby.name, line),), notes=(f"password: {ctx.password_source}",))

    async def run(self, ctx: Context) -> str:
        """Write the line; the other lines of the file stay."""
        password = await obtain(ctx)
        if password is None:
            raise StepError(
                f"the password of {ctx.user} is not known", f"name a file with it in {VARIABLE}", refused=True
            )
        side, path = ctx.standby, passfile_path(ctx)
        user = side.cluster.os_user
        if path.startswith(side.state_dir):
            await files.make_dir(side.host, side.state_dir, user)
        old = await files.read(side.files, path, user)
        new = replace(_text(old), _entry(ctx, password)).encode("utf-8", "surrogateescape")
        await note_file(ctx, side, path, old=old, new=new, new_mode=0o600, secret=True)
        kept = backup_dir(side, ctx.run_id)
        await files.write(side.files, path, new, user=user, mode=0o600, backup_dir=kept, old=old)
        await side.host.run(Command(("chmod", "600", "--", path), user=user, changes=True))
        return f"{path} on {side.name} holds the password, 0600"


def _entry(ctx: Context, password: Secret) -> Entry:
    primary = ctx.primary
    return Entry(primary.address, str(primary.cluster.port), "replication", ctx.user, password.reveal())


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "surrogateescape")
