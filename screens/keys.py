"""The keys of the app: a table for a live run, one for a replay, one for the start; footer, help and palette read them.

Each has an id, by which a file of the operator's can give it another key.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from textual.binding import Binding

from pgrepl_tui.events import Stage
from pgrepl_tui.screens import part_keys

STAGES = [
    Binding(
        str(number),
        f"app.stage('{stage.value}')",
        f"{stage.value.capitalize()} screen",
        show=False,
        id=f"stage.{stage.value}",
    )
    for number, stage in enumerate(Stage, start=1)
]
EVERYWHERE = [
    Binding("ctrl+o", "app.jump", "Jump to a part of the screen", show=False, id="jump"),
    Binding("ctrl+z", "app.suspend_process", "Back to the shell for a while", show=False, id="suspend"),
    Binding("question_mark", "app.keys", "Help", key_display="?", id="help"),
    Binding("q", "app.leave", "Quit", id="quit"),
]
COMMON = [
    Binding("d", "app.detail", "Detail", id="detail"),
    Binding("f", "app.follow", "Follow", id="follow"),
    Binding("l", "app.command_log", "Log", tooltip="Every command that was run", id="commands"),
    *EVERYWHERE,
    Binding("escape", "app.home", "Back to the start screen", show=False, id="home"),
    *STAGES,
]
LIVE = [
    Binding("enter", "app.run_on", "Run", key_display="enter", id="run"),
    Binding("r", "app.run_on(True)", "Run, or try again", show=False, id="retry"),
    Binding("o", "app.one_step", "One step", id="one-step"),
    Binding("a", "app.recheck", "Look again at a check", show=False, id="recheck"),
    Binding("x", "app.choose('skip')", "Leave a failed step out", show=False, id="skip"),
    Binding("e", "app.choose('edit')", "Edit the hosts after a failure", show=False, id="edit"),
    Binding("u", "app.afterwards('undo')", "Undo", tooltip="Put back what this run changed", id="undo"),
    Binding("X", "app.afterwards('discard')", "Delete the old data for good", show=False, id="discard"),
    Binding("ctrl+s", "app.stop_run", "Stop", id="stop"),
    Binding("c", "app.connect", "Connect", id="connect"),
    Binding("t,ctrl+t", "app.test", "Test the connection", show=False, id="test"),
]
EVENT = Binding.Group("Event", compact=True)
STEP = Binding.Group("Step", compact=True)
STAGE = Binding.Group("Stage", compact=True)
ERROR = Binding.Group("Error", compact=True)
SEEK = Binding.Group("5 s", compact=True)
REPLAY = [
    Binding("space", "app.transport('toggle')", "Play", key_display="space", id="replay.play"),
    Binding("comma", "app.transport('event_back')", "Event back", key_display=",", group=EVENT, id="replay.event-back"),
    Binding("full_stop", "app.transport('event')", "Event on", key_display=".", group=EVENT, id="replay.event"),
    Binding("<", "app.transport('previous_step')", "Step before", group=STEP, id="replay.previous-step"),
    Binding(">", "app.transport('next_step')", "Next step", group=STEP, id="replay.next-step"),
    Binding("[", "app.transport('previous_stage')", "Stage before", group=STAGE, id="replay.previous-stage"),
    Binding("]", "app.transport('next_stage')", "Next stage", group=STAGE, id="replay.next-stage"),
    Binding("{", "app.transport('previous_error')", "Error before", group=ERROR, id="replay.previous-error"),
    Binding("}", "app.transport('next_error')", "Next error", group=ERROR, id="replay.next-error"),
    Binding("left", "app.transport('back')", "5 s back", key_display="←", group=SEEK, id="replay.back"),
    Binding("right", "app.transport('forward')", "5 s on", key_display="→", group=SEEK, id="replay.forward"),
    Binding("g,ctrl+g", "app.transport('go_to')", "Go to a time", show=False, id="replay.go-to"),
    Binding("i", "app.transport('skip_idle')", "Skip idle time, or not", show=False, id="replay.skip-idle"),
    Binding("minus", "app.transport('slower')", "Slower", key_display="-", show=False, id="replay.slower"),
    Binding("plus,equals_sign", "app.transport('faster')", "Faster", key_display="+", show=False, id="replay.faster"),
    Binding("home", "app.transport('to_start')", "To the start", show=False, id="replay.to-start"),
    Binding("end", "app.transport('to_end')", "To the end", show=False, id="replay.to-end"),
]
LOG = [
    Binding("slash", "ask('/')", "Search the log", show=False, key_display="/", id="log.search"),
    Binding("n", "match(1)", "Next match", show=False, id="log.next"),
    Binding("N", "match(-1)", "Match before", show=False, id="log.previous"),
    Binding("ampersand", "ask('&')", "Filter the log", show=False, key_display="&", id="log.filter"),
    Binding("f", "follow_again", "Follow", tooltip="Go to the end of the log and stay there", id="log.follow"),
    Binding("v", "select", "Select lines, or end it", show=False, id="log.select"),
    Binding("shift+up", "extend(-1)", "Select the line above", show=False, id="log.extend-up"),
    Binding("shift+down", "extend(1)", "Select the line below", show=False, id="log.extend-down"),
    Binding("shift+pageup", "extend_page(-1)", "Select a page up", show=False, id="log.extend-page-up"),
    Binding("shift+pagedown", "extend_page(1)", "Select a page down", show=False, id="log.extend-page-down"),
    Binding("y", "copy", "Copy the selection, else the line", show=False, id="log.copy"),
    Binding("escape", "clear", "Drop selection, search or filter", show=False, id="log.clear"),
    Binding("w", "wrap", "Wrap long lines or not", show=False, id="log.wrap"),
    Binding("up,k", "cursor(-1)", "Line up", show=False, id="log.up"),
    Binding("down,j", "cursor(1)", "Line down", show=False, id="log.down"),
    Binding("pageup", "page(-1)", "Page up", show=False, id="log.page-up"),
    Binding("pagedown", "page(1)", "Page down", show=False, id="log.page-down"),
    Binding("home,g,ctrl+home", "to_start", "First line", show=False, id="log.start"),
    Binding("end,G,ctrl+end", "follow", "Last line, and follow", show=False, id="log.end"),
    Binding("shift+left", "shift(-20)", "Move left in long lines", show=False, id="log.left"),
    Binding("shift+right", "shift(20)", "Move right in long lines", show=False, id="log.right"),
]
"""The keys of a log, while it has the focus: they come before those of the app, except those that move a replay."""
LOG_HINTS = {
    "log.search": "search",
    "log.filter": "filter",
    "log.select": "select",
    "log.copy": "copy",
    "log.wrap": "wrap",
}
"""Those that are told at the log itself, and in what word."""
COMMAND_LOG = [
    Binding("escape,l,q", "close", "Close", key_display="esc", id="commands.close"),
    Binding("enter", "step", "Its step", key_display="enter", tooltip="Go to the step", id="commands.step"),
    Binding("y", "copy", "Copy", tooltip="Copy as a shell line", id="commands.copy"),
    Binding("slash", "ask('/')", "Search", key_display="/", id="commands.search"),
    Binding("n", "match(1)", "Next match", show=False, id="commands.next"),
    Binding("N", "match(-1)", "Match before", show=False, id="commands.previous"),
    Binding("c", "only_changes", "Changes only", id="commands.changes"),
    Binding("f,end", "follow", "Follow", id="commands.follow"),
    Binding("question_mark", "app.keys", "Help", key_display="?", id="commands.help"),
]
"""The keys of the command log, which is open over all else."""


UNSEEN = {"follow", "detail"}
"""In a replay the footer has no room for these."""


def keys(*, live: bool, own: Mapping[str, str] | None = None) -> list[Binding]:
    """The keys of a run or a replay, in the order in which the footer shows them.

    Args:
        live: of a run, not of a replay.
        own: the operator's own keys, by id.
    """
    if live:
        return [*LIVE, *COMMON]
    common = [replace(key, show=False) if key.id in UNSEEN else key for key in COMMON]
    return [*REPLAY, *_not_in_a_replay(own or {}), *common]


def _not_in_a_replay(own: Mapping[str, str]) -> Iterator[Binding]:
    """The keys that would run something say why they do not; they have no id, so that they take no key away."""
    taken = {key for binding in (*REPLAY, *COMMON) for key in _of(binding, own)}
    for binding in LIVE:
        free = [key for key in _of(binding, own) if key not in taken]
        if free:
            yield replace(binding, key=",".join(free), action="app.only_replay", id=None)


def _of(binding: Binding, own: Mapping[str, str]) -> list[str]:
    made = Binding.make_bindings([replace(binding, key=own.get(binding.id or "", binding.key))])
    return [one.key for one in made]


def log_keys(*, live: bool) -> list[Binding]:
    """The keys of a log; in a replay without those that move the replay, which count wherever the focus is."""
    if live:
        return LOG
    moving = {key for binding in REPLAY for key in _of(binding, {})}
    left = ([key for key in _of(binding, {}) if key not in moving] for binding in LOG)
    return [replace(binding, key=",".join(kept)) for binding, kept in zip(LOG, left, strict=True) if kept]


def together() -> list[list[Binding]]:
    """The tables that work at the same time: within one, a key can be given once."""
    return [
        *([*mode, *COMMON, *part] for mode in (LIVE, REPLAY) for part in (part_keys.LIST, part_keys.READER)),
        LOG,
        *([*COMMAND_LOG, *part] for part in (part_keys.LIST, part_keys.READER)),
        *([*EVERYWHERE, *table] for table in part_keys.WELCOME_TOGETHER),
        *part_keys.TOGETHER,
    ]


def known() -> dict[str, Binding]:
    """All keys that can be given another key, by id."""
    own = (*LIVE, *REPLAY, *COMMON, *LOG, *COMMAND_LOG)
    return {binding.id: binding for binding in own if binding.id} | part_keys.known()
