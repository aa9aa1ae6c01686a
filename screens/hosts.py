"""The Connect stage: both hosts, typed in or given, and what was found on them."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from pgrepl_tui.events import HostDescribed, RunOutcome, Stage
from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.probing import Probing
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.stage import StageScreen
from pgrepl_tui.screens.widgets.evidence import table
from pgrepl_tui.screens.widgets.problem import Problem
from pgrepl_tui.screens.widgets.reader import Reader
from pgrepl_tui.screens.widgets.step_list import StepList
from pgrepl_tui.screens.widgets.topology_form import TopologyForm
from pgrepl_tui.session.state import SessionState
from pgrepl_tui.topology import Topology


class HostsScreen(StageScreen):
    """A form until the run begins, and again after a run that did not get past this stage; then steps and facts."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["../styles/frame.tcss", "../styles/hosts.tcss"]
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.HOSTS]
    stage = Stage.CONNECT

    def __init__(
        self,
        *,
        live: bool,
        editable: bool = False,
        topology: Topology | None = None,
        names: Sequence[str] = (),
        probing: Probing | None = None,
    ) -> None:
        super().__init__(live=live)
        self._names = names
        self._probing = probing
        self._editable = editable
        self._topology = topology

    def compose_body(self) -> ComposeResult:
        """The form, and the view of the stage while it runs."""
        with Vertical(id="connecting"):
            with Vertical(id="steps-panel", classes="panel") as steps:
                steps.border_title = "Connect"
                yield StepList(id="steps")
            yield Problem()
            with Reader(id="facts"), Container(id="facts-sides"):
                yield Static(markup=False, id="primary-facts", classes="panel")
                yield Static(markup=False, id="standby-facts", classes="panel")
        if self._editable:
            yield TopologyForm(self._topology, self._names, self._probing)

    def on_mount(self) -> None:
        """Put the focus where the operator goes on from."""
        if self._editable:
            self.query_one(TopologyForm).start()
        else:
            self.query_one(StepList).focus()

    def draw_body(self, scene: Scene) -> None:
        """Draw the form or what was found."""
        wanted = scene.state.run is None or scene.editing or _not_past(scene.state)
        form = self._editable and not scene.under_way and wanted
        for shown in self.query(TopologyForm):
            again = form and not shown.display
            shown.display = form
            if again:
                shown.start()
        connecting = self.query_one("#connecting")
        connecting.display = not form or scene.state.run is not None
        connecting.set_class(form, "-beside-form")
        steps = self.query_one(StepList)
        steps.show(scene.state.stage_steps(self.stage), scene)
        self.query_one(Problem).show(steps.steps)
        for role, title in (("primary", "Primary (master)"), ("standby", "Standby (slave)")):
            self._draw_facts(role, title, scene.state)

    def _draw_facts(self, role: str, title: str, state: SessionState) -> None:
        panel = self.query_one(f"#{role}-facts", Static)
        found = state.hosts.get(role)
        name = found.name if found is not None else getattr(state.run, role, "")
        panel.border_title = Content(f"{title} · {plain_line(name)}" if name else title)
        panel.update(_facts(found))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc abandons a test only while there is one; else it goes back as ever."""
        if action == "abandon":
            return any(form.testing for form in self.query(TopologyForm))
        return super().check_action(action, parameters)

    def action_abandon(self) -> None:
        """Abandon the tests that are under way."""
        for form in self.query(TopologyForm):
            form.abandon()

    def release(self) -> None:
        """Let the cursor go with the run again."""
        self.query_one(StepList).release()


def _not_past(state: SessionState) -> bool:
    """Whether the run ended without getting past this stage."""
    return state.ended is not None and state.ended.outcome is not RunOutcome.DONE and state.stage is Stage.CONNECT


def _facts(found: HostDescribed | None) -> Content:
    if found is None:
        return Content.styled("not looked at yet", "dim")
    return table(found.facts)
