"""The form of one side: how its host is reached and where its cluster is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.suggester import Suggester
from textual.widgets import Collapsible, Input, Label

from pgrepl_tui.screens.widgets.name_suggester import NameSuggester
from pgrepl_tui.topology import Node


class Field(NamedTuple):
    """A field: its key in the topology file, its label, and what may be left out or is meant."""

    key: str
    label: str
    hint: str


FIELDS = (
    Field("ssh", "ssh", "[user@]host[:port] or an ssh alias"),
    Field("cluster", "cluster", "15/main; empty: found out"),
    Field("bin", "programs", "/usr/lib/postgresql/15/bin"),
    Field("data", "data", "/var/lib/postgresql/15/main"),
    Field("port", "port", "empty: found out"),
    Field("address", "address", "as the other side reaches it"),
    Field("os_user", "OS user", "postgres"),
)
MORE = (
    Field("unit", "unit", "postgresql-15; empty: found out"),
    Field("log", "log", "empty: found out"),
    Field("config", "config", "folder of postgresql.conf; empty: data"),
)
"""What is found out nearly always."""


class FormRow(Horizontal):
    """A label and its field in one line."""

    def __init__(self, field: Field, value: str, *, id: str, suggester: Suggester | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__()
        self._field = field
        self._suggester = suggester
        self._value = value
        self._id_of_input = id

    def compose(self) -> ComposeResult:
        """The two."""
        yield Label(self._field.label, markup=False)
        number = self._field.key == "port"
        entry = Input(
            self._value,
            placeholder=self._field.hint,
            type="integer" if number else "text",
            id=self._id_of_input,
            compact=True,
            select_on_focus=False,
            suggester=self._suggester,
        )
        entry.cursor_blink = False
        yield entry


class NodeForm(Vertical):
    """The fields of the primary or of the standby. ``side`` begins the ids of its inputs: ``primary-ssh``."""

    def __init__(self, side: str, title: str, node: Node | None, names: Sequence[str] = ()) -> None:
        super().__init__(classes="panel", id=f"{side}-form")
        self.border_title = title
        self.side = side
        self._node = node if node is not None else Node(ssh="")
        self._names = names

    def compose(self) -> ComposeResult:
        """A row a field; those that are found out nearly always are folded away, unless one is given."""
        yield from (self._row(field) for field in FIELDS)
        given = any(getattr(self._node, field.key) for field in MORE)
        with Collapsible(title="more", collapsed=not given, collapsed_symbol="▸", expanded_symbol="▾"):
            yield from (self._row(field) for field in MORE)

    def _row(self, field: Field) -> FormRow:
        value = getattr(self._node, field.key)
        suggester = NameSuggester(self._names) if field.key == "ssh" else None
        return FormRow(field, "" if value is None else str(value), id=f"{self.side}-{field.key}", suggester=suggester)

    def node(self) -> Node:
        """The side as it was typed; what the form does not ask for stays as it was given."""
        typed = {
            field.key: self.query_one(f"#{self.side}-{field.key}", Input).value.strip() for field in (*FIELDS, *MORE)
        }
        return replace(
            self._node,
            ssh=typed["ssh"],
            cluster=typed["cluster"] or None,
            bin=typed["bin"] or None,
            data=typed["data"] or None,
            port=int(typed["port"]) if typed["port"].isdecimal() else None,
            address=typed["address"] or None,
            os_user=typed["os_user"] or "postgres",
            unit=typed["unit"] or None,
            log=typed["log"] or None,
            config=typed["config"] or None,
        )
