"""A session folds its events and knows where the lines of each step are."""

from pgrepl_tui import events as ev
from pgrepl_tui.session.session import Session
from pgrepl_tui.session.span import Span

PIECES = [
    ev.Output(number=1, step="base", host="standby", stream="out", text="one\ntw"),
    ev.Output(number=1, step="base", host="standby", stream="out", text="o"),
    ev.Output(number=1, step="base", host="standby", stream="err", text="warning\n"),
    ev.Output(number=2, step="start", host="standby", stream="log", text="log 1\nlo"),
    ev.Output(number=3, step="start", host="standby", stream="out", text="done"),
    ev.Output(number=2, step="start", host="standby", stream="log", text="g 2\n"),
]


def _read(span: Span) -> str:
    return PIECES[span.offset].text


def _session() -> Session:
    session = Session()
    for number, event in enumerate(PIECES):
        session.add(event, Span(number, 1))
    return session


def test_each_step_has_its_own_lines() -> None:
    outputs = _session().outputs
    assert list(outputs) == ["base", "start"]
    assert outputs["base"].lines(0, 9, _read) == ["one", "two", "warning"]


def test_a_line_is_not_joined_with_that_of_another_command() -> None:
    assert _session().outputs["start"].lines(0, 9, _read) == ["log 1", "lo", "done", "g 2"]


def test_the_log_alone_is_there_too() -> None:
    logs = _session().logs
    assert list(logs) == ["start"]
    assert logs["start"].lines(0, 9, _read) == ["log 1", "log 2"]


def test_the_state_is_folded() -> None:
    session = Session()
    session.add(ev.Note(t=2.5, level="info", text="n"), Span(0, 1))
    assert session.state.t == 2.5
    assert [note.text for note in session.state.notes] == ["n"]
    assert session.outputs == {}


def test_a_copy_goes_on_on_its_own() -> None:
    session = _session()
    other = session.back_to(session.standing())
    other.add(ev.Output(number=9, step="base", host="h", stream="out", text="x\n"), Span(0, 1))
    other.add(ev.Output(number=9, step="new", host="h", stream="out", text="x\n"), Span(0, 1))
    assert session.outputs["base"].total_lines == 3
    assert other.outputs["base"].total_lines == 4
    assert "new" not in session.outputs
    assert other.logs["start"].lines(0, 9, _read) == ["log 1", "log 2"]
