"""What the cluster that is to be replaced has that nobody else has: looked at before it is touched."""

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres import fork, queries
from pgrepl_tui.postgres.fork import Ahead, Reason
from pgrepl_tui.postgres.lsn import Lsn
from pgrepl_tui.postgres.wal import Piece
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.context import Context, Side

SUMS = r"""
dir=$1 history=$2
shift 2
command -v sha256sum >/dev/null 2>&1 || exit 0
while [ $# -gt 1 ]; do
    for file in "$dir"/????????"$1"; do
        [ -f "$file" ] || continue
        name=${file##*/}
        sum=$(head -c "$2" -- "$file" | sha256sum) && printf 'sum %s %s %s %s\n' "$1" "$2" "${name%"$1"}" "${sum%% *}"
    done
    shift 2
done
[ ! -f "$dir/$history" ] || sed 's/^/history /' -- "$dir/$history"
"""
"""$1 the WAL directory, $2 the name of a history file, then name and size of each piece; prints of each piece the sum
on every timeline. No WAL leaves its host."""


def told(reasons: tuple[Reason, ...]) -> str:
    """The reasons as a sentence that begins with what it means."""
    proven = any(reason.proven for reason in reasons)
    begin = "has unique data" if proven else "counts as having unique data"
    return f"{begin}: {'; '.join(reason.text for reason in reasons)}"


def of_the_primary(ctx: Context) -> bool:
    """True where the standby's cluster has the primary's system identifier: it was a copy of it, or it of this one."""
    one, two = ctx.primary.control, ctx.standby.control
    return one is not None and two is not None and one.system_identifier == two.system_identifier


async def unique(ctx: Context) -> tuple[Reason, ...]:
    """Why the standby's cluster, of the primary's system identifier, has unique data or may have; empty: it has none.

    A cluster of another system identifier is not looked at: all that it holds is its own.
    """
    primary, old = ctx.primary.control, ctx.standby.control
    if primary is None or old is None or not of_the_primary(ctx):
        return ()
    parts, older = fork.pieces(old), fork.older(old)
    shown = ", ".join(str(part.end) for part in parts)
    own, _ = await _sums(ctx.standby, (*parts, *older), "", shown)
    theirs, history = await _sums(ctx.primary, (*parts, *older), f"{primary.timeline:08X}.history", shown)
    position = Lsn.parse(await ctx.primary.server.value(queries.current_position(ctx.primary.facts)))
    return fork.reasons(old, own, Ahead(ctx.primary.name, primary.timeline, position, history, theirs))


async def _sums(side: Side, parts: tuple[Piece, ...], history: str, up_to: str) -> tuple[fork.Sums, str]:
    folder = f"{side.cluster.data}/{side.facts.wal_dir}"
    words = [word for part in parts for word in (part.name, str(part.size))]
    argv = ("/bin/sh", "-c", SUMS, "sh", folder, history or "none", *words)
    shown = spoken(f"compare the WAL in {folder} up to {up_to}")
    result = await side.host.run(Command(argv, user=side.cluster.os_user, shown=shown, quiet_for=300))
    found: dict[tuple[str, int], dict[int, str]] = {}
    lines = []
    for line in result.text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "history":
            lines.append(rest)
        elif kind == "sum":
            name, size, timeline, digest = rest.split(" ")
            found.setdefault((name, int(size)), {})[int(timeline, 16)] = digest
    return found, "\n".join(lines)
