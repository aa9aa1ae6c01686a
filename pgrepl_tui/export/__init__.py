"""Exports of a recording: a film for asciinema, a page, a runbook, a picture. Nothing is run, no host is reached."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgrepl_tui.session.recording import Recording

FORMATS = ("cast", "html", "markdown", "svg")
"""What a recording can be exported to."""


def export(recording: "Recording", to: str) -> str:
    """The text of an export; ``recording.problems`` then says what could not be read.

    Args:
        recording: open for reading.
        to: one of ``FORMATS``.

    Raises:
        RecordingError: the recording cannot be read, or holds no events.
        ValueError: there is no such format.
    """
    if to == "cast":
        from pgrepl_tui.export.cast import cast  # noqa: PLC0415 - start-up

        return cast(recording)
    if to == "markdown":
        from pgrepl_tui.export.markdown import markdown  # noqa: PLC0415 - start-up

        return markdown(recording)
    if to == "html":
        from pgrepl_tui.export.html_page import html_page  # noqa: PLC0415 - Textual is slow to load

        return html_page(recording)
    if to == "svg":
        from pgrepl_tui.export.svg import svg  # noqa: PLC0415 - Textual is slow to load

        return svg(recording)
    raise ValueError(f"{to}: one of {', '.join(FORMATS)} is meant")
