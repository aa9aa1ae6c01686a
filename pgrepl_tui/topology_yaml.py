"""YAML of a topology file as a tree that knows its lines; refuses everything a topology has no use for.

Aliases, anchors, tags and merge keys make small files explode or run code; duplicate keys hide a mistake. None is read.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_VALUES = 2_000
_SHOWN = 60
_TEXT = "tag:yaml.org,2002:str"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


class TopologyError(Exception):
    """A mistake in a topology file; its text is ``file:line: what; what was meant``.

    Attributes:
        source: the file.
        line: the line, from 1 on; 0 where the file could not be read at all.
        what: what is wrong.
        meant: what to write, or do, instead.
    """

    def __init__(self, source: Path, line: int, what: str, meant: str = "") -> None:
        where = _printable(str(source)) + (f":{line}" if line else "")
        super().__init__(f"{where}: {what}" + (f"; {meant}" if meant else ""))
        self.source = source
        self.line = line
        self.what = what
        self.meant = meant


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as it is written.

    Attributes:
        line: its line.
        text: its text.
        plain: it stands without quotes.
        is_text: YAML takes it for text, not for a number, a truth value, a date or nothing.
    """

    line: int
    text: str
    plain: bool
    is_text: bool


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    items: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping: the line of each key and its value, in the file's order."""

    line: int
    entries: "dict[str, tuple[int, Tree]]"


Tree = Scalar | Items | Table


def shown(text: str) -> str:
    """A text of the file as an error may show it: quoted, printable and short."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def read(path: Path) -> str:
    """The text of a topology file.

    Raises:
        TopologyError: the file cannot be read, is larger than ``MAX_BYTES`` bytes or is not UTF-8 text.
    """
    try:
        if path.exists() and not path.is_file():
            raise TopologyError(path, 0, _not_a_file(path), "name a topology file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise TopologyError(path, 0, "there is no such file", "check the name, or write a topology there") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TopologyError(path, 0, f"cannot be read: {reason}", "check its owner and mode") from None
    if len(data) > MAX_BYTES:
        raise TopologyError(path, 0, "is larger than 1 MB", "is this really a topology file?")
    return _decode(path, data)


def parse(source: Path, text: str) -> Tree:
    """The tree of a YAML text.

    Raises:
        TopologyError: the text is not YAML, or uses a part of YAML that a topology has no use for.
    """
    import yaml  # noqa: PLC0415 - slow to import, and --help needs no YAML

    if bad := _CONTROL.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        raise TopologyError(source, line, f"control character U+{ord(bad[0]):04X}", "remove it; this is a text file")
    loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        resolver = yaml.SafeLoader("")
        tag = partial(resolver.resolve, yaml.ScalarNode)
        return _Builder(source, yaml.parse(text, Loader=loader), tag).document()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(source, text, error) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # the pure Python reader raises bare ValueErrors for escapes such as "\UFFFFFFFF"
        raise TopologyError(source, 1, "is not YAML", shown(str(error))) from None


def _printable(text: str) -> str:
    return text if text.isprintable() else repr(text)


def _not_a_file(path: Path) -> str:
    return "is a directory" if path.is_dir() else "is not a regular file"


def _decode(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TopologyError(path, line, f"byte 0x{data[error.start]:02x} is not UTF-8", "save it as UTF-8") from None


def _syntax_error(source: Path, text: str, error: "yaml.MarkedYAMLError") -> TopologyError:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    written = text.splitlines()[line - 1 : line]
    if written and re.match(r"[ -]*\t", written[0]):
        return TopologyError(source, line, "a tab where YAML wants spaces", "indent with spaces")
    what = error.problem or error.context or "it cannot be parsed"
    return TopologyError(source, line, f"is not YAML: {what}", "check the indentation, the colons and the quotes")


class _Builder:
    """Builds the tree from the parser's events, and stops at the first thing that it refuses.

    Events are told apart by the names of their classes, so that only ``parse`` has to import yaml.
    """

    def __init__(self, source: Path, events: Iterator[Any], tag: Callable[[str, tuple[bool, bool]], str]) -> None:
        self._source = source
        self._events = events
        self._tag = tag
        self._values = 0

    def document(self) -> Tree:
        tree: Tree | None = None
        for event in self._events:
            if _kind(event) != "DocumentStartEvent":
                continue
            if tree is not None:
                raise self._error(event, "a second YAML document begins here", "keep one topology a file")
            tree = self._node(next(self._events), 1)
        if tree is None:
            raise TopologyError(self._source, 1, "the file is empty", "a topology has a name, a primary and standbys")
        return tree

    def _node(self, event: Any, depth: int) -> Tree:
        self._refuse_marks(event)
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._error(event, f"more than {MAX_VALUES} values", "is this really a topology file?")
        if depth > MAX_DEPTH:
            raise self._error(event, f"nested deeper than {MAX_DEPTH} levels", "is this really a topology file?")
        if _kind(event) == "ScalarEvent":
            is_text = self._tag(event.value, event.implicit) == _TEXT
            return Scalar(_line(event), event.value, plain=event.implicit[0], is_text=is_text)
        if _kind(event) == "SequenceStartEvent":
            return Items(_line(event), tuple(self._items(depth)))
        return Table(_line(event), self._entries(depth))

    def _items(self, depth: int) -> Iterator[Tree]:
        while _kind(event := next(self._events)) != "SequenceEndEvent":
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> dict[str, tuple[int, Tree]]:
        entries: dict[str, tuple[int, Tree]] = {}
        while _kind(event := next(self._events)) != "MappingEndEvent":
            key = self._key(event, depth + 1)
            if key.text in entries:
                first = entries[key.text][0]
                raise self._error(event, f"{shown(key.text)} is there twice, first in line {first}", "keep one of them")
            entries[key.text] = (key.line, self._node(next(self._events), depth + 1))
        return entries

    def _key(self, event: Any, depth: int) -> Scalar:
        self._refuse_marks(event)
        if _kind(event) != "ScalarEvent":
            raise self._error(event, "a key that is not a single word", "write key: value")
        key = self._node(event, depth)
        assert isinstance(key, Scalar)  # noqa: S101 - tells the type checker what the line above made sure of
        if key.text == "<<" and key.plain:
            raise self._error(event, "merge keys (<<) are not read", "write the keys out")
        return key

    def _refuse_marks(self, event: Any) -> None:
        if _kind(event) == "AliasEvent":
            raise self._error(event, "aliases (*name) are not read", "write the value out")
        if getattr(event, "anchor", None) is not None:
            raise self._error(event, "anchors (&name) are not read", "write the value out where it is needed")
        if getattr(event, "tag", None) is not None:
            raise self._error(event, "tags (!name) are not read", "write the plain value")

    def _error(self, event: Any, what: str, meant: str) -> TopologyError:
        return TopologyError(self._source, _line(event), what, meant)


def _kind(event: Any) -> str:
    return type(event).__name__


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
