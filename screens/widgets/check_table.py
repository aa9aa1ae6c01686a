"""The preflight checks: a verdict and what was seen on each side, a row each."""

from textual.content import Content

from pgrepl_tui.events import CheckDone
from pgrepl_tui.screens.plain import plain_line
from pgrepl_tui.screens.signs import VERDICTS
from pgrepl_tui.screens.widgets.row_list import RowList


class CheckTable(RowList):
    """The checks in the order in which they were done."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.checks: tuple[CheckDone, ...] = ()

    @property
    def chosen(self) -> CheckDone | None:
        """The check that the cursor stands on."""
        return self.checks[self.cursor] if self.cursor < len(self.checks) else None

    def show(self, checks: tuple[CheckDone, ...]) -> None:
        """Draw these checks; the cursor goes to the first that is not passed."""
        if checks == self.checks:
            return
        self.checks = checks
        worst = [index for word in ("stop", "warn") for index, check in enumerate(checks) if check.verdict == word]
        self.lead(worst[0] if worst else 0)
        self.refresh()

    def count(self) -> int:
        """How many checks there are."""
        return len(self.checks)

    def row(self, index: int, width: int) -> Content:
        """The sign, its word, the title, and the two sides in columns of one width."""
        check = self.checks[index]
        sign = VERDICTS[check.verdict]
        title, side = columns(width)
        cells = [
            Content.styled(f"{sign.mark} {sign.word:<5}", sign.style),
            _cell(check.title, title),
            _cell(check.primary, side),
            _cell(check.standby, side),
        ]
        return Content(" ").join(cells)


def columns(width: int) -> tuple[int, int]:
    """The widths of the title's column and of each side's, in cells."""
    title = min(34, max(12, width // 3))
    return title, max(6, (width - 10 - title) // 2)


def _cell(text: str, width: int) -> Content:
    return Content(plain_line(text.replace("\n", " "))).truncate(width, ellipsis=True, pad=True)


def heading(width: int) -> Content:
    """The line above the table."""
    title, side = columns(width - 1)
    return Content.styled(f"         {'check':<{title}} {'primary':<{side}} standby", "dim")
