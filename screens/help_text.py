"""The keys that work on a screen, in words."""

from collections.abc import Iterable

from textual.binding import Binding
from textual.content import Content
from textual.keys import format_key

from pgrepl_tui.screens import part_keys


def help_text(
    bindings: Iterable[Binding], reasons: Iterable[tuple[Binding, str]] = (), of_the_log: Iterable[Binding] = ()
) -> Content:
    """A line for each action with all keys that do it, the app's first; then what does nothing now, and why.

    Args:
        bindings: the keys that work.
        reasons: the keys that do nothing now, with a sentence each.
        of_the_log: those that would work in a log, which has not the focus.
    """
    lines = _lines(sorted(bindings, key=lambda binding: (not binding.id, binding.id in part_keys.known())))
    closed: dict[str, list[str]] = {}
    for binding, why in reasons:
        closed.setdefault(why, []).append(f"{key_name(binding)} {binding.description}")
    if closed:
        lines.append(Content.styled("\nNot now", "bold"))
    lines += [Content.assemble(", ".join(names), (f"  {why}", "dim")) for why, names in closed.items()]
    log = _lines(made for binding in of_the_log for made in Binding.make_bindings([binding]))
    return Content("\n").join([*lines, *([Content.styled("\nIn the log", "bold"), *log] if log else [])])


def _lines(bindings: Iterable[Binding]) -> list[Content]:
    actions: dict[tuple[str, str], list[str]] = {}
    for binding in bindings:
        if binding.description and binding.action not in {"no_operation", ""}:
            actions.setdefault((binding.action, binding.description), []).append(key_name(binding))
    return [
        Content.assemble((f"{', '.join(dict.fromkeys(names)):<16} ", "bold"), words)
        for (_, words), names in actions.items()
    ]


def key_name(binding: Binding) -> str:
    """How a key is written: ``^s``, ``↑``, ``pgup``."""
    modifiers, key = binding.parse_key()
    shown = "enter" if key == "enter" else format_key(key)
    if "ctrl" in modifiers:
        return f"^{shown}"
    return "+".join([*modifiers, shown])


def key_names(binding: Binding) -> str:
    """How all keys of a binding are written: ``pgup``, ``↑, k``."""
    return ", ".join(key_name(made) for made in Binding.make_bindings([binding]))
