"""The client sessions of a server: how many there are, and what a stop or a restart would do to them, in words."""

from pgrepl_tui.counted import counted
from pgrepl_tui.postgres import queries
from pgrepl_tui.postgres.server import SqlError
from pgrepl_tui.steps.context import Side


async def clients(side: Side) -> tuple[int, int]:
    """Client sessions of a server, and how many of them are in a transaction.

    Raises:
        SqlError: the server could not be asked.
    """
    total, busy = (await side.server.query(queries.sessions(side.facts)))[0]
    return int(total or 0), int(busy or 0)


def in_words(total: int, busy: int) -> str:
    """How many sessions there are.

    >>> in_words(0, 0), in_words(1, 0), in_words(12, 3)
    ('no session', '1 session, 0 in a transaction', '12 sessions, 3 in a transaction')
    """
    return f"{counted(total, 'session')}, {busy} in a transaction" if total else "no session"


def dropped(total: int, busy: int) -> str:
    """Who would be dropped.

    >>> dropped(0, 0)
    'no client session would be dropped'
    >>> dropped(1, 1), dropped(12, 3)
    ('1 client session would be dropped, in a transaction', '12 client sessions would be dropped, 3 in a transaction')
    """
    if not total:
        return "no client session would be dropped"
    within = "in" if busy == total == 1 else f"{busy or 'none'} in"
    return f"{counted(total, 'client session')} would be dropped, {within} a transaction"


async def losses(side: Side) -> str:
    """Who would be dropped by a stop of a server, which may be one that cannot be asked."""
    try:
        return dropped(*await clients(side))
    except SqlError as error:
        return f"its sessions could not be counted: {error.message}"


def sentence(text: str) -> str:
    """A text as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:]}."
