"""The number of columns that an answer must have."""

import pytest

from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.facts import facts
from pgrepl_tui.postgres.select_list import columns
from pgrepl_tui.postgres.version import Major


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        ("select pg_is_in_recovery()", 1),
        ("select a, f(b, c), 'd, e' , \"f,g\" from t where h in (1, 2)", 4),
        ("select coalesce((select max(x) from y), z), 1 from q order by 1, 2", 2),
        ("SELECT 'it''s, from', 2 FROM t", 2),
        ("select count(*) from x, y", 1),
        ("create role \"a, b\" password 'select 1, 2'", 0),
        ("rollback", 0),
    ],
)
def test_commas_of_the_list_alone_are_counted(statement: str, count: int) -> None:
    assert columns(statement) == count


@pytest.mark.parametrize("version", ["9.1", "9.6", "10", "12", "17"])
def test_it_agrees_with_what_our_own_queries_are_said_to_bring(version: str) -> None:
    known = facts(Major.parse(version))
    assert columns(queries.sender("a", known)) == len(queries.SENDER_COLUMNS)
    assert columns(queries.settings(["ssl"], known)) == 6
    assert columns(queries.standby_positions(known)) == 3
    assert columns(queries.sessions(known)) == 2
    assert columns(queries.free_senders(known, ("a", "b"))) == 2
    assert columns(queries.role("a")) == 5
