"""A field for a password: its content cannot be copied, cut or selected out of it, and is in no report of a crash."""

from typing import ClassVar
from weakref import WeakSet

from textual.message import Message
from textual.widgets import Input

from pgrepl_tui.session import crash_file
from pgrepl_tui.session.redact import Redactor


class SecretInput(Input):
    """An input that shows bullets; Textual's own password field would still copy its plain text.

    Its messages do not carry the value either: who is told that it changed, or was submitted, asks the field.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    _living: ClassVar["WeakSet[SecretInput]"] = WeakSet()

    def __init__(self, *, id: str | None = None, placeholder: str = "", compact: bool = False) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(password=True, id=id, placeholder=placeholder, compact=compact)
        self.cursor_blink = False
        self._living.add(self)

    def post_message(self, message: Message) -> bool:
        """Send a message of the field without what was typed."""
        if isinstance(message, Input.Changed | Input.Submitted | Input.Blurred):
            message.value = ""
        return super().post_message(message)

    def action_copy(self) -> None:
        """Refuse."""
        self._refuse()

    def action_cut(self) -> None:
        """Refuse."""
        self._refuse()

    def _refuse(self) -> None:
        self.app.notify("A password cannot be copied from here.", severity="warning", markup=False)

    @classmethod
    def hidden(cls, text: str) -> str:
        """The text with a mask in place of whatever stands in such a field now."""
        return Redactor(field.value for field in cls._living if field.value).clean(text)


crash_file.hide(SecretInput.hidden)
