"""The evidence on the Verify screen: the marked record's journey, the sender and the receiver, the lag."""

import re
from collections.abc import Sequence

from textual.content import Content

from pgrepl_tui.events import MarkReached, Outcome, ReceiverSeen, Row, SenderSeen
from pgrepl_tui.screens.figures import ago, duration, size
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.signs import step_sign
from pgrepl_tui.session.state import SessionState

BARS = "▁▂▃▄▅▆▇█"
HEADING = "bold"
READ_ONLY = "read-only"
"""The step that reads on the standby, and tries to write there."""
FRACTION = re.compile(r"(?<=:\d\d)\.\d+(?=[+-]|$)")
"""Of a second, in a time of the server's: it tells nobody anything, and makes a line of two."""
FEW = 3
"""Samples of the lag below which a line of bars says nothing."""


def journey(marks: Sequence[MarkReached]) -> Content:
    """The marked record from the primary's WAL to the standby's replay, with the time at each point."""
    if not marks:
        return Content.styled("The marked record is not written yet.", "dim")
    lines = [Content.assemble(("Marked record ", HEADING), plain_line(marks[0].lsn))]
    for mark in marks:
        when = duration(mark.seconds)
        seen = f"  seen on {plain_line(mark.seen_on)}"
        lines.append(Content.assemble(("✓ ", "$success"), f"{plain_line(mark.point):<10}{when:>9}", (seen, "dim")))
    return Content("\n").join(lines)


def reads(state: SessionState) -> Content:
    """What came of a read on the standby and of a write that it has to refuse; a failure is told as a problem."""
    step = state.steps.get(READ_ONLY)
    if step is None or state.run is None or step.outcome is Outcome.FAILED:
        return Content("")
    sign, said = step_sign(step), plain_line(step.message) or plain_line(step.info.title)
    title = f"Standby {plain_line(state.run.standby)} "
    return Content.assemble((f"{sign.mark} ", sign.style), (title, HEADING), (said, "" if step.message else "dim"))


def end_rows(title: str, seen: SenderSeen | ReceiverSeen | None, now: float, empty: str) -> Content:
    """One end of the stream as a titled table of names and values, with how old they are; ``now`` is on its clock."""
    if seen is None:
        return Content.assemble((title, HEADING), "\n", (f"{empty} yet", "dim"))
    head = Content.assemble((title, HEADING), (f", {ago(now - seen.t)}", "dim"), "\n")
    rows = [Row(row.name, FRACTION.sub("", row.value)) for row in seen.rows]
    return head + (table(rows) if rows else Content.styled(empty, "$warning"))


def table(rows: Sequence[Row]) -> Content:
    """Names and values in two columns."""
    widest = min(24, max((len(plain_line(row.name)) for row in rows), default=0))
    lines = [Content.assemble((f"{plain_line(row.name):<{widest}}  ", "dim"), plain_line(row.value)) for row in rows]
    return Content("\n").join(lines)


def lag_line(lag: Sequence[tuple[float, int]], width: int) -> Content:
    """The lag in bytes over time as one line of bars, with its last and its highest value; empty with few data."""
    if len(lag) < FEW:
        return Content("")
    counts = [count for _, count in lag[-max(1, width) :]]
    most = max(counts)
    bars = "".join(BARS[round(count / most * (len(BARS) - 1))] if most else BARS[0] for count in counts)
    words = f"now {size(counts[-1])}, at most {size(most)}"
    return Content.assemble(("Lag ", HEADING), (words, "dim"), "\n", (bars, "$accent"))
