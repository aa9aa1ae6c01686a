"""The form of a whole topology: both sides and what they share; a mistake is said where it was made."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Collapsible, Input, Static

from pgrepl_tui.screens.plain import plain
from pgrepl_tui.screens.widgets.node_form import Field, FormRow, NodeForm
from pgrepl_tui.screens.widgets.tick_box import TickBox
from pgrepl_tui.topology import Node, Replication, Topology, TopologyError, dump, loads

SHARED = (
    Field("name", "name", "how you call this pair, such as app-db"),
    Field("user", "role", "replicator"),
    Field("sslmode", "sslmode", "require"),
)


class TopologyForm(Vertical):
    """Posts ``Ready`` with a topology that holds together."""

    class Ready(Message):
        """The form was filled in; connect to these hosts."""

        def __init__(self, topology: Topology) -> None:
            super().__init__()
            self.topology = topology

    def __init__(self, topology: Topology | None, names: Sequence[str] = ()) -> None:
        super().__init__(id="form")
        self._given = topology
        self._names = names

    def compose(self) -> ComposeResult:
        """The sides, the shared fields, the mistake, the button."""
        given = self._given
        with VerticalScroll(id="form-fields", can_focus=False):
            with Container(id="form-sides"):
                yield NodeForm("primary", "Primary (master)", given.primary if given else None, self._names)
                yield NodeForm("standby", "Standby (slave)", given.standbys[0] if given else None, self._names)
            with Vertical(id="form-shared", classes="panel") as shared:
                shared.border_title = "Both"
                shared.border_subtitle = Content(plain(str(given.source)) if given and given.source else "")
                for field, value in zip(SHARED, self._shared(), strict=True):
                    yield FormRow(field, value, id=f"shared-{field.key}")
                slot = given is None or given.replication.slot
                yield TickBox("a replication slot for the standby", slot, compact=True, id="slot")
                same = given is not None and given.same_machine
                yield TickBox("both clusters are on one machine", same, compact=True, id="same-machine")
        yield Static(markup=False, id="form-mistake")
        with Horizontal(id="form-buttons"):
            yield Button(Content("Connect (Enter)"), id="connect", compact=True, classes="-primary")
            yield Static("Nothing is changed before you agree. Tab goes on, ^q quits.", markup=False)

    def _shared(self) -> tuple[str, str, str]:
        if self._given is None:
            return "", "", ""
        return self._given.name, self._given.replication.user, self._given.replication.sslmode

    def start(self) -> None:
        """Put the focus where typing or Enter goes on from: the first field, or the button of a form filled in."""
        target = "#primary-ssh" if self._given is None else "#connect"
        self.query_one(target).focus()

    @on(Button.Pressed, "#connect")
    @on(Input.Submitted)
    def submit(self) -> None:
        """Check what was typed and connect, or say what is wrong."""
        typed = self._typed()
        text = dump(typed)
        try:
            topology = loads(text, typed.source or Path.cwd() / "topology.yaml")
        except TopologyError as error:
            self._say(error, text)
            return
        self.query_one("#form-mistake", Static).update("")
        self.post_message(self.Ready(topology))

    def _typed(self) -> Topology:
        """What was typed, not checked yet; what the form does not ask for stays as it was given."""
        name, user, sslmode = (self.query_one(f"#shared-{field.key}", Input).value.strip() for field in SHARED)
        primary, standby = (form.node() for form in self.query(NodeForm))
        base = self._given or Topology("", Node(""), (Node(""),), Replication())
        login = replace(base.replication, user=user or "replicator", sslmode=sslmode or "require")
        login = replace(login, slot=self.query_one("#slot", TickBox).value)
        same = self.query_one("#same-machine", TickBox).value
        name = name or f"{primary.ssh or '?'} to {standby.ssh or '?'}"
        return replace(base, name=name, primary=primary, standbys=(standby,), replication=login, same_machine=same)

    def _say(self, error: TopologyError, text: str) -> None:
        """Show a mistake and put the cursor on its field."""
        side, key = field_at(text, error.line)
        words = f"✗ {plain(error.what)}" + (f"; {plain(error.meant)}" if error.meant else "")
        self.query_one("#form-mistake", Static).update(Content.styled(f"{side} {key}: {words}".lstrip(" :"), "$error"))
        for entry in self.query(f"#{side}-{key}").results(Input):
            for fold in self.query(Collapsible):
                fold.collapsed = fold.collapsed and entry not in fold.query(Input)
            entry.focus()


def field_at(text: str, line: int) -> tuple[str, str]:
    r"""The side (primary, standby, shared) and the key that stand at a line (from 1 on) of a dumped topology.

    >>> field_at("name: x\nprimary:\n  ssh: a b\nstandbys:\n- ssh: c\n", 3)
    ('primary', 'ssh')
    """
    lines = text.splitlines()[:line]
    tops = [row.split(":")[0] for row in lines if row and row[0].isalpha()]
    side = {"primary": "primary", "standbys": "standby"}.get(tops[-1] if tops else "", "shared")
    key = lines[-1].lstrip("- ").split(":")[0] if lines else ""
    return side, key
