"""Whatever keeps a step from being done, as what happened and what to do next."""

from types import TracebackType

from pgrepl_tui.hosts.host import HostError
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.postgres.text_error import TextError
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.step import StepError

TROUBLE = (StepError, HostError, SqlError, ValueError, LookupError, OverflowError, TimeoutError)
"""What may keep a step from being done, but for a mistake in this program, which is raised again."""
MOST = 2000
"""Characters of a message: what a host says may be megabytes."""
_READERS = ("pgrepl_tui.hosts.", "pgrepl_tui.postgres.", "pgrepl_tui.steps.")
"""The packages that read what a host answered."""


def as_step_error(error: Exception, ctx: Context) -> StepError:
    """Any trouble as what happened and what to do next.

    Where a reader of ours came to grief over an answer (a line too few, no number where one belongs), the answer and
    the place are named: nobody can foresee all that a login script, another locale or a full disk may say.

    Raises:
        Exception: it is no trouble of a host's, but a mistake in this program.
    """
    if isinstance(error, StepError):
        return StepError(_short(error.what), error.remedy, refused=error.refused)
    if isinstance(error, HostError):
        return StepError(_short(error.what), error.remedy)
    if isinstance(error, SqlError):
        return StepError(f"the server refused: {_short(str(error))}", "look at its log, then retry")
    if isinstance(error, TextError):
        return StepError(_short(str(error)), "mend what it names, then retry")
    if isinstance(error, TimeoutError):
        return StepError(_short(str(error)) or f"there was no answer in time: {ctx.last_asked}", "retry")
    place = _reader(error.__traceback__)
    if not place or not ctx.last_asked:
        raise error
    return StepError(
        f"what was answered cannot be understood: {_short(ctx.last_asked)} (read in {place})",
        "look at the answer in the command log: a login script that prints, another locale or a full disk may be "
        "behind it; mend that, then retry. Report it where the answer is as it should be",
    )


def _short(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST]}…"


def _reader(trace: TracebackType | None) -> str:
    """Where a reader of ours came to grief, as module:line; empty where the last of our modules is none."""
    last = ""
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.startswith("pgrepl_tui."):
            last = f"{name}:{trace.tb_lineno}" if name.startswith(_READERS) else ""
        trace = trace.tb_next
    return last
