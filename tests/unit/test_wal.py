"""WAL files by position, timelines by history, and whether a cluster took writes of its own."""

from dataclasses import replace

import pytest

from pgrepl_tui.postgres import fork
from pgrepl_tui.postgres.control import ControlData
from pgrepl_tui.postgres.fork import Ahead, reasons
from pgrepl_tui.postgres.lsn import Lsn
from pgrepl_tui.postgres.wal import checkpoint_pieces, left_at, piece, shares
from tests.unit.scripted_pair import CONTROL

MB = 1 << 20
SEGMENT = 16 * MB
SHUT = replace(CONTROL, state="shut down", checkpoint=Lsn.parse("0/5000028"))


def test_the_file_and_the_place_in_it() -> None:
    assert (piece(Lsn.parse("0/5000028"), SEGMENT).name, piece(Lsn.parse("0/5000028"), SEGMENT).size) == (
        "0000000000000005", 0x29,
    )  # fmt: skip
    assert piece(Lsn.parse("16/FFFFFFFF"), SEGMENT).name == "00000016000000FF"
    assert piece(Lsn.parse("16/FFFFFFFF"), SEGMENT).size == SEGMENT
    assert piece(Lsn.parse("1/40000000"), 1 << 30).name == "0000000100000001"


def test_a_checkpoint_at_a_segments_end_goes_on_in_the_next() -> None:
    (one,) = checkpoint_pieces(Lsn(5 * SEGMENT + SEGMENT - 64), SEGMENT)
    assert (one.name[-1], one.size) == ("5", SEGMENT)
    first, second = checkpoint_pieces(Lsn(5 * SEGMENT + SEGMENT - 56), SEGMENT)
    assert (first.name[-1], first.size, second.name[-1], second.size) == ("5", SEGMENT, "6", 64)


def test_histories_of_all_versions() -> None:
    assert left_at("1\t0/5000098\tno recovery target specified\n\n2\t1/0\tx\n", SEGMENT) == {
        1: Lsn.parse("0/5000098"), 2: Lsn.parse("1/0"),
    }  # fmt: skip
    assert left_at("1\t000000010000000100000005\tat some time\n", SEGMENT) == {1: Lsn.parse("1/5000000")}
    assert left_at("# nothing\nnonsense\n", SEGMENT) == {}
    left = {1: Lsn(100)}
    assert [shares(1, Lsn(99), 2, left), shares(1, Lsn(100), 2, left), shares(2, Lsn(999), 2, left)] == [
        True, False, True,
    ]  # fmt: skip
    assert not shares(3, Lsn(1), 2, left)


def sums(old: ControlData, digest: str = "aa", timeline: int = 1) -> fork.Sums:
    return {(part.name, part.size): {timeline: digest} for part in fork.pieces(old)}


def primary(old: ControlData, timeline: int = 1, position: str = "0/9000000", history: str = "") -> Ahead:
    return Ahead("db1", timeline, Lsn.parse(position), history, sums(old))


def said(old: ControlData, own: fork.Sums, ahead: Ahead) -> str:
    return "; ".join(reason.text for reason in reasons(old, own, ahead))


def test_a_true_copy_has_nothing_of_its_own() -> None:
    assert reasons(SHUT, sums(SHUT), primary(SHUT)) == ()
    standby = replace(SHUT, state="shut down in recovery", minimum_recovery=Lsn.parse("0/6000100"))
    assert len(fork.pieces(standby)) == 2
    assert reasons(standby, sums(standby), primary(standby)) == ()
    old_primary = primary(SHUT, timeline=2, history="1\t0/50000A0\tpromoted\n")
    assert reasons(SHUT, sums(SHUT), old_primary) == (), "switched over: the old primary's last record is known"


