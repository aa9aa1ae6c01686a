r"""The files of 9.1 to 9.6 read as those servers read them: written from PostgreSQL's C, not from this program.

Files are bytes here, as they are there. Sources, in the branches REL9_1_STABLE to REL9_6_STABLE: guc-file.l and
GUC_scanstr (postgresql.conf, and from 9.1 on recovery.conf), hba.c, conninfo_parse and PasswordFromFile of
fe-connect.c.
"""

import re
from typing import NamedTuple

_LETTER = rb"[A-Za-z_\x80-\xff]"
_LETTER_OR_DIGIT = rb"[A-Za-z_0-9\x80-\xff]"
_NAME = re.compile(_LETTER + _LETTER_OR_DIGIT + rb"*(?:\." + _LETTER + _LETTER_OR_DIGIT + rb"*)?")
_VALUE = re.compile(
    rb"(?P<string>'(?:[^'\\\n]|\\.|'')*')"
    rb"|(?P<bare>" + _LETTER + rb"(?:" + _LETTER_OR_DIGIT + rb"|[-._:/])*|[+-]?[0-9][0-9A-Za-z.]*)"
)
_BLANKS = re.compile(rb"[ \t\r]*")
_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class GrammarError(Exception):
    """The server would refuse the file."""


def conf(data: bytes) -> dict[str, bytes]:
    """The settings of a configuration file, by lower-case name; the last of a name counts."""
    found: dict[str, bytes] = {}
    for number, line in enumerate(data.split(b"\n"), 1):
        at = _BLANKS.match(line).end()  # type: ignore[union-attr]
        if at == len(line) or line[at : at + 1] == b"#":
            continue
        name = _NAME.match(line, at)
        if name is None:
            raise GrammarError(f"line {number}: no name")
        at = _BLANKS.match(line, name.end()).end()  # type: ignore[union-attr]
        if line[at : at + 1] == b"=":
            at = _BLANKS.match(line, at + 1).end()  # type: ignore[union-attr]
        value = _VALUE.match(line, at)
        if value is None:
            raise GrammarError(f"line {number}: no value")
        at = _BLANKS.match(line, value.end()).end()  # type: ignore[union-attr]
        if at < len(line) and line[at : at + 1] != b"#":
            raise GrammarError(f"line {number}: more after the value")
        found[name[0].decode("latin-1").lower()] = _scanstr(value[0]) if value["string"] else value[0]
    return found


def _scanstr(quoted: bytes) -> bytes:
    """GUC_scanstr: the quotes stripped, two quotes for one, backslash escapes undone."""
    out, at, end = b"", 1, len(quoted) - 1
    while at < end:
        char = quoted[at : at + 1]
        if char == b"\\":
            octal = re.match(rb"[0-7]{1,3}", quoted[at + 1 : end])
            if octal:
                out += bytes([int(octal[0], 8) & 0xFF])
                at += 1 + len(octal[0])
                continue
            escaped = quoted[at + 1 : at + 2]
            out += _ESCAPES.get(escaped, escaped)
            at += 2
            continue
        if char == b"'":
            at += 1  # the scanner let only doubled quotes through
        out += char
        at += 1
    return out


class Record(NamedTuple):
    """A line of pg_hba.conf as the server keeps it."""

    kind: str
    databases: tuple[bytes, ...]
    users: tuple[bytes, ...]
    address: str
    method: str


KEYWORDS = (b"all", b"samehost", b"samenet", b"sameuser", b"samegroup", b"samerole", b"replication")


def hba(data: bytes, version: str) -> list[Record]:
    """The records of a pg_hba.conf; in 9.1 a field is one string, joined by commas (next_token_expand)."""
    records = []
    for line in data.split(b"\n"):
        fields = _fields(line, old=version == "9.1")
        if not fields:
            continue
        if len(fields) < 5 or fields[0] not in ((b"host",), (b"hostssl",), (b"hostnossl",)):
            raise GrammarError(f"not a host record: {line!r}")
        kind, databases, users, address, method = fields[:5]
        records.append(Record(kind[0].decode(), databases, users, address[0].decode(), method[0].decode()))
    return records


def _fields(line: bytes, *, old: bool) -> list[tuple[bytes, ...]]:
    """The fields of a line, each a tuple of tokens; an unquoted keyword ends with a newline, as in hba.c of 9.1."""
    found: list[tuple[bytes, ...]] = []
    at = 0
    while True:
        tokens: list[bytes] = []
        comma = True
        while comma:
            token, comma, at = _token(line, at)
            if token is None:
                break
            tokens.append(token)
        if not tokens:
            return found
        found.append(tuple(part for part in b",".join(tokens).split(b",") if part) if old else tuple(tokens))


