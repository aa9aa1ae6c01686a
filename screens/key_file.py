"""The operator's own keys: a file of binding ids and keys, checked before any of it counts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from textual.binding import Binding
from textual.keys import Keys

from pgrepl_tui.screens import keys

MODIFIERS = {"ctrl", "shift", "alt", "super", "meta", "hyper"}
NAMED = {key.value for key in Keys if "<" not in key.value} | {
    "space", "comma", "full_stop", "question_mark", "minus", "plus", "equals_sign", "slash", "backslash", "colon",
    "semicolon", "left_square_bracket", "right_square_bracket", "underscore", "asterisk", "number_sign", "at",
    "exclamation_mark", "dollar_sign", "percent_sign", "ampersand", "less_than_sign", "greater_than_sign",
}  # fmt: skip
"""The keys that have a name, as Textual has it; every other key is one character."""


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """What a file gives: keys by binding id, and what of it does not count and why."""

    keys: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read(path: Path) -> OwnKeys:
    """Read a file of keys; one that is missing gives none, and a mistake costs only its own line."""
    import yaml  # noqa: PLC0415 - slow to import, and most operators have no such file

    try:
        value = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        return OwnKeys()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return OwnKeys(problems=(f"{path} cannot be read, so the usual keys count: {' '.join(str(error).split())}",))
    if value is None:
        return OwnKeys()
    if not isinstance(value, dict):
        return OwnKeys(problems=(f"{path}: lines such as 'quit: f10' are meant; the usual keys count",))
    return checked({str(name): str(key) for name, key in value.items()}, path)


def checked(wanted: Mapping[str, str], path: Path) -> OwnKeys:
    """The keys that can count, and a sentence for each that cannot."""
    good: dict[str, str] = {}
    problems = []
    for name, text in wanted.items():
        problem = _problem(name, text)
        if problem:
            problems.append(f"{path}: {name}: {problem}")
        else:
            good[name] = _normal(text)
    twice = _taken_twice(good)
    problems += [f"{path}: {name}: {good.pop(name)!r} is already the key of {twice[name]!r}" for name in twice]
    return OwnKeys(good, tuple(problems))


def _problem(name: str, text: str) -> str:
    known = keys.known()
    if name not in known:
        near = get_close_matches(name, known, 1, 0.5)
        meant = f"is {near[0]!r} meant?" if near else f"known are {', '.join(known)}"
        return f"there is no such key binding; {meant}"
    bad = next((key for key in text.split(",") if not _is_key(key.strip())), None)
    return f"{bad.strip()!r} is no key; write it like f5, ctrl+r, space or x" if bad is not None else ""


def _is_key(text: str) -> bool:
    *modifiers, key = text.split("+") if len(text) > 1 else [text]
    if not set(modifiers) <= MODIFIERS:
        return False
    return (len(key) == 1 and key.isprintable() and not key.isspace()) or key in NAMED or bool(_FUNCTION.match(key))


_FUNCTION = re.compile(r"f([1-9]|1\d|2[0-4])\Z")


def _normal(text: str) -> str:
    """The keys as Textual calls them: ``?`` is ``question_mark``."""
    return ",".join(made.key for made in Binding.make_bindings([Binding(text, "any", "any")]))


def _taken_twice(good: Mapping[str, str]) -> dict[str, str]:
    """Ids whose key is another's at the same time, with that other's id."""
    found: dict[str, str] = {}
    for table in keys.together():
        owners: dict[str, str] = {}
        # what the operator did not touch keeps its key
        for binding in sorted(table, key=lambda binding: binding.id in good):
            name = binding.id or ""
            for key in good.get(name, binding.key).split(","):
                owner = owners.setdefault(key, name)
                if owner != name and name in good:
                    found[name] = owner
    return found
