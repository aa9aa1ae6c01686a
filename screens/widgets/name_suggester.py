"""Completes a destination from the names of hosts that are known; the user before the ``@`` is kept."""

from collections.abc import Sequence

from textual.suggester import Suggester


class NameSuggester(Suggester):
    """Suggests the first name that begins as typed; the right arrow takes it."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._names = names

    async def get_suggestion(self, value: str) -> str | None:
        """The whole destination, or None."""
        user, at, begun = value.rpartition("@")
        if not begun:
            return None
        found = next((name for name in self._names if name.lower().startswith(begun.lower())), None)
        return f"{user}{at}{begun}{found[len(begun) :]}" if found is not None else None
