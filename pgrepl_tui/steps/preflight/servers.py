"""Checks on what the servers are set to and how much room there is."""

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres import queries, scram, sync_names
from pgrepl_tui.postgres.control import ControlData
from pgrepl_tui.postgres.hba import name_problem
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.context import Side
from pgrepl_tui.steps.door import knock
from pgrepl_tui.steps.password import VARIABLE, obtain, role_row
from pgrepl_tui.steps.preflight.control import restarts
from pgrepl_tui.steps.preflight.verdicts import Check, Judged, Pair, passed, stopped, warned
from pgrepl_tui.steps.primary.open_work import REMEDY, open_work
from pgrepl_tui.steps.primary.standing import conf_errors, hba_errors
from pgrepl_tui.steps.primary.tls import TLS_REMEDY, WITHOUT_TLS
from pgrepl_tui.steps.sessions import clients, in_words
from pgrepl_tui.steps.settings import read_settings
from pgrepl_tui.steps.standby.settings import lower_settings
from pgrepl_tui.steps.standby.state import is_ours

LIBRARIES = """
dir=$("$1/pg_config" --pkglibdir) || exit 0
shift
for n in "$@"; do [ -e "$dir/${n##*/}.so" ] || echo "$n"; done
"""
"""$1 the folder of the programs, then the libraries; prints those that are not there."""
BLOCK_SIZE = '"$1" -C block_size -D "$2" -c config_file=/dev/null 2>/dev/null; :'
"""$1 the server program, $2 any folder: it needs no cluster to say for which blocks it is built."""


async def blocks(pair: Pair) -> Judged:
    """A server reads only data directories of its own block size and, up to 10, of its own segment size."""
    one, two = pair.primary.side.control, pair.standby.side.control
    built = await _built_for(pair.standby.side)
    shown = _sizes(one), _sizes(two)
    if one is None or await is_ours(pair.ctx):
        return passed(*shown)
    remedy = "install a server on the standby that is built as the primary's is"
    if built and built != one.block_size:
        why = f"the standby's server program is built for blocks of {built >> 10} kB: it cannot read a copy"
        return stopped(shown[0], f"built for {built >> 10} kB blocks", why, remedy)
    if two and not built and two.block_size != one.block_size:
        return stopped(*shown, "the standby's old cluster has other blocks, so its program cannot read a copy", remedy)
    by_initdb = pair.primary.side.facts.segment_size_by_initdb
    if two and not by_initdb and two.wal_segment_size != one.wal_segment_size:
        return stopped(*shown, "the standby's server program is built for WAL segments of another size", remedy)
    same = two is None or _sizes(one) == _sizes(two)
    return passed(*shown, "" if same else "the copy has the primary's")


async def _built_for(side: Side) -> int:
    """The block size of the server program, in bytes; 0 where it does not say (``postgres -C`` came with 9.2)."""
    argv = ("/bin/sh", "-c", BLOCK_SIZE, "sh", side.cluster.program("postgres"), side.home)
    result = await side.host.run(Command(argv, user=side.cluster.os_user, shown="postgres -C block_size"))
    text = result.text.strip()
    return int(text) if text.isdigit() else 0


def _sizes(control: ControlData | None) -> str:
    if control is None:
        return "-"
    sums = "with" if control.checksums else "without"
    return f"{control.block_size >> 10} kB blocks, {control.wal_segment_size >> 20} MB segments, {sums} data checksums"


async def lower(pair: Pair) -> Judged:
    """Settings in which a standby must not be below its primary."""
    names = [*pair.primary.side.facts.must_not_be_lower]
    primary = await read_settings(pair.primary.side, names)
    shown = ", ".join(f"{name} {primary[name].value}" for name in names if name in primary)
    if pair.standby.side.control is None:
        return passed(shown, "comes with the copy")
    low = await lower_settings(pair.ctx)
    if low:
        raised = ", ".join(f"{name} to {value}" for name, value in low.items())
        return passed(shown, f"will be raised: {raised}", "a step of the Standby stage does it")
    return passed(shown, "none is lower")


async def senders(pair: Pair) -> Judged:
    """The copy and the standby need WAL senders."""
    own = (pair.ctx.application, pair.ctx.copier)
    limit, used = (await pair.primary.side.server.query(queries.free_senders(pair.primary.side.facts, own)))[0]
    free = int(limit or 0) - int(used or 0)
    why = "" if free >= 3 else "a step of the Primary stage raises max_wal_senders"
    return passed(f"{free} free of {limit}", "needs 3", why)


async def slots(pair: Pair) -> Judged:
    """Slots that nobody reads make WAL pile up."""
    if not pair.primary.side.facts.has_slots:
        return passed("none in this version", "-")
    idle = [f"{row[0]} since {row[1]}" for row in await pair.primary.side.server.query(queries.idle_slots())
            if row[0] != pair.ctx.slot]  # fmt: skip
    if idle:
        return warned(", ".join(idle), "-", "these slots keep WAL and nobody reads them: the disk fills up",
                      "drop the ones that are not needed: select pg_drop_replication_slot('…')")  # fmt: skip
    return passed("none idle", "-")


