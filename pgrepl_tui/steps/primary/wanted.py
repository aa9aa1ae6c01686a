"""The primary's settings that a standby needs, each only where the server's value is not good enough."""

from collections.abc import Callable, Mapping

from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.conf import bytes_of
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.settings import Setting, read_settings
from pgrepl_tui.steps.standby.state import is_ours

PREFIX = "%m [%p] %q%u@%d "
SENDERS_FOR_A_COPY = 3
"""The standby's own sender, and the two that pg_basebackup uses with -X stream (manual, pg_basebackup)."""
CHECKPOINT_BYTES = 1 << 30
KEPT_WITH_SLOT, KEPT_WITHOUT, KEPT_AT_MOST = 512 << 20, 1 << 30, 16 << 30
COPY_TO_WAL = 10
"""While ten bytes are copied, one of WAL is written: as preflight's check of the room has it."""
OLD_SEGMENT = 16 << 20

Found = Mapping[str, Setting]


async def wanted(ctx: Context) -> tuple[dict[str, str], dict[str, Setting]]:
    """The settings to change, with their new values, and all that were looked at."""
    facts = ctx.primary.facts
    names = ["listen_addresses", "log_line_prefix", "wal_level", "max_wal_senders", "max_connections"]
    names += [
        "superuser_reserved_connections",
        "ssl",
        facts.checkpoint_setting,
        facts.keep_wal_setting,
        "max_replication_slots",
        *filter(None, [facts.renegotiation_setting]),
    ]
    found = await read_settings(ctx.primary, names)
    own = (ctx.application, ctx.copier)
    senders = int((await ctx.primary.server.query(queries.free_senders(facts, own)))[0][1] or 0)
    slots = int(await ctx.primary.server.value(queries.slots_of_others(ctx.slot))) if ctx.slot else 0
    copied = await _copied_bytes(ctx)
    rules: list[Callable[[], dict[str, str]]] = [
        lambda: _listen(ctx, found),
        lambda: _prefix(found),
        lambda: _wal_level(ctx, found),
        lambda: _senders(ctx, found, senders + SENDERS_FOR_A_COPY),
        lambda: _at_least(found, "max_replication_slots", slots + 1) if ctx.slot else {},
        lambda: _tls(ctx, found),
        lambda: _renegotiation(ctx, found),
        lambda: _checkpoint(ctx, found),
        lambda: _kept(ctx, found, copied),
    ]
    return {name: value for rule in rules for name, value in rule().items()}, found


def _listen(ctx: Context, found: Found) -> dict[str, str]:
    now = [name.strip() for name in found["listen_addresses"].value.split(",") if name.strip()]
    everywhere = "::" if ":" in ctx.primary.address else "0.0.0.0"  # noqa: S104 - compared, not bound
    if {"*", everywhere, ctx.primary.address} & set(now):
        return {}
    return {"listen_addresses": ",".join([*now, ctx.primary.address])}


def _prefix(found: Found) -> dict[str, str]:
    """A log line without time and process cannot be followed."""
    now = found["log_line_prefix"].value
    timed = any(escape in now for escape in ("%m", "%t", "%n"))
    return {} if timed and "%p" in now else {"log_line_prefix": PREFIX}


def _wal_level(ctx: Context, found: Found) -> dict[str, str]:
    facts = ctx.primary.facts
    return {} if found["wal_level"].value in facts.wal_level_good else {"wal_level": facts.wal_level_wanted}


def _tls(ctx: Context, found: Found) -> dict[str, str]:
    """Where TLS comes on only with a restart, it is one of the settings that wait for it."""
    late = ctx.tls and ctx.primary.facts.ssl_needs_restart and found["ssl"].value != "on"
    return {"ssl": "on"} if late else {}


def _renegotiation(ctx: Context, found: Found) -> dict[str, str]:
    """OpenSSL refuses renegotiation by now: a base backup over TLS would break off after the first 512 MB."""
    limit = found.get(ctx.primary.facts.renegotiation_setting)
    if limit is None or limit.value == "0" or not (ctx.tls or found["ssl"].value == "on"):
        return {}
    return {limit.name: "0"}


def _at_least(found: Found, name: str, least: int) -> dict[str, str]:
    return {} if int(found[name].value) >= least else {name: str(max(10, least))}


def _senders(ctx: Context, found: Found, least: int) -> dict[str, str]:
    """Below 12 a server starts only if max_wal_senders is below max_connections, in 11 below those not reserved.

    A sender never gets one of superuser_reserved_connections before 12, so they are left out in all of these versions.
    """
    wanted, connections = _at_least(found, "max_wal_senders", least), int(found["max_connections"].value)
    room = connections - int(found["superuser_reserved_connections"].value)
    within = ctx.primary.facts.wal_senders_within_connections
    if not within or int(wanted.get("max_wal_senders", "0")) < room:
        return wanted
    if least < room:
        return {"max_wal_senders": str(room - 1)}
    return {"max_wal_senders": str(least), "max_connections": str(least + connections)}


def _checkpoint(ctx: Context, found: Found) -> dict[str, str]:
    """Below 9.5 the volume is counted in segments of 16 MB (checkpoint_segments)."""
    name = ctx.primary.facts.checkpoint_setting
    if name == "checkpoint_segments":
        least = CHECKPOINT_BYTES // OLD_SEGMENT // 2
        return {} if int(found[name].value) >= least else {name: str(least)}
    return {} if _bytes(found[name]) >= CHECKPOINT_BYTES else {name: "1GB"}


async def _copied_bytes(ctx: Context) -> int:
    """The size of the copy that is still to be made, where its WAL is fetched at its end (9.1); 0 elsewhere."""
    if ctx.primary.facts.basebackup_streams_wal:
        return 0
    if ctx.copied_bytes is None:  # once a run: it walks through all files, and what is wanted must not move meanwhile
        ours = await is_ours(ctx)
        ctx.copied_bytes = 0 if ours else int(await ctx.primary.server.value(queries.size()) or 0)
    return ctx.copied_bytes


def _kept(ctx: Context, found: Found, copied: int) -> dict[str, str]:
    """Where the copy itself cannot use the slot (below 9.6), or there is none, kept WAL has to last for the copy."""
    facts = ctx.primary.facts
    safe = bool(ctx.slot) and facts.basebackup_slot
    least = KEPT_WITH_SLOT if safe else max(KEPT_WITHOUT, min(copied // COPY_TO_WAL, KEPT_AT_MOST))
    name, unit = facts.keep_wal_setting, facts.keep_wal_unit_bytes
    if int(found[name].value) * unit >= least:
        return {}
    return {name: str(least // unit) if name == "wal_keep_segments" else f"{least >> 20}MB"}


def _bytes(setting: Setting) -> int:
    return bytes_of(setting.value, unit=setting.unit)
