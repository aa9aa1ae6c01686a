"""A recording in which every text is the same hostile one: what a host, or whoever wrote the file, could put there."""

import json
from pathlib import Path

from pgrepl_tui import events as ev
from pgrepl_tui.session.codec import encode

HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=http://evil.example/x onerror=alert(1)>",
    "</pre></details></svg><iframe src=//evil.example>",
    "--><style>@import 'http://evil.example/x'</style>",
    "]]><![CDATA[<b>&amp;&#60;",
    "```\n# heading\n~~~~\n<b>html</b>\n````",
    "[link](http://evil.example) ![image](http://evil.example/x.png) <http://evil.example>",
    "| a | b |\n|---|---|\n* item\n1. item\n> quote\n    code",
    "**bold** __bold__ `code` ~~gone~~ \\* &lt; $x$ www.evil.example",
    "\x1b[31mred\x1b]0;title\x07\x1b[2J\x9b31m\x00",
    "\u202egnp.exe \u200b\ufeff",
    "a\rb\r\nc\td\x0b\x0c\x85\u2028e",
    "",
    "é 日本語 🐘 " * 30,
)


def hostile_events(text: str) -> list[ev.Event]:
    """A run with the text in every place that has room for one."""
    step = ev.StepInfo("s", text, ev.Stage.PRIMARY, "primary", text)
    check = ev.StepInfo("preflight", text, ev.Stage.PREFLIGHT, text, text)
    diff = ev.FileDiff(text, text, f"--- {text}\n+++ {text}\n@@ -1 +1 @@\n-{text}\n+{text}\n")
    return [
        ev.RunStarted(t=0.0, topology=text, started=text, primary=text, standby=text, mode=text),
        ev.PlanMade(t=0.1, steps=(check, step)),
        ev.HostDescribed(t=0.2, role="primary", name=text, facts=(ev.Row(text, text),)),
        ev.StepStarted(t=0.3, step="preflight"),
        ev.CheckDone(
            t=0.4, id=text, title=text, verdict=ev.Verdict.WARN, primary=text, standby=text, why=text, remedy=text
        ),
        ev.StepEnded(t=0.5, step="preflight", outcome=ev.Outcome.UNCHANGED, message=text),
        ev.StepInspected(t=0.6, step="s", finding=ev.Finding.NEEDED, reason=text, remedy=text),
        ev.StepPreviewed(t=0.7, step="s", commands=(ev.ShownCommand(text, text),), diffs=(diff,), notes=(text,)),
        ev.Asked(t=0.8, question=1, kind="confirm", stage=ev.Stage.PRIMARY, step="s", text=text, choices=("no", "yes")),
        ev.Answered(t=0.9, question=1, answer=text, by=text),
        ev.StepStarted(t=1.0, step="s"),
        ev.CommandStarted(t=1.1, number=1, step="s", host=text, line=text, changes=True),
        ev.Output(t=1.2, number=1, step="s", host=text, stream="err", text=text),
        ev.CommandEnded(t=1.3, number=1, step="s", status=None, seconds=0.2),
        ev.Milestone(t=1.4, step="s", name=text, line=text),
        ev.PrimaryPosition(t=1.5, lsn=text, via=text),
        ev.StandbyPosition(t=1.6, received=text, replayed=text, via=text),
        ev.MarkReached(t=1.7, lsn=text, point="sent", seconds=0.1, seen_on=text),
        ev.Matched(t=1.8, matching=False, lsn=text, received=text, replayed=text, reason=text),
        ev.Note(t=1.9, level=text, text=text),
        ev.StepEnded(t=2.0, step="s", outcome=ev.Outcome.FAILED, message=text, remedy=text),
        ev.RunEnded(t=2.1, outcome=ev.RunOutcome.FAILED, exit_code=1, changes=0, message=text, remedy=text),
    ]


def write_recording(path: Path, events: list[ev.Event], started: str = "2026-01-02T03:04:05Z") -> Path:
    """A file as a hostile program would write it: past our own recorder, which makes texts harmless."""
    header = {"format": "pgrepl-tui recording", "version": 1, "program": started, "topology": {}, "started": started}
    lines = [json.dumps({**header, "meta": {}}), *(encode(event) for event in events)]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", errors="surrogatepass", newline="\n")
    return path
