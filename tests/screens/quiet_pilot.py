"""A pilot that waits for what was asked for, not for a guess.

Textual's pilot takes a process that used no CPU for 20 ms for one that has nothing left to do; on a busy machine it may
just not have had its turn. Here a key or a pause is over when two rounds through all parts brought no message more.
"""

from typing import Any

from textual import events, messages
from textual.message import Message
from textual.message_pump import MessagePump
from textual.pilot import Pilot

ROUNDS = 100
"""After so many rounds a pause is over, whatever goes on: some screens are never still."""
PATIENCE = 600.0
"""Seconds for one round."""


def quieten() -> None:
    """Let every pilot wait so."""
    dispatch, round_trip = MessagePump._dispatch_message, Pilot._wait_for_screen
    seen = 0

    async def counted(pump: MessagePump, message: Message) -> None:
        nonlocal seen
        seen += not isinstance(message, events.Callback | messages.Prompt)  # the rounds' own
        await dispatch(pump, message)

    async def until_quiet(pilot: Pilot[Any], timeout: float = PATIENCE) -> bool:
        quiet = 0
        for _ in range(ROUNDS):
            before = seen
            if not await round_trip(pilot, timeout):
                return False
            quiet = quiet + 1 if seen == before else 0
            if quiet > 1:
                break
        return True

    MessagePump._dispatch_message = counted  # type: ignore[method-assign,assignment] # for the whole process
    Pilot._wait_for_screen = until_quiet  # type: ignore[method-assign,assignment] # likewise
