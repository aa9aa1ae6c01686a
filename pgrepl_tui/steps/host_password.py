"""The password that a host wants, for the login or for sudo: from the operator's file, else asked for."""

import os
from pathlib import Path

from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.step import StepError

FOR_SUDO = "PGREPL_SUDO_PASSWORD_FILE"


class HostPassword:
    """Answers a host's question; see ``hosts.become.AskPassword``.

    Args:
        ctx: the run's context.
        variable: names the operator's file.
    """

    def __init__(self, ctx: Context, variable: str) -> None:
        self._ctx = ctx
        self._variable = variable

    async def __call__(self, text: str, *, attempt: int) -> Secret | None:
        """The file's content at the first attempt, else what the operator types; it is told to nobody.

        Raises:
            StepError: the file cannot be read.
        """
        name = os.environ.get(self._variable) if attempt == 1 else None
        password = self._from_file(name) if name else await self._ctx.ask_secret(text)
        if password is not None:
            self._ctx.reporter.add_secret(password.reveal())
        return password

    def _from_file(self, name: str) -> Secret:
        try:
            text = Path(name).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
        except (OSError, UnicodeDecodeError) as error:
            what = f"{self._variable}: {name} cannot be read: {error}"
            raise StepError(what, "give a file that holds the password alone", refused=True) from error
        return Secret(text)
