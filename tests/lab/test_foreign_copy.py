"""Somebody else's folder, or a link, where the copy is to go: named, and neither removed nor written into."""

import os
from pathlib import Path

import pytest

from pgrepl_tui.lab.client import Lab
from tests.lab.running import Ran, run
from tests.lab.test_odd_places import STARTED, give
from tests.lab.test_stop_in_start import programs_with

NOT_OURS = "nothing says that a run of ours made it"
NO_STOP = """\
#!/bin/sh
case " $* " in *" stop ") [ -e '{folder}/go' ] || exit 1 ;; esac
exec '{real}' "$@"
"""
"""A pg_ctl that stops no server: the run comes as far as a complete copy."""
Facts = tuple[int, int, int, int, bytes]


def facts(folder: Path) -> dict[str, Facts]:
    """Inode, mode, owner, time and content of all that lies in a folder, and of the folder itself."""
    found = {}
    for path in [folder, *folder.rglob("*")]:
        stat = path.lstat()
        data = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (stat.st_ino, stat.st_mode, stat.st_uid, stat.st_mtime_ns, data)
    return found


async def refused(lab: Lab, state: Path) -> Ran:
    """A run with --yes that names the folder and stops."""
    before = await lab.sql(lab.standby, STARTED)
    ran = await run(state, "run", str(lab.topology), "--yes")
    assert ran.code == 3, ran.out
    assert f"{lab.standby.data}.pgrepl-new on db2" in ran.out
    assert NOT_OURS in ran.out
    assert await lab.sql(lab.standby, STARTED) == before, "the old cluster was touched"
    return ran


@pytest.mark.parametrize("linked", [False, True])
async def test_a_folder_that_no_run_made_stays_as_it_is(tmp_path: Path, *, linked: bool) -> None:
    async with Lab.start(megabytes=1) as lab:
        place = Path(f"{lab.standby.data}.pgrepl-new")
        theirs = lab.standby.home / "precious" if linked else place
        (theirs / "base").mkdir(parents=True)
        (theirs / "base/only copy").write_text("of the thesis")
        if linked:
            place.symlink_to(theirs)
        give(lab, theirs)
        before = facts(theirs)
        await refused(lab, tmp_path)
        assert facts(theirs) == before
        assert (await run(tmp_path, "undo", str(lab.topology), "--yes")).code == 0
        assert facts(theirs) == before
        assert place.is_symlink() is linked
        place.rename(lab.standby.home / "out of the way")
        ran = await run(tmp_path, "run", str(lab.topology), "--yes")
        assert ran.code == 0, ran.out


async def test_a_link_to_the_primary_in_the_place_of_the_complete_copy(tmp_path: Path) -> None:
    """The primary's data directory has the copy's system identifier: by that alone it would pass for the copy."""
    async with Lab.start(megabytes=1) as lab:
        place, kept = Path(f"{lab.standby.data}.pgrepl-new"), lab.standby.home / "kept"
        programs = programs_with(lab, NO_STOP)
        assert (await run(tmp_path, "run", str(lab.topology), "--yes")).code == 1, "the old cluster cannot be stopped"
        assert (place / "standby.signal").exists()
        place.rename(kept)
        place.symlink_to(lab.primary.data)
        there, started = set(os.listdir(lab.primary.data)), await lab.sql(lab.primary, STARTED)
        configured = facts(lab.primary.data / "postgresql.auto.conf")
        await refused(lab, tmp_path)
        assert set(os.listdir(lab.primary.data)) == there, "something was written into the primary's data directory"
        assert facts(lab.primary.data / "postgresql.auto.conf") == configured
        assert await lab.sql(lab.primary, STARTED) == started
        assert place.is_symlink()

        place.unlink()
        kept.rename(place)
        (programs / "go").touch()
        ran = await run(tmp_path, "run", str(lab.topology), "--yes")
        assert ran.code == 0, ran.out
        assert "base backup" not in ran.changed(), "the copy that a run made is known again"
