"""Pictures of the Hosts form while its connections are tested, and of what comes of that.

A row of ``TABLE`` is a picture: what the hosts say, which keys, and a text that only this state shows.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from textual.pilot import Pilot

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.postgres.found import FoundCluster, Standing
from pgrepl_tui.screens.widgets.node_form import NodeForm
from pgrepl_tui.session.prober import Doing, Hear, Heard, Questions, Reached, Sudo, Unreached
from pgrepl_tui.topology import Node, Topology
from tests.screens.fake_app import text_of, until, until_still
from tests.screens.fake_prober import FOLLOWER, MAIN, OLD, OWN, ROOM, FakeProber, Script, hangs, reached
from tests.screens.fake_run import FakeRun
from tests.screens.pictures import each, stands_in

SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
PAIR = Topology("app-db", Node("db1"), (Node("db2"),))
DEAD = Unreached("db1, port 22 did not answer within 15 s", "Check the address; a firewall may drop the packets.")
UNKNOWN = Unreached(
    "the host key of db1, port 22 is not known: ed25519 SHA256:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
    "Compare this fingerprint with the server's own.",
    unknown_key=True,
)
CHANGED = Unreached(
    "the host key of db1, port 22 has CHANGED: it offers ed25519 SHA256:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG, "
    "on record is ed25519 SHA256:ABCDEFGabcdefghijklmnopqrstuvwxyz0123456789",
    "Stop. Somebody may be between you and the server, or the server was installed anew. Only when its administrator "
    "confirms the new key, forget the old one and connect again: ssh-keygen -R db1 -f /home/dba/.ssh/known_hosts",
)
REFUSED = reached(
    sudo=Sudo.NONE,
    trouble="db1: dba may not run commands as postgres: sudo: not in the sudoers file",
    remedy="Log in as postgres instead, or give dba sudo without a password: with visudo add the line "
    "dba ALL=(postgres) NOPASSWD: ALL",
)
SHUT = replace(MAIN, standing=Standing.UNKNOWN, size=None, note="db1: dba may not run commands as postgres")
NEW = replace(MAIN, name="16/main", data="/var/lib/postgresql/16/main", version="16")
MANY = [replace(MAIN, name=f"15/c{n:02}", data=f"/var/lib/postgresql/15/c{n:02}", port=6000 + n) for n in range(30)]
KEY = (
    "The host key of db1, port 22 is not known.\nssh-ed25519\nSHA256:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG\n"
    "Compare it with the server's own, on its console: ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub. "
    "A yes puts it into /home/dba/.ssh/known_hosts."
)


async def asks_for_the_key(hear: Hear, questions: Questions) -> None:
    accepted = await questions.host_key(KEY)
    hear(reached(MAIN, alone=True) if accepted else UNKNOWN)


async def asks_for_sudo(hear: Hear, questions: Questions) -> None:
    hear(Doing("asking for sudo's password"))
    await questions.password("Password of dba on db1, for sudo")
    hear(reached(MAIN, sudo=Sudo.PASSWORD, alone=True))


async def measures(hear: Hear, questions: Questions) -> None:
    hear(reached(replace(MAIN, size=None), replace(OLD, size=None), OWN, complete=False))
    await hangs(hear, questions)


def alone(cluster: FoundCluster, machine: str = "one/1") -> Heard:
    return reached(cluster, alone=True, machine=machine)


class State(NamedTuple):
    """A state worth a picture: its name, what the hosts say, the keys that lead there, a text that only it shows."""

    name: str
    hosts: Mapping[str, Script | Heard]
    keys: tuple[str, ...]
    text: str | tuple[str, ...]
    topology: Topology | None = PAIR


TO_LIST = ("c",)
"""Connect leads to the list from which a cluster has to be chosen."""
TABLE = (
    State("untested", {}, (), ("[user@]host[:port] … Standby (slave)", "[user@]host[:port] … [user@]host"), None),
    State("testing", {}, (*"db1", "enter"), ("connecting to db1… 0 s", "abandons … Standby (slave)"), None),
    State("abandoned", {}, ("t", "escape"), "The test was abandoned."),
    State("taken", {"db1": alone(NEW), "db2": alone(ROOM, machine="two")}, ("t",), "▸✓ 16/main"),
    State(
        "choose",
        {"db1": reached(MAIN, OLD, OWN), "db2": alone(ROOM, machine="two")},
        ("t", *TO_LIST),
        "3 clusters found: choose one … Primary: choose the cluster that is meant",
    ),
    State("chosen", {"db1": reached(MAIN, OLD, OWN)}, ("t", *TO_LIST, "down", "down", "enter"), "▸✓ 17"),
    State("measuring", {"db1": measures}, ("t",), "primary        …"),
    State("many", {"db1": reached(*MANY)}, ("t", *TO_LIST, "pagedown", "pagedown", "down"), "▸  15/c21"),
    State("dead", {"db1": DEAD}, ("t",), "did not answer"),
    State("unknown-key", {"db1": UNKNOWN}, ("t",), "? the host key of db1"),
    State("changed-key", {"db1": CHANGED}, ("t",), "has CHANGED"),
    State("key-dialog", {"db1": asks_for_the_key}, ("t",), "type yes to accept this key"),
    State("sudo-dialog", {"db1": asks_for_sudo}, ("t", *"s3cret"), "••••••"),
    State("sudo-refused", {"db1": REFUSED}, ("t",), "visudo"),
    State("sudo-wants-password", {"db1": reached(SHUT, sudo=Sudo.WANTS_PASSWORD)}, ("t",), "asks for the password"),
    State("swapped", {"db1": alone(FOLLOWER), "db2": alone(MAIN, machine="two")}, ("t",), "is in recovery"),
    State("one-machine", {"db1": alone(MAIN), "db2": alone(OLD)}, ("t", "c"), "Both destinations lead to one machine"),
    State("no-postgresql", {"db1": reached()}, ("t",), "without password … give programs"),
)
TINY = ("untested", "choose", "many", "dead", "key-dialog")
SMALL = [state for state in TABLE if state.name in TINY]
PICTURES = [
    *each(__name__, (("hosts", state.name, state.text) for state in TABLE), SIZES),
    *each(__name__, (("hosts", state.name, state.text) for state in SMALL), [""], "test_picture_in_a_small_terminal"),
]


def app_of(state: State) -> PgReplApp:
    prober = FakeProber(**state.hosts)
    return PgReplApp(state.topology, make_source=lambda _: FakeRun(), prober=prober, clock=lambda: 0.0)


def all_spoke(state: State, app: PgReplApp) -> bool:
    """Each host that has something to say has said it; the standby's form may be below what is seen."""
    forms = [form for screen in app.screen_stack for form in screen.query(NodeForm)]
    speak = [form for form in forms if isinstance(state.hosts.get(form.ssh), Reached | Unreached)]
    return all(isinstance(form.heard, Reached | Unreached) for form in speak)


async def led_to(state: State, app: PgReplApp, pilot: Pilot[int]) -> None:
    """Press the keys; after a test was begun, wait until its host has spoken."""
    await until(pilot, lambda: not app.drawing and "Not tested yet" in text_of(app.screen))
    for key in state.keys:
        await pilot.press(key)
        if key == "t":
            await until(pilot, lambda: "Not tested yet" not in text_of(app.screen) or len(app.screen_stack) > 2)
            await until(pilot, lambda: all_spoke(state, app))
    await until_still(pilot, lambda: not app.drawing and stands_in(state.text, text_of(app.screen)))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("state", TABLE, ids=[f"hosts-{state.name}" for state in TABLE])
def test_picture(state: State, size: tuple[int, int], snap_compare: Any) -> None:
    app = app_of(state)

    async def settle(pilot: Pilot[int]) -> None:
        await led_to(state, app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=settle)


@pytest.mark.parametrize("state", SMALL, ids=lambda state: f"hosts-{state.name}")
def test_picture_in_a_small_terminal(state: State, snap_compare: Any) -> None:
    app = app_of(state)

    async def settle(pilot: Pilot[int]) -> None:
        await led_to(state, app, pilot)

    assert snap_compare(app, terminal_size=(50, 20), run_before=settle)
