"""The command log: every remote command of this run under the step that caused it, to be read and copied."""

from pathlib import PurePath
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from pgrepl_tui.screens.figures import counted, duration
from pgrepl_tui.screens.plain import plain, plain_line
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.widgets.command_list import CommandList, command_sign, status_words
from pgrepl_tui.screens.widgets.reader import Reader
from pgrepl_tui.screens.widgets.row_list import RowList
from pgrepl_tui.session.state import CommandState


class CommandLogScreen(ModalScreen[None]):
    """Open over any stage, live or in a replay; it goes on while it is open."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["../styles/frame.tcss", "../styles/command_log.tcss"]
    AUTO_FOCUS = "CommandList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,l,q", "close", "Close", key_display="esc"),
        Binding("y", "copy", "Copy"),
        Binding("c", "only_changes", "Changes only"),
        Binding("f,end", "follow", "Follow"),
        Binding("question_mark", "app.keys", "Help", key_display="?"),
    ]

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene

    def compose(self) -> ComposeResult:
        """The list, and the chosen command in full."""
        with Vertical(id="commands-panel", classes="panel"):
            yield Static(markup=False, id="commands-empty")
            yield CommandList(id="commands")
        with Reader(id="command", classes="panel"):
            yield Static(markup=False, id="command-text")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Draw what there is."""
        self._show()

    def show(self, scene: Scene) -> None:
        """Draw a scene."""
        self._scene = scene
        if self.is_mounted:
            self._show()

    def _show(self) -> None:
        self.query_one(CommandList).show(self._scene)
        self._draw()

    @on(RowList.Chosen)
    def _draw(self) -> None:
        listed = self.query_one(CommandList)
        which = " that may change something" if listed.only_changes else ""
        title = f"Commands · {counted(listed.commands, 'command')}{which}"
        self.query_one("#commands-panel").border_title = title
        empty = self.query_one("#commands-empty", Static)
        empty.display = not listed.count()
        empty.update(Content.styled(f"No command{which} was run yet.", "dim"))
        chosen = listed.chosen
        panel = self.query_one("#command")
        panel.border_title = Content(plain_line(chosen.host) if isinstance(chosen, CommandState) else "")
        self.query_one("#command-text", Static).update(
            _in_full(chosen, over=isinstance(chosen, CommandState) and listed.is_over(chosen))
        )

    def action_close(self) -> None:
        """Back to the stage."""
        self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the chosen command as a shell line; on a step's title, those of the step."""
        lines = self.query_one(CommandList).lines_to_copy()
        if lines:
            self.app.copy_to_clipboard(plain("\n".join(lines)))
            self._tell(f"Copied: {counted(len(lines), 'command')}, with OSC 52 (your terminal has to allow it).")
        else:
            self._tell("There is no command here to copy.")

    def action_only_changes(self) -> None:
        """Show only what may change something, or all."""
        listed = self.query_one(CommandList)
        listed.only_changes = not listed.only_changes
        self._show()

    def action_follow(self) -> None:
        """Go with the run again."""
        self.query_one(CommandList).release()
        self._show()

    def _tell(self, text: str) -> None:
        self.notify(text, markup=False, timeout=4)


def _in_full(chosen: CommandState | str | None, *, over: bool) -> Content:
    """The whole line of a command, and how it ended."""
    if not isinstance(chosen, CommandState):
        return Content.styled("y on the title of a step copies all its commands.", "dim") if chosen else Content("")
    sign = command_sign(chosen, over=over)
    words = [status_words(chosen, over=over)]
    if chosen.ended:
        words.append(duration(chosen.seconds))
    words.append("may change something" if chosen.changes else "only reads")
    end = Content.assemble((f"{sign.mark} ", sign.style), (" · ".join(words), "dim"))
    return Content.assemble(("$ ", "dim"), plain(chosen.line), "\n", end)
