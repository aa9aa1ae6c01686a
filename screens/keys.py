"""The keys of the app: one table for a live run, one for a replay; the footer, the help and the palette read them."""

from textual.binding import Binding

from pgrepl_tui.events import Stage

STAGES = [
    Binding(str(number), f"app.stage('{stage.value}')", f"{stage.value.capitalize()} screen", show=False)
    for number, stage in enumerate(Stage, start=1)
]
COMMON = [
    Binding("d", "screen.detail", "Detail"),
    Binding("f", "app.follow", "Follow"),
    Binding("question_mark", "app.keys", "Help", key_display="?"),
    Binding("q", "app.leave", "Quit"),
    *STAGES,
]
LIVE = [
    Binding("enter", "app.run_on", "Run", key_display="enter"),
    Binding("r", "app.run_on(True)", "Run, or try again", show=False),
    Binding("o", "app.one_step", "One step"),
    Binding("ctrl+s", "app.stop_run", "Stop"),
    Binding("c", "app.connect", "Connect"),
]
SEEK = Binding.Group("5 s", compact=True)
STAGE = Binding.Group("Stage", compact=True)
SPEED = Binding.Group("Speed", compact=True)
REPLAY = [
    Binding("space", "app.transport('toggle')", "Play", key_display="space"),
    Binding("full_stop", "app.transport('step')", "Step", key_display="."),
    Binding("left", "app.transport('back')", "5 s back", key_display="←", group=SEEK),
    Binding("right", "app.transport('forward')", "5 s on", key_display="→", group=SEEK),
    Binding("left_square_bracket", "app.transport('previous_stage')", "Stage before", key_display="[", group=STAGE),
    Binding("right_square_bracket", "app.transport('next_stage')", "Next stage", key_display="]", group=STAGE),
    Binding("minus", "app.transport('slower')", "Slower", key_display="-", group=SPEED),
    Binding("plus,equals_sign", "app.transport('faster')", "Faster", key_display="+", group=SPEED),
    Binding("home", "app.transport('to_start')", "To the start", show=False),
    Binding("end", "app.transport('to_end')", "To the end", show=False),
    Binding("enter,r,o,c,ctrl+s", "app.only_replay", "Nothing can be run in a replay", show=False),
]


def keys(*, live: bool) -> list[Binding]:
    """The keys, in the order in which the footer shows them."""
    return [*(LIVE if live else REPLAY), *COMMON]
