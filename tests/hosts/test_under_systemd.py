"""Where systemd runs the server, systemd is the one that starts and stops it; and what its journal is told."""

from pathlib import Path

from pgrepl_tui.session.secret_forms import forms
from tests.fuzz.leaking import hits, with_tail
from tests.fuzz.test_leaks import LOUD
from tests.hosts.debian import DebianHost
from tests.hosts.pair import DebianPair
from tests.hosts.redhat import LAYOUTS, lay_out
from tests.hosts.rootfs import PASSWORD, Release

SINCE = "systemctl show -p ActiveEnterTimestampMonotonic --value 'postgresql@*'"

ALL_IS_KEPT = """
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\\nRateLimitIntervalSec=0\\nMaxLevelStore=debug\\n' >/etc/systemd/journald.conf.d/all.conf
systemctl restart systemd-journald
"""
JOURNAL = "journalctl --sync && journalctl --no-pager --all -o export"
"""Every field of every entry, as it was sent: the files themselves are packed."""


async def main_process(pair: DebianPair, host: DebianHost) -> str:
    """The unit's main process has to be the postmaster that answers."""
    unit = f"postgresql@{host.release.postgres}-main"
    assert (await host.run(f"systemctl is-active {unit}")).strip() == "active"
    number = (await host.run(f"systemctl show -p MainPID --value {unit}")).strip()
    data = await pair.value(host, "show data_directory")
    assert (await host.run(f"sed -n 1p {data}/postmaster.pid")).strip() == number
    return number


async def test_the_units_are_restarted_and_a_power_cut_brings_the_standby_back(
    release: Release, tmp_path: Path
) -> None:
    async with DebianPair.up(release, tmp_path, init="systemd") as pair:
        before = [await main_process(pair, host) for host in (pair.db1, pair.db2)]
        ran = await pair.set_up(pair.topology("dba"))
        after = [await main_process(pair, host) for host in (pair.db1, pair.db2)]
        assert not set(before) & set(after)
        assert f"systemctl restart postgresql@{release.postgres}-main" in ran.recording.read_text()

        await pair.db2.power_cut()
        await pair.db2.start()
        await pair.db2.run(f"systemctl start postgresql@{release.postgres}-main")
        again = await pair.wizard("run", str(pair.topology("dba")))
        assert (again.code, again.changed()) == (0, []), again.out


async def test_a_login_that_may_not_ask_systemd_is_refused_before_anything_is_changed(
    release: Release, tmp_path: Path
) -> None:
    async with DebianPair.up(release, tmp_path, init="systemd") as pair:
        ran = await pair.wizard("run", str(pair.topology("postgres")), "--yes")
        assert ran.code == 3, ran.out
        assert ran.changed() == []
        assert "postgres ALL=(root) NOPASSWD: ALL" in ran.out


async def test_the_journal_is_told_neither_password(release: Release, tmp_path: Path) -> None:
    """Of sshd, sudo and both servers, which log there all that they can."""
    layout = LAYOUTS[0].of(release.postgres)
    planted, control = with_tail("bs+quote"), with_tail("unicode")
    async with DebianPair.up(release, tmp_path, init="systemd", clusters=False) as pair:
        for host in (pair.db1, pair.db2):
            await host.run(ALL_IS_KEPT)
            await lay_out(host, layout)
            settings = "\n".join(("logging_collector = off", *LOUD))
            await host.run('cat >>"$1/postgresql.conf"', layout.data, stdin=f"{settings}\n".encode())
            await host.run('systemctl restart "$1"', layout.unit)
            await host.run('logger -- "$1"', control.password)
        await pair.create_databases()
        (tmp_path / "sudo").write_text(f"{PASSWORD}\n")
        (tmp_path / "role").write_text(f"{planted.password}\n")
        given = {"PGREPL_SUDO_PASSWORD_FILE": str(tmp_path / "sudo"), "PGREPL_PASSWORD_FILE": str(tmp_path / "role")}
        ran = await pair.wizard("run", str(pair.topology("typist", cluster=None)), "--yes", **given)
        assert ran.code == 0, ran.out + ran.err
        for host in (pair.db1, pair.db2):
            journal = await host.run(JOURNAL)
            for words in ("COMMAND=", "Accepted publickey for typist", "statement: ", "_SYSTEMD_UNIT="):
                assert words in journal, f"{host.name}: nothing of {words!r} is in the journal, so nothing was searched"
            assert "Suppressed " not in journal
            assert hits(control, {"journal": journal.encode()}) == ["journal: as it is"]
            assert hits(planted, {"journal": journal.encode()}) == []
            assert [form for form in forms(PASSWORD) if form in journal] == []
