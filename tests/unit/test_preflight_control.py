"""Whether the servers can be stopped and started is found out before anything is changed."""

from dataclasses import replace

import pytest

from pgrepl_tui.events import Verdict
from pgrepl_tui.hosts.host import Command, ConnectionLostError, HostError, Result
from pgrepl_tui.postgres.cluster import SystemdUnit
from pgrepl_tui.steps.preflight import control as module
from pgrepl_tui.steps.preflight.control import control
from pgrepl_tui.steps.preflight.survey import Survey
from pgrepl_tui.steps.preflight.verdicts import Pair
from pgrepl_tui.steps.settings import Setting
from tests.unit.scripted_pair import Two, two


def not_root(_command: Command) -> Result:
    raise HostError("db: ops may not run commands as root", "visudo")


def lost(_command: Command) -> Result:
    raise ConnectionLostError("db: the connection is lost", "Run again.")


def pair_of(both: Two, *units: str) -> Pair:
    """The sides with these names are run by systemd; the standby is not one yet."""
    for role in units:
        side = both.ctx.side(role)
        side.cluster = replace(side.cluster, control=SystemdUnit("postgresql@15-main"))
    both.standby.on("stat ", err="No such file or directory", status=1)
    return Pair(both.ctx, Survey(both.ctx.primary, {}), Survey(both.ctx.standby, {}))


async def test_an_owner_who_starts_the_server_himself_is_not_asked_again() -> None:
    both = two()
    judged = await control(pair_of(both))
    assert (judged.verdict, judged.primary, judged.standby) == (Verdict.PASS, "pg_ctl", "pg_ctl")
    assert both.primary.asked == both.standby.asked == []


async def test_a_standby_that_systemd_runs_needs_root() -> None:
    both = two()
    pair = pair_of(both, "standby")
    both.standby.by("true", not_root)
    judged = await control(pair)
    assert (judged.verdict, judged.why, judged.remedy) == (
        Verdict.STOP,
        "db: ops may not run commands as root",
        "visudo",
    )
    both.standby.on("true")
    assert (await control(pair)).verdict is Verdict.PASS
    assert both.standby.asked[-1].user == "root"


@pytest.mark.parametrize("restart", [True, False])
async def test_a_primary_that_systemd_runs_needs_root_only_where_it_has_to_restart(
    monkeypatch: pytest.MonkeyPatch, *, restart: bool
) -> None:
    context = "postmaster" if restart else "sighup"
    setting = Setting(name="wal_level", value="minimal", unit="", context=context, source="default", file="")

    async def wanted(_ctx: object) -> tuple[dict[str, str], dict[str, Setting]]:
        return {"wal_level": "replica"}, {"wal_level": setting}

    monkeypatch.setattr(module, "wanted", wanted)
    both = two()
    pair = pair_of(both, "primary")
    both.primary.by("true", not_root)
    assert (await control(pair)).verdict is (Verdict.STOP if restart else Verdict.PASS)


async def test_a_lost_connection_is_not_a_refusal() -> None:
    both = two()
    pair = pair_of(both, "standby")
    both.standby.by("true", lost)
    with pytest.raises(ConnectionLostError):
        await control(pair)
