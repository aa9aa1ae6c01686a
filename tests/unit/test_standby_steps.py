"""The steps of the Standby stage, with real files in temporary folders where a host's files are meant."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.events import Danger, Finding, Progress
from pgrepl_tui.hosts.host import Command, Result
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.postgres import conninfo
from pgrepl_tui.postgres.conf import replace_settings, settings
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.entries import Stopped
from pgrepl_tui.steps.standby import swap
from pgrepl_tui.steps.standby.configure import Configure
from pgrepl_tui.steps.standby.copy import BaseBackup, Watch
from pgrepl_tui.steps.standby.included import included
from pgrepl_tui.steps.standby.start import Start
from pgrepl_tui.steps.standby.state import follows_primary, is_ours, places, recovery_files
from pgrepl_tui.steps.standby.stop import Stop
from pgrepl_tui.steps.standby.swap import Swap
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.tag import tag_of
from tests.unit.scripted_pair import CONTROL, PASSWORD, V15, acts, configured, copy_in, pair_in, pair_with, two

V11 = Major(11)


@pytest.mark.parametrize(
    ("state", "files", "ours"),
    [
        ("shut down in recovery", {"standby.signal"}, True),
        ("in archive recovery", {"standby.signal"}, True),
        ("in production", {"standby.signal", "backup_label"}, True),
        ("in production", {"standby.signal"}, False),
        ("shut down", {"standby.signal"}, False),
        ("shut down in recovery", set(), False),
        ("shut down in recovery", {"recovery.conf"}, False),
    ],
)
async def test_what_counts_as_our_standby(state: str, files: set[str], tmp_path: Path, *, ours: bool) -> None:
    pair = pair_in(tmp_path)
    pair.ctx.standby.control = replace(CONTROL, state=state)
    for name in files:
        (tmp_path / "data" / name).touch()
    assert await is_ours(pair.ctx) is ours
    assert pair.standby.changes == []


async def test_another_servers_cluster_and_no_cluster_are_not_ours(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    (tmp_path / "data/standby.signal").touch()
    for control in (None, replace(CONTROL, system_identifier="42", state="shut down in recovery")):
        pair.ctx.standby.control = control
        assert not await is_ours(pair.ctx)


async def test_below_12_the_signal_is_recovery_conf(tmp_path: Path) -> None:
    pair = pair_in(tmp_path, V11)
    pair.ctx.standby.control = replace(CONTROL, state="shut down in recovery")
    (tmp_path / "data/standby.signal").touch()
    assert not await is_ours(pair.ctx)
    (tmp_path / "data/recovery.conf").touch()
    assert await is_ours(pair.ctx)


async def test_the_copy_becomes_a_standby_with_its_own_configuration(tmp_path: Path) -> None:
    pair, copy = pair_in(tmp_path), copy_in(tmp_path)
    assert not await follows_primary(pair.ctx, str(copy))
    await Configure().run(pair.ctx)
    assert await follows_primary(pair.ctx, str(copy))
    assert (copy / "postgresql.conf").read_text() == "port = 6000\n", "the standby's own"
    assert (copy / "standby.signal").read_text() == ""
    written = settings((copy / "postgresql.auto.conf").read_text())
    target = conninfo.parse(written["primary_conninfo"])
    assert (target["host"], target["port"], target["user"]) == ("192.0.2.1", "5432", "replicator")
    assert target["application_name"] == pair.ctx.application == written["primary_slot_name"]
    assert "password" not in target
    assert target["passfile"].startswith(str(tmp_path / "home"))
    assert (await Configure().inspect(pair.ctx)).finding is Finding.DONE


async def test_the_password_is_in_no_file_of_the_standby_but_its_passfile(tmp_path: Path) -> None:
    """A server shows primary_conninfo to monitoring roles, logs it when it changes, and copies it into backups."""
    pair, copy = pair_in(tmp_path), copy_in(tmp_path)
    pair.ctx.password = Secret(PASSWORD)
    await Configure().run(pair.ctx)
    assert await follows_primary(pair.ctx, str(copy))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path for path in files if PASSWORD in path.read_text()] == []


async def test_only_includes_inside_the_data_directory_are_taken_over_and_none_of_the_servers_folders(
    tmp_path: Path,
) -> None:
    pair, copy = pair_in(tmp_path), copy_in(tmp_path)
    (tmp_path / "outside.conf").write_text("outside")
    lines = ("include_dir 'my.d'", "include '../outside.conf'", "include 'base/x'", "include '/etc/passwd'")
    (tmp_path / "data/postgresql.conf").write_text("\n".join(lines) + "\n")
    for name in ("my.d/a.conf", "base/x"):
        for folder in (tmp_path / "data", copy):
            (folder / name).parent.mkdir()
            (folder / name).write_text(folder.name)
    await Configure().run(pair.ctx)
    assert (copy / "my.d/a.conf").read_text() == "data"
    assert (copy / "base/x").read_text() == "data.pgrepl-new"
    assert not (copy / "outside.conf").exists()
    (keep,) = [command for command in pair.standby.asked if "the own configuration" in command.shown]
    assert keep.argv[-1] == "my.d"


async def test_includes_are_followed_however_deep_and_from_each_files_own_folder(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    data = tmp_path / "data"
    texts = {
        "postgresql.conf": f"include 'a/one.conf'\ninclude_dir = '{data}/b'\ninclude_if_exists 'none.conf'\n",
        "a/one.conf": "include 'deep/two.conf'\n",
        "a/deep/two.conf": "include '../../c/three.conf'\ninclude 'two.conf'\n",
        "b/x.conf": "include '../d/four.conf'\n",
        "b/.hidden.conf": "include '../not/read.conf'\n",
        "b/x.conf.old": "include '../not/read.conf'\n",
        "pg_hba.conf": "include e/hba.conf\nhost all @f/users all reject\n",
        "e/hba.conf": "include_dir more\n",
        "pg_ident.conf": "include g/map\nmap a b\n",
    }
    for name, text in texts.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(text)
    found = await included(pair.ctx)
    assert set(found) == {
        "a/one.conf", "b", "none.conf", "a/deep/two.conf", "c/three.conf", "d/four.conf", "e/hba.conf", "e/more",
        "f/users", "g/map",
    }  # fmt: skip


async def test_includes_that_go_round_in_a_circle_end(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    for name, other in (("postgresql.conf", "a.conf"), ("a.conf", "postgresql.conf")):
        (tmp_path / "data" / name).write_text(f"include '{other}'\n")
    assert set(await included(pair.ctx)) == {"a.conf", "postgresql.conf"}


async def test_a_configuration_that_was_cut_off_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    """The old cluster's own file leads to this primary already, as that of a standby does that was promoted."""
    pair, copy = pair_in(tmp_path), copy_in(tmp_path)
    (tmp_path / "data/postgresql.auto.conf").write_text(replace_settings("", recovery_files(pair.ctx).settings))
    (tmp_path / "data/server.key").write_text("its own")
    (copy / "server.key").mkdir()
    with pytest.raises(StepError, match="could not be taken over"):
        await Configure().run(pair.ctx)
    assert (await Configure().inspect(pair.ctx)).finding is Finding.NEEDED
    (copy / "server.key").rmdir()
    await Configure().run(pair.ctx)
    assert (await Configure().inspect(pair.ctx)).finding is Finding.DONE
    assert (copy / "server.key").read_text() == "its own"


