"""The form of one side: how its host is reached and where its cluster is."""

from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Collapsible, Input

from pgrepl_tui.postgres.found import FoundCluster
from pgrepl_tui.screens.widgets.form_row import Field, FormRow
from pgrepl_tui.screens.widgets.found_list import FoundList
from pgrepl_tui.screens.widgets.name_suggester import NameSuggester
from pgrepl_tui.screens.widgets.probe_line import ProbeLine
from pgrepl_tui.screens.widgets.probe_text import ABANDONED, UNTESTED, heard_text, remark
from pgrepl_tui.session.prober import Heard, Reached, Unreached
from pgrepl_tui.topology import Node
from pgrepl_tui.topology_rules import MistakeError, destination

FIELDS = (
    Field("ssh", "ssh", "[user@]host[:port] or an ssh alias"),
    Field("cluster", "cluster", "15/main; empty: found out"),
    Field("bin", "programs", "/usr/lib/postgresql/15/bin"),
    Field("data", "data", "/var/lib/postgresql/15/main"),
    Field("port", "port", "empty: found out"),
    Field("address", "address", "as the other side reaches it"),
    Field("os_user", "OS user", "postgres"),
)
MORE = (
    Field("unit", "unit", "postgresql-15; empty: found out"),
    Field("log", "log", "empty: found out"),
    Field("config", "config", "folder of postgresql.conf; empty: data"),
)
"""What is found out nearly always."""