async def synchronous(pair: Pair) -> Judged:
    """Somebody may be waited for at each commit, and the new standby may become one of them."""
    server, own = pair.primary.side.server, pair.ctx.application
    text = await server.value(queries.sync_names())
    waits = sync_names.parse(text)
    if not waits.names:
        return passed("asynchronous", own)
    there = int(await server.value(queries.sync_standbys()) or 0)
    if there < waits.count:
        stream = "1 streams" if there == 1 else f"{there or 'none'} stream"
        why = f"commits hang on {pair.primary.side.name}: they wait for {waits.count} of these, and {stream}"
        remedy = "take those that are gone out of synchronous_standby_names, and reload; this run does not wait itself"
        return warned(text, own, why, remedy)
    if waits.matches(own):
        why = f"{own} counts as one of these as soon as it streams: commits may wait for it, and hang when it is gone"
        return warned(text, own, why, "name the others in synchronous_standby_names, if it is not meant to count")
    return passed(text, own, f"commits wait for these, never for {own}; the copy does not count")


async def role(pair: Pair) -> Judged:
    """The role's password: known and right, before anything is changed."""
    ctx, row = pair.ctx, await role_row(pair.ctx)
    wrong = name_problem(ctx.user, quotes_names=pair.primary.side.facts.hba_quotes_names)
    if wrong:
        return stopped(ctx.user, "-", wrong, "name another role in the topology")
    if row is None:
        await obtain(ctx)
        return passed(f"{ctx.user} will be made", f"password: {ctx.password_source}")
    password = await obtain(ctx)
    if password is None:
        why = "an existing role's password is never changed"
        remedy = f"put it into a file and name that in {VARIABLE}, or name another role in the topology"
        return stopped(f"{ctx.user} exists", "password not known", why, remedy)
    plain = not pair.primary.side.facts.scram
    if not scram.matches(row[2] or "", ctx.user, password.reveal(), plain=plain):
        return stopped(f"{ctx.user} exists", f"password from {ctx.password_source}", "it is not the role's password",
                       f"give the right one in {VARIABLE}, or name another role in the topology")  # fmt: skip
    return passed(f"{ctx.user} exists", f"password from {ctx.password_source} is right")


async def way_in(pair: Pair) -> Judged:
    """Is the primary reachable from the standby now? It need not be yet."""
    ctx, primary = pair.ctx, pair.primary.side
    where = f"{primary.address}:{primary.cluster.port}"
    if ctx.tls and await primary.server.truth(queries.without_tls()):
        return stopped(where, "-", WITHOUT_TLS, TLS_REMEDY)
    if await obtain(ctx) is None:
        return warned(where, "not tried", "the password is not known")
    login = await knock(ctx)
    if login.ok:
        return passed(where, "gets in")
    if login.refused_address:
        return passed(where, f"seen as {login.refused_address}", "reached; the pg_hba rule is still missing")
    if not login.reached:
        return passed(where, "not reached yet", "the Primary stage sets listen_addresses, and proves the way in")
    return passed(where, "answered", login.message)


async def libraries(pair: Pair) -> Judged:
    """Libraries that the primary's server loads have to be on the standby as well."""
    row = (await pair.primary.side.server.query(queries.extensions()))[0]
    names = [name.strip() for name in f"{row[0] or ''},{row[1] or ''}".split(",") if name.strip()]
    if not names:
        return passed("none preloaded", "-")
    side = pair.standby.side
    argv = ("/bin/sh", "-c", LIBRARIES, "sh", side.cluster.bin, *names)
    missing = (
        await side.host.run(Command(argv, user=side.cluster.os_user, shown=spoken("look for libraries")))
    ).text.split()
    if missing:
        return warned(", ".join(names), f"missing: {', '.join(missing)}", "what uses them fails on the standby",
                      "install the same extension packages there")  # fmt: skip
    return passed(", ".join(names), "all there")


async def files(pair: Pair) -> Judged:
    """A running server lives with errors in its files, and does not come back from a restart with them."""
    side = pair.primary.side
    errors = await conf_errors(side) or await hba_errors(side)
    if errors:
        return stopped(errors, "-", "with this the primary would not start again", "mend it, then run again")
    return passed("no errors", "-")


async def sessions(pair: Pair) -> Judged:
    """Who would be dropped if the primary has to restart."""
    there = in_words(*await clients(pair.primary.side))
    work = await open_work(pair.ctx) if await restarts(pair) else ""
    if work:
        return stopped(there, "-", f"a restart is needed, and {work}", REMEDY)
    return passed(there, "-", "dropped only if a restart is needed and agreed to")


CHECKS = (
    Check("blocks", "block and segment size", blocks),
    Check("role", "role and password", role),
    Check("way-in", "way from standby to primary", way_in),
    Check("lower", "settings not below the primary's", lower),
    Check("senders", "WAL senders", senders),
    Check("slots", "slots that nobody reads", slots),
    Check("synchronous", "synchronous replication", synchronous),
    Check("libraries", "preloaded libraries", libraries),
    Check("files", "configuration files", files),
    Check("sessions", "client sessions", sessions),
)
