"""The steps of the Primary stage on scripted hosts: what they find, what they send, and what they never send."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.events import Danger, Finding
from pgrepl_tui.hosts.host import Command, Result
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.postgres import scram
from pgrepl_tui.postgres.login import Login
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.primary import hba, login, restart
from pgrepl_tui.steps.primary.hba import Hba
from pgrepl_tui.steps.primary.login import LoginProof
from pgrepl_tui.steps.primary.passfile import Passfile
from pgrepl_tui.steps.primary.restart import Restart
from pgrepl_tui.steps.primary.role import Role
from pgrepl_tui.steps.primary.slot import Slot
from pgrepl_tui.steps.primary.tls import MAKE, Tls
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.topology import Replication
from tests.unit.scripted_host import ScriptedHost, really
from tests.unit.scripted_pair import IDENTIFIER, Shown, Two, show, two

PASSWORD = "correct horse battery"
V15 = Major(15)


def pair_with(major: Major = V15, *, password: str | None = PASSWORD, replication: Replication | None = None) -> Two:
    """A pair whose role's password is known here."""
    pair = two(major, replication=replication)
    if password is not None:
        pair.ctx.password, pair.ctx.password_source = Secret(password), "PGREPL_PASSWORD_FILE"
    return pair


def role_is(pair: Two, *, login: str = "t", replication: str = "t", of: str = PASSWORD, ended: str = "f",
            limit: str = "-1", md5: bool = False) -> str:  # fmt: skip
    """The primary has the role; its verifier."""
    stored = scram.verifier("replicator", of, scram=not md5)
    pair.primary.rows("from pg_authid", (login, replication, stored, ended, limit))
    return stored


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
    role_is(pair, ended=broken.get("ended", "f"), limit=broken.get("limit", "-1"))
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
    sent = [command.stdin.decode() for command in pair.primary.asked if command.changes]
    assert sent == ['\\set VERBOSITY verbose\nalter role "replicator" with login replication;\n']


async def test_no_statement_ever_alters_a_password_whatever_is_found() -> None:
    for broken in ({}, {"of": "another"}, {"login": "f"}, {"replication": "f"}, {"ended": "t"}):
        pair = pair_with()
        role_is(pair, **{"of": PASSWORD, **broken})  # type: ignore[arg-type]
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
    (command,) = [command for command in pair.primary.asked if command.changes]
    statements = command.stdin.decode().splitlines()
    assert statements[1] == "set log_statement = 'none';"
    created = re.fullmatch(r"create role \"replicator\" with login replication password '(.*)';", statements[-1])
    assert created
    assert created[1].startswith(kind)
    assert scram.matches(created[1], "replicator", PASSWORD)
    assert PASSWORD not in command.stdin.decode()
    assert created[1] in pair.told.secrets


async def test_a_new_role_is_not_made_without_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGREPL_PASSWORD_FILE", raising=False)
    pair = pair_with(password=None)
    pair.primary.rows("from pg_authid").on("create role")
    pair.standby.on("cat ", err="head: cannot open: No such file or directory", status=1)
    await Role().run(pair.ctx)
    assert pair.ctx.password is not None
    assert pair.ctx.password_source == "made now"
    assert len(pair.ctx.password.reveal()) >= 20
    assert pair.ctx.password.reveal() in pair.told.secrets


@pytest.mark.parametrize(
    ("rows", "finding"),
    [
        ([], Finding.NEEDED),
        ([("physical", "t", "0/3000000")], Finding.DONE),
        ([("physical", "f", None)], Finding.DONE),
        ([("logical", "f", "0/3000000")], Finding.BLOCKED),
    ],
)
async def test_a_slot(rows: list[tuple[str | None, ...]], finding: Finding) -> None:
    pair = pair_with()
    pair.primary.rows("from pg_replication_slots", *rows)
    assert (await Slot().inspect(pair.ctx)).finding is finding


@pytest.mark.parametrize(
    ("major", "replication"), [(V15, Replication(slot=False)), (Major(9, 3), Replication())], ids=["unwanted", "9.3"]
)
async def test_no_slot_is_asked_for_where_there_is_to_be_none(major: Major, replication: Replication) -> None:
    pair = pair_with(major, replication=replication)
    assert (await Slot().inspect(pair.ctx)).finding is Finding.DONE
    assert pair.primary.asked == []


