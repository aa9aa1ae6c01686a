"""The last screen of a run as a picture."""

import asyncio
from typing import TYPE_CHECKING

from pgrepl_tui.export.pictures import Shown, draw
from pgrepl_tui.session.span import RecordingError

if TYPE_CHECKING:
    from pgrepl_tui.session.recording import Recording


def svg(recording: "Recording") -> str:
    """The SVG of the screen that the run ended on.

    Raises:
        RecordingError: the recording cannot be read, or holds no events.
    """
    replay = Shown(recording)
    if replay.session.state.run is None and not replay.duration:
        raise RecordingError(f"{recording.path}: no event could be read, so there is nothing to export")
    replay.seek(replay.duration)
    (picture,) = asyncio.run(draw(replay, [(replay.session.state.stage, replay.duration)]))
    return picture
