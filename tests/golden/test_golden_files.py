"""What is written and sent to 9.1 to 9.6 is what the golden files say, line by line."""

import difflib

import pytest

from pgrepl_tui.postgres.control import parse_control
from pgrepl_tui.postgres.facts import facts
from pgrepl_tui.postgres.lsn import Lsn
from pgrepl_tui.postgres.version import Major
from tests.golden import fixed
from tests.golden.golden_file import VERSIONS, content, files, is_source, read, texts

FILES = ("primary-postgresql.conf", "primary-pg_hba.conf", "standby-pgpass", "recovery.conf", "standby-postgresql.conf")
OTHERS = ("commands.sh", "controldata.txt", "statements.sql")


def same(golden: str, product: str, name: str) -> None:
    """Both texts are equal; the differing lines are the message."""
    lines = difflib.unified_diff(golden.splitlines(), product.splitlines(), f"golden {name}", "written", lineterm="")
    assert golden == product, "\n".join(lines)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", FILES)
async def test_a_file_is_written_as_the_golden_one(version: str, name: str) -> None:
    same(content(version, name), (await fixed.written(version))[name], f"{version}/{name}")


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_commands_are_the_golden_ones(version: str) -> None:
    same("\n".join(texts(version, "commands.sh")), "\n".join(await fixed.commands(version)), f"{version}/commands.sh")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_statements_of_the_queries_are_the_golden_ones_in_their_order(version: str) -> None:
    built = fixed.statements(version)
    golden = texts(version, "statements.sql")
    same("\n".join(golden[: len(built)]), "\n".join(built), f"{version}/statements.sql")
    assert len(golden) == len(set(golden))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_golden_line_has_a_source_of_its_own_version(version: str) -> None:
    assert files(version) == sorted([*FILES, *OTHERS])
    for name in files(version):
        lines = read(version, name)
        assert lines
        for line in lines:
            assert is_source(line.source.split("; ")[0], version), f"{version}/{name}: {line}"


@pytest.mark.parametrize(
    "source",
    ["", "docs/9.2/app-psql.html -X", "docs/9.1/app-psql.html", "docs/9.1/app-psql.html ", "src/x REL9_2_STABLE", "me"],
)
def test_what_is_no_source_for_9_1(source: str) -> None:
    assert not is_source(source, "9.1")


@pytest.mark.parametrize("version", VERSIONS)
def test_pg_controldata_of_that_version_is_read(version: str) -> None:
    read_back = parse_control(content(version, "controldata.txt"))
    major = Major.parse(version)
    assert read_back.system_identifier == "6197591927813975882"
    assert (read_back.state, read_back.in_production) == ("in production", True)
    assert (read_back.checkpoint, read_back.redo) == (Lsn.parse("0/1748510"), Lsn.parse("0/17484D8"))
    assert (read_back.timeline, read_back.minimum_recovery) == (1, None)
    assert (read_back.block_size, read_back.wal_block_size, read_back.wal_segment_size) == (8192, 8192, 16 << 20)
    assert read_back.checksums == (1 if major >= Major(9, 3) else 0)
    said = {"max_connections": "200", "max_prepared_transactions": "5", "max_locks_per_transaction": "128",
            "max_worker_processes": "16"}  # fmt: skip
    for name in facts(major).must_not_be_lower:
        assert read_back.settings[name] == said[name]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("state", ["shut down", "shut down in recovery", "in archive recovery", "in crash recovery"])
def test_the_states_of_a_control_file(version: str, state: str) -> None:
    read_back = parse_control(content(version, "controldata.txt").replace("in production", state))
    assert read_back.in_recovery == (state in {"shut down in recovery", "in archive recovery"})
    assert read_back.shut_down_as_primary == (state == "shut down")
