"""One log widget, fed over SSH: python -m tests.bench.log_app ours|replay|textual CONFIG FILE RECORDING.

``ours`` goes the whole way of a run: SSH, stream, redactor, recording, session, LogView; ``replay`` plays the recording
at its own pace. ``textual`` gives what comes to Textual's own Log, a piece at a time, as Textual comes, and records
nothing. The key x counts in the first line.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

if sys.argv[1:2] != ["textual"]:
    os.environ.setdefault("TEXTUAL_FPS", "240")  # as the program itself does, and before Textual is imported

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Log, Static

from pgrepl_tui.events import Event
from pgrepl_tui.hosts import ssh
from pgrepl_tui.screens.pace import Pace
from pgrepl_tui.screens.widgets.log_view import LogView
from pgrepl_tui.session.recorder import Recorder
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.session import Session
from pgrepl_tui.session.span import Span
from pgrepl_tui.session.stream import Stream


class LogApp(App[int]):
    """The first line counts keys, the rest is the log."""

    CSS = "Static { height: 1; } LogView, Log { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "count", priority=True)]

    def __init__(self, kind: str, config: Path, file: Path, recording: Path) -> None:
        super().__init__()
        self._kind = kind
        self._config, self._file = config, file
        self._recording = recording
        self._recorder = None if kind == "replay" else Recorder(recording, topology={}, started=datetime.now(UTC))
        self._replay: Replay | None = None
        self._session = Session()
        self._pace = Pace(self, self._draw, time.monotonic)
        self._pressed = 0

    def compose(self) -> ComposeResult:
        """The count and the log."""
        yield Static("key:0")
        yield Log() if self._kind == "textual" else LogView()

    def on_mount(self) -> None:
        """Begin to listen."""
        self.query_one("LogView, Log").focus()
        if self._recorder is None:
            self.run_worker(self._play())
        else:
            self.set_interval(0.1, self._recorder.flush)
            self.run_worker(self._follow(self._recorder))

    async def _play(self) -> None:
        self._replay = await asyncio.to_thread(Replay.open, self._recording)
        await self._replay.run(lambda _event, _span: self._pace.wish())

    async def _follow(self, recorder: Recorder) -> None:
        host = await ssh.connect("lab", ssh_config=self._config, name="lab")
        stream = Stream(recorder, time.monotonic)
        stream.add_secret("a-secret-of-this-run")
        stream.listen(self._take)
        async for piece in host.follow(str(self._file), offset=0, user=None):
            if self._kind == "ours":
                stream.output(1, "follow", "lab", "log", piece)
            else:
                self.query_one(Log).write(piece.decode("utf-8", "replace"))

    def _take(self, event: Event, span: Span) -> None:
        self._session.add(event, span)
        self._pace.wish()

    def _draw(self) -> None:
        if self._replay is not None:
            index = self._replay.session.outputs.get("follow")
            self.query_one(LogView).show(index, self._replay.read_output)
        elif self._recorder is not None:
            self.query_one(LogView).show(self._session.outputs["follow"], self._recorder.read_output)

    def action_count(self) -> None:
        """Count a key."""
        self._pressed += 1
        self.query_one(Static).update(f"key:{self._pressed}")


if __name__ == "__main__":
    LogApp(sys.argv[1], *map(Path, sys.argv[2:5])).run()
