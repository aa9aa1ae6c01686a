import difflib

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pgrepl_tui.postgres.conf import parse, quote_value, replace_settings, settings, with_settings, without_block
from pgrepl_tui.postgres.managed_block import BlockError, split_lines

MARK = "pgrepl-tui primary"
NAMES = st.sampled_from(["port", "wal_level", "max_wal_senders", "a.b", "listen_addresses"])
VALUES = st.sampled_from(["on", "5", "it's", "a\\b", "x # y", "", "'", "two\nlines", "é", "128MB"])
WANTED = st.dictionaries(NAMES, VALUES, min_size=1, max_size=4)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A configuration file as one meets them: duplicates, comments, quotes, includes, faults, any line ends."""
    setting = st.builds("{}{}{}{}".format, NAMES, st.sampled_from([" = ", "=", " ", "\t=\t"]), VALUES.map(quote_value),
                        st.sampled_from(["", " # why", "\t", "  "]))  # fmt: skip
    other = st.sampled_from(["", "# port = 1", "include 'x.conf'", "include_dir = conf.d", "PORT = 7", "oops",
                             "\tport\t8 #", "# begin: another", "# end", "x = 'open"])  # fmt: skip
    lines = draw(st.lists(st.tuples(setting | other, st.sampled_from(["\n", "\n", "\r\n"])), max_size=8))
    text = draw(st.sampled_from(["", "", "\ufeff"])) + "".join(line + end for line, end in lines)
    return text[:-1] if draw(st.booleans()) and text.endswith("\n") else text


@examples(max_examples=200)
@given(text=files(), wanted=WANTED)
def test_the_change_is_exactly_one_block_at_the_end_and_undo_gives_every_byte_back(
    text: str, wanted: dict[str, str]
) -> None:
    edited = with_settings(text, wanted, mark=MARK)
    assert edited.startswith(text)
    added = [line[2:] for line in difflib.ndiff(split_lines(text), split_lines(edited)) if line.startswith("+ ")]
    open_line = bool(text) and not text.endswith("\n")
    assert len(added) == len(wanted) + 2 + open_line
    assert without_block(edited, MARK) == text


@examples(max_examples=200)
@given(text=files(), wanted=WANTED)
def test_our_settings_win_and_the_others_stay(text: str, wanted: dict[str, str]) -> None:
    edited = with_settings(text, wanted, mark=MARK)
    assert settings(edited) == settings(text) | wanted
    assert with_settings(edited, wanted, mark=MARK) == edited


@examples(max_examples=100)
@given(text=files(), first=WANTED, second=WANTED, later=st.sampled_from(["", "port = 9\n", "# c"]))
def test_a_second_change_is_merged_into_the_one_block_which_moves_to_the_end(
    text: str, first: dict[str, str], second: dict[str, str], later: str
) -> None:
    edited = with_settings(with_settings(text, first, mark=MARK) + later, second, mark=MARK)
    assert edited.count(f": {MARK}\n") + edited.count(f": {MARK}\r\n") == 2
    assert settings(edited) == settings(text) | settings(later) | first | second
    if not later:
        assert without_block(edited, MARK) == text


@examples(max_examples=200)
@given(text=files(), wanted=WANTED)
def test_replacing_changes_only_the_lines_of_the_wanted_names(text: str, wanted: dict[str, str]) -> None:
    edited = replace_settings(text, wanted)
    assert settings(edited) == settings(text) | wanted
    assert replace_settings(edited, wanted) == edited
    before, after = split_lines(text), split_lines(edited)
    last = {line.name: line.number for line in parse(text) if line.name in wanted}
    for index, line in enumerate(before):
        if index + 1 not in last.values():
            assert after[index].rstrip("\r\n") == line.rstrip("\r\n")
    assert len(after) == len(before) + len(wanted.keys() - last.keys())


def test_a_replaced_value_leaves_the_rest_of_its_line() -> None:
    text = "port = 1\nPort\t=\t5432   # the port\r\n"
    assert replace_settings(text, {"port": "5433"}) == "port = 1\nPort\t=\t'5433'   # the port\r\n"
    assert replace_settings(text, {"port": "5432"}) == text


def test_a_new_name_is_appended_on_a_line_of_its_own() -> None:
    assert replace_settings("a = 1", {"b": "2"}) == "a = 1\nb = '2'\n"
    assert replace_settings("", {"primary_conninfo": "host='x'"}) == "primary_conninfo = 'host=''x'''\n"


def test_nothing_wanted_changes_nothing() -> None:
    assert with_settings("port = 1", {}, mark=MARK) == "port = 1"


def test_includes_are_no_settings() -> None:
    assert settings("include 'a'\nPort = 1\nport = 2\nfaulty\n") == {"port": "2"}


@pytest.mark.parametrize("name", ["", "a b", "a=b", "x\nport", "a.", "5a", "é", "a'"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        with_settings("", {name: "1"}, mark=MARK)


def test_a_torn_block_is_refused() -> None:
    torn = with_settings("", {"a": "1"}, mark=MARK).replace(f"# end: {MARK}\n", "")
    with pytest.raises(BlockError, match="line 1"):
        with_settings(torn, {"a": "2"}, mark=MARK)
