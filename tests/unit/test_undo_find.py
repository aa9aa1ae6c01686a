"""Which runs are to be undone, and what must not be undone: found before anything is changed."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pgrepl_tui.events import Finding, Note
from pgrepl_tui.postgres.control import ControlData
from pgrepl_tui.steps.entries import (
    Copied,
    FileChanged,
    SlotMade,
    Stopped,
    decode,
    digest,
    encode,
)
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.undo import stop
from pgrepl_tui.steps.undo.plan import undo
from pgrepl_tui.steps.undo.stop import StopCopy
from pgrepl_tui.steps.undo.work import UndoStep
from tests.unit.scripted_pair import CONTROL, acts
from tests.unit.undo_hosts import COPY, Hosts, find, work_of


@pytest.fixture
def hosts(tmp_path: Path) -> Hosts:
    return Hosts(tmp_path)


async def test_all_runs_that_are_not_undone_are_found_the_oldest_first(hosts: Hosts) -> None:
    hosts.both("b", (SlotMade(name="s"),))
    hosts.both("a", standby=(Copied(folder="/x", job="/y"),))
    hosts.journal("z", "standby").rename(hosts.root / "standby/.pgrepl-tui/undone-z-x.jsonl")
    work = await hosts.found()
    assert work.runs == ["b", "a"], "by the hosts' clock, not by the names that a skewed one gave"
    assert work.of("primary", SlotMade) == [SlotMade(name="s")]
    notes = [event.text for event in hosts.pair.told.events if isinstance(event, Note)]
    assert [("the run b" in text, "made a slot" in text) for text in notes] == [(True, True), (False, False)]
    assert "made a base backup" in notes[1]
    assert acts(hosts.pair.primary) + acts(hosts.pair.standby) == []


async def test_without_any_journal_there_is_nothing_to_go_by(hosts: Hosts) -> None:
    assert "there is no journal for" in (await hosts.refused()).what


def undone(path: Path) -> None:
    path.rename(path.with_name(path.name.replace("journal-", "undone-")))


async def test_what_is_undone_already_is_not_undone_again(hosts: Hosts) -> None:
    undone(hosts.journal("a", "standby"))
    for run in ("", "a"):
        work = await hosts.found(run)
        for step in undo().steps:
            if isinstance(step, UndoStep) and not step.readonly:
                step.work = work
                assert (await step.inspect(hosts.pair.ctx)).finding is Finding.DONE, step.id
    hosts.both("b", (SlotMade(name="s"),))
    assert (await hosts.found("a")).runs == [], "a later run is not undone by the recording of an earlier one"
    assert (await hosts.found("b")).runs == ["b"]


async def test_a_run_that_changed_nothing_is_told_from_one_that_was_undone(hosts: Hosts) -> None:
    hosts.both("a", (SlotMade(name="s"),))
    error = await hosts.refused("no such run")
    assert "it changed nothing that undo would put back; not undone are a" in error.what


async def test_a_journal_that_cannot_be_understood_is_named(hosts: Hosts) -> None:
    path = hosts.journal("a", "standby")
    path.write_text(path.read_text()[:-1])
    error = await hosts.refused()
    assert str(path) in error.what
    assert "does not end with a line's end" in error.what


async def test_the_primarys_journal_may_be_undone_already_but_not_missing(hosts: Hosts) -> None:
    hosts.journal("a", "standby", Stopped(log="/l"))
    assert "is not on db1" in (await hosts.refused()).what
    undone(hosts.journal("a", "primary", SlotMade(name="s")))
    assert (await hosts.found()).entries("primary") == []


async def test_a_run_that_was_cut_off_before_the_primarys_journal_did_nothing(hosts: Hosts) -> None:
    hosts.journal("a", "standby")
    assert (await hosts.found()).runs == ["a"]


def in_role(hosts: Hosts, run: str, role: str, was: str) -> None:
    """A journal of a run in which that side was the other one."""
    path = hosts.journal(run, role)
    began, entries = decode(path.read_text())
    changed = path.stat().st_mtime
    path.write_text(encode([replace(began, role=was), *entries]))
    os.utime(path, (changed, changed))


async def test_where_the_two_were_swapped_since_nothing_is_undone(hosts: Hosts) -> None:
    """The primary's own journal names its files: they are not the standby's to be put back."""
    for role, was in (("primary", "standby"), ("standby", "primary")):
        in_role(hosts, "a", role, was)
    refused = await hosts.refused()
    assert refused.what == "in the run a db2 was the primary, and db2 the standby"
    assert "were the two swapped" in refused.remedy


async def test_a_run_in_which_it_was_a_primary_itself_is_not_undone_with_those_in_which_it_was_the_standby(
    hosts: Hosts,
) -> None:
    """After a failover the old primary was made a standby of the new one."""
    in_role(hosts, "a", "standby", "primary")
    in_role(hosts, "a", "primary", "standby")
    hosts.both("b")
    assert (await hosts.found()).runs == ["b"]


async def test_a_later_set_up_of_another_pair_is_undone_first(hosts: Hosts) -> None:
    hosts.journal("other", "primary", standby="db3")
    hosts.both("a", (SlotMade(name="s"),))
    assert (await hosts.found()).runs == ["a"], "an earlier one is not in the way"
    path = hosts.journal("later", "primary", standby="db4")
    error = await hosts.refused()
    assert "db4 was made a standby of db1 since" in error.what
    assert str(path) in error.remedy
    path.unlink()
    hosts.journal("later", "standby", identifier="999", primary="db9")
    assert "db2 was made a standby of db9 since" in (await hosts.refused()).what


async def test_a_file_that_somebody_else_changed_stops_before_anything_is_done(hosts: Hosts) -> None:
    conf, kept = hosts.root / "postgresql.conf", hosts.root / "kept"
    conf.write_text("somebody's")
    kept.write_text("old")
    change = FileChanged(path=str(conf), old=digest(b"old"), new=digest(b"ours"), backup=str(kept))
    hosts.both("a", (change,))
    error = await hosts.refused()
    assert f"{conf} on db1 is not what this program wrote" in error.what
    assert str(kept) in error.remedy


async def test_without_the_old_directory_there_is_no_way_back(hosts: Hosts) -> None:
    hosts.both("a", standby=(await hosts.swapped(),))
    await hosts.found()
    hosts.aside.rename(hosts.root / "elsewhere")
    error = await hosts.refused()
    assert f"{hosts.aside} on db2, is not there any more" in error.what


async def test_an_old_directory_in_place_of_another_is_not_taken_for_it(hosts: Hosts) -> None:
    hosts.both("a", standby=(await hosts.swapped(),))
    hosts.aside.rename(hosts.root / "elsewhere")
    hosts.folder(hosts.aside)
    assert "is not there any more" in (await hosts.refused()).what


@dataclass(frozen=True)
class Living:
    """A copy that has gone its own way: whether it runs, its control file, what it says about recovery."""

    running: int
    control: ControlData | None
    recovering: str = ""


LIVING = {
    "is not in recovery any more": Living(7, COPY, "f"),
    "it ended as a server of its own (shut down)": Living(0, replace(COPY, state="shut down")),
    "it ended as a server of its own (in production)": Living(0, replace(COPY, state="in production")),
    "is on timeline 2, db1 on 1: it was promoted": Living(7, replace(COPY, timeline=2), "t"),
    "is not the copy that was made of db1": Living(0, replace(COPY, system_identifier="999")),
    "is not the copy that was": Living(0, None),
}


@pytest.mark.parametrize("words", LIVING)
async def test_a_standby_with_a_life_of_its_own_is_refused(
    hosts: Hosts, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts.both("a", standby=(await hosts.swapped(),))
    side, given = hosts.pair.ctx.standby, LIVING[words]
    side.cluster, side.control = replace(side.cluster, running=given.running), given.control
    hosts.pair.standby.rows("pg_is_in_recovery", (given.recovering,)).rows("pg_stat_replication")
    assert words in (await hosts.refused()).what
    find(monkeypatch, hosts.pair, stop)
    look = await StopCopy(await work_of(hosts)).inspect(hosts.pair.ctx)
    assert look.finding is Finding.BLOCKED
    with pytest.raises(StepError):
        await StopCopy(await work_of(hosts)).run(hosts.pair.ctx)
    assert acts(hosts.pair.standby) == []


async def test_a_standby_that_others_follow_is_refused(hosts: Hosts) -> None:
    hosts.both("a", standby=(await hosts.swapped(),))
    side = hosts.pair.ctx.standby
    side.cluster = replace(side.cluster, running=7)
    hosts.pair.standby.rows("pg_is_in_recovery", ("t",)).rows("pg_stat_replication", ("cascade", "192.0.2.9"))
    assert "others stream from db2: cascade (192.0.2.9)" in (await hosts.refused()).what


async def test_a_copy_that_was_never_started_may_be_undone(hosts: Hosts) -> None:
    hosts.both("a", standby=(await hosts.swapped(),))
    hosts.pair.ctx.standby.control = CONTROL
    (hosts.data / "backup_label").touch()
    assert (await hosts.found()).runs == ["a"]


def test_the_standby_comes_first_and_what_changes_asks() -> None:
    steps = undo("r").steps
    stages = list(dict.fromkeys(str(one.stage) for one in steps))
    assert stages == ["connect", "preflight", "standby", "primary", "verify"]
    works = {id(one.work) for one in steps if isinstance(one, UndoStep)}
    assert len(works) == 1
    assert len({one.id for one in steps}) == len(steps)