async def test_below_12_recovery_conf_says_it_all(tmp_path: Path) -> None:
    pair, copy = pair_in(tmp_path, V11), copy_in(tmp_path, V11)
    await Configure().run(pair.ctx)
    written = settings((copy / "recovery.conf").read_text())
    assert written["standby_mode"] == "on"
    assert written["recovery_target_timeline"] == "latest"
    assert not (copy / "standby.signal").exists()
    assert await follows_primary(pair.ctx, str(copy))


@pytest.mark.parametrize("major", [V11, V15])
async def test_without_a_cluster_before_the_copy_gets_a_port_and_an_address_of_its_own(
    tmp_path: Path, major: Major
) -> None:
    pair, copy = pair_in(tmp_path, major), copy_in(tmp_path, major)
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    side = pair.ctx.standby
    side.control, side.cluster = None, replace(side.cluster, port=5555)
    (copy / "postgresql.auto.conf").write_text("port = '5432'\n")
    await Configure().run(pair.ctx)
    for name in ("postgresql.conf", "postgresql.auto.conf"):
        assert settings((copy / name).read_text())["port"] == "5555"
    assert settings((copy / "postgresql.conf").read_text())["listen_addresses"] == "localhost,192.0.2.2"


@pytest.mark.parametrize("one_machine", [False, True])
async def test_paths_of_the_primary_in_its_copied_configuration_become_the_standbys(
    tmp_path: Path, *, one_machine: bool
) -> None:
    pair, copy = pair_in(tmp_path), copy_in(tmp_path)
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    pair.ctx.standby.control = None
    pair.ctx.topology = replace(pair.ctx.topology, same_machine=one_machine)
    pair.ctx.primary.cluster = replace(pair.ctx.primary.cluster, data="/real/pg")
    text = (
        "data_directory = '/pg'\nhba_file = '/pg/conf/pg_hba.conf'\nident_file = '/etc/ident.conf'\n"
        "log_directory = '/real/pg/log'\nexternal_pid_file = '/run/pg.pid'\n"
    )
    (copy / "postgresql.conf").write_text(text)
    await Configure().run(pair.ctx)
    written, data = settings((copy / "postgresql.conf").read_text()), str(tmp_path / "data")
    assert written["data_directory"] == data
    assert written["hba_file"] == f"{data}/conf/pg_hba.conf"
    assert written["log_directory"] == f"{data}/log"
    assert written["ident_file"] == "/etc/ident.conf"
    assert written["external_pid_file"] == ("" if one_machine else "/run/pg.pid")


