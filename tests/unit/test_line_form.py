"""The topology asked for by plain prompts: defaults, mistakes explained and asked again, an end of the input."""

from collections.abc import Iterable

import pytest

from pgrepl_tui.line_form import Form, Look, NoInputError
from pgrepl_tui.postgres.found import FoundCluster, Standing
from pgrepl_tui.session.prober import Reached, Sudo, Wanted
from pgrepl_tui.topology import Node, Replication, Topology


class Desk:
    """Types prepared lines, and keeps what is asked and said."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = list(lines)
        self.prompts: list[str] = []
        self.said: list[str] = []

    async def ask(self, prompt: str) -> str | None:
        self.prompts.append(prompt)
        return self._lines.pop(0) if self._lines else None

    async def topology(self) -> Topology:
        made = await Form(self.ask, self.said.append).topology()
        assert self._lines == []
        return made


NODE = ["", "", "", "", ""]  # cluster, data, port, OS user, address: all by Enter
REST = ["", "", "", ""]  # one machine, role, sslmode, slot


async def test_enter_takes_the_defaults_and_only_the_hosts_are_needed() -> None:
    desk = Desk(["", "db1", *NODE, "admin@db2:2222", *NODE, *REST])
    made = await desk.topology()
    assert made == Topology("app-db", Node(ssh="db1"), (Node(ssh="admin@db2:2222"),), Replication())
    assert desk.prompts[0] == "A name for this pair [app-db]: "


async def test_a_cluster_stands_for_the_folders_and_a_data_directory_needs_the_programs() -> None:
    desk = Desk(
        [
            "x",
            "db1",
            "15/main",
            "5433",
            "",
            "10.0.0.1",
            "db2",
            "",
            "/data",
            "",
            "/usr/bin",
            "",
            "pg",
            "",
            "no",
            "r",
            "disable",
            "no",
        ]
    )
    made = await desk.topology()
    assert made.primary == Node(ssh="db1", cluster="15/main", port=5433, address="10.0.0.1")
    assert made.standbys == (Node(ssh="db2", data="/data", bin="/usr/bin", os_user="pg"),)
    assert made.replication == Replication("r", "disable", slot=False)
    assert desk.said.count("  This is needed.") == 1


@pytest.mark.parametrize(
    ("place", "wrong", "words"),
    [
        (0, "\x07", "cannot be seen"),
        (1, "db1:port", "not an SSH destination"),
        (2, "15 main", "did you mean '15/main'?"),
        (3, "data", "not an absolute path"),
        (4, "65536", "a port is a number from 1 to 65535"),
        (4, "\u0665", "a port is a number"),
        (5, "root", "cannot run PostgreSQL"),
        (6, "10.0.0.1:5432", "has a port"),
        (15, "required", "did you mean 'require'?"),
        (13, "perhaps", "Type yes or no"),
    ],
)
async def test_a_mistake_is_explained_and_asked_again(place: int, wrong: str, words: str) -> None:
    lines = ["", "db1", *NODE, "db2", *NODE, *REST]
    desk = Desk([*lines[:place], wrong, *lines[place:]])
    made = await desk.topology()
    assert any(words in line for line in desk.said), desk.said
    assert desk.prompts[place] == desk.prompts[place + 1]
    assert made.primary == Node(ssh="db1")


async def test_one_machine_has_to_be_meant_and_needs_both_clusters_named() -> None:
    first = ["db1", *NODE, "db1", *NODE, *REST]
    second = ["", *NODE, "", *NODE, "yes", *REST[1:]]
    third = ["", "15/main", "", "", "", "", "15/second", "", "", "", "yes", *REST[1:]]
    made = await Desk(["", *first, *second, *third]).topology()
    assert made.same_machine
    assert (made.primary.cluster, made.standbys[0].cluster) == ("15/main", "15/second")


async def test_what_was_entered_before_a_mistake_of_the_whole_is_the_default() -> None:
    first = ["a pair", "db1", "15/main", "5433", "pg", "10.0.0.1", "db1", *NODE, "no", "rep", "disable", "no"]
    desk = Desk([*first, *[""] * 5, "db2", *[""] * 5, *[""] * 4])
    made = await desk.topology()
    primary = Node(ssh="db1", cluster="15/main", port=5433, os_user="pg", address="10.0.0.1")
    assert made == Topology("a pair", primary, (Node(ssh="db2"),), Replication("rep", "disable", slot=False))
    assert any("The two servers are asked for again." in line for line in desk.said)


async def test_a_topology_that_is_known_is_kept_by_enter_alone_with_what_is_not_asked_for() -> None:
    primary = Node(ssh="db1", bin="/usr/bin", data="/data", unit="pg.service", log="/log", config="/etc/pg")
    known = Topology("app", primary, (Node(ssh="db2", cluster="15/main"),), Replication("r", "verify-full", slot=False))
    desk = Desk([""] * 18)
    assert await Form(desk.ask, desk.said.append).topology(known) == known


FOUND = (
    FoundCluster("15", "/srv/one", "postgres", "15/main", "/usr/lib/postgresql/15/bin", 5432, Standing.PRIMARY),
    FoundCluster("17", "/srv/two", "pg", "", "/opt/pg/bin", 5433, Standing.DOWN, note="no\nlog\x1b[31m"),
)


def looking(machines: dict[str, str], clusters: tuple[FoundCluster, ...] = FOUND) -> Look:
    """Looks that find these clusters on the machines of these destinations, and nothing elsewhere."""

    async def look(wanted: Wanted) -> Reached | None:
        machine = machines.get(wanted.node.ssh)
        return Reached("me", "OpenSSH", Sudo.FREE, "postgres", clusters, machine) if machine is not None else None

    return look


async def test_a_cluster_that_was_found_is_chosen_by_its_number_and_nothing_else_is_asked() -> None:
    desk = Desk(["", "db1", "", "9", "1", "", "db2", "2", "", *REST[1:]])
    made = await Form(desk.ask, desk.said.append, looking({"db1": "one", "db2": "two"})).topology()
    assert made.primary == Node(ssh="db1", cluster="15/main", port=5432)
    assert made.standbys[0].bin == "/opt/pg/bin"
    assert (made.standbys[0].port, made.standbys[0].os_user) == (5433, "pg")
    assert not any("one machine" in prompt for prompt in desk.prompts)
    text = "\n".join(desk.said)
    assert "    1: 15/main, PostgreSQL 15, port 5432, primary, in /srv/one, of postgres" in text
    assert "This is needed." in text
    assert "write one of 0, 1, 2" in text
    assert not any(ord(character) < 0x20 for line in desk.said for character in line)


async def test_none_of_those_that_were_found_is_typed_in() -> None:
    desk = Desk(["", "db1", "0", "15/other", "", "", "", "db2", *NODE, *REST])
    made = await Form(desk.ask, desk.said.append, looking({"db1": "one"})).topology()
    assert made.primary.cluster == "15/other"


async def test_the_only_cluster_is_what_enter_takes_and_one_machine_is_asked_about() -> None:
    desk = Desk(["", "db1", "", "", "db2", "0", "15/second", "", "", "", "yes", *REST[1:]])
    made = await Form(desk.ask, desk.said.append, looking({"db1": "one", "db2": "one"}, FOUND[:1])).topology()
    assert made.primary.cluster == "15/main"
    assert made.same_machine
    assert any(prompt.startswith("Both destinations lead to one machine.") for prompt in desk.prompts)


async def test_the_cluster_that_was_chosen_before_is_what_enter_takes() -> None:
    known = Topology("app", Node(ssh="db1", bin="/opt/pg/bin", data="/srv/two"), (Node(ssh="db2", cluster="15/main"),))
    desk = Desk([""] * 12)
    made = await Form(desk.ask, desk.said.append, looking({"db1": "one", "db2": "two"})).topology(known)
    assert (made.primary.data, made.primary.port, made.standbys[0].cluster) == ("/srv/two", 5433, "15/main")


async def test_the_end_of_the_input_ends_the_questions() -> None:
    with pytest.raises(NoInputError, match="name a topology file"):
        await Desk(["", "db1"]).topology()