async def test_the_slot_that_is_made_is_the_one_that_was_shown() -> None:
    pair = pair_with()
    pair.primary.on("pg_create_physical_replication_slot")
    shown = (await Slot().preview(pair.ctx)).commands[0].line
    await Slot().run(pair.ctx)
    statement = pair.primary.asked[0].stdin.decode().splitlines()[-1].removesuffix(";")
    assert statement == f"select pg_create_physical_replication_slot('{pair.ctx.slot}', true)"
    assert pair.ctx.slot in shown


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


async def test_tls_that_nobody_asked_for_is_not_looked_at() -> None:
    pair = pair_with(replication=Replication(sslmode="prefer"))
    assert (await Tls().inspect(pair.ctx)).finding is Finding.DONE
    assert pair.primary.asked == []


@pytest.mark.parametrize(
    ("shown", "finding"),
    [
        (Shown("on"), Finding.DONE),
        (Shown("off"), Finding.NEEDED),
        (Shown("off", file="/srv/pg/data/postgresql.auto.conf"), Finding.BLOCKED),
        (Shown("off", source="command line", file=""), Finding.BLOCKED),
    ],
)
async def test_tls_that_is_asked_for(shown: Shown, finding: Finding) -> None:
    pair = pair_with(replication=Replication(sslmode="require"))
    show(pair.primary, {"ssl": shown})
    assert (await Tls().inspect(pair.ctx)).finding is finding


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl on this machine")
def test_a_certificate_is_made_for_the_servers_owner_only_and_none_is_overwritten(tmp_path: Path) -> None:
    command = Command(("/bin/sh", "-c", MAKE, "sh", str(tmp_path), "192.0.2.1"))
    made = really(command)
    assert made.status == 0, made.error_text
    assert {path.name for path in tmp_path.iterdir()} == {"server.crt", "server.key"}
    assert (tmp_path / "server.key").stat().st_mode & 0o777 == 0o600
    key = (tmp_path / "server.key").read_bytes()
    for there in ("server.crt", "server.key"):
        (tmp_path / there).rename(tmp_path / "aside")
        assert really(command).status == 1
        (tmp_path / "aside").rename(tmp_path / there)
    assert (tmp_path / "server.key").read_bytes() == key


OPEN_DOOR = Login(ok=True, system_identifier=IDENTIFIER, tls=True)
REFUSED = Login(ok=False, message="no pg_hba.conf entry", refused_address="192.0.2.77")
SHUT = Login(ok=False, message="Connection refused", reached=False)


