"""The commands that start, stop, restart and reload a server, by layout."""

import shlex
from dataclasses import replace

import pytest

from pgrepl_tui.postgres.cluster import Action, Cluster, Control, PgCtl, PgCtlCluster, SystemdUnit
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.headway import STILL_FOR
from tests.unit.scripted_pair import cluster

INSIDE = cluster(Major(15))
OUTSIDE = replace(INSIDE, config="/etc/pg 15")


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (Action.START, ["-l", "/srv/pg/data.log", "-W", "start"]),
        (Action.STOP, ["-m", "fast", "-w", "-t", "86400", "stop"]),
        (Action.RESTART, ["-l", "/srv/pg/data.log", "-m", "fast", "-w", "-t", "86400", "restart"]),
        (Action.RELOAD, ["reload"]),
    ],
)
def test_pg_ctl_is_told_the_data_directory_and_how_long_to_wait(action: Action, expected: list[str]) -> None:
    command = PgCtl().command(action, INSIDE)
    assert [*command.argv] == ["/opt/pg/bin/pg_ctl", "-D", "/srv/pg/data", *expected]
    assert command.user == "postgres"
    assert command.changes


def test_pg_ctl_starts_a_configuration_outside_the_data_directory_from_its_folder() -> None:
    argv = PgCtl().command(Action.START, OUTSIDE).argv
    assert argv[1:3] == ("-D", "/srv/pg/data"), "where pg_ctl looks for the process"
    # pg_ctl hands the options to a shell; of two -D the server takes the last.
    options = shlex.split(argv[argv.index("-o") + 1])
    assert options == ["-D", "/etc/pg 15", "-c", "data_directory=/srv/pg/data"]


@pytest.mark.parametrize("action", [Action.STOP, Action.RELOAD, Action.RESTART])
def test_pg_ctl_needs_no_configuration_for_a_server_that_runs(action: Action) -> None:
    assert "-o" not in PgCtl().command(action, OUTSIDE).argv


@pytest.mark.parametrize("control", [PgCtl(), PgCtlCluster("main"), SystemdUnit("postgresql-15")])
@pytest.mark.parametrize("action", [Action.START, Action.STOP, Action.RESTART])
def test_what_may_take_long_is_ended_by_no_clock(control: Control, action: Action) -> None:
    """Whether the server makes headway ends the wait."""
    command = control.command(action, INSIDE)
    assert command.quiet_for > 86_400
    if "-t" in command.argv:
        assert int(command.argv[command.argv.index("-t") + 1]) > 100 * STILL_FOR


def test_a_restart_does_not_give_up_between_stop_and_start_however_long_the_stop_takes() -> None:
    """pg_ctl would leave the server down, a moment after it said that it had not shut down."""
    argv = PgCtl().command(Action.RESTART, INSIDE).argv
    assert int(argv[argv.index("-t") + 1]) > 100 * STILL_FOR


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (Action.START, ("pg_ctlcluster", "9.6", "main", "start")),
        (Action.STOP, ("pg_ctlcluster", "--mode", "fast", "9.6", "main", "stop")),
        (Action.RESTART, ("pg_ctlcluster", "--mode", "fast", "9.6", "main", "restart")),
        (Action.RELOAD, ("pg_ctlcluster", "9.6", "main", "reload")),
    ],
)
def test_debian_without_systemd(action: Action, expected: tuple[str, ...]) -> None:
    command = PgCtlCluster("main").command(action, cluster(Major(9, 6)))
    assert command.argv == expected
    assert command.user == "postgres"
    assert command.changes


@pytest.mark.parametrize("action", list(Action))
def test_systemd_starts_and_stops_its_own_unit_as_root(action: Action) -> None:
    command = SystemdUnit("postgresql@15-main").command(action, INSIDE)
    assert command.argv == ("systemctl", str(action), "postgresql@15-main")
    assert command.user == "root"
    assert command.changes


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        (PgCtl(), "pg_ctl"),
        (PgCtlCluster("main"), "pg_ctlcluster main"),
        (SystemdUnit("postgresql-15"), "systemd unit postgresql-15"),
    ],
)
def test_the_operator_reads_who_starts_the_server(control: PgCtl, expected: str) -> None:
    assert control.described == expected


@pytest.mark.parametrize(("made", "inside"), [(INSIDE, True), (OUTSIDE, False)])
def test_where_the_configuration_lies(made: Cluster, inside: bool) -> None:
    assert made.config_inside is inside
    assert made.conf == f"{made.config}/postgresql.conf"
    assert made.program("psql") == "/opt/pg/bin/psql"