def test_a_fork_that_follows_again_is_known_by_its_older_wal_as_long_as_both_have_it() -> None:
    """Its checkpoint is the primary's by now; what it wrote itself stands in a segment before."""
    standby = replace(SHUT, state="shut down in recovery")
    segments = fork.older(standby)
    assert [part.name[-1] for part in segments] == ["4", "3", "2", "1", "0"]
    assert {part.size for part in segments} == {SEGMENT}
    for part in segments:
        key = (part.name, part.size)
        ahead = replace(primary(standby), sums={**sums(standby), key: {1: "aa"}})
        assert reasons(standby, {**sums(standby), key: {1: "aa"}}, ahead) == ()
        (found,) = reasons(standby, {**sums(standby), key: {1: "bb"}}, ahead)
        assert (found.text, found.proven) == (f"WAL to {part.end} is another one than on db1", True)
        assert reasons(standby, sums(standby), ahead) == (), "a standby that has it no more is no fork for that"
        assert reasons(standby, {**sums(standby), key: {1: "bb"}}, primary(standby)) == (), (
            "nor where the primary has not"
        )


def test_older_wal_of_a_timeline_that_the_primary_left_before_is_not_compared() -> None:
    standby = replace(SHUT, state="shut down in recovery", timeline=2)
    newest = fork.older(standby)[0]
    key = (newest.name, newest.size)
    for left, count in (("0/4000100", 0), ("0/5000000", 1)):
        ahead = replace(primary(standby, 2, history=f"1\t{left}\tx\n"), sums={**sums(standby, "aa", 2), key: {1: "aa"}})
        own = {**sums(standby, "aa", 2), key: {1: "bb"}}
        assert len(reasons(standby, own, ahead)) == count


def test_no_more_older_wal_is_read_than_takes_a_moment() -> None:
    far = replace(SHUT, checkpoint=Lsn.parse("7/28000028"))
    assert len(fork.older(far)) == 16
    assert fork.older(far)[0].name == "0000000700000027"
    assert fork.older(replace(far, wal_segment_size=1 << 30)) == ()
    assert fork.older(replace(far, checkpoint=None)) == ()


@pytest.mark.parametrize(
    ("old", "own", "ahead", "words", "proven"),
    [
        (SHUT, sums(SHUT, "bb"), primary(SHUT), "0/5000028 is another one than on db1", True),
        (SHUT, {}, primary(SHUT), "its own WAL with the record at 0/5000028 is gone", False),
        (SHUT, sums(SHUT), replace(primary(SHUT), sums={}), "db1 has not the WAL with the record", False),
        (SHUT, sums(SHUT), primary(SHUT, position="0/5000000"), "is ahead of the primary's (0/5000000)", True),
        (replace(SHUT, state="in production"), sums(SHUT), primary(SHUT), "in production", True),
        (replace(SHUT, state="in crash recovery"), sums(SHUT), primary(SHUT), "in crash recovery", False),
        (replace(SHUT, timeline=2), sums(SHUT, timeline=2), primary(SHUT), "timeline 2 is not in the history", True),
        (replace(SHUT, timeline=3), sums(SHUT, timeline=3), primary(SHUT, timeline=2), "timeline 3 is not", False),
        (SHUT, sums(SHUT), primary(SHUT, timeline=2, history="1\t0/5000028\tx\n"), "left at 0/5000028", True),
        (replace(SHUT, checkpoint=None), {}, primary(SHUT), "no checkpoint", False),
    ],
)
def test_what_gives_a_fork_away(old: ControlData, own: fork.Sums, ahead: Ahead, words: str, *, proven: bool) -> None:
    assert words in said(old, own, ahead)
    assert any(reason.proven for reason in reasons(old, own, ahead)) is proven


def test_a_standby_of_a_fork_is_seen_at_the_end_of_its_wal() -> None:
    standby = replace(SHUT, state="shut down in recovery", minimum_recovery=Lsn.parse("0/6000100"))
    shared, end = fork.pieces(standby)
    own = {(shared.name, shared.size): {1: "aa"}, (end.name, end.size): {1: "other"}}
    assert "WAL to 0/60000FF is another one than on db1" in said(standby, own, primary(standby))


def test_wal_that_the_primary_has_of_a_timeline_it_had_left_does_not_count() -> None:
    ahead = primary(SHUT, timeline=2, history="1\t0/4000000\tx\n")
    assert "db1 has not the WAL" in said(SHUT, sums(SHUT), ahead)
