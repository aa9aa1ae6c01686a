"""The five stages' screens of a run or a replay: made when it is opened, gone when the start screen is back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import App

from pgrepl_tui.events import Stage
from pgrepl_tui.screens.hosts import HostsScreen
from pgrepl_tui.screens.preflight import PreflightScreen
from pgrepl_tui.screens.primary import PrimaryScreen
from pgrepl_tui.screens.standby import StandbyScreen
from pgrepl_tui.screens.verify import VerifyScreen
from pgrepl_tui.screens.widgets.topology_form import TopologyForm

if TYPE_CHECKING:
    from pgrepl_tui.screens.probing import Probing
    from pgrepl_tui.screens.stage import StageScreen
    from pgrepl_tui.session.source import Source
    from pgrepl_tui.topology import Topology


class Stages:
    """Installs the screens under the names of their stages."""

    def __init__(self, app: App[int], names: Sequence[str], probing: "Probing | None" = None) -> None:
        self._app = app
        self._names = names
        self._probing = probing
        self._screens: list[StageScreen] = []

    async def open(self, *, live: bool, editable: bool, topology: "Topology | None") -> None:
        """Make the screens and show the first one; those of before are gone."""
        await self.close()
        hosts = HostsScreen(live=live, editable=editable, topology=topology, names=self._names, probing=self._probing)
        later = (PreflightScreen, PrimaryScreen, StandbyScreen, VerifyScreen)
        self._screens = [hosts, *(kind(live=live) for kind in later)]
        for screen in self._screens:
            self._app.install_screen(screen, screen.stage.value)
        await self._app.push_screen(Stage.CONNECT.value)

    @property
    def testable(self) -> bool:
        """Whether the form is on the screen, and its hosts can be tested."""
        return any(form.testable for form in self._app.screen.query(TopologyForm))

    def test(self) -> None:
        """Test the connection to the hosts of the form."""
        for form in self._app.screen.query(TopologyForm):
            form.test()

    def with_password(self, source: "Source") -> "Source":
        """The same run, with the password that was typed into the form, if one was."""
        for screen in self._screens[:1]:
            for form in screen.query(TopologyForm):
                if form.password:
                    source.give_password(form.password)
        return source

    async def close(self) -> None:
        """Go back to the screen that was there before the stages, and take these away."""
        while self._screens and any(screen in self._app.screen_stack for screen in self._screens):
            await self._app.pop_screen()
        for screen in self._screens:
            self._app.uninstall_screen(screen)
            if screen.is_attached:
                await screen.remove()
        self._screens = []
