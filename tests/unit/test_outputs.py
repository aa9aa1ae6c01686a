"""The index gives the lines that a naive split gives, and reads only what is shown."""

import tracemalloc
from itertools import accumulate

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pgrepl_tui.session.outputs import CUT, MAX_LINE, OutputIndex
from pgrepl_tui.session.span import Span


class Pieces:
    """Pieces that lie one behind the other, and a count of what was read."""

    def __init__(self, pieces: list[str | None]) -> None:
        self.pieces = [piece for piece in pieces if piece is not None]
        self.reads: list[int] = []
        self.index = OutputIndex()
        number = 0
        for piece in pieces:
            if piece is None:
                self.index.end_line()
                continue
            self.index.add(Span(number, len(piece)), piece)
            number += 1

    def read(self, span: Span) -> str:
        self.reads.append(span.offset)
        assert span.length == len(self.pieces[span.offset])
        return self.pieces[span.offset]


def _naive(pieces: list[str | None]) -> list[str]:
    text = ""
    for piece in pieces:
        text += piece if piece is not None else "\n" if text and not text.endswith("\n") else ""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    seen = [line.rstrip("\r").rpartition("\r")[2] for line in lines]
    return [line if len(line) <= MAX_LINE else line[:MAX_LINE] + CUT for line in seen]


@settings(max_examples=600)
@given(st.lists(st.none() | st.text("ab\n\r", max_size=6), max_size=12))
@example(["abc\r", "", "\r", "d"])
@example(["abc\r", "\n"])
@example(["50%\r", "60%\r", "\r", None, "next"])
@example(["a", None, "", None, "b"])
def test_any_cut_gives_the_lines_of_the_whole(pieces: list[str | None]) -> None:
    made = Pieces(pieces)
    naive = _naive(pieces)
    assert made.index.total_lines == len(naive)
    assert made.index.lines(0, len(naive) + 1, made.read) == naive
    assert [line for n in range(len(naive)) for line in made.index.lines(n, 1, made.read)] == naive
    assert made.index.back_to(made.index.extent()).lines(0, len(naive), made.read) == naive


@given(st.lists(st.none() | st.text("ab\n\r", max_size=6), max_size=12))
def test_the_lines_are_right_after_each_piece(pieces: list[str | None]) -> None:
    for count in range(len(pieces) + 1):
        made = Pieces(pieces[:count])
        naive = _naive(pieces[:count])
        assert made.index.lines(0, 99, made.read) == naive


def test_lines_outside_are_none() -> None:
    made = Pieces(["a\nb"])
    assert made.index.lines(-5, 6, made.read) == ["a"]
    assert made.index.lines(2, 5, made.read) == []
    assert OutputIndex().total_lines == 0
    assert OutputIndex().lines(0, 5, made.read) == []


def test_a_copy_goes_on_on_its_own() -> None:
    made = Pieces(["a"])
    other = made.index.back_to(made.index.extent())
    other.end_line()
    assert (made.index.total_lines, other.total_lines) == (1, 1)
    other.add(Span(0, 1), "a")
    assert (made.index.total_lines, other.total_lines) == (1, 2)


def test_long_lines_are_cut_with_a_mark() -> None:
    made = Pieces(["x" * MAX_LINE + "\n" + "y" * (MAX_LINE + 1)])
    assert made.index.lines(0, 2, made.read) == ["x" * MAX_LINE, "y" * MAX_LINE + CUT]


def test_only_the_pieces_on_screen_are_read_and_only_once() -> None:
    made = Pieces([f"line {n}\n" * 100 for n in range(1000)])
    assert made.index.total_lines == 100_000
    assert made.index.lines(50_000, 36, made.read) == ["line 500"] * 36
    made.index.lines(50_010, 36, made.read)
    assert made.reads == [500]


def test_a_line_of_a_gigabyte_reads_a_few_pieces() -> None:
    made = Pieces(["start\n", *["x" * 4096] * 1000, "\nend\n"])
    assert made.index.lines(0, 3, made.read) == ["start", "x" * MAX_LINE + CUT, "end"]
    assert len(made.reads) < 8


def test_a_long_progress_meter_reads_a_few_pieces() -> None:
    made = Pieces([f"{n}/5000 kB\r" for n in range(5000)])
    assert made.index.lines(0, 1, made.read) == ["4999/5000 kB"]
    assert made.index.total_lines == 1
    assert len(made.reads) < 4


def test_a_piece_costs_few_bytes() -> None:
    index = OutputIndex()
    tracemalloc.start()
    for offset in accumulate([33_000] * 50_000):
        index.add(Span(offset, 33_000), "a line\n")
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert size < 40 * 50_000
    assert index.total_lines == 50_000
