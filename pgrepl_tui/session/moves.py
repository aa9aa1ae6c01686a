"""What the keys of a replay do, by name. A move that cannot be made says why; none does nothing in silence."""

from collections.abc import Callable, Sequence

from pgrepl_tui.session.marks import Kind, Mark
from pgrepl_tui.session.replay import Replay

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
SKIP = 5.0
"""Seconds that one press of a seek key goes."""
GRACE = 1.0
"""While it plays, what began less than these seconds ago is not what "the one before" means."""

STAGE, STEP, ERROR = "stage", "step", "error"
BEGINNING = "This is the beginning of the recording."
END = "This is the end of the recording."
END_SO_FAR = "This is the end so far; what is written from now on appears by itself."


def move(replay: Replay, name: str) -> str:
    """Do what a key is called; a sentence where that cannot be done, else nothing.

    Raises:
        RecordingError: the recording cannot be read any more.
    """
    return _MOVES[name](replay)


def _toggle(replay: Replay) -> str:
    if not replay.playing and replay.count == replay.events and not replay.open_end:
        replay.seek(0.0)
    replay.play(playing=not replay.playing)
    return ""


def _hold(replay: Replay) -> str:
    replay.hold()
    return ""


def _let_go(replay: Replay) -> str:
    replay.let_go()
    return ""


def _event(replay: Replay) -> str:
    replay.play(playing=False)
    if replay.count == replay.events:
        return _end(replay)
    replay.go(replay.count + 1)
    return ""


def _event_back(replay: Replay) -> str:
    replay.play(playing=False)
    if not replay.count:
        return BEGINNING
    replay.go(replay.count - 1)
    return ""


def _back(replay: Replay) -> str:
    if not replay.position:
        return BEGINNING
    replay.seek(replay.position - SKIP)
    return ""


def _forward(replay: Replay) -> str:
    if replay.position >= replay.duration:
        return _end(replay)
    replay.seek(replay.position + SKIP)
    return ""


def _to_start(replay: Replay) -> str:
    said = "" if replay.position else BEGINNING
    replay.seek(0.0)
    return said


def _to_end(replay: Replay) -> str:
    """Where more may come, stay there: playing at the end is waiting for it."""
    said = "" if replay.position < replay.duration else _end(replay)
    replay.seek(replay.duration)
    if replay.open_end:
        replay.play(playing=True)
    return said


def _to_next(what: str) -> Callable[[Replay], str]:
    def go(replay: Replay) -> str:
        marks = _marks(replay, what)
        found = next((mark for mark in marks if mark.number >= replay.count), None)
        if found is None:
            return f"There is no {what} after this." if marks else f"There is no {what} in this recording."
        return _go_to(replay, found)

    return go


def _to_previous(what: str) -> Callable[[Replay], str]:
    def go(replay: Replay) -> str:
        marks = _marks(replay, what)
        before = [mark for mark in marks if mark.number < replay.count and not _stands_on(replay, mark)]
        if not before:
            return f"There is no {what} before this." if marks else f"There is no {what} in this recording."
        seen = [mark for mark in before if not replay.playing or replay.watched_since(mark.t) >= GRACE]
        return _go_to(replay, seen[-1] if seen else before[0])

    return go


def _stands_on(replay: Replay, mark: Mark) -> bool:
    return mark.number + 1 == replay.count and replay.position <= mark.t


def _marks(replay: Replay, what: str) -> Sequence[Mark]:
    marks = replay.marks
    return {STAGE: marks.stages, STEP: marks.steps, ERROR: marks.troubles}[what]


def _go_to(replay: Replay, mark: Mark) -> str:
    """An error is there to be looked at; a stage or a step plays on."""
    replay.go(mark.number + 1)
    if mark.kind in {Kind.ERROR, Kind.WARNING}:
        replay.play(playing=False)
    return ""


def _slower(replay: Replay) -> str:
    speed = max((speed for speed in SPEEDS if speed < replay.speed), default=None)
    if speed is None:
        return f"{replay.speed:g}x is the slowest."
    replay.change(speed=speed)
    return ""


def _faster(replay: Replay) -> str:
    speed = min((speed for speed in SPEEDS if speed > replay.speed), default=None)
    if speed is None:
        return f"{replay.speed:g}x is the fastest."
    replay.change(speed=speed)
    return ""


def _skip_idle(replay: Replay) -> str:
    replay.change(skip_idle=not replay.skip_idle)
    return ""


def _end(replay: Replay) -> str:
    return END_SO_FAR if replay.open_end else END


_MOVES: dict[str, Callable[[Replay], str]] = {
    "toggle": _toggle,
    "hold": _hold,
    "let_go": _let_go,
    "event": _event,
    "event_back": _event_back,
    "back": _back,
    "forward": _forward,
    "to_start": _to_start,
    "to_end": _to_end,
    "next_stage": _to_next(STAGE),
    "previous_stage": _to_previous(STAGE),
    "next_step": _to_next(STEP),
    "previous_step": _to_previous(STEP),
    "next_error": _to_next(ERROR),
    "previous_error": _to_previous(ERROR),
    "slower": _slower,
    "faster": _faster,
    "skip_idle": _skip_idle,
}
