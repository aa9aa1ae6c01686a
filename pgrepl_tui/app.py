"""The Textual App: it runs the source, folds its events into a session and opens the screens."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from textual.worker import Worker, WorkerState

from pgrepl_tui.events import Stage
from pgrepl_tui.screens import keys, reasons
from pgrepl_tui.screens.afterwards import Afterwards, MakeSource
from pgrepl_tui.screens.asking import ANSWERS, Asking
from pgrepl_tui.screens.beginning import Beginning
from pgrepl_tui.screens.command_log import CommandLogScreen
from pgrepl_tui.screens.keeping import Keeping
from pgrepl_tui.screens.key_file import OwnKeys
from pgrepl_tui.screens.leave import LeaveScreen
from pgrepl_tui.screens.notice import NoticeScreen
from pgrepl_tui.screens.pace import Pace
from pgrepl_tui.screens.probing import Probing
from pgrepl_tui.screens.reasons import Standing
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.shell import Shell
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.screens.stages import Stages
from pgrepl_tui.screens.stopping import Stopping
from pgrepl_tui.screens.transporting import Transporting
from pgrepl_tui.screens.welcome import Start, WelcomeScreen
from pgrepl_tui.screens.widgets.check_table import CheckTable
from pgrepl_tui.screens.widgets.topology_form import TopologyForm
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.session import Session

if TYPE_CHECKING:
    from pgrepl_tui.events import Event, RunEnded
    from pgrepl_tui.session.prober import Prober
    from pgrepl_tui.session.source import Source
    from pgrepl_tui.session.span import Span
    from pgrepl_tui.session.theme_choice import ThemeChoice
    from pgrepl_tui.session.topologies import Shelf
    from pgrepl_tui.topology import Topology

EXIT_ERROR = 1
EXIT_INTERRUPTED = 4
STOP_PATIENCE = 30.0


class PgReplApp(Shell):
    """The wizard and the replay: one app, told apart by its source.

    Give ``make_source`` (and ``topology``, to fill the form in) for a run whose hosts the operator sees and may change
    first, and ``afterwards`` for what can follow it; give ``source`` for a replay, or a run that needs no form; give
    ``start`` (and ``make_source``) to begin with the start screen. ``shelf`` keeps what is entered, ``names`` complete
    destinations, ``prober`` tests hosts. ``return_code`` is the program's exit code.
    """

    TITLE = "pgrepl-tui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [Path(__file__).parent / "styles" / "theme.tcss"]
    ENABLE_COMMAND_PALETTE = True

    def __init__(  # noqa: PLR0913 - what it is given is all there is to know about it, and each is named in the call
        self,
        topology: "Topology | None" = None,
        make_source: MakeSource | None = None,
        source: "Source | None" = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        start: Start | None = None,
        shelf: "Shelf | None" = None,
        names: Sequence[str] = (),
        afterwards: Mapping[str, MakeSource] | None = None,
        prober: "Prober | None" = None,
        own_keys: OwnKeys | None = None,
        theme: "ThemeChoice | None" = None,
        ascii_only: bool | None = None,
    ) -> None:
        super().__init__(own_keys, theme=theme, ascii_only=ascii_only)
        self._topology = topology
        self._make_source = make_source
        self._source = source
        self._clock = clock
        self._start = start
        self.live = source is None or source.live
        self.following = True
        self._session = Session()
        self._heard = clock()
        self._stopping = Stopping(clock)
        self._run: Worker[int] | None = None
        self._run_code: int | None = None
        self._drawn_offers = Scene().offers
        self.stop_patience = STOP_PATIENCE
        self._pace = Pace(self, self._draw, clock)
        self._asking = Asking(self, lambda: self._source)
        self._afterwards = Afterwards(afterwards or {}, self._asking, self.start)
        self._keeping = Keeping(self, shelf, self._begin)
        self._transporting = Transporting(self, lambda: self._source, self._pace.wish)
        self._stages = Stages(self, names, Probing(self, prober, clock) if prober is not None else None)
        self._beginning = Beginning(self, start, self.open_stages)

    # The run

    @property
    def source(self) -> "Source | None":
        """The source of the run or the replay; None before the operator connects."""
        return self._source

    @property
    def session(self) -> Session:
        """The session as it is drawn; a replay has its own, because it can go back."""
        return self._source.session if isinstance(self._source, Replay) else self._session

    @property
    def drawing(self) -> bool:
        """True while something changed that is not drawn yet."""
        return self._pace.waiting

    @property
    def under_way(self) -> bool:
        """True while the run goes on, or the replay is open; a pair that is only watched is not under way."""
        return self._run is not None and not self._run.is_finished and not self.watching

    @property
    def watching(self) -> bool:
        """True while the positions of a pair are still read, after the run has ended well."""
        done = self.live and self._session.state.ended is not None
        return done and self._run is not None and not self._run.is_finished

    async def on_mount(self) -> None:
        """Open the first screen, and begin where nothing has to be asked first."""
        self.dress()
        if self._start is not None:
            self.use_keys(keys.EVERYWHERE)
            await self.push_screen(WelcomeScreen(self._start))
        else:
            await self.open_stages(self._topology, self._source)
        self.set_interval(1.0, self._tick, name="seconds")

    async def open_stages(self, topology: "Topology | None", source: "Source | None") -> None:
        """Open the stages: with a source, which begins at once, or with a form to fill in."""
        self.live = source is None or source.live
        self._topology, self._source, self._session, self._run = topology, None, Session(), None
        self.following = True
        self.use_keys(keys.keys(live=self.live, own=self._own_keys.keys))
        await self._stages.open(live=self.live, editable=self.live and self._make_source is not None, topology=topology)
        if source is not None:
            self.start(source)
        if isinstance(source, Replay) and source.problems:
            self.tell(f"Not all of the recording could be read: {source.problems}")
        self._pace.wish()

    def start(self, source: "Source") -> None:
        """Run a source from its beginning. A worker of the app carries it, so that no change of screen ends it."""
        self._source, self.live = source, source.live
        self._session = Session()
        self._heard, self.following = self._clock(), True
        self._stopping.reset()
        if source.live:
            self._run_code = None
        self._asking.reset()
        self._run = self.run_worker(
            source.run(partial(self._deliver, source)), name="run", group="run", exclusive=True, exit_on_error=False
        )

    def _deliver(self, source: "Source", event: "Event", span: "Span") -> None:
        if source is not self._source:  # the last words of a run that another one has followed
            return
        if not isinstance(source, Replay):
            self._session.add(event, span)
        self._heard = self._clock()
        self._pace.wish()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Keep the run's exit code; show what ended it where that was a mistake of the program."""
        if event.worker is not self._run:
            return
        if event.state is WorkerState.SUCCESS and self.live:
            self._run_code = event.worker.result
            self._afterwards.follow(self.scene(), self._topology)
        elif event.state is WorkerState.ERROR:
            self._run_code = EXIT_ERROR
            error = event.worker.error
            text = f"{type(error).__name__}: {error}\n\n{self.how_to_go_on()}"
            notice = NoticeScreen("The run ended with an error", text)
            self.push_screen(notice, lambda _: self.exit(EXIT_ERROR, return_code=EXIT_ERROR))
        self._pace.wish()

    def how_to_go_on(self) -> str:
        """How to go on after a crash."""
        if self._source is None or not self._source.live:
            return "Nothing was run."
        again = "Running the same set-up again goes on from where it stands."
        return f"{again}\nThe recording is {self._source.recording}" if self._source.recording else again

    # Drawing

    def scene(self) -> Scene:
        """What is to be drawn now."""
        replay = self._source if isinstance(self._source, Replay) else None
        return Scene(
            state=self.session.state,
            now=replay.position if replay is not None else self._now(),
            live=self.live,
            under_way=self.under_way,
            watching=self.watching,
            stopping=self._stopping.seconds,
            following=self.following,
            recording=self._source.recording if self._source is not None else "",
            session=self.session,
            read=self._source.read_output if self._source is not None else None,
            transport=replay,
        )

    def _now(self) -> float:
        """The session's time of a live run, in seconds: it goes on between two events."""
        still = self.session.state.t
        going_on = self.under_way or self.watching
        return still + max(0.0, self._clock() - self._heard) if going_on else still

    def _tick(self) -> None:
        if self.watching or self.under_way:
            self._pace.wish()

    def _draw(self) -> None:
        if not self.screen_stack or not self.is_running:  # the app is closing
            return
        scene = self.scene()
        if scene.offers != self._drawn_offers:
            self._drawn_offers = scene.offers
            self.refresh_bindings()
        if self.following and not self._transporting.held:
            self._open(scene.stage)
        for screen in self.screen_stack:
            if isinstance(screen, StageScreen | CommandLogScreen):
                screen.show(scene)
        if self.live:
            self._asking.show(scene)

    def _open(self, stage: Stage) -> None:
        """Open a stage's screen, unless a dialog is open: then it comes with the next drawing."""
        if isinstance(self.screen, StageScreen) and self.screen.stage is not stage:
            self.switch_screen(stage.value)
            self._pace.wish()

    # What the operator does

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Running and stopping need a run that is under way; connecting and leaving the stages need that none is."""
        if action == "afterwards":
            return self._afterwards.why_not(str(parameters[0]), self.scene())
        if action in ANSWERS and self.under_way:
            return self._asking.why_not(self.scene(), action, *parameters)
        standing = Standing(
            live=self.live,
            under_way=self.under_way,
            begun=self._run is not None,
            hosts_asked=self._make_source is not None,
            start_screen=self._start is not None,
            testable=action == "test" and self._stages.testable,
        )
        return reasons.why_not(action, standing) or super().why_not(action, parameters)

    async def action_home(self) -> None:
        """Go back to the start screen; a replay is closed."""
        if self._run is not None:
            self._run.cancel()
        self._source, self._run, self._session = None, None, Session()
        await self._stages.close()
        self.use_keys(keys.EVERYWHERE)

    async def on_welcome_screen_chosen(self, message: WelcomeScreen.Chosen) -> None:
        """Begin what was chosen on the start screen."""
        await self._beginning.begin(message)

    def action_command_log(self) -> None:
        """Show every remote command of this run."""
        self.push_screen(CommandLogScreen(self.scene()))

    def action_stage(self, stage: str) -> None:
        """Go to a stage's screen; one that is not the run's stops following it."""
        self.following = Stage(stage) is self.scene().stage
        self._open(Stage(stage))

    def action_follow(self) -> None:
        """Go with the run again."""
        self.following = True
        for screen in self.screen_stack:
            if isinstance(screen, StageScreen):
                screen.release()
        self._pace.wish()

    def action_run_on(self, retry: bool = False) -> None:
        """Answer an open gate with "run"; with ``retry`` (not for a bare Enter) a failure with "retry"."""
        self._asking.run_on(self.scene(), retry=retry)

    def action_one_step(self) -> None:
        """Answer an open gate with "step"."""
        self._asking.choose(self.scene(), "step")

    def action_choose(self, choice: str) -> None:
        """Answer the open question."""
        self._asking.choose(self.scene(), choice)

    def action_afterwards(self, plan: str) -> None:
        """Undo the run that failed or has ended, or delete what it set aside."""
        self._afterwards.begin(plan, self.scene(), self._topology)

    def action_recheck(self) -> None:
        """Look once more at the preflight check that the cursor stands on."""
        check = next((table.chosen for table in self.screen.query(CheckTable)), None)
        self._asking.look_again(self.scene(), check.id if check is not None else "")

    def action_connect(self) -> None:
        """Connect to the hosts of the form; after a run, where it is not shown, run the same set-up again."""
        forms = [form for form in self.screen.query(TopologyForm) if form.display]
        if forms:
            forms[0].submit()
        elif self._topology is not None and self._run is not None:
            self._begin(self._topology)

    def action_test(self) -> None:
        """Test the connection to a host of the form."""
        self._stages.test()

    def on_topology_form_ready(self, message: TopologyForm.Ready) -> None:
        """The hosts are known: keep them, then begin."""
        if not self.under_way:
            self._keeping.keep(message.topology)

    def _begin(self, topology: "Topology") -> None:
        if self._make_source is not None and not self.under_way:
            self._topology = topology
            self.start(self._stages.with_password(self._make_source(topology)))
            self._pace.wish()

    def action_stop_run(self) -> None:
        """Stop the run; it ends as interrupted and the program stays open. A second stop waits for no host."""
        if self._source is None or not self.under_way:
            self.tell("Nothing runs.")
            return
        said = self._stopping.stop(self._source)
        if said:
            self.tell(said)
        self._pace.wish()

    def action_transport(self, name: str, t: float = 0.0) -> None:
        """Do something with the replay's transport, ``t`` seconds for a seek; what it went to is shown."""
        if self._transporting.do(name, t):
            self.action_follow()

    def action_leave(self) -> None:
        """Leave; while a run is under way, ask first. While it is being left, leave without waiting for the hosts."""
        if self._leaving:
            self.action_stop_run()
        elif self.watching:
            self._left(True)
        elif not self.live or not self.under_way:
            self._leave_now()
        elif not isinstance(self.screen, LeaveScreen):
            self.push_screen(LeaveScreen(), self._left)

    def _left(self, leave: bool | None) -> None:
        if leave and self._source is not None:
            watched = self._session.state.ended if self.watching else None
            self._stopping.stop(self._source)
            if watched:
                self.tell("Closing the connections.")  # not of a run: a notice would cover what the bar says of it
            self._pace.wish()
            self.run_worker(self._leave_late(watched), name="leave", group="leave", exclusive=True, exit_on_error=False)

    def on_told_to_end(self) -> None:
        """A signal, or the terminal is gone: end the run in order, then leave. A second signal changes nothing."""
        if not self.live or not (self.under_way or self.watching):
            self._leave_now()
        elif not self._leaving:
            self._left(True)

    @property
    def _leaving(self) -> bool:
        return any(worker.name == "leave" and not worker.is_finished for worker in self.workers)

    async def _leave_late(self, ended: "RunEnded | None") -> None:
        if self._run is not None:
            await self._stopping.end(self._run, self.stop_patience)
        self._leave_now(ended.exit_code if ended else EXIT_INTERRUPTED)

    def action_help_quit(self) -> None:
        """Ctrl+C, with nothing selected that it could copy, leaves like q."""
        self.action_leave()

    async def action_quit(self) -> None:
        """Textual's own key to quit asks, too."""
        self.action_leave()

    def _leave_now(self, code: int | None = None) -> None:
        """Leave with an exit code, by default the run's; a replay's is 0."""
        if code is None:
            code = self._run_code or 0
        self.exit(code, return_code=code)
