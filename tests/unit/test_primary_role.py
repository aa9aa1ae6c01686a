"""The role, its password, its passfile and its slot: what is found, what is sent, and what is never sent."""

import re
from pathlib import Path

import pytest

from pgrepl_tui.events import Finding
from pgrepl_tui.postgres import scram
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.entries import RoleAllowed, RoleMade, SlotMade, digest
from pgrepl_tui.steps.primary import slot
from pgrepl_tui.steps.primary.passfile import Passfile
from pgrepl_tui.steps.primary.role import Role
from pgrepl_tui.steps.primary.slot import Slot
from pgrepl_tui.topology import Replication
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import PASSWORD, V15, Two, acts, pair_with, role_is


def never_tells(pair: Two, *secrets: str) -> None:
    """No secret in a shown line, an event or a recorded output."""
    for secret in secrets:
        assert not any(secret in repr(event) for event in pair.told.events)
        assert not any(secret.encode() in data for data in pair.told.outputs)
        for host in (pair.primary, pair.standby):
            assert not any(secret in command.shown or secret in " ".join(command.argv) for command in host.asked)


@pytest.mark.parametrize("md5", [False, True])
async def test_a_role_that_may_replicate_with_this_password_is_done(*, md5: bool) -> None:
    pair = pair_with()
    stored = role_is(pair, md5=md5)
    assert (await Role().inspect(pair.ctx)).finding is Finding.DONE
    assert stored in pair.told.secrets
    never_tells(pair, PASSWORD, stored)


async def test_a_wrong_password_blocks_and_is_never_changed() -> None:
    pair = pair_with()
    role_is(pair, of="another one")
    look = await Role().inspect(pair.ctx)
    assert look.finding is Finding.BLOCKED
    assert "PGREPL_PASSWORD_FILE" in look.reason + look.remedy
    assert pair.primary.changes == []


@pytest.mark.parametrize("verifier", [None, "", "plain text", "SCRAM-SHA-256$broken"])
async def test_a_verifier_that_proves_nothing_blocks(verifier: str | None) -> None:
    pair = pair_with()
    pair.primary.rows("from pg_authid", ("t", "t", verifier, "f", "-1"))
    assert (await Role().inspect(pair.ctx)).finding is Finding.BLOCKED


@pytest.mark.parametrize("broken", [{"ended": "t"}, {"limit": "0"}])
async def test_a_role_that_cannot_log_in_blocks_with_the_statement_that_mends_it(broken: dict[str, str]) -> None:
    pair = pair_with()
    role_is(pair, **broken)  # type: ignore[arg-type] # only texts
    look = await Role().inspect(pair.ctx)
    assert look.finding is Finding.BLOCKED
    assert 'ALTER ROLE "replicator"' in look.remedy


@pytest.mark.parametrize(("login_right", "replication"), [("f", "t"), ("t", "f"), ("f", "f")])
async def test_a_role_without_its_rights_gets_them_and_keeps_its_password(login_right: str, replication: str) -> None:
    pair = pair_with()
    role_is(pair, login=login_right, replication=replication)
    pair.primary.on("alter role")
    assert (await Role().inspect(pair.ctx)).finding is Finding.NEEDED
    await Role().run(pair.ctx)
    sent = [command.stdin.decode() for command in acts(pair.primary)]
    local = "set synchronous_commit = 'local';\n"
    assert sent == [f'\\set VERBOSITY verbose\n{local}alter role "replicator" with login replication;\n']
    before = RoleAllowed(name="replicator", login=login_right == "t", replication=replication == "t")
    assert pair.noted("primary") == (before,)


async def test_no_statement_ever_alters_a_password_whatever_is_found() -> None:
    for password, name, value in (
        (PASSWORD, "login", "t"),
        ("another", "login", "t"),
        (PASSWORD, "login", "f"),
        (PASSWORD, "replication", "f"),
        (PASSWORD, "ended", "t"),
    ):
        pair = pair_with()
        role_is(pair, of=password, **{name: value})  # type: ignore[arg-type] # only texts
        pair.primary.on("alter role")
        await Role().inspect(pair.ctx)
        await Role().preview(pair.ctx)
        await Role().run(pair.ctx)
        assert not any(re.search(r"alter\s+role.*password", text, re.IGNORECASE) for text in pair.primary.texts)


@pytest.mark.parametrize(("major", "kind"), [(V15, "SCRAM-SHA-256$"), (Major(9, 6), "md5")])
async def test_a_new_role_gets_a_verifier_in_a_session_that_logs_nothing(major: Major, kind: str) -> None:
    pair = pair_with(major)
    pair.primary.rows("from pg_authid").on("create role")
    assert (await Role().inspect(pair.ctx)).finding is Finding.NEEDED
    preview = await Role().preview(pair.ctx)
    assert "********" in preview.commands[0].line
    await Role().run(pair.ctx)
    (command,) = acts(pair.primary)
    statements = command.stdin.decode().splitlines()
    assert statements[1] == "set log_statement = 'none';"
    created = re.fullmatch(r"create role \"replicator\" with login replication password '(.*)';", statements[-1])
    assert created
    assert created[1].startswith(kind)
    assert scram.matches(created[1], "replicator", PASSWORD)
    assert PASSWORD not in command.stdin.decode()
    assert created[1] in pair.told.secrets
    assert pair.noted("primary") == (RoleMade(name="replicator", verifier=digest(created[1].encode())),)


