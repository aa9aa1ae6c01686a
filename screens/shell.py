"""What the app is on every screen: themes, plain ASCII, keys with their reasons, help, jumping, crash report."""

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingsMap
from textual.drivers.linux_driver import LinuxDriver

from pgrepl_tui.screens.ascii import AsciiFilter, needs_ascii
from pgrepl_tui.screens.crash import crash_report
from pgrepl_tui.screens.help_text import help_text
from pgrepl_tui.screens.jump import JumpScreen
from pgrepl_tui.screens.key_file import OwnKeys
from pgrepl_tui.screens.key_queue import KeyDone, KeyQueue
from pgrepl_tui.screens.notice import NoticeScreen
from pgrepl_tui.screens.palette import entries, owned
from pgrepl_tui.screens.plain import plain
from pgrepl_tui.screens.terminal_driver import TerminalDriver
from pgrepl_tui.screens.themes import DARK, LIGHT
from pgrepl_tui.screens.widgets.log_view import LogView
from pgrepl_tui.screens.widgets.step_pane import StepPane
from pgrepl_tui.session.theme_choice import ThemeChoice
from pgrepl_tui.session.topologies import SaveError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.actions import ActionParseResult
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.filter import LineFilter
    from textual.screen import Screen
    from textual.widget import Widget


