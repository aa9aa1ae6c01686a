"""A lock as a run holds it, for the guards that look at it; and the primary's, which is on another host."""

import subprocess
from pathlib import Path

WHO, NONCE = "ann@desk (process 7) since 03:00", "0123456789abcdef"


class LockOfARun:
    """A run's own lock on the standby's host, and where the primary's would lie if this were the primary's host."""

    def __init__(self, folder: Path) -> None:
        self.file, self.theirs = folder / "lock", folder / "primarys-lock"
        self.file.write_text(f"{WHO}\nanother nonce\n")
        self._held: subprocess.Popen[bytes] | None = None

    @property
    def arguments(self) -> tuple[str, str, str, str]:
        """What the guards are given."""
        return str(self.file), WHO, str(self.theirs), NONCE

    def hold(self) -> None:
        """Hold the lock as a run does: by a process of its own."""
        words = ("sh", "-c", 'exec 9>>"$1"; flock -n 9 && echo held && exec sleep 600', "sh", str(self.file))
        self._held = subprocess.Popen(words, stdout=subprocess.PIPE)
        assert self._held.stdout is not None
        assert self._held.stdout.readline() == b"held\n"

    def let_go(self) -> None:
        """End it."""
        if self._held is not None:
            self._held.kill()
            self._held.wait()
            assert self._held.stdout is not None
            self._held.stdout.close()
            self._held = None

    def taken_by_another(self) -> None:
        """Another run has it now."""
        self.file.write_text("bob@desk (process 8) since 03:30\nx\n")

    def found_on_the_primarys_host(self) -> None:
        """What this run wrote on the primary's host is here."""
        self.theirs.write_text(f"{WHO}\n{NONCE}\n")
