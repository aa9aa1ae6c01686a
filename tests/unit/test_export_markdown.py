"""The runbook, read as Markdown by a parser of CommonMark: what was run stands in it, and no text becomes markup."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pgrepl_tui import events as ev
from pgrepl_tui.export.markdown import markdown
from pgrepl_tui.export.markdown_text import code, fence, prose
from pgrepl_tui.lines import TITLES
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.sanitise import harmless
from pgrepl_tui.session.span import RecordingError
from tests.unit.hostile_run import HOSTILE, hostile_events, write_recording

RUNS = Path(__file__).parents[1] / "data" / "runs"
FOLD = re.compile(r"<details><summary>Commands that only looked: \d+</summary>\n|</details>\n")
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], include_characters="`*_[]<>#~|\\&$!\n\t"))


def exported(path: Path) -> str:
    with Recording.open(path) as recording:
        return markdown(recording)


def parsed(text: str) -> list[Token]:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [inner for token in tokens for inner in (token, *(token.children or ()))]


def fences(text: str) -> list[Token]:
    return [token for token in parsed(text) if token.type == "fence"]


def test_stages_and_steps_stand_in_order_with_their_results() -> None:
    text = exported(RUNS / "setup.jsonl")
    with Recording.open(RUNS / "setup.jsonl") as recording:
        (plan,) = [event for event, _ in recording.events() if isinstance(event, ev.PlanMade)]
    stages = re.findall(r"^## Stage: (.*)$", text, re.MULTILINE)
    assert stages == list(TITLES.values())
    steps = re.findall(r"^### (\d+)\. (.*?): (.*?)$", text, re.MULTILINE)
    assert [(int(number), title) for number, title, _ in steps] == [
        (number, prose(step.title)) for number, step in enumerate(plan.steps, 1)
    ]
    (role,) = [how for _, title, how in steps if title == "replication role"]
    assert re.fullmatch(r"changed \(0\.\d\d s\)", role)
    assert "Result: the role replicator is there" in text
    assert "Asked: Restart the primary db1 now?" in text
    assert "Answer: yes (--yes)" in text


def test_every_command_stands_there_once_with_its_host_and_status() -> None:
    path = RUNS / "setup.jsonl"
    blocks = "".join(token.content for token in fences(exported(path)) if token.info == "sh")
    with Recording.open(path) as recording:
        commands = [event for event, _ in recording.events() if isinstance(event, ev.CommandStarted)]
        ends = {event.number: event for event, _ in recording.events() if isinstance(event, ev.CommandEnded)}
    assert len(commands) > 200
    for command in commands:
        end = ends.get(command.number)
        status = f"exit status {end.status}, " if end is not None else "not ended"
        assert blocks.count(f"# {command.number}. on {command.host}: {status}") == 1
        assert f"\n{command.line}\n" in blocks


def test_what_changes_is_in_full_view_and_what_looks_is_folded() -> None:
    text = exported(RUNS / "setup.jsonl")
    (role,) = re.findall(r"^### \d+\. replication role: .*?(?=^###)", text, re.MULTILINE | re.DOTALL)
    before, _, folded = role.partition("<details>")
    assert "create role" in before
    assert "from pg_authid" in folded
    assert "from pg_authid" not in before
    assert text.count("<details>") == text.count("</details>") > 10


def test_diffs_and_positions() -> None:
    path = RUNS / "setup.jsonl"
    with Recording.open(path) as recording:
        *_, matched = (event for event, _ in recording.events() if isinstance(event, ev.Matched))
    blocks = fences(exported(path))
    diffs = [token.content for token in blocks if token.info == "diff"]
    assert any("+wal_keep_size = '512MB'\n" in diff for diff in diffs)
    assert f"WAL positions: match; {matched.written_since} bytes written" in blocks[-1].content
    assert "marked record" in blocks[-1].content


def test_a_failed_run_says_what_to_do() -> None:
    text = exported(RUNS / "paused.jsonl")
    assert re.search(r"^### \d+\. matching WAL positions: failed", text, re.MULTILINE)
    assert "What to do: if nobody means it to be: select pg\\_wal\\_replay\\_resume()" in text
    assert re.search(r"^### \d+\. report: not run$", text, re.MULTILINE)
    assert "WAL positions: NO MATCH" in text


@pytest.mark.parametrize("text", [text for text in HOSTILE if text])
def test_no_text_of_a_recording_becomes_markup(text: str, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    good = structure(exported(write_recording(path, hostile_events("text"))))
    assert structure(exported(write_recording(path, hostile_events(text)))) == good


def test_a_text_of_two_lines_cannot_pass_for_a_line_of_ours(tmp_path: Path) -> None:
    forged = "all is well\npass  forged check\r# 9. on db1: exit status 0"
    # a command and a diff are lines, and stand in fences of their own
    kept = ev.CommandStarted | ev.StepPreviewed
    events = [event for event in hostile_events(forged) if not isinstance(event, kept)]
    lines = exported(write_recording(tmp_path / "r.jsonl", events)).splitlines()
    assert [line for line in lines if line.startswith(("pass", "# 9."))] == []


def structure(text: str) -> list[tuple[str, str]]:
    """The kinds of the blocks and of what is in them, and the fences' languages."""
    assert re.sub(FOLD, "", "".join(token.content for token in parsed(text) if token.type == "html_block")) == ""
    tokens = [token for token in parsed(text) if token.type not in {"text", "text_special", "inline", "softbreak"}]
    return [(token.type, token.info) for token in tokens if token.type != "code_inline"]


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_prose_is_read_as_the_text_that_it_is(text: str) -> None:
    shown = " ".join(harmless(text).split())
    tokens = parsed(f"Why: {prose(harmless(text))}")
    assert {token.type for token in tokens} <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}
    content = "".join(token.content for token in tokens if token.type in {"text", "text_special"})
    assert content.split() == ["Why:", *shown.split()]


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_a_code_span_is_read_as_the_text_that_it_is(text: str) -> None:
    shown = " ".join(harmless(text).split())
    spans = [token.content for token in parsed(f"On {code(harmless(text))} here") if token.type == "code_inline"]
    assert spans == ([shown] if shown else [])


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_a_fence_holds_any_text(text: str) -> None:
    tokens = parsed(fence(harmless(text), "sh") + "\nafter\n")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "text", "paragraph_close"]
    assert tokens[0].content.rstrip("\n") == harmless(text).rstrip("\n")


def test_a_long_output_is_cut_at_its_beginning_and_says_so(tmp_path: Path) -> None:
    events = [event for event in hostile_events("text") if not isinstance(event, ev.Output)]
    lines = [f"line {number}\n" for number in range(100_000)]
    pieces = ["".join(lines[first : first + 1000]) for first in range(0, len(lines), 1000)]
    outputs = [ev.Output(t=1.2, number=1, step="s", host="h", stream="out", text=piece) for piece in pieces]
    text = exported(write_recording(tmp_path / "r.jsonl", [*events[:11], *outputs, *events[11:]]))
    assert "#> line 99999\n" in text
    assert "#> … (what came before is in the recording)\n#> line 99980\n" in text
    assert "line 99979" not in text
    assert len(text) < 20_000


def test_a_recording_without_events_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no event could be read"):
        exported(write_recording(tmp_path / "r.jsonl", []))
