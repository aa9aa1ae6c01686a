"""Text from elsewhere, made harmless for the terminal: the last guard before it is drawn.

What a live run records is clean already; a recording may have been edited by anyone.
"""

CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
"""C0, DEL and C1: what starts an escape sequence, rings, or moves the cursor."""
INVISIBLE = (
    *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
    *(*range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070)),
    *(*range(0xD800, 0xE000), *range(0xFFF0, 0xFFFC), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B)),
    *range(0xE0000, 0xE1000),
)
"""Characters that have no width, turn the text's direction or cannot be written: a line would not read as it is."""
SHOWN = dict.fromkeys((*CONTROLS, *INVISIBLE), "�") | {0x09: "    "}
LINES = {code: mark for code, mark in SHOWN.items() if code != 0x0A} | {0x0D: ""}


def plain_line(text: str) -> str:
    """One line of text, controls and invisible characters shown as ``�``; of a line that was overwritten, the last."""
    return text.rstrip("\r\n").rsplit("\r", 1)[-1].translate(SHOWN)


def plain(text: str) -> str:
    """Text of several lines, made harmless as by ``plain_line``, its line ends kept."""
    return text.translate(LINES)
