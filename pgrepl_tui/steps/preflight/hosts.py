"""Checks on the two machines."""

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.lock import held_for
from pgrepl_tui.steps.preflight.verdicts import Check, Judged, Pair, passed, stopped, warned

SKEW = 5
"""Seconds by which clocks may differ before time lag figures mislead."""


async def reached(pair: Pair) -> Judged:
    """Both answered, with keys that are known; that is why we are here."""

    def way(login: str, owner: str) -> str:
        return f"as {login}" if login == owner else f"as {login}, sudo to {owner}"

    primary, standby = pair.primary.side, pair.standby.side
    return passed(
        way(primary.host.login, primary.cluster.os_user),
        way(standby.host.login, standby.cluster.os_user),
        "host keys are known, commands run as the cluster's owner, and their output is clean",
    )


async def architecture(pair: Pair) -> Judged:
    """A data directory can be copied only between like machines."""
    one, two = pair.primary["machine"], pair.standby["machine"]
    if one != two:
        return stopped(one, two, "a data directory cannot move between architectures", "use a standby of the same kind")
    return passed(one, two)


async def machines(pair: Pair) -> Judged:
    """Two machines, or one on purpose."""
    same = (
        pair.primary["boot_id"] == pair.standby["boot_id"] and pair.primary["machine_id"] == pair.standby["machine_id"]
    )
    one, two = (survey["machine_id"][:8] or "?" for survey in (pair.primary, pair.standby))
    if same and not pair.ctx.topology.same_machine:
        return stopped(
            one, two, "both destinations lead to one machine",
            "give the standby's real address; if both clusters are on one machine on purpose, say same_machine: true",
        )  # fmt: skip
    if not same and await _seen_on_the_other(pair.ctx):
        return stopped(
            one, two, f"what this run wrote on one host is there on {pair.standby.side.name}: they share a disk",
            "give the standby's real address; or give the servers' owners homes that are not shared over a network",
        )  # fmt: skip
    return passed(one, two, "one machine, on purpose" if same else "two machines")


async def _seen_on_the_other(ctx: Context) -> bool:
    """Whether the nonce in the primary's lock can be read on the standby's host; not where one machine is meant."""
    _, _, file, nonce = held_for(ctx)
    if not nonce:
        return False
    side = ctx.standby
    shown = spoken(f"see that the lock of {ctx.primary.name} is not here")
    argv = ("/bin/sh", "-c", 'sed -n 2p -- "$1" 2>/dev/null; :', "sh", file)
    return (await side.host.run(Command(argv, user=side.cluster.os_user, shown=shown))).text.strip() == nonce


async def libc(pair: Pair) -> Judged:
    """Another C library may sort text differently: then indexes on the standby are silently wrong."""
    one, two = pair.primary["libc"], pair.standby["libc"]
    if one != two:
        return warned(one, two, "text may sort differently: indexes on text can give wrong answers on the standby",
                      "use the same operating system release, or only C, POSIX or builtin collations")  # fmt: skip
    return passed(one, two)


async def clocks(pair: Pair) -> Judged:
    """Clocks that differ make lag in seconds meaningless."""
    skew = abs(pair.primary.number("clock") - pair.standby.number("clock"))
    if skew > SKEW:
        return warned("-", f"{skew} s apart", "lag in seconds will be wrong by that", "run NTP on both")
    return passed("-", f"{skew} s apart" if skew else "together")


async def memory(pair: Pair) -> Judged:
    """The standby has to have room for what the primary's settings ask for."""
    one, two = (survey.number("memory_kb") // 1024 for survey in (pair.primary, pair.standby))
    if two and two * 2 < one:
        return warned(f"{one} MB", f"{two} MB", "shared_buffers that fit on the primary may not fit here",
                      "check shared_buffers and huge_pages in the standby's own configuration")  # fmt: skip
    return passed(f"{one} MB", f"{two} MB")


async def selinux(pair: Pair) -> Judged:
    """A copy may need its labels back."""
    two = pair.standby["selinux"] or "none"
    if two == "Enforcing":
        return warned(pair.primary["selinux"] or "none", two, "a new data directory may have the wrong labels",
                      f"if the start is denied: restorecon -Rv {pair.standby.side.cluster.data}")  # fmt: skip
    return passed(pair.primary["selinux"] or "none", two)


CHECKS = (
    Check("reached", "reached, host key, user", reached),
    Check("machines", "two machines", machines),
    Check("architecture", "architecture", architecture),
    Check("libc", "C library (collations)", libc),
    Check("clocks", "clocks", clocks),
    Check("memory", "memory", memory),
    Check("selinux", "SELinux", selinux),
)
