"""A unified diff in colour, its plus and minus signs kept."""

from textual.content import Content

from pgrepl_tui.screens.plain import plain

STYLES = {"+": "$success", "-": "$error", "@": "$accent"}


def diff_text(diff: str) -> Content:
    """The lines of a unified diff: added, removed, where they are; the rest as it is."""
    return Content("\n").join(_line(line) for line in plain(diff).splitlines())


def _line(line: str) -> Content:
    if line.startswith(("+++", "---")):
        return Content.styled(line, "bold")
    return Content.styled(line, STYLES.get(line[:1], ""))
