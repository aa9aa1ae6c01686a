"""The keys of one mapping of a topology file, taken by name and kind; errors say what was meant."""

import difflib
import re
from pathlib import Path

from pgrepl_tui.topology_rules import MistakeError, Rule
from pgrepl_tui.topology_yaml import Scalar, Table, TopologyError, Tree, shown

_WIDE = 60
_SECRET_KEYS = frozenset({"password", "passwd", "pass", "passphrase", "pgpassword", "secret"})
_OTHER_WORDS = {
    "host": "ssh", "hostname": "ssh", "server": "ssh", "pgdata": "data", "data_directory": "data", "bindir": "bin",
    "master": "primary", "slave": "standbys", "slaves": "standbys", "replicas": "standbys", "replica": "standbys",
    "role": "user", "username": "user", "slots": "slot", "service": "unit", "system_user": "os_user",
    "version": "cluster",
}  # fmt: skip
_PASSWORD = "take it out, write it to a file of mode 0600 and name that file in PGREPL_PASSWORD_FILE"  # noqa: S105 - advice


class Fields:
    """The keys of one mapping; each is taken once, and ``finish`` refuses those that nobody took."""

    def __init__(self, source: Path, title: str, tree: Tree | None, line: int = 1) -> None:
        self.source = source
        self._title = title
        self._line = tree.line if tree else line
        self._known: list[str] = []
        if tree is not None and not isinstance(tree, Table):
            raise TopologyError(source, tree.line, f"{title} is not a mapping", "write 'key: value' lines beneath it")
        self._entries = tree.entries if tree else {}
        for key, (at, _) in self._entries.items():
            if key.lower() in _SECRET_KEYS:
                raise TopologyError(source, at, f"{shown(key)} does not belong here: others read this file", _PASSWORD)

    def take(self, key: str, needed: str = "") -> tuple[int, Tree | None]:
        """The line and the value of a key; where it is missing an error that names what is ``needed``, else None."""
        self._known.append(key)
        found = self._entries.get(key)
        if found is not None:
            return found
        if needed:
            # a mistyped key explains a missing one better than its absence
            self._unknown(only_like=key)
            raise TopologyError(self.source, self._line, f"{self._title} has no '{key}'", f"add '{key}': {needed}")
        return self._line, None

    def text(self, key: str, rule: Rule, needed: str) -> str:
        """The text of a key that has to be there."""
        line, tree = self.take(key, needed)
        return self._checked(key, line, tree, rule)

    def optional(self, key: str, rule: Rule) -> str | None:
        """The text of a key, None where it is left out."""
        line, tree = self.take(key)
        return None if tree is None else self._checked(key, line, tree, rule)

    def text_or(self, key: str, rule: Rule, default: str) -> str:
        """The text of a key, ``default`` where it is left out."""
        value = self.optional(key, rule)
        return default if value is None else value

    def port(self, key: str) -> int | None:
        """A TCP port, None where it is left out."""
        line, tree = self.take(key)
        if tree is None:
            return None
        text = self._scalar(key, line, tree).text
        if isinstance(tree, Scalar) and not tree.plain:
            raise TopologyError(self.source, line, f"'{key}' is text, {shown(text)}", "write the number without quotes")
        if not re.fullmatch(r"[1-9][0-9]{0,4}", text) or int(text) > 65535:
            raise TopologyError(self.source, line, f"'{key}' is {shown(text)}", "a port is a number from 1 to 65535")
        return int(text)

    def flag(self, key: str, *, default: bool) -> bool:
        """A truth value; only true and false are read, since yes, no, on and off mean different things to readers."""
        line, tree = self.take(key)
        if tree is None:
            return default
        scalar = self._scalar(key, line, tree)
        if not scalar.plain or scalar.text not in {"true", "false"}:
            how = shown(scalar.text) + ("" if scalar.plain else " in quotes")
            raise TopologyError(self.source, line, f"'{key}' is {how}", "write true or false, without quotes")
        return scalar.text == "true"

    def pairs(self, key: str, rule: Rule) -> tuple[tuple[str, str], ...]:
        """The names and values of a mapping, all of one rule and no value twice; empty where it is left out."""
        line, tree = self.take(key)
        if tree is None:
            return ()
        inner = Fields(self.source, f"'{key}'", tree, line=line)
        found: dict[str, str] = {}
        for name, (at, _) in inner._entries.items():
            old = self._checked(key, at, Scalar(at, name, plain=True, is_text=True), rule)
            new = inner.text(name, rule, "")
            if new in found.values() or old in found:
                raise TopologyError(self.source, at, f"'{key}' names {shown(new)} twice", "each needs its own")
            found[old] = new
        return tuple(found.items())

    def table(self, key: str, needed: str = "") -> "Fields":
        """The mapping of a key."""
        line, tree = self.take(key, needed)
        return Fields(self.source, f"'{key}'", tree, line=line)

    def finish(self) -> None:
        """Refuse keys that mean nothing here."""
        self._unknown()

    def error(self, key: str, what: str, meant: str) -> TopologyError:
        """An error at the line of a key."""
        return TopologyError(self.source, self._entries[key][0], what, meant)

    def _unknown(self, only_like: str = "") -> None:
        for key, (line, _) in self._entries.items():
            if key in self._known:
                continue
            among = [only_like] if only_like else self._known
            like = _closest(key, among)
            if like or not only_like:
                meant = f"did you mean '{like}'?" if like else f"known are {', '.join(self._known)}"
                raise TopologyError(self.source, line, f"unknown key {shown(key)}", meant)

    def _scalar(self, key: str, line: int, tree: Tree | None) -> Scalar:
        if not isinstance(tree, Scalar):
            kind = "a mapping" if isinstance(tree, Table) else "a list"
            raise TopologyError(self.source, line, f"'{key}' is {kind}", "write one value behind the colon")
        if tree.plain and tree.text in {"", "~", "null"}:
            raise TopologyError(self.source, line, f"'{key}' is empty", "write a value, or leave the line out")
        return tree

    def _checked(self, key: str, line: int, tree: Tree | None, rule: Rule) -> str:
        scalar = self._scalar(key, line, tree)
        try:
            value = rule(scalar.text)
        except MistakeError as mistake:
            what = f"'{key}' {mistake.what}: {shown(scalar.text)}"
            raise TopologyError(self.source, line, what, mistake.meant) from None
        if not scalar.is_text:
            what = f"'{key}' is not text to YAML: {shown(scalar.text)}"
            raise TopologyError(self.source, line, what, f'write "{scalar.text[:_WIDE]}", in quotes')
        return value


def _closest(key: str, among: list[str]) -> str:
    """The known key that was probably meant, or nothing."""
    other = _OTHER_WORDS.get(key.lower(), "")
    return other if other in among else next(iter(difflib.get_close_matches(key.lower()[:_WIDE], among, n=1)), "")
