"""The keys that work on a screen, in words."""

from collections.abc import Iterable

from textual.binding import Binding
from textual.content import Content
from textual.keys import format_key


def help_text(bindings: Iterable[Binding]) -> Content:
    """A line for each action with all keys that do it, in the order of the bindings."""
    actions: dict[tuple[str, str], list[str]] = {}
    for binding in bindings:
        if binding.description and binding.action not in {"no_operation", ""}:
            actions.setdefault((binding.action, binding.description), []).append(key_name(binding))
    lines = [
        Content.assemble((f"{', '.join(dict.fromkeys(names)):<16}", "bold"), words)
        for (_, words), names in actions.items()
    ]
    return Content("\n").join(lines)


def key_name(binding: Binding) -> str:
    """How a key is written: ``^s``, ``↑``, ``pgup``."""
    modifiers, key = binding.parse_key()
    shown = "enter" if key == "enter" else format_key(key)
    if "ctrl" in modifiers:
        return f"^{shown}"
    return "+".join([*modifiers, shown])
