"""Recordings that were cut, damaged or written by an enemy: refused, or shown harmlessly; never a crash."""

import asyncio
import json
import tracemalloc
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.export import export
from pgrepl_tui.headless import replay as print_again
from pgrepl_tui.session.recording import Recording
from pgrepl_tui.session.replay import Replay
from pgrepl_tui.session.span import RecordingError
from tests.fuzz.counts import count
from tests.fuzz.profile import examples
from tests.hostile import assert_harmless

RUNS = Path(__file__).parents[1] / "data" / "runs"
ENOUGH = 5000
"""Bytes of the recording that is cut at every one of them."""
MEGABYTE = 1 << 20
HUGE = (10**400, -(10**400), 1e308, -1e308, float("nan"), float("inf"), 2**63, 2**64, -1, 0, 1e-320)
ODD: tuple[Any, ...] = (None, True, "", [], {}, [[]], {"a": {}}, "\x1b[2J\x1b]52;c;eA==\x07", "\u202e[@click=app.quit]",
                        "\ud800", "x" * 70_000, ["x"] * 3000, "\0", "٣", *HUGE)  # fmt: skip
CONTROLS = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x200F)))


def short_run() -> bytes:
    """Parts of a real run, one event of each kind and then more, in a little over five kilobytes."""
    header, *lines = (RUNS / "setup.jsonl").read_bytes().splitlines(keepends=True)
    kinds: dict[str, bytes] = {}
    for line in sorted(lines, key=len):
        kinds.setdefault(json.loads(line)["e"], line)
    chosen = [line for line in lines if line in set(kinds.values())]
    for line in lines:
        if sum(map(len, (header, *chosen))) > ENOUGH:
            break
        chosen += [line] if line not in chosen and len(line) < 200 else []
    return header + b"".join(chosen)


RUN = short_run()


def opened(path: Path) -> int | None:
    """How many events can be read; None where it is refused."""
    try:
        with Recording.open(path) as recording:
            events = sum(1 for _ in recording.events())
            assert_harmless(recording.problems)
    except RecordingError:
        return None
    return events


def looked_through(path: Path) -> int | None:
    """Read it all, go about in it and print it; how many events there are, or None where it is refused."""
    try:
        played = Replay.open(path, playing=False)
    except RecordingError as error:
        said = str(error)
    else:
        return _gone_about_in(played)
    assert str(path) in said
    assert_harmless(said)
    return None


def _gone_about_in(played: Replay) -> int:
    try:
        assert_harmless(played.problems)
        for place in (played.duration, 0.0, played.duration / 2, -1.0, 1e300):
            played.seek(place)
            assert 0 <= played.count <= played.events
        return played.events
    finally:
        played._source.close()


def printed(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What ``replay --headless`` prints."""
    with Recording.open(path) as recording:
        asyncio.run(print_again(recording, at=None))
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def exported(path: Path, *forms: str) -> None:
    """It can be exported, or is refused; what is text holds nothing that a terminal obeys."""
    for form in forms:
        try:
            with Recording.open(path) as recording:
                text = export(recording, form)
        except RecordingError:
            continue
        text.encode()
        assert not set(text) & set(CONTROLS.replace("\n", "").replace("\t", "")), form


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def test_a_cut_at_every_byte(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(RUN) >= ENOUGH
    assert len({json.loads(line)["e"] for line in RUN.splitlines()[1:]}) > 12
    ends = [at for at, byte in enumerate(RUN) if byte == ord("\n")]
    for cut in range(len(RUN) + 1):
        path.write_bytes(RUN[:cut])
        whole = sum(end <= cut for end in ends) - 1
        assert opened(path) == (None if cut < ends[0] else max(0, whole)), cut
        count("recordings cut off, at every byte")
        if cut % 23 == 0:
            assert looked_through(path) == opened(path)
            count("replays of cut recordings")
        if whole > 0 and cut % 97 == 0:
            assert_harmless(printed(path, capsys))
            exported(path, "cast", "markdown")
            count("exports of cut recordings", 2)


@examples(300)
@given(places=st.lists(st.integers(0, len(RUN) * 8 - 1), min_size=1, max_size=3))
def test_flipped_bits(tmp_path_factory: pytest.TempPathFactory, places: list[int]) -> None:
    data = bytearray(RUN)
    for place in places:
        data[place // 8] ^= 1 << place % 8
    path = tmp_path_factory.getbasetemp() / "flipped.jsonl"
    path.write_bytes(data)
    looked_through(path)
    count("recordings with flipped bits")


def hostile(line: bytes, random: Random) -> bytes:
    """An event whose fields have odd values, or whose JSON is odd itself."""
    event = json.loads(line)
    for name in random.sample(sorted(event), min(len(event), random.choice((1, 1, 2, 9)))):
        if name != "e" or random.random() < 0.2:
            event[name] = random.choice(ODD)
    text = json.dumps(event)
    how = random.randrange(8)
    if how == 0:
        text = text.replace('"t": ', '"t": ' + random.choice(("1" * 5000, "-", "1e99999", "0x1", '"1"', "[" * 3000)), 1)
    elif how == 1:
        text = "[" * random.choice((10, 2000, 100_000)) + text
    elif how == 2:
        text = text[:-1] + ', "x": ' + '{"a":' * 500 + "1" + "}" * 500 + "}"
    elif how == 3:
        text = text[:-1] + f", {text[1:-1]}" * 3 + "}"
    return text.encode("utf-8", "surrogatepass") + b"\n"


@examples(100, shrink=False)
@given(seed=st.integers(0, 2**32), several=st.integers(1, 6))
def test_hostile_events(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str], seed: int, several: int
) -> None:
    random = Random(seed)  # noqa: S311 - the same in every run
    header, *lines = RUN.splitlines(keepends=True)
    for at in random.sample(range(len(lines)), several):
        lines[at] = hostile(lines[at], random)
    if random.random() < 0.3:
        random.shuffle(lines)
    path = tmp_path_factory.getbasetemp() / "hostile.jsonl"
    path.write_bytes(header + b"".join(lines))
    assert looked_through(path) is not None
    assert_harmless(printed(path, capsys))
    exported(path, "cast", "markdown")
    count("recordings with hostile events")


@examples(80, shrink=False)
@given(seed=st.integers(0, 2**32))
def test_hostile_headers(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - the same in every run
    header, rest = RUN.split(b"\n", 1)
    path = tmp_path_factory.getbasetemp() / "header.jsonl"
    path.write_bytes(hostile(header.replace(b"{", b'{"e":1,', 1), random) + rest)
    looked_through(path)
    count("recordings with a hostile header")


def test_a_page_of_hostile_events(path: Path) -> None:
    random = Random(7)  # noqa: S311 - the same in every run
    header, *lines = RUN.splitlines(keepends=True)
    path.write_bytes(header + b"".join(hostile(line, random) if random.random() < 0.3 else line for line in lines))
    exported(path, "html")
    count("pages of hostile recordings")


def test_a_bomb_takes_little_memory(path: Path) -> None:
    header, rest = RUN.split(b"\n", 1)
    bomb = b'{"e":"note","t":1,"level":"info","text":' + b"[" * (4 * MEGABYTE) + b"\n"
    path.write_bytes(header + b"\n" + bomb * 3 + rest)
    tracemalloc.start()
    events = looked_through(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert events == len(rest.splitlines())
    assert peak < 40 * MEGABYTE
    count("recordings with a bomb")
