"""Every event survives its line; whatever a line holds, reading it gives an event, an unknown one or an error."""

import json
from dataclasses import replace
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui import events as ev
from pgrepl_tui.session.codec import LATEST, TOO_LARGE, DamagedError, Unknown, decode, encode
from pgrepl_tui.session.sanitise import harmless

SAFE = st.text(max_size=12).map(harmless)
NUMBERS = st.floats(0, LATEST, allow_nan=False)


SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: SAFE,
    float: NUMBERS,
    int: st.integers(1 - TOO_LARGE, TOO_LARGE - 1),
    bool: st.booleans(),
    int | None: st.none() | st.integers(1 - TOO_LARGE, TOO_LARGE - 1),
}


def _values(hint: Any) -> st.SearchStrategy[Any]:
    if hint in SIMPLE:
        return SIMPLE[hint]
    if get_origin(hint) is tuple:
        return st.lists(_values(get_args(hint)[0]), max_size=3).map(tuple)
    if issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    return _fields(hint)


def _fields(kind: type[Any]) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{name: _values(hint) for name, hint in get_type_hints(kind).items()})


EVENTS: st.SearchStrategy[ev.Event] = st.one_of([_fields(kind) for kind in ev.EVENT_TYPES])


@settings(max_examples=400)
@given(EVENTS)
def test_any_event_survives_its_line(event: ev.Event) -> None:
    line = encode(event)
    assert "\n" not in line
    assert decode(line) == replace(event, t=round(event.t, 6))
    assert decode(line.encode()) == decode(line)


def test_a_line_is_compact_and_begins_with_type_and_time() -> None:
    event = ev.CommandEnded(t=1.23456789, number=3, step="base", status=None, seconds=0.5)
    assert encode(event) == '{"e":"command_ended","t":1.234568,"number":3,"step":"base","status":null,"seconds":0.5}'


def test_names_of_events_differ() -> None:
    assert len({encode(st_event).split(",")[0] for st_event in ONE_OF_EACH}) == len(ev.EVENT_TYPES)


ONE_OF_EACH: list[ev.Event] = [
    ev.RunStarted(topology="t", started="2026-01-01T00:00:00Z", primary="a", standby="b"),
    ev.PlanMade(steps=(ev.StepInfo("s", "S", ev.Stage.PRIMARY, "primary", "why"),)),
    ev.HostDescribed(role="primary", name="a", facts=(ev.Row("v", "15"),)),
    ev.CheckDone(id="c", title="C", verdict=ev.Verdict.STOP, primary="1", standby="2"),
    ev.StepInspected(step="s", finding=ev.Finding.BLOCKED),
    ev.StepPreviewed(
        step="s", commands=(ev.ShownCommand("a", "ls"),), diffs=(ev.FileDiff("a", "/f", "+x"),), notes=("n",)
    ),
    ev.StepStarted(step="s"),
    ev.StepEnded(step="s", outcome=ev.Outcome.CHANGED),
    ev.CommandStarted(number=1, step="s", host="a", line="ls", changes=True),
    ev.Output(number=1, step="s", host="a", stream="out", text="x\n"),
    ev.CommandEnded(number=1, step="s", status=None, seconds=1.5),
    ev.Progress(step="s", phase="copy", done=1, total=2),
    ev.Milestone(step="s", name="streaming", line="l"),
    ev.Asked(question=1, kind="gate", stage=ev.Stage.STANDBY, step="s", text="?", choices=("no", "yes")),
    ev.Answered(question=1, answer="yes", by="operator"),
    ev.PrimaryPosition(lsn="0/1", via="v"),
    ev.StandbyPosition(received="0/1", replayed="0/1", via="v"),
    ev.SenderSeen(rows=(ev.Row("state", "streaming"),)),
    ev.ReceiverSeen(rows=()),
    ev.MarkReached(lsn="0/1", point="sent", seconds=0.1, seen_on="primary"),
    ev.Matched(matching=True, lsn="0/1", received="0/1", replayed="0/1"),
    ev.Note(level="info", text="n"),
    ev.RunEnded(outcome=ev.RunOutcome.DONE, exit_code=0, changes=1),
]


def test_every_type_is_among_the_examples() -> None:
    assert [type(event) for event in ONE_OF_EACH] == list(ev.EVENT_TYPES)


