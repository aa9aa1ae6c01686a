"""The second line: the five stages with their marks; a click opens a stage."""

from collections.abc import Iterator

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from pgrepl_tui.events import Stage
from pgrepl_tui.screens.scene import Scene
from pgrepl_tui.screens.signs import stage_sign

WIDE = 70
"""The width in cells from which on each stage shows its key."""


class StageTab(Static):
    """The name of one stage, its key where there is room, and its mark."""

    def __init__(self, stage: Stage, key: int, *, here: bool) -> None:
        super().__init__(markup=False, classes="-here" if here else "")
        self.stage = stage
        self._key = key
        self._here = here

    def show(self, scene: Scene, *, wide: bool) -> None:
        """Draw the mark that the stage has in this scene."""
        sign = stage_sign(scene.state, self.stage)
        name = self.stage.value.capitalize()
        shown = Content(f"[{name}]" if self._here else name)
        key = Content.styled(f"{self._key} ", "dim") if wide else Content("")
        self.update(key + shown + (" " if wide else "") + Content.styled(sign.mark, sign.style))

    async def on_click(self) -> None:
        """Open the stage."""
        await self.run_action(f"app.stage('{self.stage.value}')")


class StageBar(Horizontal):
    """All stages in order; the one whose screen this is stands in brackets."""

    def __init__(self, here: Stage) -> None:
        super().__init__()
        self._here = here

    def compose(self) -> Iterator[StageTab]:
        """A tab for each stage."""
        for key, stage in enumerate(Stage, start=1):
            yield StageTab(stage, key, here=stage is self._here)

    def show(self, scene: Scene) -> None:
        """Draw the marks of a scene."""
        for tab in self.query(StageTab):
            tab.show(scene, wide=self.app.size.width >= WIDE)