class Shell(App[int]):
    """The app without its run. ``return_code`` is the program's exit code."""

    def __init__(
        self, own_keys: OwnKeys | None = None, *, theme: ThemeChoice | None = None, ascii_only: bool | None = None
    ) -> None:
        super().__init__()
        self._own_keys = own_keys or OwnKeys()
        self._theme_choice = theme
        self._worn = ""
        self._first_bindings = self._bindings
        self._table: list[Binding] = []
        self._key_queue = KeyQueue(self, super().on_event)
        self._ascii = AsciiFilter(enabled=needs_ascii() if ascii_only is None else ascii_only)

    async def on_event(self, event: events.Event) -> None:
        """Let keys wait for their turn."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._key_queue.take(event)
        else:
            await super().on_event(event)

    def on_key_done(self, message: KeyDone) -> None:
        """A key may have come to its end."""
        self._key_queue.done(message)

    def get_driver_class(self) -> "type[Driver]":
        """Textual's driver; for a terminal the one that outlives it."""
        usual = super().get_driver_class()
        return TerminalDriver if usual is LinuxDriver else usual

    def get_line_filters(self) -> "Sequence[LineFilter]":
        """Textual's filters and, for a terminal that needs it, the one to ASCII."""
        return [*super().get_line_filters(), *([self._ascii] if self._ascii.enabled else [])]

    def dress(self) -> None:
        """Put the colours on, and tell what is wrong with the operator's own keys."""
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = DARK.name
        if self._theme_choice is not None:
            self._wear(self._theme_choice)
        self.set_keymap(dict(self._own_keys.keys))
        if self._own_keys.problems:
            self._warn("\n".join(self._own_keys.problems))

    def _wear(self, choice: ThemeChoice) -> None:
        """Take the operator's theme, and keep each that is chosen from now on."""
        try:
            chosen = choice.read()
        except OSError as error:
            chosen = ""
            self._warn(f"{choice.path}: cannot be read: {error.strerror}; the usual theme counts")
        if chosen in self.available_themes:
            self.theme = chosen
        elif chosen:
            self._warn(f"{choice.path}: there is no theme {chosen!r}; choose one with ^p, Theme")
        self._worn = self.theme
        self.theme_changed_signal.subscribe(self, lambda theme: self._keep_theme(choice, theme.name), immediate=True)

    def _keep_theme(self, choice: ThemeChoice, name: str) -> None:
        if name == self._worn:
            return
        self._worn = name
        try:
            choice.keep(name)
        except SaveError as error:
            self._warn(str(error))

    def _warn(self, text: str) -> None:
        self.notify(plain(text), severity="warning", markup=False, timeout=12)

    def use_keys(self, table: Sequence[Binding]) -> None:
        """Take this table for the app's keys, with the operator's own in place of the usual ones."""
        self._table = list(table)
        self._bindings = BindingsMap.merge([self._first_bindings, BindingsMap(self._table)])
        self.refresh_bindings()

    def tell(self, text: str) -> None:
        """A short message that goes away by itself."""
        self.notify(plain(text), markup=False, timeout=4)

    # Keys that do nothing now

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Why an action cannot be done now, in a sentence; empty where it can."""
        del parameters
        if action == "suspend_process" and not self._can_sleep():
            return "There is no shell here that could wake the program again."
        if action == "detail" and not any(screen.query(StepPane) for screen in self._below_dialogs()):
            return "All is in view here: only on the Primary and the Standby screen is there something to turn to."
        return ""

    def _below_dialogs(self) -> "Iterable[Screen[object]]":
        """The screen that a dialog stands over, else the one that is open: its footer stays as it is."""
        return [screen for screen in self.screen_stack if not screen.is_modal][-1:]

    def _can_sleep(self) -> bool:
        """Whether a shell with job control started the program; without one, nobody could wake it."""
        return self._driver is not None and self._driver.can_suspend and os.getpgrp() != os.getsid(0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An action that has a reason against it is not offered."""
        return not self.why_not(action, parameters) and super().check_action(action, parameters)

    async def run_action(
        self,
        action: "str | ActionParseResult",
        default_namespace: "DOMNode | None" = None,
        namespaces: "Mapping[str, DOMNode] | None" = None,
    ) -> bool:
        """Do an action; one of the app that cannot be done now says why."""
        target, name, parameters = self._parse_action(action, default_namespace or self, namespaces)
        why = self.why_not(name, parameters) if target is self else ""
        if why:
            self.tell(why)
            return True
        return await super().run_action(action, default_namespace, namespaces)

    def action_detail(self) -> None:
        """Turn from what a step will do to its output, where the screen has both."""
        for pane in self.screen.query(StepPane):
            pane.turn()

    # Help, jumping, palette

    def action_keys(self) -> None:
        """Show the keys of this screen, why some of them do nothing now, and those of a log that has not the focus."""
        active = [found.binding for found in self.screen.active_bindings.values()]
        reasons = [] if self.screen.is_modal else list(self._reasons())
        of_the_log = [owned(key, self._own_keys.keys) for key in self._of_a_log()]
        self.push_screen(NoticeScreen("Keys", help_text(active, reasons, of_the_log)))

    def _of_a_log(self) -> Sequence[Binding]:
        logs = [log for log in self.screen.query(LogView) if log.region.area]
        return logs[0].keys if logs and not any(log.has_focus for log in logs) else ()

    def _reasons(self) -> Iterable[tuple[Binding, str]]:
        for binding in self._table:
            _, name, parameters = self._parse_action(binding.action, self)
            why = self.why_not(name, parameters) if binding.action.startswith("app.") else ""
            if why:
                yield owned(binding, self._own_keys.keys), why

    def action_jump(self) -> None:
        """Show a letter on each part of the screen that can have the focus; its key goes there."""
        self.push_screen(JumpScreen(self.screen), self._jumped)

    def _jumped(self, widget: "Widget | None") -> None:
        if widget is not None and widget.is_attached:
            widget.focus()

    def get_system_commands(self, screen: "Screen[object]") -> Iterable[SystemCommand]:
        """Every action of the keys, for the command palette."""
        yield from super().get_system_commands(screen)
        for words, hint, action, node in entries(screen, self._table, self._own_keys.keys):
            yield SystemCommand(words, hint, self._doer(action, node))

    def _doer(self, action: str, node: "DOMNode") -> Callable[[], object]:
        async def do() -> None:
            await self.run_action(action, node)

        return do

    # The end

    def how_to_go_on(self) -> str:
        """How to go on after a crash."""
        return "Nothing was run."

    def _fatal_error(self) -> None:
        """Leave after an unhandled exception; what is printed has no locals, which may hold secrets."""
        self.bell()
        self._exit_renderables.append(crash_report(self.console, self.how_to_go_on()))
        self._close_messages_no_wait()
