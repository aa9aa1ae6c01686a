"""An unknown host key is a question, and a changed one never is."""

import stat
import subprocess
from pathlib import Path

import pytest

from pgrepl_tui.events import Asked, Event, Note, RunEnded
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.lab.client import Lab
from pgrepl_tui.live import LiveRun
from pgrepl_tui.questions import Answer
from pgrepl_tui.topology import load
from tests.lab.running import run


class Operator:
    """Answers questions about host keys as told, and leaves at the first gate or failure."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.asked: list[Asked] = []

    async def ask(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return Answer(self.answer if asked.kind == "host-key" else "quit")

    async def secret(self, asked: Asked) -> Secret | None:
        raise AssertionError(asked.text)

    @property
    def kinds(self) -> list[str]:
        return [asked.kind for asked in self.asked]


async def ran(lab: Lab, path: Path, operator: Operator) -> tuple[int, list[Event]]:
    events: list[Event] = []
    live = LiveRun(load(lab.topology), operator=operator, path=path)
    return await live.run(lambda event, _span: events.append(event)), events


async def test_a_yes_puts_the_key_on_record_and_the_run_goes_on(tmp_path: Path) -> None:
    async with Lab.start(megabytes=8) as lab:
        known = lab.folder / "known_hosts"
        real = known.read_text()
        known.write_text("# kept as it is, without a line's end")
        known.chmod(0o600)
        operator = Operator("yes")
        code, events = await ran(lab, tmp_path / "run.jsonl", operator)
        assert operator.kinds == ["host-key", "host-key", "gate"]
        assert code == 3  # left at the gate: both hosts were reached, and preflight is done
        comment, *lines = known.read_text().splitlines()
        assert comment == "# kept as it is, without a line's end"
        assert [line.split()[:3] for line in lines] == [line.split()[:3] for line in real.splitlines()]
        assert stat.S_IMODE(known.stat().st_mode) == 0o600
        for question, host in zip(operator.asked, (lab.primary, lab.standby), strict=False):
            name = f"[{host.address}]:{host.ssh_port}"
            found = subprocess.run(["ssh-keygen", "-l", "-F", name, "-f", known], capture_output=True, check=True)
            fingerprint = found.stdout.decode().split()[-1]
            assert fingerprint.startswith("SHA256:")
            assert fingerprint in question.text
            assert question.choices == ("no", "yes")
        assert sum(isinstance(event, Note) and "is on record now" in event.text for event in events) == 2
        again = Operator("no")
        await ran(lab, tmp_path / "again.jsonl", again)
        assert again.kinds == ["gate"]


async def test_a_no_ends_with_3_and_nothing_is_on_record(tmp_path: Path) -> None:
    async with Lab.start(megabytes=8) as lab:
        known = lab.folder / "known_hosts"
        known.write_text("")
        operator = Operator("no")
        code, events = await ran(lab, tmp_path / "run.jsonl", operator)
        assert (code, operator.kinds) == (3, ["host-key", "failure"])
        assert known.read_text() == ""
        end = events[-1]
        assert isinstance(end, RunEnded)
        assert "ssh-keygen -lf" in end.remedy


async def test_a_key_that_has_changed_is_never_asked_about(tmp_path: Path) -> None:
    async with Lab.start(megabytes=8) as lab:
        known = lab.folder / "known_hosts"
        one, two = (line.split(" ", 1) for line in known.read_text().splitlines())
        known.write_text(f"{one[0]} {two[1]}\n{two[0]} {one[1]}\n")
        operator = Operator("yes")
        before = known.read_text()
        code, _ = await ran(lab, tmp_path / "run.jsonl", operator)
        assert (code, operator.kinds) == (1, ["failure"])
        assert "has CHANGED" in operator.asked[0].text
        assert known.read_text() == before


@pytest.mark.parametrize("more", [[], ["--yes"]], ids=["plain", "yes"])
async def test_headless_never_accepts_a_key(tmp_path: Path, more: list[str]) -> None:
    async with Lab.start(megabytes=8) as lab:
        known = lab.folder / "known_hosts"
        known.write_text("")
        done = await run(tmp_path, "run", str(lab.topology), *more)
        assert done.code == 3
        assert "SHA256:" in done.out
        assert known.read_text() == ""
