"""Answers of a host as nobody planned them: cut, noisy, in another language, with bytes that are no text."""

import re
from collections.abc import Callable
from random import Random

from pgrepl_tui.hosts.host import Result

BANNER = b"Last login: Fri Nov 27 23:40:01 2026 from 10.0.0.9\r\n\x1b[1mWelcome to db!\x1b[0m [/b] * 3 updates *\n"
HUGE = 100_000
"""Bytes of a huge answer."""
GERMAN = {
    b"in production": "läuft".encode(), b"shut down": b"heruntergefahren",
    b"Database cluster state": b"Datenbank-Cluster-Status",
    b"No such file or directory": b"Datei oder Verzeichnis nicht gefunden", b"Permission denied": b"Keine Berechtigung",
    b"ERROR": b"FEHLER", b"checkpoint": b"Checkpoint", b"on": b"ein", b"streaming": "strömend".encode(), b"t\n": b"w\n",
}  # fmt: skip
"""What a host says in another language, in UTF-8; where it does not speak it at all, some bytes are Latin-1."""

Garble = Callable[[bytes, Random], bytes]


def _cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _tail(data: bytes, random: Random) -> bytes:
    return data[random.randrange(len(data) + 1) :]


def _put(*what: bytes) -> Garble:
    def put(data: bytes, random: Random) -> bytes:
        at = random.randrange(len(data) + 1)
        return data[:at] + random.choice(what) + data[at:]

    return put


def _flipped(data: bytes, random: Random) -> bytes:
    if not data:
        return b"\x80"
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]


def _numbers(data: bytes, random: Random) -> bytes:
    odd = (b"-1", b"99999999999999999999999", b"9" * 5000, "٣".encode(), b"1e9", b"0x1f", b"NaN", b"", b"1,5", b"\xb2")
    return re.sub(rb"\d+", lambda _: random.choice(odd), data, count=random.choice((0, 1, 2)))


def _lines(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    change = random.choice(("drop", "double", "shuffle"))
    if lines and change != "shuffle":
        at = random.randrange(len(lines))
        lines[at : at + 1] = [] if change == "drop" else [lines[at]] * 2
    random.shuffle(lines) if change == "shuffle" else None
    return b"".join(lines)


def _cells(data: bytes, random: Random) -> bytes:
    """Separators of rows and fields: one lost, one too many, an empty value for one that is there."""
    cuts = [at for at, byte in enumerate(data) if byte in b"\x1d\x1e\x1f\0|: ="]
    if not cuts:
        return data + random.choice((b"\x1f", b"\x1e", b"\0"))
    at = random.choice(cuts)
    return data[:at] + random.choice((b"", data[at : at + 1] * 2, b"\x1f\x1d\x1f", b"\x1e")) + data[at + 1 :]


def _german(data: bytes, random: Random) -> bytes:
    for english, german in GERMAN.items():
        data = data.replace(english, german)
    return data.decode("utf-8", "replace").encode("latin-1", "replace") if random.random() < 0.5 else data


def _huge(data: bytes, random: Random) -> bytes:
    unit = random.choice((data or b"x", b"x", b"\n", b"a b\n", b"\x1e", b"["))
    return unit * (HUGE // len(unit) + 1)


GARBLES: dict[str, Garble] = {
    "empty": lambda _data, _random: b"",
    "cut off": _cut,
    "begins in the middle": _tail,
    "NUL": _put(b"\0", b"\0\0", b"\n\0"),
    "no UTF-8": _put(b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xfe\xff"),
    "escapes": _put(b"\x1b[2J", b"\x1b]52;c;eA==\x07", b"\x1b]0;x\x07", "\u202e".encode(), b"[@click=app.quit]"),
    "banner before": lambda data, _random: BANNER + data,
    "banner behind": lambda data, _random: data + BANNER,
    "a bit flipped": _flipped,
    "other numbers": _numbers,
    "lines": _lines,
    "cells": _cells,
    "another language": _german,
    "CRLF": lambda data, _random: data.replace(b"\n", b"\r\n"),
    "upper case": lambda data, _random: data.upper(),
    "huge": _huge,
    "random": lambda _data, random: random.randbytes(random.randrange(200)),
}


def garbled(result: Result, how: str, random: Random) -> Result:
    """The answer, changed; one in six ends with another status as well."""
    garble = GARBLES[how]
    status = random.choice((1, 2, 3, 97, 126, 127, 137, 255)) if random.random() < 1 / 6 else result.status
    err = garble(result.err, random) if result.err or status else result.err
    return Result(status, garble(result.out, random), err)
