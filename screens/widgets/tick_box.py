"""A check box that says it without colour: ``[x]`` or ``[ ]``."""

from textual.content import Content
from textual.widgets import Checkbox


class TickBox(Checkbox):
    """Textual's own shows the same letter in both states, in another colour."""

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")