def test_an_unknown_type_is_told() -> None:
    assert decode('{"e":"promoted","t":1}') == Unknown("promoted")


def test_unknown_fields_are_left_out_and_told() -> None:
    seen: list[str] = []
    step = '{"id":"a","title":"A","stage":"verify","host":"p","why":"","colour":1}'
    event = decode('{"e":"plan_made","t":1,"by":"x","steps":[' + step + "]}", seen.append)
    assert event == ev.PlanMade(t=1, steps=(ev.StepInfo("a", "A", ev.Stage.VERIFY, "p", ""),))
    assert seen == ["by"]


def test_fields_with_defaults_may_be_missing() -> None:
    assert decode('{"e":"step_started","step":"a"}') == ev.StepStarted(t=0.0, step="a")


def test_texts_of_a_hostile_recording_are_made_harmless() -> None:
    assert decode('{"e":"note","t":0,"level":"info","text":"\\u001b[2J\\u202e\\ud800"}') == ev.Note(
        t=0, level="info", text="␛[2J\\u202e\\ud800"
    )


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "null",
        "[]",
        '"note"',
        "{}",
        '{"e":1}',
        '{"e":["note"]}',
        '{"e":"note"}',
        '{"e":"note","level":"info","text":1}',
        '{"e":"note","level":"info","text":null}',
        '{"e":"note","t":"1","level":"info","text":""}',
        '{"e":"note","t":-1,"level":"info","text":""}',
        '{"e":"note","t":NaN,"level":"info","text":""}',
        '{"e":"note","t":Infinity,"level":"info","text":""}',
        '{"e":"note","t":1e999,"level":"info","text":""}',
        '{"e":"note","t":' + "9" * 400 + ',"level":"info","text":""}',
        '{"e":"note","t":' + "9" * 5000 + ',"level":"info","text":""}',
        '{"e":"note","t":1000000001,"level":"info","text":""}',
        '{"e":"command_ended","number":18446744073709551616,"step":"a","status":0,"seconds":1}',
        '{"e":"command_ended","number":1,"step":"a","status":0,"seconds":1e308}',
        '{"e":"note","t":true,"level":"info","text":""}',
        '{"e":"command_ended","number":1.0,"step":"a","status":0,"seconds":1}',
        '{"e":"command_ended","number":true,"step":"a","status":0,"seconds":1}',
        '{"e":"command_started","number":1,"step":"a","host":"h","line":"l","changes":1}',
        '{"e":"step_inspected","step":"a","finding":"perhaps"}',
        '{"e":"step_inspected","step":"a","finding":[]}',
        '{"e":"sender_seen","rows":{}}',
        '{"e":"sender_seen","rows":[1]}',
        '{"e":"sender_seen","rows":[{"name":"a"}]}',
        "[" * 100_000,
        '{"e":"sender_seen","rows":' + "[" * 900 + "]" * 900 + "}",
    ],
)
def test_a_damaged_line_is_an_error(line: str) -> None:
    with pytest.raises(DamagedError):
        decode(line)


def test_bytes_that_are_no_text_are_damaged() -> None:
    with pytest.raises(DamagedError):
        decode(b'{"e":"note","t":0,"level":"info","text":"\xff"}')


def test_a_number_without_a_text_form_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        encode(ev.CommandEnded(number=1, step="s", status=0, seconds=float("inf")))


@settings(max_examples=300)
@given(st.sampled_from(ONE_OF_EACH), st.integers(0, 400), st.integers(0, 7))
def test_a_flipped_bit_never_crashes(event: ev.Event, place: int, bit: int) -> None:
    line = bytearray(encode(event).encode())
    line[place % len(line)] ^= 1 << bit
    try:
        outcome = decode(bytes(line))
    except DamagedError:
        return
    assert isinstance(outcome, ev.Event | Unknown)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300)
@given(st.sampled_from(ONE_OF_EACH), st.data())
def test_any_value_in_any_field_never_crashes(event: ev.Event, data: st.DataObject) -> None:
    value = json.loads(encode(event))
    value[data.draw(st.sampled_from(sorted(value)))] = data.draw(JSON)
    try:
        outcome = decode(json.dumps(value))
    except DamagedError:
        return
    assert isinstance(outcome, Unknown) or decode(encode(outcome)) == replace(outcome, t=round(outcome.t, 6))
