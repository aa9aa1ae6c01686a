"""Rows of the preflight table on what lies outside the data directories, on real folders."""

import getpass
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pgrepl_tui.events import Verdict
from pgrepl_tui.hosts.host import Command
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.preflight import outside, room
from pgrepl_tui.steps.preflight.survey import LOOK, Survey
from pgrepl_tui.steps.preflight.verdicts import Pair
from pgrepl_tui.steps.standby.outside import coming
from tests.unit.scripted_host import really
from tests.unit.scripted_pair import V15, Two, pair_in

V = "PG_15_202209061"


@dataclass
class Layout:
    """A primary with a tablespace, and a standby's host where it is to go."""

    root: Path
    pair: Two

    @property
    def source(self) -> Path:
        """The primary's tablespace."""
        return self.root / "primary ts"

    @property
    def home(self) -> Path:
        """Where it is to go."""
        return self.root / "home ts"

    def maps(self, *pairs: tuple[str, str]) -> None:
        """Say so in the topology."""
        side = self.pair.ctx.standby
        side.node = replace(side.node, tablespaces=pairs)

    def surveyed(self, **standby: str) -> Pair:
        """Survey both."""
        ctx = self.pair.ctx
        primary = {**_look(self.root / "primary"), "size_kb": "1000000"}
        return Pair(ctx, Survey(ctx.primary, primary), Survey(ctx.standby, {**_look(self.root / "data"), **standby}))


def _look(data: Path) -> dict[str, str]:
    result = really(Command(("/bin/sh", "-c", LOOK, "sh", str(data), "/bin")))
    return dict(row.split("=", 1) for row in result.text.splitlines())


def _space(cluster: Path, number: str, folder: Path) -> None:
    (folder / V).mkdir(parents=True)
    (folder / V / "1").write_bytes(b"x" * 5_000_000)
    (cluster / "pg_tblspc").mkdir(exist_ok=True)
    (cluster / "pg_tblspc" / number).symlink_to(folder)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """All is well: the folder is there, empty, and the standby's own."""
    return made(tmp_path, V15)


def made(tmp_path: Path, major: Major) -> Layout:
    """A layout of a version."""
    root = tmp_path.resolve()
    two = pair_in(root, major)
    for side in (two.ctx.primary, two.ctx.standby):
        assert side.control is not None
        side.control = replace(side.control, catalog_version=202209061)
        side.cluster = replace(side.cluster, os_user=getpass.getuser())
    (root / "primary").mkdir()
    (root / "primary/PG_VERSION").write_text("15\n")
    found = Layout(root, two)
    found.home.mkdir()
    _space(root / "primary", "16384", found.source)
    two.primary.rows("from pg_tablespace", ("16384", "sales", str(found.source)))
    found.maps((str(found.source), str(found.home)))
    return found


async def judged(layout: Layout, verdict: Verdict, words: str) -> None:
    """The row's verdict and why."""
    row = await outside.tablespaces(layout.surveyed(boot_id="another"))
    assert (row.verdict, bool(row.remedy)) == (verdict, verdict is Verdict.STOP), row
    assert words in row.why, row.why


async def test_an_empty_folder_and_one_that_is_not_there_will_do(layout: Layout) -> None:
    await judged(layout, Verdict.PASS, "")
    layout.home.rmdir()
    await judged(layout, Verdict.PASS, "")


async def test_one_of_the_old_cluster_is_set_aside_and_one_of_a_stranger_is_not_touched(layout: Layout) -> None:
    _space(layout.root / "data", "1", layout.home)
    await judged(layout, Verdict.PASS, f"what the old cluster has in {layout.home} is set aside with it")
    (layout.root / "data/pg_tblspc/1").unlink()
    await judged(layout, Verdict.STOP, f"sales: {layout.home} holds files of a server of this version, and no cluster")
    (layout.root / "data.pgrepl-old-1/pg_tblspc").mkdir(parents=True)
    (layout.root / "data.pgrepl-old-1/pg_tblspc/1").symlink_to(layout.home)
    await judged(layout, Verdict.PASS, "is set aside with it")


async def test_the_files_of_another_version_are_in_nobodys_way(layout: Layout) -> None:
    (layout.home / "PG_14_202107181").mkdir()
    await judged(layout, Verdict.PASS, "")


async def test_a_tablespace_inside_the_data_directory_would_go_with_it(layout: Layout) -> None:
    layout.maps((str(layout.source), f"{layout.root}/data/ts"))
    await judged(layout, Verdict.STOP, "lies in the standby's data directory")
    (layout.root / "link").symlink_to(layout.root / "data")
    layout.maps((str(layout.source), f"{layout.root}/link"))
    await judged(layout, Verdict.STOP, "lies in the standby's data directory")


