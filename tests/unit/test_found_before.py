"""What a run found out while a server was up still counts when it is down: its folders, and the unit that starts it."""

from dataclasses import replace

from pgrepl_tui.postgres.cluster import PgCtl, SystemdUnit
from pgrepl_tui.steps.connect import _where
from pgrepl_tui.topology import Node
from tests.unit.scripted_pair import Two, two

UNIT = SystemdUnit("postgresql-15")


def found(config: str, *, by_systemd: bool = True) -> Two:
    """A pair whose standby was found, with its configuration there."""
    both = two()
    side = both.ctx.sides["standby"]
    control = UNIT if by_systemd else PgCtl()
    side.cluster = replace(side.cluster, bin="/usr/pgsql-15/bin", data="/d", config=config, control=control)
    return both


def test_folders_that_were_searched_for_are_not_searched_for_again() -> None:
    where = _where(found("/d").ctx, "standby", Node("db2"))
    assert (where.bin, where.data, where.unit) == ("/usr/pgsql-15/bin", "/d", "postgresql-15")


def test_debians_list_knows_of_a_cluster_that_is_down() -> None:
    where = _where(found("/etc/postgresql/15/main").ctx, "standby", Node("db2"))
    assert (where.cluster, where.data, where.unit) == (None, None, "postgresql-15")


def test_what_the_topology_says_stands() -> None:
    node = Node("db2", bin="/opt/bin", data="/opt/data", unit="own")
    where = _where(found("/d").ctx, "standby", node)
    assert (where.bin, where.data, where.unit) == ("/opt/bin", "/opt/data", "own")


def test_a_server_that_no_unit_runs_gets_none() -> None:
    assert _where(found("/d", by_systemd=False).ctx, "standby", Node("db2")).unit is None


def test_the_first_look_goes_by_the_topology_alone() -> None:
    both = found("/d")
    both.ctx.sides.clear()
    where = _where(both.ctx, "standby", Node("db2"))
    assert (where.bin, where.data, where.unit) == (None, None, None)