@pytest.mark.parametrize(
    "spoil",
    ["slot", "address", "broken", "gone", "no signal"],
)
async def test_a_standby_that_follows_otherwise_is_seen(spoil: str, tmp_path: Path) -> None:
    pair, copy = pair_in(tmp_path), copy_in(tmp_path)
    await Configure().run(pair.ctx)
    auto = copy / "postgresql.auto.conf"
    text = auto.read_text()
    changed = {
        "slot": text.replace("primary_slot_name = 'pgrepl", "primary_slot_name = 'other"),
        "address": text.replace("192.0.2.1", "192.0.2.9"),
        "broken": text.replace("host=", "host"),
    }
    if spoil in changed:
        assert changed[spoil] != text
        auto.write_text(changed[spoil])
    else:
        (copy / ("standby.signal" if spoil == "no signal" else "postgresql.auto.conf")).unlink()
    assert not await follows_primary(pair.ctx, str(copy))
    assert (await Configure().inspect(pair.ctx)).finding is Finding.NEEDED


async def test_the_swap_hands_over_what_was_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = pair_in(tmp_path)
    asked: list[Command] = []

    def moved(command: Command) -> Result:
        asked.append(command)
        return Result(0, b"", b"")

    async def find(*_given: object) -> object:
        return pair.ctx.standby

    monkeypatch.setattr(swap, "find_side", find)
    pair.standby.by("mv -T", moved)
    with pytest.raises(StepError, match="does not follow db1 yet"):
        await Swap().run(pair.ctx)
    assert not asked
    configured(pair)
    await Swap().run(pair.ctx)
    facts, place = (tmp_path / "data").stat(), places(pair.ctx)
    expected = (place.data, place.new, place.old, f"{facts.st_dev}:{facts.st_ino}", "/opt/pg/bin/pg_controldata")
    guards = ("42", "", "", "", "", "", f"{pair.ctx.standby.state_dir}/copy-{tag_of(place.data)}")
    assert asked[0].argv[4:] == (*expected, CONTROL.system_identifier, tag_of(place.data), *guards)
    assert place.new == f"{place.data}.pgrepl-new"
    assert place.old == f"{place.data}.pgrepl-old-{pair.ctx.run_id}"
    assert asked[0].user == "postgres"


@pytest.mark.parametrize(("status", "refused"), [(97, True), (1, False)])
async def test_a_swap_that_did_not_happen_says_why(status: int, tmp_path: Path, *, refused: bool) -> None:
    pair = pair_in(tmp_path)
    configured(pair)
    pair.standby.on("mv -T", err="a server runs there; nothing was moved", status=status)
    with pytest.raises(StepError, match="a server runs there") as caught:
        await Swap().run(pair.ctx)
    assert caught.value.refused is refused


