"""Text from elsewhere, made harmless for the terminal: the last guard before it is drawn.

What a live run records is clean already; a recording may have been edited by anyone.
"""

CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
"""C0, DEL and C1: what starts an escape sequence, rings, or moves the cursor."""
INVISIBLE = (0x061C, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
"""Characters that have no width or turn the direction of the text, so that a line reads as what it is not."""
SHOWN = dict.fromkeys((*CONTROLS, *INVISIBLE), "�") | {0x09: "    "}
LINES = {code: mark for code, mark in SHOWN.items() if code != 0x0A} | {0x0D: ""}


def plain_line(text: str) -> str:
    """One line of text, controls and invisible characters shown as ``�``; of a line that was overwritten, the last."""
    return text.rstrip("\r\n").rsplit("\r", 1)[-1].translate(SHOWN)


def plain(text: str) -> str:
    """Text of several lines, made harmless as by ``plain_line``, its line ends kept."""
    return text.translate(LINES)
