"""A field for a password: its content cannot be copied, cut or selected out of it."""

from typing import ClassVar

from textual.widgets import Input


class SecretInput(Input):
    """An input that shows bullets; Textual's own password field would still copy its plain text."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(password=True, id=id)
        self.cursor_blink = False

    def action_copy(self) -> None:
        """Refuse."""
        self._refuse()

    def action_cut(self) -> None:
        """Refuse."""
        self._refuse()

    def _refuse(self) -> None:
        self.app.notify("A password cannot be copied from here.", severity="warning", markup=False)
