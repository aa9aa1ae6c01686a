"""The journal of a run: what it says, that it is read back whole or not at all, and that nothing is done before it."""

from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.hosts.host import Command, HostError, Result
from pgrepl_tui.steps.edit import Edit
from pgrepl_tui.steps.entries import (
    KINDS,
    Began,
    Copied,
    Entry,
    FileChanged,
    JournalError,
    Restarted,
    SettingChanged,
    SlotMade,
    Swapped,
    decode,
    digest,
    encode,
)
from pgrepl_tui.steps.journal import journal_path, note
from pgrepl_tui.steps.primary.passfile import Passfile
from pgrepl_tui.steps.primary.restart import Restart
from pgrepl_tui.steps.primary.role import Role
from pgrepl_tui.steps.primary.settings import Settings
from pgrepl_tui.steps.primary.slot import Slot
from pgrepl_tui.steps.standby import swap
from pgrepl_tui.steps.standby.copy import BaseBackup
from pgrepl_tui.steps.standby.stop import Stop
from pgrepl_tui.steps.standby.swap import Swap
from pgrepl_tui.steps.step import StepError
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import Shown, Two, acts, configured, pair_in, pair_with, role_is, show, two

BEGAN = Began(
    run="r", role="primary", by="me", identifier="7", primary="db1", primary_data="/a", standby="db2", standby_data="/b"
)


def any_entry(kind: type[Entry]) -> st.SearchStrategy[Entry]:
    values = {str: st.text(), int: st.integers(), bool: st.booleans()}
    return st.builds(kind, **{field.name: values[field.type] for field in fields(kind)})  # type: ignore[index]


ENTRIES = st.lists(st.one_of([any_entry(kind) for kind in KINDS if kind is not Began]))


@given(ENTRIES)
def test_what_is_written_is_read_back(entries: list[Entry]) -> None:
    text = encode([BEGAN, *entries])
    assert text.isascii()
    assert decode(text) == (BEGAN, tuple(entries))


def test_cut_off_anywhere_it_is_refused_or_ends_with_a_whole_entry() -> None:
    entries = [SlotMade(name="one"), Restarted(), SlotMade(name="two")]
    text = encode([BEGAN, *entries])
    whole = {len(encode([BEGAN, *entries[:count]])) for count in range(len(entries) + 1)}
    for length in range(len(text)):
        if length in whole:
            assert decode(text[:length])[1] == tuple(entries[: text[:length].count("\n") - 1])
        else:
            with pytest.raises(JournalError):
                decode(text[:length])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nothing", "line 2 is not JSON"),
        ("[]", "line 2 is no entry"),
        ('{"entry":"of_a_newer_version"}', "line 2 is no entry that this version knows"),
        ('{"entry":"slot_made"}', "line 2 is no slot_made"),
        ('{"entry":"slot_made","name":7}', "line 2 is no slot_made"),
        ('{"entry":"slot_made","name":"s","more":1}', "line 2 is no slot_made"),
        (encode([BEGAN]).strip(), "line 1 does not say"),
        ("[" * 100_000, "line 2 is not JSON"),
    ],
)
def test_what_is_no_entry_is_refused_with_its_line(line: str, words: str) -> None:
    with pytest.raises(JournalError, match=words):
        decode(f"{encode([BEGAN])}{line}\n")


def test_a_journal_says_first_which_run_it_was() -> None:
    with pytest.raises(JournalError, match="line 1"):
        decode(encode([Restarted()]))
    with pytest.raises(JournalError, match="it is empty"):
        decode("")


def watched(order: list[str], name: str) -> Callable[[Command], Result]:
    """Really run a command, and note whose it was."""

    def answer(command: Command) -> Result:
        order.append(name)
        return really(command)

    return answer


async def test_both_hosts_have_a_journal_before_the_first_change_the_standbys_first(tmp_path: Path) -> None:
    pair = two()
    order: list[str] = []
    for side in (pair.ctx.primary, pair.ctx.standby):
        side.home = str(tmp_path / side.role)
        (tmp_path / side.role).mkdir()
    for host in (pair.primary, pair.standby):
        host.by("", watched(order, host.name))
    await note(pair.ctx, pair.ctx.primary, SlotMade(name="s"))
    assert list(dict.fromkeys(order)) == ["db2", "db1"]
    path = Path(journal_path(pair.ctx.primary, pair.ctx.run_id))
    began, entries = decode(path.read_text())
    assert (began.role, began.primary_data, entries) == ("primary", "/srv/pg/data", (SlotMade(name="s"),))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    other = decode(Path(journal_path(pair.ctx.standby, pair.ctx.run_id)).read_text())
    assert (other[0].role, other[1]) == ("standby", ())
    await note(pair.ctx, pair.ctx.primary, Restarted())
    assert decode(path.read_text())[1] == (SlotMade(name="s"), Restarted())


async def run_role(pair: Two) -> None:
    pair.primary.rows("from pg_authid").on("create role")
    await Role().run(pair.ctx)


async def run_rights(pair: Two) -> None:
    role_is(pair, replication="f")
    pair.primary.on("alter role")
    await Role().run(pair.ctx)