class NodeForm(Vertical):
    """The fields of the primary or of the standby. ``side`` begins the ids of its inputs: ``primary-ssh``.

    Where hosts can be tested, the test of the destination and the clusters that it found stand below it.
    """

    class TestWanted(Message):
        """Test this side; with ``asks`` the operator wants it and can be asked."""

        def __init__(self, form: "NodeForm", *, asks: bool) -> None:
            super().__init__()
            self.form = form
            self.asks = asks

    class Changed(Message):
        """Another destination is being typed: what is under way for the old one is of no use."""

        def __init__(self, form: "NodeForm") -> None:
            super().__init__()
            self.form = form

    class Settled(Message):
        """This side is told; go on with what is still needed."""

    def __init__(
        self, side: str, title: str, node: Node | None, names: Sequence[str] = (), *, testable: bool = False
    ) -> None:
        super().__init__(classes="panel", id=f"{side}-form")
        self.border_title = Content(title)
        self.side = side
        self._node = node if node is not None else Node(ssh="")
        self._names = names
        self._testable = testable
        self._tested = self._node.ssh
        self.heard: Heard | None = None

    def compose(self) -> ComposeResult:
        """A row a field; those that are found out nearly always are folded away, unless one is given."""
        first, *others = FIELDS
        yield self._row(first)
        if self._testable:
            yield ProbeLine(self.side)
            found = FoundList(id=f"{self.side}-found")
            found.display = False
            yield found
        yield from (self._row(field) for field in others)
        given = any(getattr(self._node, field.key) for field in MORE)
        with Collapsible(title="more", collapsed=not given, collapsed_symbol="▸", expanded_symbol="▾"):
            yield from (self._row(field) for field in MORE)

    def _row(self, field: Field) -> FormRow:
        value = getattr(self._node, field.key)
        suggester = NameSuggester(self._names) if field.key == "ssh" else None
        return FormRow(field, "" if value is None else str(value), id=f"{self.side}-{field.key}", suggester=suggester)

    def _entry(self, key: str) -> Input:
        return self.query_one(f"#{self.side}-{key}", Input)

    @property
    def ssh(self) -> str:
        """The destination, as it was typed."""
        return self._entry("ssh").value.strip()

    def node(self) -> Node:
        """The side as it was typed; what the form does not ask for stays as it was given."""
        typed = {field.key: self._entry(field.key).value.strip() for field in (*FIELDS, *MORE)}
        return replace(
            self._node,
            ssh=typed["ssh"],
            cluster=typed["cluster"] or None,
            bin=typed["bin"] or None,
            data=typed["data"] or None,
            port=int(typed["port"]) if typed["port"].isdecimal() else None,
            address=typed["address"] or None,
            os_user=typed["os_user"] or "postgres",
            unit=typed["unit"] or None,
            log=typed["log"] or None,
            config=typed["config"] or None,
        )

    @property
    def is_destination(self) -> bool:
        """What is typed can be the destination of an ssh connection."""
        try:
            destination(self.ssh)
        except MistakeError:
            return False
        return True

    # The test

    def test(self, *, asks: bool) -> None:
        """Want a test of what is typed."""
        self._tested = self.ssh
        try:
            destination(self.ssh)
        except MistakeError as error:  # no host has that name: there is nothing to connect to
            self.post_message(self.Changed(self))
            self.hear(Unreached(f"{self.ssh} {error}", error.meant), 0.0)
        else:
            self.post_message(self.TestWanted(self, asks=asks))

    def hear(self, heard: Heard, seconds: float) -> None:
        """Show how the test stands."""
        self.heard = heard
        self._draw(seconds)

    def stopped(self) -> None:
        """The test was abandoned; clusters that were found already stay."""
        if isinstance(self.heard, Reached):
            self.hear(replace(self.heard, complete=True), 0.0)
        else:
            self._forget(ABANDONED)

    def _forget(self, text: Content) -> None:
        """What was heard holds no more, or will not come."""
        self.heard = None
        for line in self.query(ProbeLine):
            line.show(text)
        for found in self.query(FoundList):
            found.display = False

    def _draw(self, seconds: float = 0.0) -> None:
        heard = self.heard
        if heard is None:
            return
        reached = heard if isinstance(heard, Reached) else None
        meant = self.meant
        text = heard_text(heard, seconds, named=self.named)
        for line in self.query(ProbeLine):
            odd = remark(self.side, meant) if meant is not None else Content("")
            line.show(text + "\n" + odd if odd else text)
        for found in self.query(FoundList):
            found.display = reached is not None and bool(reached.clusters)
            if reached is not None:
                found.show(reached.clusters, meant, complete=reached.complete)

    @property
    def named(self) -> bool:
        """The form says which cluster is meant."""
        return bool(self._entry("cluster").value.strip() or self._entry("data").value.strip())

    @property
    def meant(self) -> FoundCluster | None:
        """The cluster that was found and is meant: named, or the only one that a run finds by itself."""
        if not isinstance(self.heard, Reached):
            return None
        node = self.node()
        if not self.named:
            return self.heard.clusters[0] if self.heard.alone else None
        data = (node.data or "").rstrip("/")
        fits = (one for one in self.heard.clusters if (node.cluster and one.name == node.cluster) or one.data == data)
        return next(fits, None)

    @property
    def undecided(self) -> bool:
        """Clusters were found, a run would not know which one to take, and none is named."""
        return isinstance(self.heard, Reached) and bool(self.heard.clusters) and not self.heard.alone and not self.named

    @on(Button.Pressed)
    def _test_button(self, event: Button.Pressed) -> None:
        event.stop()
        self.test(asks=True)

    @on(FoundList.Taken)
    def _take(self, event: FoundList.Taken) -> None:
        """Fill in the cluster that was taken; what was typed for another one goes."""
        event.stop()
        cluster, same = event.cluster, event.cluster == self.meant
        values = {"cluster": cluster.name, "bin": "", "data": "", "os_user": cluster.owner}
        if not cluster.name:
            values |= {"bin": cluster.bin, "data": cluster.data}
        values["port"] = "" if cluster.port is None else str(cluster.port)
        if not same:
            values |= {field.key: "" for field in MORE}
        with self.prevent(Input.Changed):
            for key, value in values.items():
                self._entry(key).value = value
        self._draw()
        self.post_message(self.Settled())

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """Another destination has not been tested; another cluster may be odd in another way."""
        if event.input is not self._entry("ssh"):
            self._draw()
        elif self.heard is not None and self.ssh != self._tested:
            self._tested = ""
            self._forget(UNTESTED)
            self.post_message(self.Changed(self))

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        """A destination that was typed is tested as soon as it is left; nothing is asked by that."""
        if event.input is self._entry("ssh") and self.app.app_focus and self._untested():
            self.test(asks=False)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Enter tests a destination that was typed; where nothing is new, it connects as ever."""
        if event.input is self._entry("ssh") and self._untested():
            event.stop()
            self.test(asks=False)
            self.post_message(self.Settled())

    def _untested(self) -> bool:
        return self._testable and bool(self.ssh) and self.ssh != self._tested