def door(monkeypatch: pytest.MonkeyPatch, *logins: Login) -> None:
    """The next logins go like this; the last one stays."""
    waiting = [*logins]

    async def knock(_ctx: object) -> Login:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    for module in (hba, login):
        monkeypatch.setattr(module, "knock", knock)


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        (OPEN_DOOR, Finding.DONE),
        (REFUSED, Finding.NEEDED),
        (SHUT, Finding.NEEDED),
        (Login(ok=False, message="password authentication failed"), Finding.DONE),
    ],
)
async def test_a_rule_is_needed_where_the_primary_refuses(
    answer: Login, finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = pair_with()
    pair.primary.rows("from pg_hba_file_rules")
    door(monkeypatch, answer)
    assert (await Hba().inspect(pair.ctx)).finding is finding


async def test_a_pg_hba_conf_with_errors_is_not_reloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = pair_with()
    pair.primary.rows("from pg_hba_file_rules", ("7", "invalid connection type"))
    door(monkeypatch, REFUSED)
    look = await Hba().inspect(pair.ctx)
    assert look.finding is Finding.BLOCKED
    assert "invalid connection type" in look.reason
    assert pair.primary.changes == []


@pytest.mark.parametrize(
    ("major", "md5", "method"), [(V15, False, "scram-sha-256"), (V15, True, "md5"), (Major(9, 6), True, "md5")]
)
async def test_the_rule_is_for_the_address_that_the_primary_saw(
    major: Major, method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, md5: bool
) -> None:
    pair = pair_with(major)
    path = tmp_path / "pg_hba.conf"
    path.write_text("local all all peer\nhost all all 0.0.0.0/0 reject\n")
    side = pair.ctx.primary
    side.cluster, side.home = replace(side.cluster, hba=str(path)), str(tmp_path)
    pair.primary.by("", really)
    pair.primary.on("pg_reload_conf")
    role_is(pair, md5=md5)
    door(monkeypatch, REFUSED, OPEN_DOOR)
    said = await Hba().run(pair.ctx)
    assert "192.0.2.77" in said
    rules = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
    ours = next(rule for rule in rules if "replicator" in rule)
    assert ours[1:3] == ["replication", "replicator"]
    assert ours[3].startswith("192.0.2.77")
    assert ours[-1] == method
    backups = list((tmp_path / ".pgrepl-tui").rglob("pg_hba.conf.*"))
    assert [backup.read_text() for backup in backups] == ["local all all peer\nhost all all 0.0.0.0/0 reject\n"]


async def test_no_rule_is_written_for_a_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = pair_with()
    door(monkeypatch, SHUT)
    with pytest.raises(StepError, match="does not get as far as pg_hba.conf"):
        await Hba().run(pair.ctx)
    assert pair.primary.asked == []


@pytest.mark.parametrize(
    ("answer", "refused"),
    [(SHUT, False), (REFUSED, False), (replace(OPEN_DOOR, system_identifier="999"), True)],
    ids=["shut", "refused", "another server"],
)
async def test_only_the_primarys_own_answer_proves_the_way_in(
    answer: Login, monkeypatch: pytest.MonkeyPatch, *, refused: bool
) -> None:
    pair = pair_with()
    door(monkeypatch, answer)
    with pytest.raises(StepError) as caught:
        await LoginProof().run(pair.ctx)
    assert caught.value.refused is refused
    door(monkeypatch, OPEN_DOOR)
    assert IDENTIFIER in await LoginProof().run(pair.ctx)


async def test_a_restart_is_asked_about_with_who_would_be_dropped() -> None:
    pair = pair_with()
    pair.primary.rows("from pg_stat_activity", ("12", "3"))
    preview = await Restart().preview(pair.ctx)
    assert preview.danger is Danger.INTERRUPTS
    assert "12 client session(s)" in preview.question
    assert "3 of them in a transaction" in preview.question
    assert pair.primary.changes == []


async def test_a_configuration_with_which_it_does_not_start_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = pair_with()
    side = pair.ctx.primary
    conf = tmp_path / "postgresql.conf"
    mine = "port = 5432\n"
    conf.write_text(f"{mine}# BEGIN pgrepl-tui\nshared_buffers = 'too much'\n# END pgrepl-tui\n")
    side.cluster, side.home = replace(side.cluster, config=str(tmp_path)), str(tmp_path)
    up = False

    def pg_ctl(command: Command) -> Result:
        nonlocal up
        up = command.argv[-1] == "start" and "too much" not in conf.read_text()
        return Result(0 if up else 1, b"", b"" if up else b"could not start server")

    async def find(*_given: object) -> object:
        return replace(side, cluster=replace(side.cluster, running=1 if up else 0))

    monkeypatch.setattr(restart, "find_side", find)
    pair.primary.by("", really)
    pair.primary.by("/opt/pg/bin/pg_ctl", pg_ctl).rows("pg_is_in_recovery", ("f",))
    from pgrepl_tui.postgres.conf import with_settings, without_block  # noqa: PLC0415 - only here

    conf.write_text(with_settings(mine, {"shared_buffers": "too much"}, mark="pgrepl-tui"))
    with pytest.raises(StepError, match="it runs again with its old configuration") as caught:
        await Restart().run(pair.ctx)
    assert "could not start server" in caught.value.remedy
    assert conf.read_text() == mine == without_block(conf.read_text(), "pgrepl-tui")
    actions = [command.argv[-1] for command in pair.primary.asked if command.argv[0].endswith("pg_ctl")]
    assert actions == ["restart", "start"]


def test_the_scripted_host_refuses_what_is_not_in_the_script() -> None:
    host = ScriptedHost().on("known")
    with pytest.raises(AssertionError, match="not in the script"):
        _run_now(host)


def _run_now(host: ScriptedHost) -> None:
    with pytest.MonkeyPatch.context():
        coroutine = host.run(Command(("unknown",)))
        try:
            coroutine.send(None)
        finally:
            coroutine.close()
