"""The keys of the parts of a screen and of the dialogs: a table each. Those of the app stand in ``keys``."""

from textual.binding import Binding

LIST = [
    Binding("up,k", "move(-1)", "Row up", show=False, id="list.up"),
    Binding("down,j", "move(1)", "Row down", show=False, id="list.down"),
    Binding("pageup", "move(-10)", "Ten rows up", show=False, id="list.page-up"),
    Binding("pagedown", "move(10)", "Ten rows down", show=False, id="list.page-down"),
]
"""Of every list of rows."""
READER = [
    Binding("up,k", "scroll_up", "Line up", show=False, id="text.up"),
    Binding("down,j", "scroll_down", "Line down", show=False, id="text.down"),
    Binding("pageup", "page_up", "Page up", show=False, id="text.page-up"),
    Binding("pagedown", "page_down", "Page down", show=False, id="text.page-down"),
]
"""Of a text that is longer than its panel."""
MENU = [Binding("enter", "pick", "Choose", key_display="enter", id="menu.choose")]
RECORDINGS = [
    Binding("enter", "open", "Replay", key_display="enter", id="recordings.open"),
    Binding("home", "move(-1000000)", "First recording", show=False, id="recordings.first"),
    Binding("end", "move(1000000)", "Last recording", show=False, id="recordings.last"),
]
FOUND = [Binding("enter", "take", "Take", key_display="enter", tooltip="Take this cluster", id="found.take")]
LOG_PROMPT = [Binding("escape", "drop", "Drop what was typed", show=False, id="log-prompt.drop")]
WELCOME = [
    Binding("n", "begin('new')", "New set-up", show=False, id="welcome.new"),
    Binding("o", "begin('open')", "Open a topology", show=False, id="welcome.open"),
    Binding("c", "begin('continue')", "Continue the last one", show=False, id="welcome.continue"),
    Binding("d", "begin('demo')", "Demo", show=False, id="welcome.demo"),
    Binding("slash", "search", "Search", key_display="/", tooltip="Search the recordings", id="welcome.search"),
    Binding("escape", "no_search", "Whole list", show=False, id="welcome.all"),
    Binding("tab", "app.focus_next", "Next part", show=False, id="welcome.next"),
]
HOSTS = [Binding("escape", "abandon", "Abandon the test", show=False, id="hosts.abandon")]
DIALOG = [
    Binding("left", "app.focus_previous", "Button before", show=False, id="dialog.previous"),
    Binding("right", "app.focus_next", "Next button", show=False, id="dialog.next"),
    Binding("up", "scroll_text(-1)", "Line up", show=False, id="dialog.up"),
    Binding("down", "scroll_text(1)", "Line down", show=False, id="dialog.down"),
    Binding("pageup", "scroll_text(-10)", "Page up", show=False, id="dialog.page-up"),
    Binding("pagedown", "scroll_text(10)", "Page down", show=False, id="dialog.page-down"),
    Binding("question_mark", "app.keys", "Help", key_display="?", id="dialog.help"),
]
"""Of every dialog."""
CONFIRM = [
    Binding("n,escape", "say(False)", "No", id="confirm.no"),
    Binding("y", "say(True)", "Yes", id="confirm.yes"),
]
TYPED_WORD = [Binding("escape", "no", "No", id="typed.no")]
TAKEN = [
    Binding("a,enter", "say('other')", "Another name", id="taken.other"),
    Binding("r", "say('replace')", "Replace", id="taken.replace"),
    Binding("n", "say('not')", "Do not save", id="taken.not"),
    Binding("escape", "say('back')", "Back", id="taken.back"),
]
OPEN = [
    Binding("escape", "close", "Close", id="open.close"),
    Binding("tab", "complete", "Complete the path, or go on", show=False, id="open.complete"),
    Binding("down", "to_list", "To the list", show=False, id="open.list"),
]
SECRET = [Binding("escape", "none", "There is none", id="secret.none")]
LEAVE = [
    Binding("s,n,escape", "say(False)", "Stay", id="leave.stay"),
    Binding("l", "say(True)", "Stop and leave", id="leave.leave"),
]
PREPARING = [Binding("escape", "give_up", "Cancel", id="preparing.cancel")]
GO_TO = [Binding("escape", "close", "Close", id="go-to.close")]
NOTICE = [Binding("escape,question_mark", "close", "Close", id="notice.close")]
JUMP = [Binding("escape,ctrl+o", "close", "Close", id="jump.close")]

WELCOME_TOGETHER = ([*WELCOME, *MENU, *LIST], [*WELCOME, *RECORDINGS, *LIST])
"""What works at the same time on the start screen, besides the keys of the app."""
TOGETHER = (
    [*FOUND, *LIST],
    READER,
    LOG_PROMPT,
    *([*dialog, *DIALOG] for dialog in (CONFIRM, TYPED_WORD, TAKEN, SECRET, LEAVE, PREPARING, GO_TO)),
    [*OPEN, *(key for key in DIALOG if key.id != "dialog.down")],
    [*NOTICE, *(key for key in DIALOG if key.id != "dialog.help")],
    HOSTS,
    JUMP,
)
"""What works at the same time elsewhere."""


def known() -> dict[str, Binding]:
    """All of them, by id."""
    return {key.id: key for table in (*WELCOME_TOGETHER, *TOGETHER) for key in table if key.id}
