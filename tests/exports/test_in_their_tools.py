"""Exports open in their own tools: the asciicast in asciinema's player, the page in a browser."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest

from pgrepl_tui.export import export
from pgrepl_tui.session.recording import Recording
from tests.exports.browser import needs_browser, needs_npm, player, said_by, served

pytestmark = needs_browser
OURS = re.compile("\x1b\\[[0-9;]+m")
SEEN = 5
"""Lines at the end that have to stand there as they were written."""
RUNS = Path(__file__).parents[1] / "data" / "runs"
PLAYED = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="asciinema-player.css">
<div id="film"></div><pre id="said"></pre><script src="asciinema-player.min.js"></script><script>
const errors = [];
window.addEventListener("error", event => errors.push(String(event.message)));
const film = AsciinemaPlayer.create("run.cast", document.getElementById("film"), {preload: true, fit: false});
film.addEventListener("ready", async () => {
    await film.seek("100%");
    setTimeout(() => {
        document.getElementById("said").textContent = JSON.stringify({
            errors,
            duration: film.getDuration(),
            markers: document.querySelectorAll(".ap-marker-container").length,
            lines: [...document.querySelectorAll(".ap-line")].map(line => line.textContent),
        });
    }, 1000);
});
</script>"""
LOOKED_AT = """<!doctype html><meta charset="utf-8"><pre id="said"></pre>
<iframe id="page" src="run.html" width="1200" height="800"></iframe><script>
document.getElementById("page").addEventListener("load", event => {
    const page = event.target.contentDocument;
    const pictures = [...page.querySelectorAll("img, svg")];
    document.getElementById("said").textContent = JSON.stringify({
        title: page.title,
        headings: [...page.querySelectorAll("h1, h2")].map(found => found.textContent),
        pictures: pictures.length,
        unseen: pictures.filter(one => one.getBoundingClientRect().width < 100 || one.naturalWidth === 0).length,
        text: page.body.textContent,
        wide: page.documentElement.scrollWidth,
    });
});
</script>"""


@needs_npm
@pytest.mark.parametrize("run", ["setup", "paused"])
async def test_the_cast_plays_to_its_end_in_asciinemas_player(run: str, tmp_path: Path) -> None:
    for file in (await player()).iterdir():
        shutil.copy(file, tmp_path)
    with Recording.open(RUNS / f"{run}.jsonl") as recording:
        text = export(recording, "cast")
    (tmp_path / "run.cast").write_text(text)
    (tmp_path / "index.html").write_text(PLAYED)
    events = [json.loads(line) for line in text.splitlines()[1:]]
    with served(tmp_path) as (address, _):
        said = await said_by(f"{address}/index.html", tmp_path / "profile")
    assert said["errors"] == []
    assert said["duration"] == pytest.approx(sum(interval for interval, *_ in events), abs=0.01)
    assert said["markers"] == sum(code == "m" for _, code, _ in events)
    seen = [line.rstrip() for line in said["lines"] if line.strip()]
    written = OURS.sub("", "".join(data for _, code, data in events if code == "o"))
    assert seen[-SEEN:] == [line.rstrip() for line in written.splitlines() if line.strip()][-SEEN:]


async def test_the_page_opens_in_a_browser_and_asks_nobody_for_anything(tmp_path: Path) -> None:
    with Recording.open(RUNS / "setup.jsonl") as recording:
        (tmp_path / "run.html").write_text(await asyncio.to_thread(export, recording, "html"))
    (tmp_path / "index.html").write_text(LOOKED_AT)
    with served(tmp_path) as (address, asked):
        said = await said_by(f"{address}/index.html", tmp_path / "profile")
    assert sorted({*asked} - {"/favicon.ico"}) == ["/index.html", "/run.html"]
    assert said["pictures"] > 0
    assert said["unseen"] == 0
    assert "pg_basebackup" in said["text"]
    assert said["title"]