async def test_on_one_machine_the_primarys_own_folder_is_refused_and_a_later_one_warned_about(layout: Layout) -> None:
    row = await outside.tablespaces(layout.surveyed())
    assert (row.verdict, row.why) == (Verdict.WARN, outside.LATER)
    layout.maps()
    row = await outside.tablespaces(layout.surveyed())
    assert row.verdict is Verdict.STOP
    assert f"{layout.source} is the primary's own tablespace" in row.why
    assert f"give it a folder of its own: {layout.source}, under `tablespaces`" in row.remedy


async def test_two_tablespaces_cannot_share_a_folder(layout: Layout) -> None:
    other = layout.root / "other"
    (layout.root / "same").symlink_to(layout.home)
    layout.pair.primary.rows("from pg_tablespace", ("1", "a", str(layout.source)), ("2", "b", str(other)))
    layout.maps((str(layout.source), str(layout.home)), (str(other), str(layout.root / "same")))
    await judged(layout, Verdict.STOP, "is the place of a and of b")


async def test_folders_that_cannot_be_used_say_what_root_has_to_do(layout: Layout) -> None:
    side = layout.pair.ctx.standby
    owner = side.cluster.os_user
    side.cluster = replace(side.cluster, os_user="somebody")
    row = await outside.tablespaces(layout.surveyed(boot_id="another"))
    assert row.why == f"sales: {layout.home} belongs to {owner}, not to somebody"
    assert row.remedy == f"as root on db2: chown somebody {layout.home}"
    side.cluster = replace(side.cluster, os_user=owner)
    layout.maps((str(layout.source), "/proc/no/such/folder"))
    row = await outside.tablespaces(layout.surveyed(boot_id="another"))
    if row.verdict is Verdict.STOP:  # root may write even there, as far as test -w tells
        assert "is not there, and" in row.why
        assert "install -d -o" in row.remedy
    layout.maps((str(layout.source), str(layout.root / "data.log")))
    (layout.root / "data.log").touch()
    await judged(layout, Verdict.STOP, "is a regular empty file")


@pytest.mark.parametrize(("major", "old"), [(Major(9, 3), True), (Major(9, 4), False)])
async def test_below_9_4_a_tablespace_has_one_path_and_its_folder_is_empty(
    tmp_path: Path, major: Major, *, old: bool
) -> None:
    layout = made(tmp_path, major)
    row = await outside.tablespaces(layout.surveyed(boot_id="another"))
    assert (row.verdict is Verdict.STOP) is old
    assert ("cannot give it another path" in row.why) is old
    layout.maps()
    row = await outside.tablespaces(layout.surveyed(boot_id="another"))
    assert ("is not empty, and pg_basebackup 9.3 can write nowhere else" in row.why) is old


@pytest.mark.parametrize("why", ["link", "mount", "old version", "nothing"])
async def test_where_the_new_wal_goes(tmp_path: Path, why: str) -> None:
    layout = made(tmp_path, Major(9, 3) if why == "old version" else V15)
    wal = layout.root / "fast/wal"
    wal.mkdir(parents=True)
    link = layout.root / ("data/pg_xlog" if why == "old version" else "data/pg_wal")
    if why == "mount":
        link.symlink_to("/proc")
    elif why != "nothing":
        link.symlink_to(wal)
    row = await outside.wal(layout.surveyed())
    expected = {
        "link": (Verdict.PASS, "the new WAL takes the place of the old, which is set aside with its cluster"),
        "mount": (Verdict.WARN, "the new WAL goes into the data directory: /proc is a mount point"),
        "old version": (Verdict.WARN, "the new WAL goes into the data directory: pg_basebackup writes the WAL"),
        "nothing": (Verdict.PASS, ""),
    }[why]
    assert row.verdict is expected[0]
    assert row.why.startswith(expected[1])
    assert bool(row.remedy) is (row.verdict is Verdict.WARN)


@pytest.mark.parametrize(
    ("free_kb", "verdict"),
    [(1_100_000 + 262_144, Verdict.STOP), (1_110_000 + 262_144, Verdict.PASS), (0, Verdict.STOP)],
)
async def test_the_copy_needs_room_on_each_file_system(layout: Layout, free_kb: int, verdict: Verdict) -> None:
    """The tablespace of 5 MB is on the same one here."""
    row = await room.room(layout.surveyed(free_kb=str(free_kb), boot_id="another"))
    assert row.verdict is verdict, row
    assert row.primary == "981 MB of data"


async def test_what_an_earlier_copy_takes_is_counted_as_free(layout: Layout) -> None:
    _space(layout.root / "primary", "1", Path(coming(str(layout.home), str(layout.root / "data"))))
    row = await room.room(layout.surveyed(free_kb=str(1_101_500 + 262_144), boot_id="another"))
    assert row.verdict is Verdict.PASS


async def test_each_file_system_is_looked_at_by_itself(layout: Layout) -> None:
    row = await room.room(layout.surveyed(free_kb="9000000", device="0", boot_id="another"))
    assert row.verdict is Verdict.PASS
    assert row.standby.count("MB free in") == 2
