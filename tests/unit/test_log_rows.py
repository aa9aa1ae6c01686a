"""A line's rows: together they are the line, and none is wider than the log but for blanks at its end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.widgets.log_rows import INDENT, character_at, parts

TEXTS = st.text(st.sampled_from("abc -漢é\u0301\t"), max_size=120)


@given(text=TEXTS, width=st.integers(INDENT + 2, 40))
def test_the_parts_are_the_line(text: str, width: int) -> None:
    made = parts(text, width, -1)
    assert "".join(part.text for part in made) == plain_line(text)
    begin = 0
    for part in made:
        assert part.begin == begin
        begin += len(part.text)
        assert cell_len(part.text.rstrip(" ")) <= width - INDENT


@given(text=TEXTS, width=st.integers(INDENT + 2, 40), cell=st.integers(0, 60))
def test_a_cell_is_that_of_its_character(text: str, width: int, cell: int) -> None:
    for part in parts(text, width, -1):
        place = character_at(part, cell) - part.begin
        assert cell_len(part.text[:place]) <= max(cell, 0)
        assert place == len(part.text) or cell_len(part.text[: place + 1]) > cell


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("2026-11-23 LOG:  entering standby mode", ["2026-11-23 LOG:  ", "entering standby ", "mode"]),
        ("x" * 40, ["x" * 18, "x" * 18, "xxxx"]),
        ("  set in, and a long-hyphened word", ["  set in, and a ", "long-hyphened word"]),
        (" " * 50, [" " * 50]),
        ("", [""]),
    ],
)
def test_rows_begin_with_a_word(text: str, rows: list[str]) -> None:
    assert [part.text for part in parts(text, 20, -1)] == rows