def _token(line: bytes, at: int) -> tuple[bytes | None, bool, int]:
    """next_token: the token, whether a comma ended it, and where to go on."""
    while line[at : at + 1] in (b" ", b"\t", b"\r", b","):
        at += 1
    token, in_quote, was_quote, saw_quote = b"", False, False, False
    while at < len(line) and (in_quote or line[at : at + 1] not in (b" ", b"\t", b"\r")):
        char = line[at : at + 1]
        if char == b"#" and not in_quote:
            at = len(line)
            break
        at += 1
        if char == b"," and not in_quote:
            return _marked(token, saw_quote=saw_quote), True, at
        if char != b'"' or was_quote:
            token += char
        was_quote = not was_quote if in_quote and char == b'"' else False
        if char == b'"':
            in_quote, saw_quote = not in_quote, True
    return (_marked(token, saw_quote=saw_quote) if saw_quote or token else None), False, at


def _marked(token: bytes, *, saw_quote: bool) -> bytes:
    return token + b"\n" if not saw_quote and token in KEYWORDS else token


def method_for(data: bytes, version: str, *, user: bytes, address: str, tls: bool) -> str | None:
    """How a replication login has to prove itself: the method of the first record that matches; None for none."""
    import ipaddress  # noqa: PLC0415 - the pretended programs start without it

    for record in hba(data, version):
        kinds = ("host", "hostssl" if tls else "hostnossl")
        if record.kind not in kinds or b"replication\n" not in record.databases:
            continue
        if ipaddress.ip_address(address) not in ipaddress.ip_network(record.address):
            continue
        if any(_is_user(token, user, old=version == "9.1") for token in record.users):
            return record.method
    return None


def _is_user(token: bytes, user: bytes, *, old: bool) -> bool:
    """check_role; a group never counts here: in 9.1 a plus sign makes one even where it was quoted."""
    if token == b"all\n":
        return True
    if old and token.startswith(b"+"):
        return False
    return token in (user, user + b"\n")


def conninfo(text: bytes) -> dict[str, bytes]:
    """The keywords and values of a connection string (conninfo_parse)."""
    blanks, at = b" \t\n\v\f\r", 0
    found: dict[str, bytes] = {}
    while True:
        while at < len(text) and text[at] in blanks:
            at += 1
        if at == len(text):
            return found
        end = at
        while end < len(text) and text[end : end + 1] != b"=" and text[end] not in blanks:
            end += 1
        name, at = text[at:end].decode("latin-1"), end
        while at < len(text) and text[at] in blanks:
            at += 1
        if text[at : at + 1] != b"=":
            raise GrammarError(f'missing "=" after "{name}"')
        at += 1
        while at < len(text) and text[at] in blanks:
            at += 1
        found[name], at = _conninfo_value(text, at)


def _conninfo_value(text: bytes, at: int) -> tuple[bytes, int]:
    quoted = text[at : at + 1] == b"'"
    at, value = at + quoted, b""
    while at < len(text):
        char = text[at : at + 1]
        if quoted and char == b"'":
            return value, at + 1
        if not quoted and char in (b" ", b"\t", b"\n", b"\v", b"\f", b"\r"):
            return value, at
        if char == b"\\":
            at += 1
            char = text[at : at + 1]
        value += char
        at += 1
    if quoted:
        raise GrammarError("unterminated quoted string")
    return value, at


LINE_BYTES = 64 * 5 - 2
"""What fgets(buf, NAMEDATALEN * 5 - 1) takes of a line."""


def password(  # noqa: PLR0913 - the four fields of a line, by name
    data: bytes, version: str, *, host: bytes, port: bytes, database: bytes, user: bytes
) -> bytes | None:
    """The password that libpq takes from a passfile (PasswordFromFile); a long line is read in pieces."""
    for line in data.split(b"\n"):
        for start in range(0, max(len(line), 1), LINE_BYTES):
            rest: bytes | None = line[start : start + LINE_BYTES]
            for wanted in (host, port, database, user):
                rest = _match(rest, wanted)
            if rest is not None:
                return rest if version == "9.1" else _unescaped(rest)
    return None


def _match(buffer: bytes | None, token: bytes) -> bytes | None:
    """pwdfMatchesString: what stands behind the field, or None where it is another."""
    if buffer is None:
        return None
    if buffer.startswith(b"*"):
        return buffer[2:]
    at = t = 0
    while at < len(buffer):
        escaped = buffer[at : at + 1] == b"\\"
        at += escaped
        char = buffer[at : at + 1]
        if char == b":" and t == len(token) and not escaped:
            return buffer[at + 1 :]
        if t == len(token) or char != token[t : t + 1]:
            return None
        at, t = at + 1, t + 1
    return None


def _unescaped(text: bytes) -> bytes:
    """From 9.2 on: up to a colon, a backslash stands for what follows it."""
    out, at = b"", 0
    while at < len(text) and text[at : at + 1] != b":":
        if text[at : at + 1] == b"\\" and at + 1 < len(text):
            at += 1
        out += text[at : at + 1]
        at += 1
    return out
