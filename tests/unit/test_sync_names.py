"""synchronous_standby_names in the grammar of every version, and what it means for a new standby."""

import pytest

from pgrepl_tui.events import Verdict
from pgrepl_tui.postgres.sync_names import SyncNames, parse
from pgrepl_tui.steps.preflight import servers
from tests.unit.scripted_pair import two
from tests.unit.test_preflight_checks import surveyed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", SyncNames(0, ())),
        ("   ", SyncNames(0, ())),
        ("*", SyncNames(1, ("*",))),
        ("a", SyncNames(1, ("a",))),
        ("a, b ,c", SyncNames(1, ("a", "b", "c"))),
        ('"a b", "c""d"', SyncNames(1, ("a b", 'c"d'))),
        ("2 (a, b, c)", SyncNames(2, ("a", "b", "c"))),
        ("FIRST 2 (a, b)", SyncNames(2, ("a", "b"))),
        ("any 3(x,*)", SyncNames(3, ("x", "*"))),
        ('ANY 1 ("FIRST 2 (x)", y)', SyncNames(1, ("FIRST 2 (x)", "y"))),
        ("first, any", SyncNames(1, ("first", "any"))),
    ],
)
def test_every_form_is_read(text: str, expected: SyncNames) -> None:
    assert parse(text) == expected


def test_names_are_compared_without_case_and_a_star_is_everyone() -> None:
    assert parse("Pgrepl_DB2").matches("pgrepl_db2")
    assert parse("2 (x, *)").matches("pgrepl_db2")
    assert not parse("pgrepl_db2_copy").matches("pgrepl_db2")
    assert not parse("").matches("pgrepl_db2")


@pytest.mark.parametrize(
    ("names", "streaming", "verdict", "words"),
    [
        ("", "0", Verdict.PASS, ""),
        ("other", "1", Verdict.PASS, "commits wait for these, never for pgrepl_db2"),
        ("other", "0", Verdict.WARN, "commits hang on db1: they wait for 1 of these, and none stream"),
        ("*", "1", Verdict.WARN, "pgrepl_db2 counts as one of these as soon as it streams"),
        ("ANY 2 (a, b, PGREPL_DB2)", "2", Verdict.WARN, "counts as one of these as soon as it streams"),
        ("ANY 2 (a, b)", "1", Verdict.WARN, "they wait for 2 of these, and 1 streams"),
    ],
)
async def test_what_it_means_for_a_new_standby(names: str, streaming: str, verdict: Verdict, words: str) -> None:
    pair = two()
    pair.primary.rows("synchronous_standby_names", (names,)).rows("sync_state in", (streaming,))
    judged = await servers.synchronous(surveyed(pair))
    assert judged.verdict is verdict
    assert words in judged.why
    assert bool(judged.remedy) is (verdict is Verdict.WARN)