async def test_setting_aside_is_asked_about_with_both_names(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    preview = await Swap().preview(pair.ctx)
    place = places(pair.ctx)
    assert preview.danger is Danger.REPLACES
    assert place.data in preview.question
    assert place.old in preview.question
    assert "nothing is deleted" in preview.question
    pair.ctx.standby.control = None
    assert (await Swap().preview(pair.ctx)).question == "", "with nothing there, nothing is replaced"


async def test_the_primary_itself_is_never_stopped() -> None:
    pair = two()
    pair.ctx.standby.control = CONTROL
    for host in (pair.primary, pair.standby):
        host.rows("pg_postmaster_start_time", ("2026-01-01 00:00:00+00", "/srv/pg/data"))
    with pytest.raises(StepError, match="is the primary itself") as caught:
        await Stop().run(pair.ctx)
    assert caught.value.refused
    assert pair.standby.changes == []
    assert pair.primary.changes == []


async def test_a_copy_that_went_its_own_way_may_be_stopped() -> None:
    pair = two()
    pair.ctx.standby.control = CONTROL
    pair.primary.rows("pg_postmaster_start_time", ("2026-01-01 00:00:00+00", "/srv/pg/data"))
    pair.standby.rows("pg_postmaster_start_time", ("2026-01-02 00:00:00+00", "/srv/pg/data")).on("pg_ctl")
    await Stop().run(pair.ctx)
    assert [command.argv[-1] for command in acts(pair.standby)] == ["stop"]
    assert pair.noted("standby") == (Stopped(log="/srv/pg/data.log"),)


async def test_a_server_that_does_not_stop_is_a_failure() -> None:
    pair = two()
    pair.standby.on("pg_ctl", err="server does not shut down", status=1)
    with pytest.raises(StepError, match="server does not shut down"):
        await Stop().run(pair.ctx)


@pytest.mark.parametrize(("major", "asks"), [(V15, "-d"), (Major(9, 1), "-h")])
async def test_the_base_backup_goes_beside_the_data_directory_and_holds_no_password(major: Major, asks: str) -> None:
    pair = pair_with(major)
    pair.standby.on("stat ", err="No such file or directory", status=1)
    line = (await BaseBackup().preview(pair.ctx)).commands[0].line
    assert PASSWORD not in line
    assert "/srv/pg/data.pgrepl-new" in line
    assert f" {asks} " in line
    assert "password" not in line.replace("passfile", "")
    assert pair.standby.changes == []


def test_the_words_of_the_base_backup_become_progress() -> None:
    pair = two()
    watch = Watch(pair.ctx)
    for piece in (
        b"pg_basebackup: initiating base backup, waiting for checkpoint to comp",
        b"lete\npg_basebackup: checkpoint completed\n",
        b"     0/2048 kB (0%), 0/1 tablespace\r  1024/20",
        b"48 kB (50%), 0/1 tablespace\r",
        b"pg_basebackup: base backup completed\n",
    ):
        watch.read(piece)
    told = [event for event in pair.told.events if isinstance(event, Progress)]
    assert [(event.phase, event.done, event.total) for event in told] == [
        ("waiting for checkpoint", 0, 0),
        ("copying", 0, 0),
        ("copying", 0, 2 << 20),
        ("copying", 1 << 20, 2 << 20),
        ("done", 1 << 20, 2 << 20),
    ]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"pg_basebackup: error: could not write to file: No space left on device\n", "No space left on device"),
        (b"odd\nlast words without a newline", "last words without a newline"),
        (
            b"pg_basebackup: error: could not read COPY data: server gone\npg_basebackup: removing data directory x\n",
            "1: pg_basebackup: error: could not read COPY data: server gone",
        ),
        (b"", "it named no error"),
    ],
)
def test_a_base_backup_that_failed_says_its_last_words(said: bytes, words: str) -> None:
    watch = Watch(two().ctx)
    watch.read(said)
    error = watch.failure(1)
    assert error.what.endswith(words)
    assert "status 1" in error.what
    assert error.remedy


@pytest.mark.parametrize(
    ("status", "words"), [(None, "was killed, or its host went down"), (137, "was ended by signal 9")]
)
def test_a_base_backup_that_was_killed_quotes_no_word_of_its_way_for_an_error(status: int | None, words: str) -> None:
    watch = Watch(two().ctx)
    watch.read(b"pg_basebackup: checkpoint completed\npg_basebackup: starting background WAL receiver\n")
    error = watch.failure(status)
    assert error.what == f"pg_basebackup {words}: it named no error"
    assert error.remedy.startswith("look into the system log of db2")
    assert "mend what it names" not in error.remedy


async def test_a_server_that_would_not_be_a_standby_is_not_started(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    with pytest.raises(StepError, match="would not start as a standby") as caught:
        await Start().run(pair.ctx)
    assert caught.value.refused
    assert pair.standby.changes == []


async def test_a_standby_that_went_down_again_is_explained_by_what_it_logged_since(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    before = "FATAL:  über alt: ärgerlich\n" * 50
    log = Path(f"{tmp_path}/data.log")
    log.write_text(before + "LOG:  startend\nFATAL:  hot standby is not possible because max_connections = 5\n")
    pair.ctx.log_marks = {str(log): len(before.encode())}
    with pytest.raises(StepError) as caught:
        await Start().confirm(pair.ctx)
    assert "went down again: FATAL:  hot standby is not possible" in caught.value.what


async def test_a_standby_that_went_down_without_a_word(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    with pytest.raises(StepError, match="nothing in its log") as caught:
        await Start().confirm(pair.ctx)
    assert "data.log" in caught.value.remedy
