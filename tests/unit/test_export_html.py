"""The page: well-formed, without scripts and network, with all pictures and commands; every text is escaped."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pgrepl_tui import events as ev
from pgrepl_tui.export.html_page import POLICY, html_page
from pgrepl_tui.lines import TITLES
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.sanitise import harmless
from pgrepl_tui.session.span import RecordingError
from tests.unit.hostile_run import HOSTILE, hostile_events, write_recording

RUNS = Path(__file__).parents[1] / "data" / "runs"
VOID = {"meta", "br", "img", "input", "link", "hr"}
HARMLESS = {
    "html", "head", "meta", "title", "style", "body", "main", "section", "h1", "h2", "h3", "p", "dl", "dt", "dd", "pre",
    "code", "span", "strong", "ins", "del", "details", "summary", "figure", "figcaption", "div",
    "svg", "defs", "clippath", "rect", "g", "text", "circle",
}  # fmt: skip


class Page(HTMLParser):
    """Reads a page as a browser would, and refuses what is not well-formed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.styles: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")

    def handle_data(self, data: str) -> None:
        (self.styles if self._open[-1:] == ["style"] else self.words).append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def count(self, tag: str) -> int:
        return [name for name, _ in self.tags].count(tag)


def page(path: Path) -> Page:
    with Recording.open(path) as recording:
        return Page(html_page(recording))


@pytest.fixture(scope="module")
def setup() -> Page:
    return page(RUNS / "setup.jsonl")


def nothing_runs_and_nothing_is_loaded(found: Page) -> None:
    assert {tag for tag, _ in found.tags} <= HARMLESS
    for tag, attributes in found.tags:
        assert [name for name in attributes if name.startswith("on")] == []
        assert {"src", "href", "xlink:href", "action", "data", "srcset", "style"} & attributes.keys() == set(), tag
        for name, value in attributes.items():
            assert "//" not in value or name == "xmlns" or tag == "svg", (tag, name, value)
    for style in found.styles:
        assert "url(" not in style.replace(" ", "")
        assert "@import" not in style
        assert "@font-face" not in style


def test_nothing_runs_and_nothing_is_loaded(setup: Page) -> None:
    nothing_runs_and_nothing_is_loaded(setup)


def test_the_policy_of_the_page_forbids_scripts_and_network(setup: Page) -> None:
    policies = [attributes["content"] for tag, attributes in setup.tags if "http-equiv" in attributes and tag == "meta"]
    assert policies == [POLICY]
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules.pop("default-src") == "'none'"
    assert rules == {"style-src": "'unsafe-inline'", "base-uri": "'none'", "form-action": "'none'"}


def test_each_stage_has_its_picture_as_it_was_at_its_end(setup: Page) -> None:
    labels = [attributes["aria-label"] for tag, attributes in setup.tags if tag == "svg"]
    assert [label.partition(", ")[0] for label in labels] == list(TITLES.values())
    ids = [attributes["id"] for _, attributes in setup.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    seen = setup.text.replace("\xa0", " ")
    for shown in ("system identifier", "Preflight · ", "replication slot", "started streaming WAL", "✓ match"):
        assert shown in seen


def test_what_is_fixed_is_said_first(setup: Page) -> None:
    for said in (
        "lab: db1 → db2",
        "done, exit code 0",
        "PostgreSQL 17",
        "recorded by pgrepl-tui 0.1.0, in setup.jsonl",
    ):
        assert said.replace(" ", "") in setup.text.replace(" ", "")
    with Recording.open(RUNS / "setup.jsonl") as recording:
        *_, matched = (event for event, _ in recording.events() if isinstance(event, ev.Matched))
    assert f"WAL positions: match; {matched.written_since} bytes written by the primary meanwhile" in setup.text
    assert str(RUNS) not in setup.text


def test_every_command_is_there_with_its_output(setup: Page) -> None:
    with Recording.open(RUNS / "setup.jsonl") as recording:
        events = [event for event, _ in recording.events()]
    commands = [event for event in events if isinstance(event, ev.CommandStarted)]
    (plan,) = [event for event in events if isinstance(event, ev.PlanMade)]
    for command in commands:
        assert " ".join(command.line.split()) in setup.text
    assert setup.count("details") == len(commands) + len(plan.steps)
    assert "25006: cannot execute CREATE TABLE in a read-only transaction" in setup.text


def test_a_failed_step_is_open_and_says_what_to_do() -> None:
    found = page(RUNS / "paused.jsonl")
    assert [attributes["class"] for _, attributes in found.tags if "open" in attributes] == ["step"]
    assert "if nobody means it to be: select pg_wal_replay_resume()" in found.text


@pytest.mark.parametrize("text", ["".join(HOSTILE), HOSTILE[0] * 3, HOSTILE[2]], ids=["all", "script", "closing tags"])
def test_no_text_of_a_recording_becomes_markup(text: str, tmp_path: Path) -> None:
    found = page(write_recording(tmp_path / "r.jsonl", hostile_events(text)))
    nothing_runs_and_nothing_is_loaded(found)
    assert " ".join(harmless(text).split()) in found.text
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", "".join(found.words))


def test_a_recording_without_events_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no event could be read"):
        page(write_recording(tmp_path / "r.jsonl", []))
