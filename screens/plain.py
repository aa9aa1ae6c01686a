"""Text from elsewhere, made harmless for the terminal: the last guard before it is drawn or copied.

What a live run records is clean already; a recording may have been edited by anyone.
"""

from pgrepl_tui.session.sanitise import thinned

CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
"""C0, DEL and C1: what starts an escape sequence, rings, or moves the cursor."""
INVISIBLE = (
    *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
    *(*range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070)),
    *(*range(0xD800, 0xE000), *range(0xFFF0, 0xFFFC), *range(0x13430, 0x13440), *range(0x1BCA0, 0x1BCA4)),
    *(*range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000)),
)
"""Characters that have no width, turn the text's direction or cannot be written: a line would not read as it is."""
SHOWN = dict.fromkeys((*CONTROLS, *INVISIBLE), "�") | {0x09: "    "}
LINES = {code: mark for code, mark in SHOWN.items() if code != 0x0A} | {0x0D: ""}
LONGEST_LINE = 8_300
"""Characters of a line that are drawn: all that a log keeps of one, and the words that it was cut."""
LONGEST = 20_000
"""Characters of a text that are drawn, and"""
MOST_LINES = 500
"""lines of it: a screen takes half a second to wrap more, each time that it is drawn."""
CUT = " …[cut]"


def plain_line(text: str) -> str:
    """One line of text, controls and invisible characters shown as ``�``; of a line that was overwritten, the last."""
    return thinned(_short(text.rstrip("\r\n").rsplit("\r", 1)[-1], LONGEST_LINE).translate(SHOWN))


def plain(text: str) -> str:
    """Text of several lines, made harmless as by ``plain_line``, its line ends kept."""
    text = _short(text, LONGEST)
    lines = text.split("\n")
    if len(text) > LONGEST_LINE or len(lines) > MOST_LINES:
        more = [CUT] if len(lines) > MOST_LINES else []
        text = "\n".join([*(_short(line, LONGEST_LINE) for line in lines[:MOST_LINES]), *more])
    return copied(text)


def copied(text: str) -> str:
    """Text of several lines for the clipboard: made harmless, and all of it."""
    return thinned(text.translate(LINES))


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest] + CUT
