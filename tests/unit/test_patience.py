"""Who waits is told each tenth; who does not is told nothing."""

from pgrepl_tui.session.patience import Patience


def told_at(moments: list[tuple[float, float]]) -> list[int]:
    """What is told when so much is read at these times; the first one is when it began."""
    now = 0.0
    said: list[int] = []
    patience = Patience(said.append, clock=lambda: now)
    for now, share in moments:  # noqa: B007 - the clock reads it
        patience(share)
    assert patience.told is bool(said)
    return said


def test_nothing_is_told_in_the_first_second() -> None:
    assert told_at([(0.1, 0.2), (0.5, 0.7), (0.99, 1.0)]) == []


def test_each_tenth_is_told_once_after_that() -> None:
    assert told_at([(0.5, 0.1), (1.0, 0.31), (1.1, 0.39), (1.2, 0.4), (3.0, 0.99), (3.1, 1.0)]) == [30, 40, 90, 100]
