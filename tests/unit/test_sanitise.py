"""Whatever a host prints, a terminal obeys nothing of it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.session.sanitise import Decoder, harmless

HOSTILE = {
    "clear screen": ("\x1b[2J", "␛[2J"),
    "title": ("\x1b]0;pwned\x07", "␛]0;pwned␇"),
    "clipboard": ("\x1b]52;c;cHduZWQ=\x1b\\", "␛]52;c;cHduZWQ=␛\\"),
    "link": ("\x1b]8;;file:///etc/passwd\x1b\\click", "␛]8;;file:///etc/passwd␛\\click"),
    "device control": ("\x1bP+q544e\x1b\\", "␛P+q544e␛\\"),
    "application command": ("\x1b_Gf=100\x1b\\", "␛_Gf=100␛\\"),
    "privacy message": ("\x1b^x\x1b\\", "␛^x␛\\"),
    "start of string": ("\x1bXx\x1b\\", "␛Xx␛\\"),
    "alternate screen": ("\x1b[?1049h", "␛[?1049h"),
    "answer back": ("\x05\x1b[c\x1b[6n", "␅␛[c␛[6n"),
    "C1 as a character": ("\x9b2J\x9d0;x\x9c", r"\x9b2J\x9d0;x\x9c"),
    "next line": ("a\x85b", r"a\x85b"),
    "NUL and DEL": ("a\x00\x7f", "a␀␡"),
    "backspace": ("rm\x08\x08ls", "rm␈␈ls"),
    "vertical tab and form feed": ("\x0b\x0c", "␋␌"),
    "shift out": ("\x0e", "␎"),
    "bidi override": ("user\u202etxt.exe", r"user\u202etxt.exe"),
    "bidi isolate": ("\u2066a\u2069", r"\u2066a\u2069"),
    "arabic letter mark": ("\u061c", r"\u061c"),
    "zero width": ("pass\u200bword\u200d\ufeff", r"pass\u200bword\u200d\ufeff"),
    "soft hyphen": ("a\xadb", r"a\xadb"),
    "separators": ("a\u2028b\u2029", r"a\u2028b\u2029"),
    "tag characters": ("\U000e0041\U000e007f", r"\U000e0041\U000e007f"),
    "blank letters": ("\u3164\u115f\uffa0", r"\u3164\u115f\uffa0"),
    "lone surrogate": ("\ud800", r"\ud800"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_sequence_is_shown(name: str) -> None:
    text, shown = HOSTILE[name]
    assert harmless(text) == shown
    assert harmless("é" + text) == "é" + shown


@pytest.mark.parametrize("text", ["", "plain", "a\tb\r\nc\n", "pässwörd✓密 🔐 ❤\ufe0f", "[red]x[/red]", "␛ \\x9b"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) is text


@given(st.text(st.characters(), max_size=60))
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    clean = harmless(text)
    left = {char for char in clean if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}}
    assert left <= {"\n", "\r", "\t"}
    assert not any(char in clean for char in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\u200d\u200e\u200f\u061c")
    assert harmless(clean) == clean


@given(st.text(st.characters(), max_size=40), st.integers(0, 40))
def test_a_cut_changes_nothing(text: str, at: int) -> None:
    assert harmless(text[:at]) + harmless(text[at:]) == harmless(text)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xff", r"\xff"),
        (b"a\x9b2Jb", r"a\x9b2Jb"),
        ("é密🔐".encode(), "é密🔐"),
        (b"\xc3", r"\xc3"),
        (b"\xf0\x9f\x94", r"\xf0\x9f\x94"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),
        (b"\xc0\x9b", r"\xc0\x9b"),
    ],
)
def test_bytes_that_are_not_utf8_are_shown_by_number(data: bytes, text: str) -> None:
    decoder = Decoder()
    assert decoder.decode(data) + decoder.flush() == text


@given(st.lists(st.binary(max_size=8) | st.text(max_size=4).map(str.encode), max_size=8))
def test_decoding_in_pieces_is_decoding_the_whole(pieces: list[bytes]) -> None:
    decoder = Decoder()
    text = "".join([*map(decoder.decode, pieces), decoder.flush()])
    assert text == b"".join(pieces).decode("utf-8", "backslashreplace")
