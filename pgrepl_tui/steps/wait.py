"""Waiting for something to become true, for a bounded time."""

import asyncio
import time
from collections.abc import Awaitable, Callable

PAUSE = 0.2
"""Seconds between two looks."""


async def until(look: Callable[[], Awaitable[bool]], *, seconds: float, pause: float = PAUSE) -> bool:
    """Look again and again until it is true; False after ``seconds`` of looking."""
    end = time.monotonic() + seconds
    while not await look():
        if time.monotonic() >= end:
            return False
        await asyncio.sleep(pause)
    return True
