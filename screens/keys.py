"""The keys of the app: a table for a live run, one for a replay, one for the start; footer, help and palette read them.

Each has an id, by which a file of the operator's can give it another key.
"""

from dataclasses import replace

from textual.binding import Binding

from pgrepl_tui.events import Stage

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
    Binding("question_mark", "app.keys", "Help", key_display="?", id="help"),
    Binding("q", "app.leave", "Quit", id="quit"),
]
COMMON = [
    Binding("d", "screen.detail", "Detail", id="detail"),
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
    Binding("ctrl+s", "app.stop_run", "Stop", id="stop"),
    Binding("c", "app.connect", "Connect", id="connect"),
]
SEEK = Binding.Group("5 s", compact=True)
STAGE = Binding.Group("Stage", compact=True)
SPEED = Binding.Group("Speed", compact=True)
REPLAY = [
    Binding("space", "app.transport('toggle')", "Play", key_display="space", id="replay.play"),
    Binding("full_stop", "app.transport('step')", "Step", key_display=".", id="replay.step"),
    Binding("left", "app.transport('back')", "5 s back", key_display="←", group=SEEK, id="replay.back"),
    Binding("right", "app.transport('forward')", "5 s on", key_display="→", group=SEEK, id="replay.forward"),
    Binding(
        "left_square_bracket",
        "app.transport('previous_stage')",
        "Stage before",
        key_display="[",
        group=STAGE,
        id="replay.previous-stage",
    ),
    Binding(
        "right_square_bracket",
        "app.transport('next_stage')",
        "Next stage",
        key_display="]",
        group=STAGE,
        id="replay.next-stage",
    ),
    Binding("minus", "app.transport('slower')", "Slower", key_display="-", group=SPEED, id="replay.slower"),
    Binding("plus,equals_sign", "app.transport('faster')", "Faster", key_display="+", group=SPEED, id="replay.faster"),
    Binding("home", "app.transport('to_start')", "To the start", show=False, id="replay.to-start"),
    Binding("end", "app.transport('to_end')", "To the end", show=False, id="replay.to-end"),
]
NOT_IN_A_REPLAY = Binding("enter,r,o,c,ctrl+s", "app.only_replay", "Nothing can be run in a replay", show=False)


FOLLOW_UNSEEN = [replace(key, show=False) if key.id == "follow" else key for key in COMMON]
"""In a replay the footer has no room for it."""


def keys(*, live: bool) -> list[Binding]:
    """The keys of a run or a replay, in the order in which the footer shows them."""
    return [*LIVE, *COMMON] if live else [*REPLAY, NOT_IN_A_REPLAY, *FOLLOW_UNSEEN]


def known() -> dict[str, Binding]:
    """All keys that can be given another key, by id."""
    return {binding.id: binding for binding in (*LIVE, *REPLAY, *COMMON) if binding.id}
