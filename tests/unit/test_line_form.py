"""The topology asked for by plain prompts: defaults, mistakes explained and asked again, an end of the input."""

from collections.abc import Iterable

import pytest

from pgrepl_tui.line_form import Form, NoInputError
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


NODE = ["", "", "", "", ""]  # cluster, data, port, address, OS user: all by Enter
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
            "10.0.0.1",
            "",
            "db2",
            "",
            "/data",
            "",
            "/usr/bin",
            "",
            "",
            "pg",
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
        (1, "db1:port", "no ssh destination"),
        (2, "15 main", "did you mean '15/main'?"),
        (3, "data", "not an absolute path"),
        (4, "65536", "a port is a number from 1 to 65535"),
        (4, "\u0665", "a port is a number"),
        (5, "10.0.0.1:5432", "has a port"),
        (6, "root", "cannot run PostgreSQL"),
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


async def test_the_end_of_the_input_ends_the_questions() -> None:
    with pytest.raises(NoInputError, match="name a topology file"):
        await Desk(["", "db1"]).topology()