async def run_settings(pair: Two) -> None:
    table = {name: Shown("10") for name in ("max_wal_senders", "max_connections", "max_replication_slots")}
    table |= {
        "listen_addresses": Shown("localhost", context="postmaster"),
        "log_line_prefix": Shown("%m %p"),
        "wal_level": Shown("replica"),
        "superuser_reserved_connections": Shown("3"),
        "ssl": Shown("on"),
        "max_wal_size": Shown("4096", "MB"),
        "wal_keep_size": Shown("1024", "MB"),
    }
    show(pair.primary, table).rows("from pg_stat_replication", ("10", "0")).rows("from pg_replication_slots", ("0",))
    pair.primary.rows("pending_restart").on("cat /srv/pg/data/postgresql.conf", "port = 1\n")
    await Settings().run(pair.ctx)


async def run_copy(pair: Two) -> None:
    pair.standby.on("state of the job", "absent\n")
    pair.standby.on("stat /srv/pg/data/pg_wal", err="stat: cannot statx: No such file or directory", status=1)
    await BaseBackup().run(pair.ctx)


async def run_passfile(pair: Two) -> None:
    pair.standby.on("cat /var/lib", err="head: cannot open: No such file or directory", status=1)
    await Passfile().run(pair.ctx)


async def run_swap(pair: Two) -> None:
    pair.standby.on("stat /srv/pg/data\n", err="stat: cannot statx: No such file or directory", status=1)
    pair.standby.on("%i:%Y", "1:2:3\n")
    configured(pair)
    await Swap().run(pair.ctx)


CHANGES: dict[str, Callable[[Two], Awaitable[object]]] = {
    "role": run_role,
    "rights": run_rights,
    "settings": run_settings,
    "restart": lambda pair: Restart().run(pair.ctx),
    "slot": lambda pair: Slot().run(pair.ctx),
    "passfile": run_passfile,
    "copy": run_copy,
    "stop": lambda pair: Stop().run(pair.ctx),
    "swap": run_swap,
}


@pytest.mark.parametrize("change", CHANGES)
async def test_nothing_is_done_that_could_not_be_written_down_first(
    change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wanted(_ctx: object) -> tuple[dict[str, str], dict[str, object]]:
        return {}, {}

    monkeypatch.setattr("pgrepl_tui.steps.primary.restart.wanted", wanted)
    pair = pair_with()
    for host in (pair.primary, pair.standby):
        host.loses("/.pgrepl-tui/journal-")
    with pytest.raises(HostError, match="connection is lost"):
        await CHANGES[change](pair)
    assert [command.shown or command.argv for host in (pair.primary, pair.standby) for command in acts(host)] == []


async def test_settings_are_noted_with_the_values_that_the_server_had() -> None:
    pair = pair_with()
    pair.primary.on("stat /srv", "8180 postgres postgres 9 1 2 1 0 0 0\0/srv/pg/data/postgresql.conf\0")
    pair.primary.loses("write /srv/pg/data/postgresql.conf").on("mkdir -m 700")
    with pytest.raises(HostError):
        await run_settings(pair)
    changed, file = pair.noted("primary")
    assert changed == SettingChanged(name="listen_addresses", before="localhost", restart=True)
    assert isinstance(file, FileChanged)
    assert (file.path, file.old) == ("/srv/pg/data/postgresql.conf", digest(b"port = 1\n"))


async def test_a_file_is_noted_with_all_that_brings_it_back(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    path = tmp_path / "data/postgresql.conf"
    link = tmp_path / "link.conf"
    link.symlink_to(path)
    path.chmod(0o640)
    old = path.read_bytes()
    await Edit(pair.ctx.standby, str(link), old.decode(), "port = 7000\n").write(pair.ctx)
    (change,) = pair.noted("standby")
    assert isinstance(change, FileChanged)
    assert (change.path, change.old, change.new) == (str(link), digest(old), digest(b"port = 7000\n"))
    assert (change.mode, change.new_mode, change.owner) == (0o640, 0o640, path.owner())
    assert Path(change.backup).read_bytes() == old
    assert link.is_symlink()


async def test_what_is_written_into_a_copy_is_not_noted(tmp_path: Path) -> None:
    pair = pair_in(tmp_path)
    await Edit(pair.ctx.standby, str(tmp_path / "data/new"), None, "x").write(pair.ctx, journal=False)
    assert pair.noted("standby") == ()


async def test_the_swap_notes_by_what_the_old_directory_is_known_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def find(*_given: object) -> object:
        return pair.ctx.standby

    monkeypatch.setattr(swap, "find_side", find)
    pair = pair_in(tmp_path)
    pair.standby.on("mv -T")
    configured(pair)
    await Swap().run(pair.ctx)
    data = (tmp_path / "data").stat()
    version = (tmp_path / "data/PG_VERSION").stat()
    identity = f"{data.st_ino}:{version.st_ino}:{int(version.st_mtime)}"
    aside = f"{tmp_path}/data.pgrepl-old-{pair.ctx.run_id}"
    assert pair.noted("standby") == (Swapped(aside=aside, identity=identity, identifier="42"),)

    (tmp_path / "data").rename(tmp_path / "gone")
    (tmp_path / "data").mkdir(mode=0o750)
    pair.ctx.standby.control = None
    await Swap().run(pair.ctx)
    assert pair.noted("standby")[-1] == Swapped(aside=aside, identity="", identifier="", mode=0o750)


async def test_a_primary_that_was_not_read_gets_no_journal() -> None:
    pair = two()
    pair.ctx.sides["primary"] = replace(pair.ctx.primary, control=None)
    with pytest.raises(StepError, match="control file"):
        await note(pair.ctx, pair.ctx.standby, Copied(folder="/x", job="/y"))
    assert pair.standby.asked == []
