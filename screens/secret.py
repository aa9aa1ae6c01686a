"""The dialog that asks for a password. What is typed goes to the source and nowhere else."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button

from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.dialog import Dialog
from pgrepl_tui.screens.widgets.secret_input import SecretInput


class SecretScreen(Dialog[str | None]):
    """Dismissed with the password, or None where there is none."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.SECRET]
    title_text = "Password"

    def fields(self) -> Iterable[Widget]:
        """The field."""
        yield SecretInput(id="secret")

    def buttons(self) -> Iterable[Button]:
        """Give it, or say that there is none."""
        yield Button(Content("OK (Enter)"), id="give")
        yield Button(Content("There is none (Esc)"), id="none")

    @on(SecretInput.Submitted)
    def submitted(self) -> None:
        """Enter in the field gives the password."""
        self._give()

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Give it, or say that there is none."""
        if event.button.id == "give":
            self._give()
        else:
            self.action_none()

    def action_none(self) -> None:
        """There is no password."""
        self.query_one(SecretInput).value = ""
        self.dismiss(None)

    def _give(self) -> None:
        field = self.query_one(SecretInput)
        secret, field.value = field.value, ""
        if secret:
            self.dismiss(secret)
        else:
            self.notify("Type the password, or press Esc where there is none.", severity="warning", markup=False)
