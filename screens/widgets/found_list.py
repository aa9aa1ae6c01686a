"""The clusters that were found on a host: a row each; Enter or a click takes one."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from pgrepl_tui.postgres.found import FoundCluster, Standing
from pgrepl_tui.screens import part_keys
from pgrepl_tui.screens.figures import size
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.widgets.row_list import RowList

STYLES = {Standing.PRIMARY: "$success", Standing.STANDBY: "$accent", Standing.UNKNOWN: "$warning"}
LONGEST_NAME = 16


class FoundList(RowList):
    """Posts ``Taken`` with the cluster that the operator takes."""

    BINDINGS: ClassVar[list[BindingType]] = [*part_keys.FOUND]

    class Taken(Message):
        """This cluster is the one."""

        def __init__(self, cluster: FoundCluster) -> None:
            super().__init__()
            self.cluster = cluster

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.clusters: tuple[FoundCluster, ...] = ()
        self._complete = False
        self._meant: FoundCluster | None = None

    def show(self, clusters: tuple[FoundCluster, ...], meant: FoundCluster | None, *, complete: bool) -> None:
        """Draw these; ``meant`` is the one that the form names, ``complete`` says that no size is coming any more."""
        before = self.clusters[self.cursor].data if self.clusters else ""
        places = [cluster.data for cluster in clusters]
        if before not in places:
            self.release()
        self.clusters, self._meant, self._complete = clusters, meant, complete
        if self.held:
            self._put(places.index(before))
        else:
            self.lead(clusters.index(meant) if meant in clusters else min(self.cursor, max(0, len(clusters) - 1)))
        self.refresh(layout=True)

    def count(self) -> int:
        """How many clusters there are."""
        return len(self.clusters)

    def row(self, index: int, width: int) -> Content:
        """What it is called, its port, what it is, its size, where its data is."""
        cluster = self.clusters[index]
        name = _name(cluster)
        wide = min(LONGEST_NAME, max(len(_name(other)) for other in self.clusters))
        mark = ("✓ ", "$success bold") if cluster == self._meant else "  "
        port = "" if cluster.port is None else str(cluster.port)
        standing = (f"{cluster.standing.value:<8}", STYLES.get(cluster.standing, "dim"))
        told = Content.assemble(mark, f"{name:<{wide}} {port:>5} ", standing, f"{self._room(cluster):>8}  ")
        rest = f"{plain_line(cluster.data)}{f' ({plain_line(cluster.note)})' if cluster.note else ''}"
        return told + Content.styled(_end_of(rest, width - told.cell_length), "dim")

    def _room(self, cluster: FoundCluster) -> str:
        if cluster.standing is Standing.EMPTY:
            return ""
        return size(cluster.size) if cluster.size is not None else "?" if self._complete else "…"

    def action_take(self) -> None:
        """Take the cluster that the cursor stands on."""
        if self.clusters:
            self.post_message(self.Taken(self.clusters[self.cursor]))

    def on_click(self, event: events.Click) -> None:
        """Take the cluster that was clicked."""
        event.prevent_default()
        place = self._top + event.get_content_offset_capture(self).y
        if 0 <= place < self.count():
            self.held = True
            self._put(place)
            self.action_take()


def _name(cluster: FoundCluster) -> str:
    return plain_line(cluster.name or cluster.version or "?")


def _end_of(text: str, width: int) -> str:
    """The end of a text says more of a path than its beginning; what is a note is cut at its end as ever."""
    if len(text) <= width or " (" in text:
        return text
    return f"…{text[-width + 1 :]}" if width > 1 else ""