async def test_a_new_role_is_not_made_without_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGREPL_PASSWORD_FILE", raising=False)
    pair = pair_with(password=None)
    pair.primary.rows("from pg_authid").on("create role")
    pair.standby.on("cat /", err="head: cannot open: No such file or directory", status=1)
    await Role().run(pair.ctx)
    assert pair.ctx.password is not None
    assert pair.ctx.password_source == "made now"
    assert len(pair.ctx.password.reveal()) >= 20
    assert pair.ctx.password.reveal() in pair.told.secrets


@pytest.mark.parametrize(
    ("major", "rows", "ours", "finding"),
    [
        (V15, [], False, Finding.NEEDED),
        (V15, [("logical", "f", "0/3000000")], False, Finding.BLOCKED),
        (V15, [("physical", "f", "0/3000000")], False, Finding.DONE),
        (V15, [("physical", "f", None)], False, Finding.BLOCKED),
        (Major(9, 5), [("physical", "f", None)], False, Finding.DONE),
        (V15, [("physical", "t", "0/3000000")], True, Finding.DONE),
        (V15, [("physical", "t", "0/3000000")], False, Finding.BLOCKED),
    ],
    ids=["none", "logical", "unused", "given up", "reserves late", "used by the standby", "used by another"],
)
async def test_a_slot(
    major: Major,
    rows: list[tuple[str | None, ...]],
    finding: Finding,
    monkeypatch: pytest.MonkeyPatch,
    *,
    ours: bool,
) -> None:
    async def in_place(_ctx: object) -> bool:
        return ours

    monkeypatch.setattr(slot, "is_ours", in_place)
    pair = pair_with(major)
    pair.primary.rows("from pg_replication_slots", *rows)
    pair.standby.on("basebackup-", "absent\n")
    pair.standby.on("stat ", err="stat: cannot statx: No such file or directory", status=1)
    assert (await Slot().inspect(pair.ctx)).finding is finding
    assert pair.primary.changes == []


async def test_below_9_4_there_are_no_slots_to_ask_for() -> None:
    pair = pair_with(Major(9, 3))
    assert (await Slot().inspect(pair.ctx)).finding is Finding.DONE
    assert pair.primary.asked == []


@pytest.mark.parametrize(("rows", "told"), [([], False), ([("physical", "f", "0/3000000")], True)])
async def test_a_slot_that_is_not_wanted_any_more_is_told_and_left_alone(
    rows: list[tuple[str, ...]], *, told: bool
) -> None:
    pair = pair_with(replication=Replication(slot=False))
    pair.primary.rows("from pg_replication_slots", *rows)
    look = await Slot().inspect(pair.ctx)
    assert look.finding is Finding.DONE
    assert (pair.ctx.application in look.reason) is told
    assert pair.primary.changes == []


async def test_the_slot_that_is_made_is_the_one_that_was_shown() -> None:
    pair = pair_with()
    pair.primary.on("pg_create_physical_replication_slot")
    shown = (await Slot().preview(pair.ctx)).commands[0].line
    await Slot().run(pair.ctx)
    statement = acts(pair.primary)[0].stdin.decode().splitlines()[-1].removesuffix(";")
    assert statement == f"select pg_create_physical_replication_slot('{pair.ctx.slot}', true)"
    assert pair.ctx.slot in shown
    assert pair.noted("primary") == (SlotMade(name=pair.ctx.slot),)


def real_home(pair: Two, home: Path) -> None:
    """The standby's home is a real folder, and its commands really run."""
    pair.ctx.standby.home = str(home)
    pair.standby.by("", really)


@pytest.mark.parametrize(("major", "name"), [(V15, ".pgrepl-tui/passfile"), (Major(9, 6), ".pgpass")])
async def test_the_passfile_is_written_for_its_owner_only_and_found_again(
    major: Major, name: str, tmp_path: Path
) -> None:
    pair = pair_with(major)
    real_home(pair, tmp_path)
    assert (await Passfile().inspect(pair.ctx)).finding is Finding.NEEDED
    await Passfile().run(pair.ctx)
    path = tmp_path / name
    assert path.read_text() == f"192.0.2.1:5432:replication:replicator:{PASSWORD}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (await Passfile().inspect(pair.ctx)).finding is Finding.DONE
    never_tells(pair, PASSWORD)


async def test_the_other_lines_of_a_passfile_stay(tmp_path: Path) -> None:
    pair = pair_with(Major(9, 6))
    real_home(pair, tmp_path)
    path = tmp_path / ".pgpass"
    path.write_text("# mine\nother:5432:*:me:x\n192.0.2.1:5432:replication:replicator:old\n")
    path.chmod(0o644)
    assert (await Passfile().inspect(pair.ctx)).finding is Finding.NEEDED
    await Passfile().run(pair.ctx)
    lines = path.read_text().splitlines()
    assert {"# mine", "other:5432:*:me:x", f"192.0.2.1:5432:replication:replicator:{PASSWORD}"} <= set(lines)
    assert not any(line.endswith(":old") for line in lines)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604])
async def test_a_passfile_that_others_may_read_is_not_good_enough(mode: int, tmp_path: Path) -> None:
    pair = pair_with()
    real_home(pair, tmp_path)
    await Passfile().run(pair.ctx)
    (tmp_path / ".pgrepl-tui/passfile").chmod(mode)
    look = await Passfile().inspect(pair.ctx)
    assert look.finding is Finding.NEEDED
    assert "read by others" in look.reason
