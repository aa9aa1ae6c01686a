"""Events to JSON lines and back, for every type in ``events.EVENT_TYPES``.

A line is ``{"e": type in snake_case, "t": seconds, …the fields}``. Reading trusts nothing: types are checked, and
every text is made harmless, since a recording may have been written by anyone.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from pgrepl_tui.events import EVENT_TYPES, Event
from pgrepl_tui.session.sanitise import harmless

Convert = Callable[[Any], Any]
"""Turns a decoded JSON value into a field's value; raises ``DamagedError`` for one of the wrong type."""
TOO_LARGE = 2**64
"""No number of an event is as large: a WAL position, the largest, has 64 bits."""
LATEST = 1e9
"""Seconds, about thirty years: no session lasts as long."""


class DamagedError(ValueError):
    """A line that holds no event: not JSON, or a field is missing or has the wrong type."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event of a type that this version does not know."""

    name: str


def encode(event: Event) -> str:
    """The event as one line of JSON without a newline; ``t`` is rounded to microseconds.

    Raises:
        ValueError: a number of the event is infinite or not a number.
    """
    kind = type(event)
    return _ENCODER.encode({"e": _NAMES[kind], **_shallow(event), "t": round(event.t, 6)})


def decode(line: str | bytes, on_extra: Callable[[str], None] | None = None) -> Event | Unknown:
    """The event of a line; fields that this version does not know are left out and told to ``on_extra``.

    Raises:
        DamagedError: the line holds no event.
    """
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"not JSON: {type(error).__name__}") from None
    name = value.pop("e", None) if isinstance(value, dict) else None
    if not isinstance(name, str):
        raise DamagedError("not an event")
    kind = _TYPES.get(name)
    if kind is None:
        return Unknown(harmless(name[:100]))
    event: Event = _dataclass(kind)(value, on_extra)
    if not event.t >= 0:
        raise DamagedError("a time before the session began")
    if event.t > LATEST:
        raise DamagedError("a time later than any session lasts")
    return event


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _shallow(value: Any) -> dict[str, Any]:
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no place in an event")


_NAMES = {kind: _snake(kind.__name__) for kind in EVENT_TYPES}
_TYPES: dict[str, Any] = {name: kind for kind, name in _NAMES.items()}
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_shallow)


@cache
def _dataclass(kind: Any) -> Callable[..., Any]:
    hints = get_type_hints(kind)
    converts = {field.name: _convert(hints[field.name]) for field in fields(kind)}
    required = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}

    def convert(value: Any, on_extra: Callable[[str], None] | None = None) -> Any:
        if not isinstance(value, dict):
            raise DamagedError(f"{kind.__name__} is not an object")
        if missing := required - value.keys():
            raise DamagedError(f"{kind.__name__} without {', '.join(sorted(missing))}")
        if on_extra:
            for name in value.keys() - converts.keys():
                on_extra(name)
        return kind(**{name: change(value[name]) for name, change in converts.items() if name in value})

    return convert


def _convert(hint: Any) -> Convert:
    """How a value of a field with this type is checked and made."""
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if get_origin(hint) is tuple:
        return _items(_convert(get_args(hint)[0]))
    if isinstance(hint, UnionType):
        (inner,) = (arg for arg in get_args(hint) if arg is not NoneType)
        return _optional(_convert(inner))
    if issubclass(hint, StrEnum):
        return _word(hint)
    return _dataclass(hint)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise DamagedError("a text is missing")
    return harmless(value)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise DamagedError("a whole number is missing")
    if abs(value) >= TOO_LARGE:
        raise DamagedError("a number is too large")
    return value


def _number(value: Any) -> float:
    if type(value) not in {int, float}:
        raise DamagedError("a number is missing")
    try:
        number = float(value)
    except OverflowError:
        raise DamagedError("a number is too large") from None
    if not math.isfinite(number):
        raise DamagedError("a number is not finite")
    if abs(number) >= TOO_LARGE:
        raise DamagedError("a number is too large")
    return number


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise DamagedError("true or false is missing")
    return value


def _items(change: Convert) -> Convert:
    def convert(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise DamagedError("a list is missing")
        return tuple(map(change, value))

    return convert


def _optional(change: Convert) -> Convert:
    return lambda value: None if value is None else change(value)


def _word(kind: type[StrEnum]) -> Convert:
    def convert(value: Any) -> StrEnum:
        try:
            return kind(value)
        except ValueError:
            raise DamagedError(f"{kind.__name__} has no such value") from None

    return convert


_SIMPLE: dict[Any, Convert] = {str: _text, int: _whole, float: _number, bool: _truth}
