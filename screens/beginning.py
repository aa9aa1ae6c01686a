"""From the start screen to the stages: a form, a topology, a recording or the demo."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.app import App

from pgrepl_tui.screens.notice import NoticeScreen
from pgrepl_tui.screens.open_topology import OpenScreen
from pgrepl_tui.screens.preparing import PreparingScreen
from pgrepl_tui.screens.welcome import Start, WelcomeScreen
from pgrepl_tui.session.patience import Patience
from pgrepl_tui.topology import Topology

if TYPE_CHECKING:
    from pgrepl_tui.session.source import Source

OpenStages = Callable[["Topology | None", "Source | None"], Awaitable[None]]


class Beginning:
    """Carries out what was chosen; what takes its time is done by a worker, under a dialog that says so."""

    def __init__(self, app: App[int], start: Start | None, open_stages: OpenStages) -> None:
        self._app = app
        self._start = start
        self._open = open_stages
        self._dialog = PreparingScreen("", lambda: None)

    async def begin(self, chosen: WelcomeScreen.Chosen) -> None:
        """Begin what was chosen."""
        start = self._start
        if start is None:
            return
        if chosen.what in {"new", "continue"}:
            await self._open(chosen.topology, None)
        elif chosen.what == "open":
            saved = await asyncio.to_thread(start.shelf.saved)
            self._app.push_screen(OpenScreen(saved, start.shelf.open), self._opened)
        elif chosen.what == "replay" and chosen.path is not None:
            opening = partial(start.replay, chosen.path, progress=Patience(self._read))
            self._prepare("Opening the recording", asyncio.to_thread(opening))
        elif chosen.what == "demo" and start.demo is not None:
            self._prepare("Starting two hosts", self._demo(start.demo))

    async def _opened(self, topology: Topology | None) -> None:
        if topology is not None:
            await self._open(topology, None)

    def _prepare(self, title: str, work: "Awaitable[Topology | Source]") -> None:
        """Do what takes its time under a dialog, then open the stages with what came of it; Esc gives it up."""

        async def prepared() -> None:
            try:
                made = await work
            except Exception as error:  # noqa: BLE001 - whatever kept it from beginning is told, and nothing was begun
                dialog.dismiss(None)
                self._app.push_screen(NoticeScreen(f"{title}: it did not work", str(error)))
                return
            await self._app.pop_screen()
            if isinstance(made, Topology):
                await self._open(made, None)
            else:
                await self._open(None, made)

        worker = self._app.run_worker(prepared(), name="prepare", group="prepare", exclusive=True)
        self._dialog = dialog = PreparingScreen(title, worker.cancel)
        self._app.push_screen(dialog)

    def _read(self, percent: int) -> None:
        """Tell how much of a recording is read; called by the thread that reads it."""
        self._app.call_later(self._dialog.say, f"{percent} % of it is read")

    async def _demo(self, demo: Callable[[Callable[[str], None]], Awaitable[Topology]]) -> Topology:
        return await demo(self._dialog.say)
