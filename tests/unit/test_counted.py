"""A number with its noun, and the client sessions of a server in words."""

import pytest

from pgrepl_tui.counted import counted
from pgrepl_tui.steps.sessions import dropped, in_words, sentence


@pytest.mark.parametrize(
    ("count", "noun", "words"),
    [(0, "change", "0 changes"), (1, "change", "1 change"), (2, "change", "2 changes"), (1, "match", "1 match"),
     (2, "match", "2 matches"), (2, "old data directory", "2 old data directories")],
)  # fmt: skip
def test_one_thing_is_said_in_the_singular(count: int, noun: str, words: str) -> None:
    assert counted(count, noun) == words


@pytest.mark.parametrize(
    ("total", "busy", "there", "gone"),
    [
        (0, 0, "no session", "no client session would be dropped"),
        (1, 0, "1 session, 0 in a transaction", "1 client session would be dropped, none in a transaction"),
        (1, 1, "1 session, 1 in a transaction", "1 client session would be dropped, in a transaction"),
        (12, 3, "12 sessions, 3 in a transaction", "12 client sessions would be dropped, 3 in a transaction"),
    ],
)
def test_sessions_in_words(total: int, busy: int, there: str, gone: str) -> None:
    assert (in_words(total, busy), dropped(total, busy)) == (there, gone)
    assert sentence(gone) == f"{gone[0].upper()}{gone[1:]}."
