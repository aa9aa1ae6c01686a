"""Undo on the primary: its files, the role, the slot, the restart; and the end of the journals."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.events import Finding
from pgrepl_tui.hosts.host import Command, Result
from pgrepl_tui.steps.entries import (
    Entry,
    FileChanged,
    RoleAllowed,
    RoleMade,
    SettingChanged,
    SlotMade,
    digest,
)
from pgrepl_tui.steps.step import Look
from pgrepl_tui.steps.undo import slot
from pgrepl_tui.steps.undo.close import Close
from pgrepl_tui.steps.undo.files import PrimaryFiles
from pgrepl_tui.steps.undo.restart import RestartBack
from pgrepl_tui.steps.undo.role import RoleBack
from pgrepl_tui.steps.undo.slot import DropSlot
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import Shown, acts, role_is, show
from tests.unit.undo_hosts import Hosts, find, work_of


@pytest.fixture
def hosts(tmp_path: Path) -> Hosts:
    return Hosts(tmp_path)


async def test_the_primarys_files_come_back_before_the_reload_and_new_ones_go_after_it(hosts: Hosts) -> None:
    conf, key, kept = (hosts.root / name for name in ("postgresql.conf", "server.key", "kept"))
    conf.write_text("ssl = on")
    key.write_text("key")
    kept.write_text("ssl = off")
    changes = (
        FileChanged(path=str(key), old="", new=digest(b"key"), secret=True),
        FileChanged(path=str(conf), old=digest(b"ssl = off"), new=digest(b"ssl = on"), backup=str(kept), mode=0o600),
    )
    hosts.both("a", changes)
    seen: list[tuple[str, bool]] = []
    loaded = iter("1234")
    primary = hosts.pair.primary

    def reload(_command: Command) -> Result:
        seen.append((conf.read_text(), key.exists()))
        return Result(0, b"t\n", b"")

    primary.by("pg_reload_conf", reload)
    primary.by("pg_conf_load_time", lambda _command: Result(0, f"{next(loaded)}\n".encode(), b""))
    step = PrimaryFiles(await work_of(hosts))
    assert (await step.inspect(hosts.pair.ctx)).finding is Finding.NEEDED
    assert await step.run(hosts.pair.ctx) == "2 files are as before"
    assert seen == [("ssl = off", True)]
    assert not key.exists()
    assert (await step.confirm(hosts.pair.ctx)).finding is Finding.DONE


@pytest.mark.parametrize(("loaded", "finding"), [("4102444800.5", Finding.DONE), ("1000.5", Finding.NEEDED)])
async def test_files_that_the_server_has_not_read_since_are_read(hosts: Hosts, loaded: str, finding: Finding) -> None:
    conf = hosts.root / "postgresql.conf"
    conf.write_text("old")
    hosts.both(
        "a", (FileChanged(path=str(conf), old=digest(b"old"), new="n", backup="/b", mode=0o644, new_mode=0o644),)
    )
    hosts.pair.primary.rows("pg_conf_load_time", (loaded,))
    assert (await PrimaryFiles(await work_of(hosts)).inspect(hosts.pair.ctx)).finding is finding


MADE = RoleMade(name="replicator", verifier="")


async def role_step(hosts: Hosts, entry: Entry, *, users: int = 0, tied: str = "0") -> tuple[RoleBack, Look]:
    hosts.both("a", (entry,))
    rows = [("other_standby", "192.0.2.9")] * users
    hosts.pair.primary.rows("from pg_stat_activity", *rows).rows("from pg_shdepend", (tied,))
    step = RoleBack(await work_of(hosts))
    return step, await step.inspect(hosts.pair.ctx)


async def test_a_role_that_a_run_made_is_dropped(hosts: Hosts) -> None:
    verifier = role_is(hosts.pair)
    step, look = await role_step(hosts, replace(MADE, verifier=digest(verifier.encode())))
    assert (look.finding, look.reason) == (Finding.NEEDED, 'drop role "replicator"')
    hosts.pair.primary.on("drop role")
    await step.run(hosts.pair.ctx)
    (sent,) = acts(hosts.pair.primary)
    assert sent.stdin.decode().splitlines()[-1] == 'drop role "replicator";'


@pytest.mark.parametrize(
    ("users", "tied", "verifier", "words"),
    [
        (1, "0", "", "others use replicator: other_standby from 192.0.2.9"),
        (0, "2", "", "replicator owns something"),
        (0, "0", "another", "the password of replicator was changed since"),
    ],
)
async def test_a_role_that_others_use_or_changed_is_left_and_that_is_said(
    hosts: Hosts, users: int, tied: str, verifier: str, words: str
) -> None:
    there = role_is(hosts.pair)
    made = replace(MADE, verifier=digest((verifier or there).encode()))
    step, look = await role_step(hosts, made, users=users, tied=tied)
    assert look.finding is Finding.DONE
    assert words in look.reason
    assert words in step.work.left["undo-role"]


async def test_a_role_that_was_there_before_is_never_dropped(hosts: Hosts) -> None:
    role_is(hosts.pair)
    step, look = await role_step(hosts, SlotMade(name="s"))
    assert look.finding is Finding.DONE
    assert await step.run(hosts.pair.ctx) == "it is as before"
    assert acts(hosts.pair.primary) == []


@pytest.mark.parametrize(
    ("login", "replication", "statement"),
    [
        (False, False, 'alter role "replicator" with nologin noreplication'),
        (True, False, 'alter role "replicator" with noreplication'),
        (True, True, ""),
    ],
)
async def test_rights_that_a_role_got_are_taken_back(
    hosts: Hosts, statement: str, *, login: bool, replication: bool
) -> None:
    role_is(hosts.pair)
    _, look = await role_step(hosts, RoleAllowed(name="replicator", login=login, replication=replication))
    assert look.reason == (statement or "it is as before")


async def test_a_role_that_is_gone_already(hosts: Hosts) -> None:
    hosts.pair.primary.rows("from pg_authid")
    _, look = await role_step(hosts, MADE)
    assert look.finding is Finding.DONE


@pytest.mark.parametrize(
    ("rows", "finding", "words"),
    [
        ([], Finding.DONE, "it is not there"),
        ([("physical", "f", "0/1")], Finding.NEEDED, "a run made it"),
        ([("physical", "t", "0/1")], Finding.DONE, "left as it is: s is in use"),
        ([("logical", "f", "0/1")], Finding.DONE, "left as it is: s is a logical slot"),
    ],
)
async def test_a_slot_is_dropped_unless_it_is_used(
    hosts: Hosts,
    rows: list[tuple[str, str, str]],
    finding: Finding,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slot, "LET_GO_WITHIN", 0.0)
    find(monkeypatch, hosts.pair, slot)
    hosts.both("a", (SlotMade(name="s"),))
    hosts.pair.primary.rows("from pg_replication_slots", *rows)
    step = DropSlot(await work_of(hosts))
    look = await step.inspect(hosts.pair.ctx)
    assert look.finding is finding
    assert words in look.reason
    assert bool(step.work.left) is words.startswith("left")


async def test_a_slot_that_the_standby_itself_still_uses_will_be_free(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts.both("a", (SlotMade(name="s"),), (await hosts.swapped(),))
    find(monkeypatch, hosts.pair, slot, running=7)
    hosts.pair.primary.rows("from pg_replication_slots", ("physical", "t", "0/1"))
    assert (await DropSlot(await work_of(hosts)).inspect(hosts.pair.ctx)).finding is Finding.NEEDED


@pytest.mark.parametrize(
    ("now", "pending", "finding"),
    [("10", [], Finding.DONE), ("64", [("max_wal_senders",)], Finding.NEEDED), ("64", [], Finding.DONE)],
)
async def test_a_restart_is_for_settings_of_ours_that_wait_for_it(
    hosts: Hosts, now: str, pending: list[tuple[str]], finding: Finding
) -> None:
    late = SettingChanged(name="max_wal_senders", before="10", restart=True)
    hosts.both("a", (late, SettingChanged(name="wal_keep_size", before="0", restart=False)))
    hosts.both("b", (replace(late, before="32"),))
    show(hosts.pair.primary, {"max_wal_senders": Shown(now, context="postmaster")})
    hosts.pair.primary.rows("pending_restart", *pending).rows("pg_file_settings where").rows("pg_hba_file_rules")
    look = await RestartBack(await work_of(hosts)).inspect(hosts.pair.ctx)
    assert look.finding is finding


async def test_a_server_that_would_not_start_again_is_not_restarted(hosts: Hosts) -> None:
    hosts.both("a", (SettingChanged(name="max_wal_senders", before="10", restart=True),))
    show(hosts.pair.primary, {"max_wal_senders": Shown("64", context="postmaster")})
    hosts.pair.primary.rows("pending_restart", ("max_wal_senders",)).rows("pg_hba_file_rules", ("7", "no such method"))
    hosts.pair.primary.rows("where error is not null and (name in")
    look = await RestartBack(await work_of(hosts)).inspect(hosts.pair.ctx)
    assert look.finding is Finding.BLOCKED
    assert "no such method" in look.reason


async def test_the_journals_are_renamed_the_primarys_first(hosts: Hosts) -> None:
    for run in ("a", "b"):
        hosts.both(run, (SlotMade(name="s"),))
    work = await work_of(hosts)
    step, ctx = Close(work), hosts.pair.ctx
    assert (await step.inspect(ctx)).reason == "a, b"
    hosts.pair.standby.loses("mv journal-")
    with pytest.raises(Exception, match="lost"):
        await step.run(ctx)
    assert (await hosts.found()).runs == ["a", "b"], "an undo finds what is left"
    hosts.pair.standby.by("mv journal-", really)
    await step.run(ctx)
    assert (await step.inspect(ctx)).finding is Finding.DONE
    assert (await hosts.found()).runs == []
