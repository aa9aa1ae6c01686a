"""TLS on the primary, where the topology asks for it."""

from pgrepl_tui.events import Activation, Finding, ShownCommand, Stage
from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.server import shown_psql
from pgrepl_tui.steps.context import Context, Side
from pgrepl_tui.steps.entries import FileChanged
from pgrepl_tui.steps.journal import note
from pgrepl_tui.steps.primary.settings import RELOAD, RELOAD_TAKES, changed
from pgrepl_tui.steps.settings import Setting, block_edit, read_settings
from pgrepl_tui.steps.step import Look, Preview, Step, StepError, blocked, done, needed
from pgrepl_tui.steps.wait import until

MAKE = r"""
set -eu
umask 077
cd -- "$1"
[ -e server.key ] || [ -e server.crt ] && { echo "server.key or server.crt is there already" >&2; exit 1; }
openssl req -new -x509 -days 3650 -nodes -subj "/CN=$2" -out server.crt -keyout server.key
chmod 600 server.key
for file in server.crt server.key; do sha256sum < "$file" | cut -d" " -f1; done
"""
WITHOUT_TLS = "the primary's server was built without TLS, and the topology asks for it"
TLS_REMEDY = "use a build with TLS, or say `sslmode: prefer` in the topology: then others on the way can read all"
HALF_A_CERTIFICATE = "put a certificate and its key there (server.crt and server.key), then retry"
CERTIFICATE = ("server.crt", "server.key")
NAMES = ("ssl", "ssl_cert_file", "ssl_key_file")


class Tls(Step):
    """Switch TLS on, with a certificate that is there or a new self-signed one."""

    id, title, stage, host = "tls", "TLS", Stage.PRIMARY, "primary"
    why = (
        "All that the primary writes travels to the standby, the data itself: not in clear. It comes before the pg_hba "
        "rule, because a hostssl rule without TLS is an error on 9.6 and older."
    )

    async def inspect(self, ctx: Context) -> Look:
        """Done when it is on, or the topology does not ask for it."""
        if not ctx.tls:
            return done(f"sslmode {ctx.topology.replication.sslmode} does not ask for TLS")
        found = await read_settings(ctx.primary, NAMES)
        if found["ssl"].value == "on":
            return done("TLS is on")
        if found["ssl"].altered or found["ssl"].fixed:
            return blocked(
                f"ssl = off is set in {found['ssl'].file or 'the command line'}, which wins over postgresql.conf",
                "take it out there (ALTER SYSTEM RESET ssl), then retry",
            )
        if await ctx.primary.server.truth(queries.without_tls()):
            return blocked(WITHOUT_TLS, TLS_REMEDY)
        return needed("TLS is off")

    async def preview(self, ctx: Context) -> Preview:
        """The certificate, where there is none, and one setting."""
        side = ctx.primary
        commands = [ShownCommand(side.name, shown_psql(side.cluster, RELOAD))]
        if not await self._has_certificate(ctx):
            commands.insert(0, ShownCommand(side.name, _shown_making(side)))
        activation = Activation.RESTART if side.facts.ssl_needs_restart else Activation.RELOAD
        return Preview(tuple(commands), ((await block_edit(side, {"ssl": "on"})).diff(),), activation)

    async def run(self, ctx: Context) -> str:
        """Make the certificate if need be, write the setting, reload."""
        side = ctx.primary
        if not await self._has_certificate(ctx):
            await self._make_certificate(ctx)
        await note(ctx, side, changed((await read_settings(side, NAMES))["ssl"]))
        await (await block_edit(side, {"ssl": "on"})).write(ctx)
        await side.server.change(RELOAD)
        return "TLS is on" if not side.facts.ssl_needs_restart else "TLS comes on with the restart"

    async def _make_certificate(self, ctx: Context) -> None:
        """Two new files; what they hold is known only when they are there."""
        side = ctx.primary
        paths = [f"{side.cluster.data}/{name}" for name in CERTIFICATE]
        there = [path for path in paths if await files.stat(side.files, path, side.cluster.os_user) is not None]
        if there:
            raise StepError(f"{there[0]} is there, and not both files that TLS needs", HALF_A_CERTIFICATE)
        await note(ctx, side, *(FileChanged(path=path, old="", new="", secret=True) for path in paths))
        argv = ("/bin/sh", "-c", MAKE, "sh", side.cluster.data, side.address)
        command = Command(argv, user=side.cluster.os_user, changes=True, shown=_shown_making(side))
        result = await side.host.run(command)
        if result.status:
            raise StepError(f"no certificate could be made: {result.error_text}",
                            "put server.crt and server.key into the data directory, then retry")  # fmt: skip
        sums = result.text.split()[-2:]
        made = [FileChanged(path=path, old="", new=new, secret=True) for path, new in zip(paths, sums, strict=True)]
        await note(ctx, side, *made)

    async def confirm(self, ctx: Context) -> Look:
        """From 10 on it is in effect now; below, the restart brings it."""
        if ctx.primary.facts.ssl_needs_restart:
            return done("comes on with the restart")
        looks: list[Look] = []

        async def is_on() -> bool:
            looks.append(await self.inspect(ctx))
            return looks[-1].finding is Finding.DONE

        await until(is_on, seconds=RELOAD_TAKES)
        return looks[-1]

    async def _has_certificate(self, ctx: Context) -> bool:
        side = ctx.primary
        found: dict[str, Setting] = await read_settings(side, NAMES)
        names = [
            found[n].value if n in found else d
            for n, d in (("ssl_cert_file", "server.crt"), ("ssl_key_file", "server.key"))
        ]
        paths = [name if name.startswith("/") else f"{side.cluster.data}/{name}" for name in names]
        script = '[ -r "$1" ] && [ -r "$2" ]'
        command = Command(
            ("/bin/sh", "-c", script, "sh", *paths), user=side.cluster.os_user, shown=f"test -r {' -a -r '.join(paths)}"
        )
        return (await side.host.run(command)).status == 0


def _shown_making(side: Side) -> str:
    made = f"openssl req -new -x509 -days 3650 -nodes -subj /CN={side.address} -out server.crt -keyout server.key"
    return f"cd {side.cluster.data} && {made}"
