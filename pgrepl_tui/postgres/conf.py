"""Edits of a configuration file's text: our settings in one managed block, every other byte kept.

A file's last line of a name wins, so our block stands at the end. What an include directive reads, what
postgresql.auto.conf sets (9.4 on) and the command line are not seen here: ask the server what took effect.
"""

from collections.abc import Mapping

from pgrepl_tui.postgres.conf_lexer import Line, fold_name, is_name, parse, quote_value
from pgrepl_tui.postgres.conf_units import bytes_of, seconds_of
from pgrepl_tui.postgres.managed_block import BlockError, add, blocks, line_end, remove, split_lines
from pgrepl_tui.postgres.text_error import TextError

__all__ = [
    "BlockError",
    "Line",
    "bytes_of",
    "parse",
    "quote_value",
    "replace_settings",
    "seconds_of",
    "settings",
    "with_settings",
    "without_block",
]


def settings(text: str) -> dict[str, str]:
    """The settings of a file by lower-case name; the last line of a name wins. Includes are not followed."""
    return {line.name: line.value for line in parse(text) if line.name and not line.is_include}


def with_settings(text: str, wanted: Mapping[str, str], *, mark: str) -> str:
    """The text with ``wanted`` in the one block of ``mark``, at the end, so that it wins over the lines above.

    A block that is there keeps its other settings and moves to the end; the rest of the file keeps every byte.

    Raises:
        BlockError: the block in the file is torn, or the mark cannot stand in a comment.
        ValueError: a name is no parameter's name, or a value holds a NUL.
    """
    there = blocks(text, mark)
    if not there and not wanted:
        return text
    old = "".join(line for block in there for line in block.body)
    body = _replaced(old, wanted, line_end(text))
    return add(remove(text, mark), [line.rstrip("\r\n") for line in split_lines(body)], mark)


def without_block(text: str, mark: str) -> str:
    """The text as it was before :func:`with_settings`: byte for byte, if nobody else changed it.

    Raises:
        BlockError: the block in the file is torn, or the mark cannot stand in a comment.
    """
    return remove(text, mark)


def replace_settings(text: str, wanted: Mapping[str, str]) -> str:
    """The text of a postgresql.auto.conf or recovery.conf with ``wanted`` set.

    The value is replaced where the name stands (in the last such line, the one that counts) and only if it differs; a
    new name goes to the end. Every other byte is kept.

    Raises:
        ValueError: a name is no parameter's name, or a value holds a NUL.
    """
    return _replaced(text, wanted, line_end(text))


def _replaced(text: str, wanted: Mapping[str, str], end: str) -> str:
    lines = split_lines(text)
    standing = {line.name: line for line in parse(text) if line.name}
    fresh: list[str] = []
    for name, value in wanted.items():
        quoted = quote_value(value)
        old = standing.get(fold_name(_checked(name)))
        if old is None:
            fresh.append(f"{name} = {quoted}{end}")
        elif old.value != value:
            raw = lines[old.number - 1]
            lines[old.number - 1] = raw[: old.at[0]] + quoted + raw[old.at[1] :]
    if fresh and lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    return "".join(lines + fresh)


def _checked(name: str) -> str:
    if not is_name(name):
        raise TextError(f"{name!r} is no name of a PostgreSQL parameter: expected one such as wal_level")
    return name
