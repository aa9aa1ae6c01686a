"""A field of a form: its label and its input in one line."""

from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.suggester import Suggester
from textual.widgets import Input, Label


class Field(NamedTuple):
    """A field: its key in the topology file, its label, and what may be left out or is meant."""

    key: str
    label: str
    hint: str


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
