"""The replication role's password in the form: typed, or left to the program, which makes a strong one."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Label

from pgrepl_tui.postgres import password_rules
from pgrepl_tui.screens.widgets.secret_input import SecretInput

LEFT_OPEN = "empty: known already, or a strong one is made"
MADE = "a strong one (190 bits) is made with the role"


class PasswordRow(Horizontal):
    """A label, the field, and the button that makes a strong one."""

    def compose(self) -> ComposeResult:
        """The three."""
        yield Label("password", markup=False)
        yield SecretInput(id="shared-password", placeholder=LEFT_OPEN, compact=True)
        yield Button(Content("Make one"), id="make-password", compact=True, tooltip="Let a strong one be made")

    @property
    def password(self) -> str:
        """What was typed; empty where the program is to know or to make it."""
        return self.query_one(SecretInput).value

    @property
    def problem(self) -> str:
        """Why what was typed will not do; empty where it will, or nothing was typed."""
        return password_rules.problem(self.password) if self.password else ""

    @on(Button.Pressed)
    def make(self, event: Button.Pressed) -> None:
        """Take back what was typed: the run makes a strong one, together with the role, and hands it to the standby."""
        event.stop()
        field = self.query_one(SecretInput)
        field.value, field.placeholder = "", MADE
