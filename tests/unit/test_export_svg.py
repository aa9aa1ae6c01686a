"""The pictures: SVG that loads nothing, the same wherever they are drawn, of the moment that was asked for."""

import itertools
import math
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pgrepl_tui.events import RunEnded, Stage
from pgrepl_tui.export.pictures import Shown, draw, last_states
from pgrepl_tui.export.svg import svg
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.span import RecordingError
from tests.unit.hostile_run import HOSTILE, hostile_events, write_recording

RUNS = Path(__file__).parents[1] / "data" / "runs"


def picture(path: Path) -> str:
    with Recording.open(path) as recording:
        return svg(recording)


def text_of(picture: str) -> str:
    root = ET.fromstring(picture)  # noqa: S314 - our own picture
    return " ".join("".join(root.itertext()).replace("\xa0", " ").split())


def test_it_is_the_last_screen() -> None:
    text = text_of(picture(RUNS / "setup.jsonl"))
    assert "✓ match" in text
    assert "Done" in text
    assert "Marked record" in text
    assert "setup.jsonl" in text
    assert str(RUNS) not in text


def test_a_run_that_ended_early_is_shown_where_it_ended() -> None:
    assert "Preflight · " in text_of(picture(RUNS / "unknown-password.jsonl"))


def test_it_loads_nothing_and_runs_nothing() -> None:
    root = ET.fromstring(picture(RUNS / "setup.jsonl"))  # noqa: S314 - our own picture
    assert {element.tag.partition("}")[2] for element in root.iter()} <= {
        "svg", "style", "defs", "clipPath", "rect", "g", "text", "circle",
    }  # fmt: skip
    texts = [value for element in root.iter() for value in (element.text or "", *element.attrib.values())]
    assert [text for text in texts if re.search(r"url\((?!#)|@import|@font-face|href", text)] == []


def test_the_operators_no_color_is_about_the_terminal_not_about_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = picture(RUNS / "unknown-key.jsonl")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("LC_ALL", "C")
    assert picture(RUNS / "unknown-key.jsonl") == coloured


def test_each_stage_ends_just_before_the_next_one_begins() -> None:
    with Recording.open(RUNS / "setup.jsonl") as recording:
        replay = Shown(recording)
        found = last_states(replay)
        (ended,) = [event.t for event, _ in recording.events() if isinstance(event, RunEnded)]
    assert [stage for stage, _ in found] == list(Stage)
    assert found[-1][1] == ended
    begins = {stage: t for t, stage in replay.stages}
    for (_, end), (later, _) in itertools.pairwise(found):
        assert math.nextafter(end, math.inf) == begins[later]


async def test_a_picture_is_of_its_moment_whatever_was_drawn_before() -> None:
    with Recording.open(RUNS / "setup.jsonl") as recording:
        moments = [(Stage.CONNECT, 0.1), (Stage.VERIFY, 99.0), (Stage.PREFLIGHT, 1.0), (Stage.CONNECT, 0.1)]
        first, verify, preflight, again = await draw(Shown(recording), moments, (80, 24))
    assert "not looked at yet" in text_of(first)
    assert "✓ match" in text_of(verify)
    assert "Preflight · " in text_of(preflight)
    assert text_of(again) == text_of(first)


@pytest.mark.parametrize("text", ["".join(HOSTILE)], ids=["all"])
def test_no_text_of_a_recording_becomes_markup(text: str, tmp_path: Path) -> None:
    drawn = picture(write_recording(tmp_path / "r.jsonl", hostile_events(text)))
    assert "alert(1)" in text_of(drawn)
    assert re.findall(r"<(?:script|img|iframe|b)\b", drawn) == []
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", drawn)


def test_a_recording_without_events_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no event could be read"):
        picture(write_recording(tmp_path / "r.jsonl", []))
