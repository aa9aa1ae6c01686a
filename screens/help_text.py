"""The keys that work on a screen, in words."""

from collections.abc import Iterable

from textual.binding import Binding
from textual.content import Content
from textual.keys import format_key


def help_text(bindings: Iterable[Binding], reasons: Iterable[tuple[Binding, str]] = ()) -> Content:
    """A line for each action with all keys that do it, the program's own first; then what does nothing now, and why."""
    actions: dict[tuple[str, str], list[str]] = {}
    for binding in sorted(bindings, key=lambda binding: not binding.id):
        if binding.description and binding.action not in {"no_operation", ""}:
            actions.setdefault((binding.action, binding.description), []).append(key_name(binding))
    lines = [
        Content.assemble((f"{', '.join(dict.fromkeys(names)):<16} ", "bold"), words)
        for (_, words), names in actions.items()
    ]
    closed: dict[str, list[str]] = {}
    for binding, why in reasons:
        closed.setdefault(why, []).append(f"{key_name(binding)} {binding.description}")
    if closed:
        lines.append(Content.styled("\nNot now", "bold"))
    lines += [Content.assemble(", ".join(names), (f"  {why}", "dim")) for why, names in closed.items()]
    return Content("\n").join(lines)


def key_name(binding: Binding) -> str:
    """How a key is written: ``^s``, ``↑``, ``pgup``."""
    modifiers, key = binding.parse_key()
    shown = "enter" if key == "enter" else format_key(key)
    if "ctrl" in modifiers:
        return f"^{shown}"
    return "+".join([*modifiers, shown])
