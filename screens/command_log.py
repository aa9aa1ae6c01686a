"""The command log: every remote command of this run under the step that caused it, to be read, searched and copied."""

from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from pgrepl_tui.counted import counted
from pgrepl_tui.screens import keys
from pgrepl_tui.screens.figures import duration
from pgrepl_tui.screens.plain import copied, plain, plain_line
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.screens.widgets.command_list import CommandList, command_sign, status_words
from pgrepl_tui.screens.widgets.log_prompt import LogPrompt
from pgrepl_tui.screens.widgets.reader import Reader
from pgrepl_tui.screens.widgets.row_list import RowList
from pgrepl_tui.screens.widgets.step_list import StepList
from pgrepl_tui.screens.widgets.wrapping import KeysFooter
from pgrepl_tui.session.state import CommandState
from pgrepl_tui.spoken import are_spoken, bare

if TYPE_CHECKING:
    from textual.app import App

    from pgrepl_tui.events import StepInfo

AS_SHOWN = "This recording is of an older version: y copies the line as it is shown, which may be words."
EXACT = "What really ran, and what y copies:"


class CommandLogScreen(ModalScreen[None]):
    """Open over any stage, live or in a replay; it goes on while it is open."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["../styles/frame.tcss", "../styles/command_log.tcss"]
    AUTO_FOCUS = "CommandList"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.COMMAND_LOG]

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self._before = ("", 0)

    def compose(self) -> ComposeResult:
        """The list, and the chosen command in full."""
        with Vertical(id="commands-panel", classes="panel"):
            yield Static(markup=False, id="commands-empty")
            yield CommandList(id="commands")
            yield LogPrompt()
        with Reader(id="command", classes="panel"):
            yield Static(markup=False, id="command-text")
        yield KeysFooter(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Draw what there is."""
        self._show()

    def show(self, scene: Scene) -> None:
        """Draw a scene."""
        self._scene = scene
        if self.is_mounted:
            self._show()

    @property
    def _list(self) -> CommandList:
        return self.query_one(CommandList)

    def _show(self) -> None:
        self._list.show(self._scene)
        self._draw()

    @on(RowList.Chosen)
    def _draw(self) -> None:
        listed = self._list
        which = " that may change something" if listed.only_changes else ""
        title = f"Commands · {counted(listed.commands, 'command')}{which}{self._found()}"
        self.query_one("#commands-panel").border_title = Content(title)
        empty = self.query_one("#commands-empty", Static)
        empty.display = not listed.count()
        empty.update(Content.styled(f"No command{which} was run yet.", "dim"))
        chosen = listed.chosen
        panel = self.query_one("#command")
        panel.border_title = Content(plain_line(chosen.host) if isinstance(chosen, CommandState) else "")
        over = isinstance(chosen, CommandState) and listed.is_over(chosen)
        self.query_one("#command-text", Static).update(_in_full(chosen, over=over))

    def _found(self) -> str:
        """How a search stands."""
        listed = self._list
        if not listed.searched:
            return ""
        found = listed.matches()
        place = f"{found.index(listed.cursor) + 1} of " if listed.cursor in found else ""
        return f" · /{plain_line(listed.searched)} · {place}{counted(len(found), 'match')}"

    def action_close(self) -> None:
        """Back to the stage."""
        self.dismiss(None)

    def action_step(self) -> None:
        """Go to the step that the command belongs to."""
        step = self._scene.state.steps.get(self._list.step)
        if step is None:
            self._tell("There is no step here to go to.")
            return
        self.dismiss(None)
        self.app.call_later(_go_to, self.app, step.info, self._scene)

    def action_copy(self) -> None:
        """Copy the chosen command as a shell line; on a step's title, those of the step."""
        commands = self._list.to_copy()
        if not commands:
            self._tell("There is no command here to copy.")
            return
        self.app.copy_to_clipboard(copied("\n".join(command.paste or command.line for command in commands)))
        words = "" if all(command.paste for command in commands) else " as shown, which may be words"
        self._tell(f"Copied: {counted(len(commands), 'command')}{words}, with OSC 52 (your terminal has to allow it).")

    def action_only_changes(self) -> None:
        """Show only what may change something, or all."""
        self._list.only_changes = not self._list.only_changes
        self._show()

    def action_follow(self) -> None:
        """Go with the run again."""
        self._list.release()
        self._show()

    # Search

    def action_ask(self, sign: str) -> None:
        """Open the line in which a search is typed."""
        self._before = (self._list.searched, self._list.cursor)
        self.query_one(LogPrompt).open(sign, self._list.searched)

    @on(LogPrompt.Typed)
    def typed(self, message: LogPrompt.Typed) -> None:
        """Search for what stands in the line so far."""
        self._list.searched = message.text
        self._list.go_to_match(1, here=True)
        self._draw()

    @on(LogPrompt.Closed)
    def closed(self, message: LogPrompt.Closed) -> None:
        """Keep what was typed, or go back to where the operator was."""
        self._list.focus()
        if not message.kept:
            self._list.searched, cursor = self._before
            self._list.action_move(cursor - self._list.cursor)
        elif message.text != self._list.searched:
            self._list.searched = message.text
            self._list.go_to_match(1, here=True)
        self._draw()

    def action_match(self, direction: int) -> None:
        """Go to the next match (1) or the one before (-1)."""
        if not self._list.searched:
            self._tell("Nothing is searched for: / begins.")
            return
        self._list.go_to_match(direction)
        self._draw()

    def _tell(self, text: str) -> None:
        self.notify(text, markup=False, timeout=4)


async def _go_to(app: "App[object]", step: "StepInfo", scene: Scene) -> None:
    """Open the stage of a step, and put the cursor on the step."""
    await app.run_action(f"app.stage('{step.stage.value}')")
    if isinstance(app.screen, StageScreen):
        app.screen.call_after_refresh(_stand_on, app.screen, step.id, scene)


def _stand_on(screen: StageScreen, step: str, scene: Scene) -> None:
    screen.show(scene)
    for listed in screen.query(StepList):
        place = next((place for place, one in enumerate(listed.steps) if one.info.id == step), listed.cursor)
        listed.action_move(place - listed.cursor)


def _in_full(chosen: CommandState | str | None, *, over: bool) -> Content:
    """The whole line of a command, how it ended, and what really ran where that is another line."""
    if not isinstance(chosen, CommandState):
        return Content.styled("y on the title of a step copies all its commands.", "dim") if chosen else Content("")
    sign = command_sign(chosen, over=over)
    words = [status_words(chosen, over=over)]
    if chosen.ended:
        words.append(duration(chosen.seconds))
    words.append("may change something" if chosen.changes else "only reads")
    end = Content.assemble((f"{sign.mark} ", sign.style), (" · ".join(words), "dim"))
    prompt = "" if are_spoken(chosen.line) else "$ "
    parts = [Content.assemble((prompt, "dim"), bare(plain(chosen.line))), end]
    if not chosen.paste:
        parts.append(Content.styled(AS_SHOWN, "dim"))
    elif chosen.paste != chosen.line:
        parts += [Content.styled(EXACT, "dim"), Content(plain(chosen.paste))]
    return Content("\n").join(parts)
