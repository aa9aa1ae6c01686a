"""Text of a host made harmless for a terminal: what a terminal would obey, or hide, is made visible.

The mapping goes character by character, so a sequence that is cut between two pieces is as harmless as a whole one.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

BASE = "\N{DOTTED CIRCLE}"
MARKS = 5
"""The most marks that stand on one character: what people write has fewer, and a pile of them covers other lines."""
_PLAIN_CONTROLS = "\t\n\r"
_JOINING_RANGES = ((0x1161, 0x11FF), (0xD7B0, 0xD7FB), (0x1F3FB, 0x1F3FF))
"""Letters and skin tones that are drawn within the cell of the character before them."""
_HIDDEN_RANGES = (
    # Invisible, or changing what stands around: what Unicode says to ignore where it is not known (default ignorable
    # code points) less the variation selectors FE00-FE0F, which emoji carry; line separators; lone surrogates.
    (0x80, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip


def _escaped(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _table() -> dict[int, str]:
    table = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in _PLAIN_CONTROLS}
    table[0x7F] = "\u2421"
    for first, last in _HIDDEN_RANGES:
        table.update((code, _escaped(code)) for code in range(first, last + 1))
    return table


_TABLE = _table()
_ASCII_HOSTILE = bytes(code for code in _TABLE if code < 0x80)
_HOSTILE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _HIDDEN_RANGES) + "]+"
)


def harmless(text: str) -> str:
    r"""The text with every character that a terminal obeys or hides made visible; newline, return and tab stay.

    Escape becomes ``␛`` and its like; C1 controls, bidirectional and zero-width characters, separators, tag characters
    and lone surrogates become ``\x9b`` or ``\u202e``. What is harmless already comes back as it is.
    """
    if text.isascii():
        # most text is plain ASCII, and bytes are looked through ten times faster
        data = text.encode("ascii")
        if len(data.translate(None, _ASCII_HOSTILE)) == len(data):
            return text
    return _HOSTILE.sub(_visible, text)


def _visible(found: re.Match[str]) -> str:
    return found[0].translate(_TABLE)


def thinned(text: str) -> str:
    """The text with at most ``MARKS`` marks on each character, those beyond as one ``�``.

    A mark with nothing before it on its line gets a dotted circle to stand on, not what we write there.
    """
    return text if text.isascii() else "".join(_thin(text))


def _thin(text: str) -> Iterator[str]:
    pile, bare = 0, True
    for char in text:
        if not _stacks(char):
            pile, bare = 0, char in "\n\r"
        elif bare:
            pile, bare = 1, False
            yield BASE
        else:
            pile += 1
        if pile <= MARKS:
            yield char
        elif pile == MARKS + 1:
            yield "\ufffd"


@lru_cache(4096)
def _stacks(char: str) -> bool:
    """Whether a character is drawn on the one before it. One that this Python does not know yet may be one that is."""
    if unicodedata.category(char) in {"Mn", "Mc", "Me", "Cn"}:
        return True
    return any(first <= ord(char) <= last for first, last in _JOINING_RANGES)


class Decoder:
    r"""UTF-8 bytes to text, piece by piece.

    A character may be cut anywhere; a byte that is not UTF-8 is shown by its number, as ``\xff``.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def decode(self, data: bytes) -> str:
        """The text that is complete so far."""
        return self._decoder.decode(data)

    def flush(self) -> str:
        """What is left at the end: the bytes of a character that never came whole."""
        return self._decoder.decode(b"", final=True)
