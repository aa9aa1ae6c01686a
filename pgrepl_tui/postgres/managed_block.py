"""A managed block: our lines in somebody else's file, between two marker comments, and out again byte for byte."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pgrepl_tui.postgres.text_error import TextError

_BEGIN = "# begin: "
_BEGIN_AFTER_OPEN_LINE = "# begin (the line break above is ours): "
_END = "# end: "


class BlockError(TextError):
    """A managed block that somebody tore, or a mark that cannot stand in a comment."""


@dataclass(frozen=True, slots=True)
class Block:
    """The block of one mark: line indexes of its markers (from 0), and the lines between them, ends and all."""

    first: int
    last: int
    body: tuple[str, ...]
    added_break: bool


def split_lines(text: str) -> list[str]:
    """The lines of a text, each with its end. Only a newline ends a line, as PostgreSQL reads its files."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def line_end(text: str) -> str:
    r"""The line end that new lines should have: that of the last whole line, ``\n`` in a file without one."""
    return "\r\n" if text[: text.rfind("\n") + 1].endswith("\r\n") else "\n"


def blocks(text: str, mark: str) -> list[Block]:
    """Every block of ``mark``, in order.

    Raises:
        BlockError: a marker has lost its partner, or the mark cannot be used.
    """
    _check(mark)
    found: list[Block] = []
    lines = split_lines(text)
    begin: int | None = None
    for index, line in enumerate(lines):
        bare = line.rstrip()
        if bare in (_BEGIN + mark, _BEGIN_AFTER_OPEN_LINE + mark):
            if begin is not None:
                raise _torn(begin, mark)
            begin = index
        elif bare == _END + mark:
            if begin is None:
                raise _torn(index, mark)
            added = lines[begin].startswith(_BEGIN_AFTER_OPEN_LINE)
            found.append(Block(begin, index, tuple(lines[begin + 1 : index]), added))
            begin = None
    if begin is not None:
        raise _torn(begin, mark)
    return found


def remove(text: str, mark: str) -> str:
    """The text without the blocks of ``mark``; the line break that the last block needed goes with it.

    Raises:
        BlockError: a marker has lost its partner, or the mark cannot be used.
    """
    lines = split_lines(text)
    for block in reversed(blocks(text, mark)):
        end = line_end(lines[block.first])
        del lines[block.first : block.last + 1]
        if block.added_break and block.first == len(lines) and lines:
            lines[-1] = lines[-1].removesuffix(end)
    return "".join(lines)


def add(text: str, body: Sequence[str], mark: str, *, before: int | None = None) -> str:
    """The text with a block of ``body`` (lines without ends) before the line of that index, or at the end.

    Every other byte is kept, and :func:`remove` gives ``text`` back.

    Raises:
        BlockError: the mark cannot be used.
    """
    _check(mark)
    end = line_end(text)
    lines = split_lines(text)
    at = len(lines) if before is None else _outside(lines, before)
    after_open_line = at == len(lines) and bool(lines) and not lines[-1].endswith("\n")
    begin = _BEGIN_AFTER_OPEN_LINE if after_open_line else _BEGIN
    block = "".join(line + end for line in (begin + mark, *body, _END + mark))
    return "".join(lines[:at]) + (end if after_open_line else "") + block + "".join(lines[at:])


def _outside(lines: Sequence[str], index: int) -> int:
    """The index, or the begin marker of the block that the index lies in: blocks are never nested."""
    for first, last in _any_blocks(lines):
        if first < index <= last:
            return first
    return index


def _any_blocks(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    begin: tuple[int, str] | None = None
    for index, line in enumerate(lines):
        bare = line.rstrip()
        for opening in (_BEGIN, _BEGIN_AFTER_OPEN_LINE):
            if bare.startswith(opening):
                begin = (index, bare.removeprefix(opening))
        if begin is not None and bare == _END + begin[1]:
            yield begin[0], index
            begin = None


def _check(mark: str) -> None:
    plain = mark.isascii() and mark.isprintable() and mark == mark.strip()
    if not mark or not plain or mark.endswith("\\"):
        raise BlockError(
            f"the mark {mark!r} cannot stand in a comment: use printable ASCII, no blank at an end, no final backslash"
        )


def _torn(index: int, mark: str) -> BlockError:
    return BlockError(
        f"line {index + 1}: a marker of the managed block {mark!r} has lost its partner. "
        "Put the missing marker line back, or remove what is left of the block, and run again."
    )
