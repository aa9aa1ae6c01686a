"""TLS, the pg_hba rule, the proof of the way in, and the restart, on scripted hosts."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.events import Danger, Finding
from pgrepl_tui.hosts.host import Command, HostError
from pgrepl_tui.postgres.conf import with_settings
from pgrepl_tui.postgres.login import Login
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.primary import hba, login, restart
from pgrepl_tui.steps.primary.hba import Hba
from pgrepl_tui.steps.primary.login import LoginProof
from pgrepl_tui.steps.primary.restart import Restart
from pgrepl_tui.steps.primary.tls import MAKE, Tls
from pgrepl_tui.steps.settings import Setting
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.topology import Replication
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import IDENTIFIER, V15, Shown, pair_with, quiet, role_is, show


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
    show(pair.primary, {"ssl": shown}).rows("name = 'ssl_ciphers'", ("f",))
    assert (await Tls().inspect(pair.ctx)).finding is finding


async def test_a_server_without_tls_is_a_stop_before_anything_is_written() -> None:
    pair = pair_with(Major(9, 1), replication=Replication(sslmode="require"))
    show(pair.primary, {"ssl": Shown("off")}).rows("name = 'ssl_ciphers'", ("t",))
    look = await Tls().inspect(pair.ctx)
    assert look.finding is Finding.BLOCKED
    assert "built without TLS" in look.reason
    assert "sslmode: prefer" in look.remedy
    assert pair.primary.changes == []


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


@pytest.mark.parametrize(
    ("major", "out", "err", "words"),
    [
        (Major(9, 6), f"{IDENTIFIER}|1|0/3000060|\n", "", ""),
        (Major(9, 1), f"{IDENTIFIER}|1|0/3000060\n", "", ""),
        (Major(9, 6), "42|1|0/3000060|\n", "", "does not get in"),
        (Major(9, 1), "", "psql: fe_sendauth: no password supplied", "no password supplied"),
        (Major(10), None, "", ""),
    ],
)
async def test_below_10_the_standbys_own_libpq_has_to_get_in_as_well(
    monkeypatch: pytest.MonkeyPatch, major: Major, out: str | None, err: str, words: str
) -> None:
    pair = pair_with(major)
    door(monkeypatch, OPEN_DOOR)
    if out is not None:
        pair.standby.on("IDENTIFY_SYSTEM", out, err=err, status=2 if err else 0)
    if words:
        with pytest.raises(StepError, match=words):
            await LoginProof().run(pair.ctx)
    else:
        assert IDENTIFIER in await LoginProof().run(pair.ctx)
    assert len(pair.standby.asked) == (out is not None)
    assert "passfile" not in " ".join(pair.standby.texts)
    assert pair.standby.changes == []


def want(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """These settings are wanted, and wait for a restart."""

    async def wanted(_ctx: object) -> tuple[dict[str, str], dict[str, Setting]]:
        found = {
            name: Setting(name, "0", "", "postmaster", "configuration file", "/x/postgresql.conf") for name in names
        }
        return dict.fromkeys(names, "1"), found

    monkeypatch.setattr(restart, "wanted", wanted)


async def test_a_restart_that_nothing_waits_for_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    want(monkeypatch)
    pair = pair_with()
    assert (await Restart().inspect(pair.ctx)).finding is Finding.DONE
    assert pair.primary.asked == []


@pytest.mark.parametrize(
    ("view", "row"),
    [("from pg_file_settings", ("7", "broken", "name", "error")), ("from pg_hba_file_rules", ("7", "broken"))],
)
async def test_a_server_that_would_not_come_up_again_is_not_restarted(
    view: str, row: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    want(monkeypatch, "wal_level")
    pair = pair_with()
    pair.primary.rows("from pg_file_settings").rows("from pg_hba_file_rules")
    assert (await Restart().inspect(pair.ctx)).finding is Finding.NEEDED
    pair.primary.rows(view, row)
    look = await Restart().inspect(pair.ctx)
    assert look.finding is Finding.BLOCKED
    assert "broken" in look.reason


async def test_a_restart_is_asked_about_with_who_would_be_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    want(monkeypatch, "wal_level")
    pair = pair_with()
    pair.primary.rows("from pg_stat_activity", ("12", "3")).rows("pending_restart", ("wal_level",), ("jit",))
    preview = await Restart().preview(pair.ctx)
    assert preview.danger is Danger.INTERRUPTS
    assert "12 client sessions" in preview.question
    assert "3 in a transaction" in preview.question
    assert "jit, which somebody else changed" in preview.question
    assert pair.primary.changes == []


async def test_a_configuration_with_which_it_does_not_start_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = pair_with()
    side = pair.ctx.primary
    conf = tmp_path / "postgresql.conf"
    mine = "port = 5432\n"
    conf.write_text(with_settings(mine, {"shared_buffers": "too much"}, mark="pgrepl-tui"))
    side.cluster, side.home = replace(side.cluster, config=str(tmp_path)), str(tmp_path)
    up = False
    actions: list[str] = []

    async def pg_ctl(_side: object, action: str) -> tuple[int, str]:
        nonlocal up
        actions.append(action)
        up = action == "start" and "too much" not in conf.read_text()
        return (0, "") if up else (1, "could not start server")

    async def find(*_given: object) -> object:
        return replace(side, cluster=replace(side.cluster, running=1 if up else 0))

    monkeypatch.setattr(restart, "find_side", find)
    pair.primary.by("", really)
    quiet(pair.primary)
    pair.primary.rows("pg_is_in_recovery", ("f",))
    monkeypatch.setattr(restart, "carry_out", pg_ctl)
    want(monkeypatch, "shared_buffers")
    with pytest.raises(StepError, match="it runs again with its old configuration") as caught:
        await Restart().run(pair.ctx)
    assert "could not start server" in caught.value.remedy
    assert conf.read_text() == mine
    assert actions == ["restart", "start"]


OPEN = {
    "a base backup runs (barman from 192.0.2.9)": ("where state = 'backup'", ("barman", "192.0.2.9")),
    "a backup is under way (pgBackRest [backup] from its own machine)": (
        "like '%pg_backup_start(%'", ("pgBackRest [backup]", None),
    ),
    "1 prepared transaction is open: gid1 of ann in shop": ("from pg_prepared_xacts", ("gid1", "ann", "shop")),
}  # fmt: skip


@pytest.mark.parametrize("words", OPEN)
async def test_while_a_backup_or_a_prepared_transaction_is_open_there_is_no_restart(
    monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    pair = pair_with()
    pair.primary.rows("from pg_file_settings").rows("from pg_hba_file_rules")
    want(monkeypatch, "wal_level")
    assert (await Restart().inspect(pair.ctx)).finding is Finding.NEEDED
    pair.primary.rows(*OPEN[words])
    look = await Restart().inspect(pair.ctx)
    assert look.finding is Finding.BLOCKED
    assert words in look.reason
    with pytest.raises(StepError, match="is not restarted now") as caught:
        await Restart().run(pair.ctx)
    assert caught.value.refused
    assert pair.primary.changes == []


async def test_an_exclusive_backup_is_known_by_its_label(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = pair_with()
    pair.primary.rows("from pg_file_settings").rows("from pg_hba_file_rules")
    want(monkeypatch, "wal_level")
    pair.primary.on("/backup_label", b"81a4 postgres postgres 0 1 2 1 1 1 0\0/srv/pg/data/backup_label\0")
    assert "an exclusive backup is open" in (await Restart().inspect(pair.ctx)).reason
    want(monkeypatch)
    assert (await Restart().inspect(pair.ctx)).finding is Finding.DONE, "with nothing that waits nobody has to look"


async def test_a_primary_that_stays_down_because_nothing_can_be_written_is_said_to_be_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = pair_with()
    side = pair.ctx.primary
    (tmp_path / "postgresql.conf").write_text(with_settings("", {"shared_buffers": "1GB"}, mark="pgrepl-tui"))
    side.cluster, side.home = replace(side.cluster, config=str(tmp_path)), str(tmp_path)

    async def full(_side: object, action: str) -> tuple[int, str]:
        if action == "start":
            raise HostError("the job could not be started: No space left on device", "Make room.")
        return 1, "could not start server"

    async def find(*_given: object) -> object:
        return replace(side, cluster=replace(side.cluster, running=0))

    monkeypatch.setattr(restart, "find_side", find)
    monkeypatch.setattr(restart, "carry_out", full)
    monkeypatch.setattr(restart, "AT_ONCE", 0.0)
    quiet(pair.primary.by("", really))
    pair.primary.on(f"write {tmp_path}/postgresql.conf", err="cp: error writing: No space left on device", status=1)
    want(monkeypatch, "shared_buffers")
    with pytest.raises(StepError, match="IS DOWN") as caught:
        await Restart().run(pair.ctx)
    assert "No space left on device" in caught.value.what
    assert "Make room on the file system" in caught.value.remedy
    assert "start it" in caught.value.remedy
