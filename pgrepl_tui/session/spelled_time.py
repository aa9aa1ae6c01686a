"""Times as an operator writes them: ``90``, ``1:30``, ``00:01:30``, ``1m30s``, ``50%``, ``+10``, ``-10``."""

import re
from dataclasses import dataclass

EXAMPLES = "90, 1:30, 00:01:30, 1m30s, 50%, +10 or -10"

_NUMBER = r"(\d{1,9}(?:\.\d{1,6})?)"
_PERCENT = re.compile(rf"{_NUMBER} ?%", re.ASCII)
_SECONDS = re.compile(rf"{_NUMBER} ?s?", re.ASCII)
_CLOCK = re.compile(rf"(?:(\d{{1,6}}):)?(\d{{1,6}}):{_NUMBER}", re.ASCII)
_UNITS = re.compile(rf"(?:(\d{{1,6}}) ?h)? ?(?:(\d{{1,6}}) ?m)? ?(?:{_NUMBER} ?s)?", re.ASCII)


class TimeSpellingError(ValueError):
    """It is no time; the text says why, and how a time is written."""


@dataclass(frozen=True, slots=True)
class SpelledTime:
    """A time, of which only the recording knows how many seconds it is.

    Attributes:
        sign: ``+`` or ``-`` where it counts from somewhere; empty where it counts from the beginning.
        amount: seconds, or percent of the whole.
        percent: which of both.
    """

    sign: str
    amount: float
    percent: bool = False

    def seconds(self, duration: float, here: float) -> float:
        """The time in a recording, in seconds; it may lie outside of it.

        Args:
            duration: how long the recording is, in seconds.
            here: from where a time with a sign counts, in seconds.
        """
        amount = self.amount * duration / 100 if self.percent else self.amount
        return {"+": here + amount, "-": here - amount}.get(self.sign, amount)

    def from_outside(self, duration: float) -> float:
        """The time in a recording of which nothing is shown yet: what goes back counts from its end."""
        return self.seconds(duration, duration if self.sign == "-" else 0.0)


def spelled(text: str) -> SpelledTime:
    """The time that a text says.

    Raises:
        TimeSpellingError: it says none.
    """
    asked = text.strip()
    sign = asked[:1] if asked[:1] in {"+", "-"} else ""
    amount = asked.removeprefix(sign).strip().lower()
    share = _PERCENT.fullmatch(amount)
    if share is None:
        return SpelledTime(sign, _seconds(amount, asked))
    if float(share[1]) > 100:
        raise TimeSpellingError(f"{asked}: from 0% to 100% is meant")
    return SpelledTime(sign, float(share[1]), percent=True)


def _seconds(amount: str, asked: str) -> float:
    if plain := _SECONDS.fullmatch(amount):
        return float(plain[1])
    found = _CLOCK.fullmatch(amount)
    if found and (float(found[3]) >= 60 or (found[1] and int(found[2]) >= 60)):
        raise TimeSpellingError(f"{asked}: behind a colon, a number below 60 is meant")
    found = found or _UNITS.fullmatch(amount)
    if not amount or found is None:
        said = f"“{asked}” is no time" if asked else "A time is missing"
        raise TimeSpellingError(f"{said}; write it like {EXAMPLES}")
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
