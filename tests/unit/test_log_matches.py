"""The matches of a long log: equal to a plain look at every line, whatever the order in which the blocks are seen."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui.screens.widgets.log_matches import BLOCK, Matches
from pgrepl_tui.screens.widgets.log_wanted import Both, Contains, Severe
from tests.fake_lines import FakeLines


def of(wanted: set[int], total: int) -> FakeLines:
    return FakeLines(["a needle" if number in wanted else "hay" for number in range(total)])


@settings(max_examples=60)
@given(
    total=st.integers(0, 5 * BLOCK),
    wanted=st.sets(st.integers(0, 5 * BLOCK - 1), max_size=40),
    origin=st.integers(0, 5 * BLOCK),
    ways=st.lists(st.booleans(), max_size=8),
    asked=st.tuples(st.integers(0, 5 * BLOCK), st.integers(1, 5)),
)
def test_matches_are_those_of_a_plain_look(
    total: int, wanted: set[int], origin: int, ways: list[bool], asked: tuple[int, int]
) -> None:
    line, count = asked
    matches = Matches(of(wanted, total), str, Contains("needle"), origin)
    for back in ways:
        matches.look(back=back)
    seen_before = matches.onwards(0, total + 1)
    assert set(seen_before) <= wanted
    while not matches.complete:
        matches.look()
    all_of_them = sorted(number for number in wanted if number < total)
    assert matches.count == len(all_of_them)
    assert matches.onwards(line, count) == [number for number in all_of_them if number >= line][:count]
    assert matches.before(line, count) == [number for number in all_of_them if number < line][-count:]
    assert [matches.rank(number) for number in all_of_them] == list(range(1, len(all_of_them) + 1))


@settings(max_examples=30)
@given(steps=st.lists(st.integers(1, 2 * BLOCK), min_size=1, max_size=6))
def test_lines_that_come_later_are_found_too(steps: list[int]) -> None:
    index = of(set(), 0)
    matches = Matches(index, str, Contains("needle"))
    for step in steps:
        index.texts += ["a needle", *["hay"] * (step - 1)]
        while not matches.complete:
            matches.look()
    assert matches.count == len(steps)


def test_a_last_line_that_still_grows_is_looked_at_again() -> None:
    index = FakeLines(["hay"] * (BLOCK - 1) + ["a nee"])
    matches = Matches(index, str, Contains("needle"))
    while not matches.complete:
        matches.look()
    index.texts[-1] += "dle"
    assert matches.count == 1


def test_memory_is_two_bytes_a_block_however_many_lines_match() -> None:
    matches = Matches(FakeLines(["x"] * (BLOCK * 1000)), str, Contains("x"))
    while not matches.complete:
        matches.look()
    assert matches.count == BLOCK * 1000
    assert len(matches._onwards) * matches._onwards.itemsize == 2 * 999
    assert len(matches._cache) <= 16


def test_case_counts_only_where_a_capital_is_typed() -> None:
    lines = ["Redo starts", "redo done", "nothing"]
    assert Contains("redo").chosen(lines) == [0, 1]
    assert Contains("Redo").chosen(lines) == [0]
    assert Contains("").chosen(lines) == []


def test_the_severe_are_told_by_their_severity_not_by_their_words() -> None:
    lines = ["x LOG:  no error here", "x WARNING:  page", "x FATAL:  gone", "an error, he said", "pg_ctl: error: no"]
    assert Severe().chosen(lines) == [1, 2, 4]
    assert Both(Severe(), Contains("gone")).chosen(lines) == [2]
