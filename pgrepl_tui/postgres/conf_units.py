"""The units of PostgreSQL's settings: ``1GB``, ``16MB``, ``8kB``, ``5min`` as bytes and seconds.

Source: the manual's "Parameter Names and Values" (units are case-sensitive; a multiplier of memory is 1024).
"""

import re

from pgrepl_tui.postgres.text_error import TextError

_BYTES = {"B": 1, "kB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_VALUE = re.compile(
    r"\s*([+-]?(?:0[xX][0-9A-Fa-f]+|[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?))\s*([A-Za-z]*)\s*"
)


def bytes_of(value: str, unit: str = "") -> int:
    """A memory setting in bytes.

    A bare number counts ``unit``, as pg_settings.unit says it (``8kB``, ``16MB``), and bytes without one.
    ``-1`` stays -1: PostgreSQL's "off", "no limit" or "choose for me".

    Raises:
        ValueError: the value is no amount of memory, or the unit is unknown.
    """
    number, own = _split(value, "memory", _BYTES)
    if number == -1 and not own:
        return -1
    return round(number * _scale(own or unit, _BYTES))


def seconds_of(value: str, unit: str = "") -> float:
    """A time setting in seconds.

    A bare number counts ``unit``, as pg_settings.unit says it (``ms``, ``min``), and seconds without one.
    ``-1`` stays -1: PostgreSQL's "off".

    Raises:
        ValueError: the value is no length of time, or the unit is unknown.
    """
    number, own = _split(value, "time", _SECONDS)
    if number == -1 and not own:
        return -1.0
    return number * _scale(own or unit, _SECONDS)


def _split(value: str, what: str, units: dict[str, int] | dict[str, float]) -> tuple[float, str]:
    found = _VALUE.fullmatch(value)
    if found is None or (found[2] and found[2] not in units):
        raise TextError(f"{value!r} is no amount of {what}: expected a number, with or without {', '.join(units)}")
    number = _number(found[1])
    if number < 0 and (number != -1 or found[2]):
        raise TextError(f"{value!r} is no amount of {what}: below zero")
    return number, found[2]


def _number(text: str) -> float:
    """A number as C reads it: 0x is hexadecimal and a leading 0 octal, also in a configuration file."""
    bare = text.lstrip("+-").lower()
    if bare.startswith("0x"):
        number: float = int(bare, 16)
    elif re.fullmatch(r"0[0-7]+", bare):
        number = int(bare, 8)
    else:
        number = int(bare) if bare.isdigit() else float(bare)
    return -number if text.startswith("-") else number


def _scale(unit: str, units: dict[str, int] | dict[str, float]) -> float:
    found = re.fullmatch(r"(\d*)([A-Za-z]*)", unit)
    if found is None or (found[2] and found[2] not in units):
        raise TextError(f"{unit!r} is no unit of a setting: expected one such as {', '.join(units)}, 8kB")
    return int(found[1] or 1) * (units[found[2]] if found[2] else 1)
