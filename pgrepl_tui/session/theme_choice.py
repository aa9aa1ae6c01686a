"""The theme that the operator chose, kept in a file of one line."""

from pathlib import Path

from pgrepl_tui.hosts import local_file
from pgrepl_tui.session.topologies import SaveError, config_home

LONGEST = 100
"""Characters that a theme's name may have; a longer line is none."""


class ThemeChoice:
    """The file ``theme`` in the operator's configuration; ``path`` is another one."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or config_home() / "theme"

    def read(self) -> str:
        """The name of the theme; empty where none was chosen.

        Raises:
            OSError: the file cannot be read.
        """
        try:
            first, *_ = self.path.read_text("utf-8", "replace").split("\n", 1)
        except FileNotFoundError:
            return ""
        return first.strip()[:LONGEST]

    def keep(self, name: str) -> None:
        """Keep the name of a theme.

        Raises:
            SaveError: it cannot be written; the old choice is untouched.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            local_file.replace(self.path, f"{name}\n".encode())
        except OSError as error:
            raise SaveError(f"{self.path}: the theme cannot be kept: {error.strerror or error}") from error
