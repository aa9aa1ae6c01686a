"""Names of hosts that the operator may mean: aliases of the SSH configuration, and hosts whose key is known.

Only names are taken out of these files; nothing in them is followed but ``Include``, and nothing is run.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pgrepl_tui.hosts import destination

LARGEST = 4 * 1024 * 1024
"""Bytes of a file that are read; a larger one is no list that a person keeps."""
DEEPEST = 4
"""Levels of ``Include`` that are followed (OpenSSH: 16)."""
_KEYWORD = re.compile(r"\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*\Z")
_WORD = re.compile(r'"([^"]*)"|(\S+)')
_WITH_PORT = re.compile(r"\[([^\]]+)\]:(\d+)\Z")


def host_names(folder: Path | None = None) -> list[str]:
    """The names for completion, aliases first, each once; ``folder`` is ``~/.ssh``. What cannot be read gives none."""
    folder = folder or Path.home() / ".ssh"
    known = (name for file in ("known_hosts", "known_hosts2") for name in known_names(_text(folder / file)))
    return list(dict.fromkeys([*_aliases(folder / "config", folder, DEEPEST), *sorted(known)]))


def aliases(text: str) -> Iterator[str]:
    r"""The names after ``Host``; patterns are none.

    >>> list(aliases('Host db1 "db2" *.example !x\n  HostName 10.0.0.1\n'))
    ['db1', 'db2']
    """
    for keyword, words in _lines(text):
        if keyword == "host":
            yield from (word for word in words if _is_destination(word))


def known_names(text: str) -> Iterator[str]:
    r"""The hosts of a known_hosts file as destinations; hashed names, patterns and authorities are left out.

    >>> list(known_names('db1,10.0.0.1 ssh-ed25519 AAAA\n[db2]:2222 ssh-ed25519 AAAA\n|1|x|y ssh-ed25519 AAAA\n'))
    ['db1', '10.0.0.1', 'db2:2222']
    """
    for line in text.splitlines():
        words = line.split()
        if len(words) < 3 or line.startswith(("#", "@", "|")):
            continue
        yield from (found for found in map(_destination, words[0].split(",")) if found)


def _destination(name: str) -> str:
    """A name of known_hosts as it is typed as a destination; empty where it is a pattern."""
    other = _WITH_PORT.match(name)
    typed = name
    if other:
        host = f"[{other[1]}]" if ":" in other[1] else other[1]
        typed = f"{host}:{other[2]}"
    return typed if _is_destination(typed) else ""


def _is_destination(name: str) -> bool:
    """Whether it can be connected to as it is; a pattern cannot."""
    try:
        return not destination.parse(name).user
    except destination.DestinationError:
        return False


def _aliases(path: Path, folder: Path, levels: int) -> Iterator[str]:
    text = _text(path)
    yield from aliases(text)
    if levels <= 0:
        return
    for keyword, words in _lines(text):
        if keyword == "include":
            for included in _included(words, folder):
                yield from _aliases(included, folder, levels - 1)


def _included(words: Iterable[str], folder: Path) -> Iterator[Path]:
    """The files of an ``Include``; a relative name starts at ``~/.ssh`` (ssh_config(5))."""
    for word in words:
        name = str(Path.home() / word[2:]) if word.startswith("~/") else word
        whole = Path(name) if name.startswith("/") else folder / name
        try:
            yield from sorted(Path(whole.anchor).glob(str(whole.relative_to(whole.anchor))))
        except (ValueError, OSError):
            continue  # a pattern that cannot be one names no file


def _lines(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each line's keyword in lower case, and its words with their quotes taken off."""
    for line in text.splitlines():
        found = _KEYWORD.match(line)
        if found and not line.lstrip().startswith("#"):
            yield found[1].lower(), [quoted or bare for quoted, bare in _WORD.findall(found[2])]


def _text(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return ""
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
