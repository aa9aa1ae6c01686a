"""A secret does not show itself, whatever is done to it."""

import copy
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.hosts.secret import Secret

HIDDEN = "pa55-w0rd"


@given(st.text(min_size=9))
def test_it_gives_back_what_it_was_given(value: str) -> None:
    assert Secret(value).reveal() == value


@pytest.mark.parametrize("shown", [str, repr, "{}".format, "{:>40}".format, "{!r}".format, lambda s: f"{[s]} {(s,)}"])
def test_it_is_not_shown(shown: object) -> None:
    assert callable(shown)
    text = shown(Secret(HIDDEN))
    assert "********" in text
    assert HIDDEN not in text


def test_a_traceback_does_not_show_it() -> None:
    def fails(secret: Secret) -> None:
        raise ValueError(secret)

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - what it says is looked at below
        fails(Secret(HIDDEN))
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "********" in shown
    assert HIDDEN not in shown


@pytest.mark.parametrize("save", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_cannot_be_saved(save: object) -> None:
    assert callable(save)
    with pytest.raises(TypeError, match="cannot be saved"):
        save(Secret(HIDDEN))


def test_it_has_no_dictionary_to_look_into() -> None:
    assert not hasattr(Secret(HIDDEN), "__dict__")


def test_equal_secrets_are_equal_and_no_text_is() -> None:
    assert Secret("one") == Secret("one")
    assert Secret("one") != Secret("two")
    assert Secret("one") != "one"
    assert len({Secret("one"), Secret("one")}) == 1


def test_an_empty_secret_is_still_given() -> None:
    assert Secret("").reveal() == ""
