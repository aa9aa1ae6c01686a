"""The command palette's entries: every action of the keys that work on a screen."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.binding import Binding

from pgrepl_tui.screens import keys
from pgrepl_tui.screens.help_text import key_names

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.screen import Screen


class Entry(NamedTuple):
    """An entry: its words, the key that does the same, the action, and the part of the screen that it belongs to."""

    words: str
    hint: str
    action: str
    node: "DOMNode"


def entries(screen: "Screen[object]", table: Sequence[Binding], own: Mapping[str, str]) -> Iterator[Entry]:
    """The app's actions, which a dialog keeps out, then those of the part that has the focus and all around it.

    Args:
        screen: the screen that the palette is opened over.
        table: the app's keys now.
        own: the operator's own keys, by id. A log's keys are left out: ``LogCommands`` has them.
    """
    if not screen.is_modal:
        yield from (_entry(key, screen, own) for key in table)
    seen = {key.id for key in (*table, *keys.LOG)}
    known = keys.known()
    for node in (screen.focused or screen).ancestors_with_self:
        for _, binding in list(node._bindings):  # noqa: SLF001 - Textual tells only those that no other part's key hides
            if binding.id in known and binding.id not in seen:
                seen.add(binding.id)
                yield _entry(known[binding.id], node, own)
        if node is screen:
            return


def _entry(key: Binding, node: "DOMNode", own: Mapping[str, str]) -> Entry:
    return Entry(key.description, f"key {key_names(owned(key, own))}", key.action, node)


def owned(key: Binding, own: Mapping[str, str]) -> Binding:
    """A key as the operator has it."""
    mine = own.get(key.id or "")
    return key.with_key(mine) if mine else key
