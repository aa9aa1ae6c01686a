"""A look at a host for the plain prompts: what is done is said in lines, what has to be asked is asked."""

import asyncio
import contextlib

from pgrepl_tui.headless import put, typed
from pgrepl_tui.session.prober import Heard, Prober, Reached, Unreached, Wanted
from pgrepl_tui.session.sanitise import harmless


class LineProbe:
    """Looks at one host after the other."""

    def __init__(self, prober: Prober) -> None:
        self._prober = prober

    async def look(self, wanted: Wanted) -> Reached | None:
        """Look at a host; None where it could not be reached, which is said with what to do about it."""
        heard: asyncio.Queue[Heard] = asyncio.Queue()
        looking = asyncio.create_task(self._prober.probe(wanted, heard.put_nowait, Questions()))
        looking.add_done_callback(lambda _: heard.put_nowait(Unreached("")))
        try:
            return await _first(heard)
        finally:
            looking.cancel()  # the sizes would come now, which may take long and are not needed
            with contextlib.suppress(asyncio.CancelledError):
                await looking


async def _first(heard: "asyncio.Queue[Heard]") -> Reached | None:
    said = ""
    while not isinstance(now := await heard.get(), Reached):
        if isinstance(now, Unreached):
            _say(f"! {now.what}" if now.what else "")
            _say(now.remedy)
            return None
        if now.text != said:
            said = now.text
            _say(f"{said} …")
    if now.trouble:
        _say(f"! {now.trouble}")
        _say(now.remedy)
    return now


class Questions:
    """Asks at the terminal."""

    async def host_key(self, text: str) -> bool:
        """Only the typed word accepts a key."""
        put(f"\nQuestion: {harmless(text)}")
        while (line := await typed("Is it the host's own key? Type yes or no [no]: ")) is not None:
            if line.strip().lower() in {"", "no", "yes"}:
                return line.strip().lower() == "yes"
            put("  Type the whole word, yes or no.")
        return False

    async def password(self, text: str) -> str | None:
        """What is typed is not shown."""
        put(f"\nQuestion: {harmless(text)}")
        return await typed("The password, which is not shown while you type; Enter for none: ", shown=False) or None


def _say(text: str) -> None:
    for line in harmless(text).splitlines():
        put(f"  {line}")
