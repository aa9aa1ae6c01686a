import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui.postgres.managed_block import BlockError, add, blocks, line_end, remove, split_lines

FILES = st.lists(st.sampled_from(["a = 1", "", "# c", "é", "\r", "\ufeffx", "\x0c", "\u2028"]), max_size=6).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n"]).flatmap(
        lambda end: st.sampled_from(["", end]).map(lambda last: end.join(lines) + last)
    )
)


@settings(max_examples=200)
@given(text=FILES, body=st.lists(st.sampled_from(["x = 1", "", "# y"]), max_size=3))
def test_removing_a_block_gives_back_every_byte(text: str, body: list[str]) -> None:
    edited = add(text, body, "mark")
    assert edited.startswith(text)
    assert [line.rstrip("\r\n") for line in blocks(edited, "mark")[0].body] == body
    assert remove(edited, "mark") == text


@settings(max_examples=100)
@given(text=FILES, data=st.data())
def test_a_block_before_a_line_gives_back_every_byte(text: str, data: st.DataObject) -> None:
    count = len(split_lines(text))
    before = data.draw(st.integers(0, max(0, count - 1))) if count else None
    assert remove(add(text, ["x"], "mark", before=before), "mark") == text


def test_the_block_takes_the_line_ends_of_the_file() -> None:
    assert add("a\r\nb\r\n", ["x"], "m") == "a\r\nb\r\n# begin: m\r\nx\r\n# end: m\r\n"
    assert line_end("a") == line_end("") == line_end("a\r\nb\n") == "\n"


def test_a_line_without_an_end_that_others_wrote_after_stays_a_line() -> None:
    edited = add("a", ["x"], "m") + "b\n"
    assert remove(edited, "m") == "a\nb\n"


def test_blocks_of_other_marks_are_left_alone() -> None:
    text = add(add("a\n", ["x"], "one"), ["y"], "one two")
    assert remove(text, "one") == add("a\n", ["y"], "one two")
    assert blocks(text, "on") == []


def test_a_block_is_never_put_inside_another() -> None:
    outer = add("a\nb\n", ["x"], "outer", before=1)
    inside = split_lines(outer).index("x\n")
    both = add(outer, ["y"], "inner", before=inside)
    assert remove(both, "outer") == add("a\nb\n", ["y"], "inner", before=1)


@pytest.mark.parametrize("torn", ["# begin: m\nx\n", "x\n# end: m\n", "# begin: m\n# begin: m\n# end: m\n"])
def test_a_torn_block_is_refused_with_its_line(torn: str) -> None:
    with pytest.raises(BlockError, match=r"line \d+.*lost its partner"):
        remove(torn, "m")


@pytest.mark.parametrize("mark", ["", " m", "m ", "a\nb", "é", "m\\", "\x1b[0m"])
def test_a_mark_that_cannot_stand_in_a_comment_is_refused(mark: str) -> None:
    with pytest.raises(BlockError, match="mark"):
        add("a\n", ["x"], mark)
