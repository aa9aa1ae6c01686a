"""What stands at the left of a replay's line: small texts, most of which can be clicked."""

from dataclasses import dataclass

from pgrepl_tui.screens.figures import clock
from pgrepl_tui.screens.widgets.timeline import SIGNS
from pgrepl_tui.session.replay import Replay

TINY = 64
"""The width in cells below which there are signs only."""
BUTTON = "bold $accent"
SKIPS = "Play pauses of more than a second in half a second (i)"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the bar: what it shows, the action of a click on it, and what it is, for who points at it."""

    text: str
    style: str = ""
    action: str = ""
    about: str = ""


GAP = Part(" ")
BEFORE = Part("<", BUTTON, "app.transport('previous_step')", "The step before (<)")
NEXT = Part(">", BUTTON, "app.transport('next_step')", "The next step (>)")
SLOWER = Part("-", BUTTON, "app.transport('slower')", "Slower (-)")
FASTER = Part("+", BUTTON, "app.transport('faster')", "Faster (+)")
ERROR = Part("next error", BUTTON, "app.transport('next_error')", "The next error or warning (}); the one before is {")


def parts(replay: Replay, width: int, height: int) -> list[list[Part]]:
    """The parts of each line of the bar, for its width and height in cells."""
    tiny = width < TINY
    speed = [SLOWER, Part(f"{replay.speed:g}x" if tiny else f" {replay.speed:g}x "), FASTER]
    if tiny:
        return [[GAP, _state(replay, words=False), GAP, *speed, GAP, *_skips(replay), _time(replay), GAP]]
    first = [GAP, BEFORE, GAP, _state(replay, words=True), GAP, NEXT, GAP, GAP, *speed, GAP, GAP]
    if height == 1:
        return [[*first, *_skips(replay), _time(replay), GAP]]
    return [[*first, _time(replay, tenths=True), GAP, GAP], _below(replay)]


def _below(replay: Replay) -> list[Part]:
    """The second line: all that is not on the first."""
    mark, style = ("✓", "bold") if replay.skip_idle else ("·", "dim")
    skips = Part(f"{mark} skip idle", style, "app.transport('skip_idle')", SKIPS)
    return [GAP, skips, GAP, GAP, ERROR, Part(f"  event {replay.count} of {replay.events}  ", "dim")]


def _skips(replay: Replay) -> list[Part]:
    return [Part("skip idle", "bold", "app.transport('skip_idle')", SKIPS), GAP] if replay.skip_idle else []


def _time(replay: Replay, *, tenths: bool = False) -> Part:
    tenth = f".{int(replay.position * 10) % 10}" if tenths else ""
    return Part(clock(replay.position) + tenth, "", "app.transport('go_to')", "Go to a time (g)")


def _state(replay: Replay, *, words: bool) -> Part:
    """Whether it plays, or waits for more; where it stands on something that went wrong, that."""
    trouble = replay.trouble
    mark, word, style = "·", "paused", BUTTON
    if replay.playing:
        mark, word = "▶", "waiting" if replay.waiting else "playing"
    elif trouble is not None:
        (mark, style), word = SIGNS[trouble.kind], trouble.kind.value
    return Part(f"{mark} {word:<7}" if words else mark, style, "app.transport('toggle')", "Play or pause (space)")
