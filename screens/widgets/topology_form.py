"""The form of a whole topology: both sides and what they share; a mistake is said where it was made."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Collapsible, Input, Static

from pgrepl_tui.screens.plain import plain
from pgrepl_tui.screens.probing import ProbeHeard
from pgrepl_tui.screens.widgets.form_row import Field, FormRow
from pgrepl_tui.screens.widgets.found_list import FoundList
from pgrepl_tui.screens.widgets.node_form import FIELDS, MORE, NodeForm
from pgrepl_tui.screens.widgets.password_row import PasswordRow
from pgrepl_tui.screens.widgets.tick_box import TickBox
from pgrepl_tui.session.prober import Reached, Wanted
from pgrepl_tui.topology import Node, Replication, Topology, TopologyError, dump, loads

if TYPE_CHECKING:
    from pgrepl_tui.screens.probing import Probing

SHARED = (
    Field("name", "name", "how you call this pair, such as app-db"),
    Field("user", "role", "replicator"),
    Field("sslmode", "sslmode", "require"),
)


class TopologyForm(Vertical):
    """Posts ``Ready`` with a topology that holds together."""

    class Ready(Message):
        """The form was filled in; connect to these hosts. A password that was typed is asked of the form."""

        def __init__(self, topology: Topology) -> None:
            super().__init__()
            self.topology = topology

    def __init__(self, topology: Topology | None, names: Sequence[str] = (), probing: "Probing | None" = None) -> None:
        super().__init__(id="form")
        self._given = topology
        self._names = names
        self._probing = probing

    def compose(self) -> ComposeResult:
        """The sides, the shared fields, the mistake, the button."""
        given = self._given
        with VerticalScroll(id="form-fields", can_focus=False):
            with Container(id="form-sides"):
                yield self._side("primary", "Primary (master)", given.primary if given else None)
                yield self._side("standby", "Standby (slave)", given.standbys[0] if given else None)
            with Vertical(id="form-shared", classes="panel") as shared:
                shared.border_title = "Both"
                shared.border_subtitle = Content(plain(str(given.source)) if given and given.source else "")
                for field, value in zip(SHARED, self._shared(), strict=True):
                    yield FormRow(field, value, id=f"shared-{field.key}")
                    if field.key == "user":
                        yield PasswordRow()
                slot = given is None or given.replication.slot
                yield TickBox("a replication slot for the standby", slot, compact=True, id="slot")
                same = given is not None and given.same_machine
                yield TickBox("both clusters are on one machine", same, compact=True, id="same-machine")
        yield Static(markup=False, id="form-mistake")
        with Horizontal(id="form-buttons"):
            yield Button(Content("Connect (Enter)"), id="connect", compact=True, classes="-primary")
            yield Static("Nothing changes until you agree. Tab goes on, ^q quits.", markup=False)

    def _side(self, side: str, title: str, node: Node | None) -> NodeForm:
        return NodeForm(side, title, node, self._names, testable=self._probing is not None)

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
        if self._nowhere():
            return
        typed = self._typed()
        text = dump(typed)
        try:
            topology = loads(text, typed.source or Path.cwd() / "topology.yaml")
        except TopologyError as error:
            self._say(error, text)
            return
        if self._missing():
            return
        self.query_one("#form-mistake", Static).update("")
        self.abandon()
        self.post_message(self.Ready(topology))

    @property
    def password(self) -> str:
        """The replication role's password as it was typed; empty where none was."""
        return self.query_one(PasswordRow).password

    def _nowhere(self) -> bool:
        """Say which side has no host yet, and go there; False where both have one, or an earlier one is no host."""
        for form in self.query(NodeForm):
            if form.ssh and not form.is_destination:
                return False
            if not form.ssh:
                self._mistake(f"{form.side}: type where this host is, as you would for ssh")
                form.query_one(Input).focus()
                return True
        return False

    def _missing(self) -> bool:
        """Say what tests have shown to be still needed, and go there; False where nothing is."""
        for form in self.query(NodeForm):
            if form.undecided:
                self._mistake(f"{form.side}: choose the cluster that is meant")
                form.query_one(FoundList).focus()
                return True
        box = self.query_one("#same-machine", TickBox)
        if not box.value and self._one_machine():
            self._mistake("both destinations lead to one machine; correct one, or tick this where that is meant")
            box.focus()
            return True
        if self.query_one(PasswordRow).problem:
            self._mistake(self.query_one(PasswordRow).problem)
            self.query_one("#shared-password", Input).focus()
            return True
        return False

    def _one_machine(self) -> bool:
        """Both tests came to the same machine."""
        machines = [form.heard.machine for form in self.query(NodeForm) if isinstance(form.heard, Reached)]
        return len(machines) == 2 and machines[0] == machines[1] != ""

    def _mistake(self, words: str) -> None:
        """Say what is wrong or missing, in a sentence of its own."""
        said = f"✗ {plain(words[:1].upper() + words[1:]).rstrip('.')}."
        self.query_one("#form-mistake", Static).update(Content.styled(said, "$error"))

    # The tests

    @property
    def testable(self) -> bool:
        """Whether there is something here to test, and someone who can."""
        return self.display and self._probing is not None

    def test(self) -> None:
        """Test the side where the focus is, or both; the operator is asked what there is to ask."""
        forms = list(self.query(NodeForm))
        focused = self.screen.focused
        here = [form for form in forms if focused is not None and form in focused.ancestors_with_self]
        wanted = [form for form in here or forms if form.ssh]
        for form in wanted:
            form.test(asks=True)
        if not wanted:
            self._mistake("type first where the host is, as you would for ssh")
            (here or forms)[0].query_one(Input).focus()

    @property
    def testing(self) -> bool:
        """True while a test is under way."""
        probing = self._probing
        return probing is not None and any(probing.under_way(form.side) for form in self.query(NodeForm))

    def abandon(self) -> None:
        """End the tests that are under way."""
        for form in self.query(NodeForm):
            if self._probing is not None and self._probing.abandon(form.side):
                form.stopped()

    def on_unmount(self) -> None:
        """Nobody is there any more to hear of the tests."""
        for side in ("primary", "standby"):
            if self._probing is not None:
                self._probing.abandon(side)

    @on(NodeForm.TestWanted)
    def _begin(self, event: NodeForm.TestWanted) -> None:
        if self.testable and self._probing is not None:
            config = self._given.ssh_config if self._given else None
            self._probing.begin(self, event.form.side, Wanted(event.form.node(), config), asks=event.asks)

    @on(NodeForm.Changed)
    def _changed(self, event: NodeForm.Changed) -> None:
        if self._probing is not None:
            self._probing.abandon(event.form.side)

    @on(ProbeHeard)
    def _heard(self, event: ProbeHeard) -> None:
        """Show it, unless that test was abandoned in the meantime."""
        if self._probing is not None and self._probing.current(event):
            self.query_one(f"#{event.side}-form", NodeForm).hear(event.heard, event.seconds)
            self.call_after_refresh(self._keep_in_sight)

    def _keep_in_sight(self) -> None:
        """What grows above the field that is being typed into must not push it away; a list stays with its host."""
        focused = self.screen.focused
        if focused is None or self not in focused.ancestors:
            return
        if isinstance(focused, FoundList):
            side = next(node for node in focused.ancestors if isinstance(node, NodeForm))
            side.query_one(FormRow).scroll_visible(animate=False)
        focused.scroll_visible(animate=False)

    @on(events.DescendantFocus)
    def _came_to(self, event: events.DescendantFocus) -> None:
        """Nobody shall take a cluster from a list without seeing whose it is."""
        if isinstance(event.widget, FoundList):
            self.call_after_refresh(self._keep_in_sight)

    @on(NodeForm.Settled)
    def _go_on(self) -> None:
        """Put the focus on what is needed next."""
        self.query_one("#form-mistake", Static).update("")
        for form in self.query(NodeForm):
            if not form.ssh:
                form.query_one(Input).focus()
                return
        undecided = [form for form in self.query(NodeForm) if form.undecided]
        (undecided[0].query_one(FoundList) if undecided else self.query_one("#connect")).focus()

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
        """Show a mistake by the name that its field has here, and put the cursor on it."""
        side, key = field_at(text, error.line)
        label = next((field.label for field in (*FIELDS, *MORE, *SHARED) if field.key == key), "")
        where = ", ".join(filter(None, ("" if side == "shared" else side, label)))
        of_field = re.fullmatch(rf"'{key}' (?P<what>.*): (?P<value>['\"].*)", error.what)
        what = f"{of_field['value']} {of_field['what']}" if of_field else error.what
        meant = f". {error.meant[:1].upper()}{error.meant[1:]}" if error.meant else ""
        meant = meant.replace("'same_machine: true'", "tick 'both clusters are on one machine'")
        self._mistake(f"{where}: {what}{meant}".lstrip(": "))
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
