"""The keys of a log in the command palette, while a log is on the screen."""

from collections.abc import Callable, Iterator

from textual.command import DiscoveryHit, Hit, Hits, Provider

from pgrepl_tui.screens.widgets.log_view import LogView


class LogCommands(Provider):
    """What can be done with the log that is seen, each with the key that does it."""

    async def discover(self) -> Hits:
        """All of it, before anything is typed."""
        for words, key, do in self._known():
            yield DiscoveryHit(words, do, help=key)

    async def search(self, query: str) -> Hits:
        """What has the typed letters."""
        matcher = self.matcher(query)
        for words, key, do in self._known():
            score = matcher.match(words)
            if score > 0:
                yield Hit(score, matcher.highlight(words), do, help=key)

    def _known(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        log = next((log for log in self.screen.query(LogView) if log.region.area), None)
        if log is None:
            return
        own = self.app._keymap  # noqa: SLF001 - Textual tells a key of the operator's own only for what has the focus
        for binding in log.keys:
            shown = self.app.get_key_display(binding.with_key(own.get(binding.id or "", binding.key)))
            yield f"Log: {binding.description}", f"key {shown}", _doer(log, binding.action)


def _doer(log: LogView, action: str) -> Callable[[], object]:
    async def do() -> None:
        log.focus()
        await log.run_action(action)

    return do
