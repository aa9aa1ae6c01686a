"""The password that sudo wants on a host: from the operator's file, else asked for."""

import os
from pathlib import Path

from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.step import StepError

VARIABLE = "PGREPL_SUDO_PASSWORD_FILE"


class SudoPassword:
    """Answers a host's question; see ``hosts.become.AskPassword``."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def __call__(self, text: str, *, attempt: int) -> Secret | None:
        """The file's content at the first attempt, else what the operator types; it is told to nobody.

        Raises:
            StepError: the file cannot be read.
        """
        name = os.environ.get(VARIABLE) if attempt == 1 else None
        password = _from_file(name) if name else await self._ctx.ask_secret(text)
        if password is not None:
            self._ctx.reporter.add_secret(password.reveal())
        return password


def _from_file(name: str) -> Secret:
    try:
        text = Path(name).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise StepError(f"{VARIABLE}: {name} cannot be read: {error}", "give a file that holds the password alone",
                        refused=True) from error  # fmt: skip
    return Secret(text)
