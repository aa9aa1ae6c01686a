"""The forms in which one secret may turn up in a text: as it is, quoted for something, or encoded."""

import base64
import json
import re
import shlex
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

from pgrepl_tui.session.sanitise import harmless

SHORT = 4
_WIDEST_PARTIAL_BASE64 = 8


def _sql(text: str) -> str:
    return text.replace("'", "''")


def _backslashes(text: str) -> str:
    return text.replace("\\", "\\\\")


def _conninfo(text: str) -> str:
    """Within a quoted value of a connection string (PostgreSQL documentation, "Connection Strings")."""
    return _backslashes(text).replace("'", "\\'")


def _setting(text: str) -> str:
    """Within a quoted value of postgresql.conf (PostgreSQL documentation, "Setting Parameters")."""
    plain = _sql(_backslashes(text))
    return plain.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _passfile(text: str) -> str:
    """Within a field of a passfile (PostgreSQL documentation, "The Password File")."""
    return _backslashes(text).replace(":", "\\:")


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _json_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _repr(text: str) -> str:
    return repr(text)[1:-1]


def _shell(text: str) -> str:
    return shlex.quote(text).removeprefix("'").removesuffix("'")


def _shell_backslash(text: str) -> str:
    return text.replace("'", "'\\''")


def _shell_double(text: str) -> str:
    """Between double quotes."""
    return re.sub(r'["$`\\]', r"\\\g<0>", text)


def _shell_q(text: str) -> str:
    """As bash's ``printf %q`` writes it."""
    return re.sub(r"[\s!\"$&'()*,;<>?\[\\\]^`{|}]|^[#~]", r"\\\g<0>", text)


_QUOTINGS: tuple[Callable[[str], str], ...] = (
    *(str, _sql, _backslashes, _conninfo, _setting, _passfile),
    *(_json, _json_ascii, _repr, _shell, _shell_backslash, _shell_double, _shell_q),
)


def forms(secret: str) -> frozenset[str]:
    """Every form of a secret that is looked for.

    A secret shorter than ``SHORT`` characters is looked for only where quotes or ``password=`` stand around it: hiding
    every ``a`` would ruin all text, and would spell the secret out by what is missing.
    """
    if not secret:
        return frozenset()
    if len(secret) < SHORT:
        return frozenset(_short(secret))
    found = {form for text in _spellings(secret) for form in _all_forms(text)}
    # the text that is searched has been made harmless, and a host may print in an old encoding
    return frozenset(found | {harmless(form) for form in found})


def _spellings(secret: str) -> set[str]:
    """The secret in the ways in which Unicode writes the same letters."""
    return {secret, *(unicodedata.normalize(form, secret) for form in ("NFC", "NFD", "NFKC", "NFKD"))}


def _short(secret: str) -> Iterator[str]:
    for form in {quoting(secret) for quoting in _QUOTINGS} | {quote(secret, safe="")}:
        yield from (f"'{form}'", f'"{form}"', f"password={form}", f"PGPASSWORD={form}", f"PASSWORD {form}", f":{form}@")


def _all_forms(text: str) -> Iterator[str]:
    for inner in _QUOTINGS:
        for outer in _QUOTINGS:
            yield outer(inner(text))
    for form in (
        quote(text, safe="", errors="replace"),
        quote(text, errors="replace"),
        quote_plus(text, errors="replace"),
    ):
        yield form
        yield re.sub("%..", lambda code: code[0].lower(), form)
    for data in _bytes(text):
        yield from _encoded(data)
        yield data.decode("utf-8", "backslashreplace")


def _bytes(text: str) -> Iterator[bytes]:
    yield text.encode("utf-8", "replace")
    if not text.isascii():
        try:
            yield text.encode("latin-1")
        except UnicodeEncodeError:
            return


def _encoded(data: bytes) -> Iterator[str]:
    yield data.hex()
    yield data.hex().upper()
    yield "".join(f"%{byte:02x}" for byte in data)
    yield "".join(f"%{byte:02X}" for byte in data)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(data).decode().rstrip("=")
        for ahead in (1, 2):
            # within a longer base64 text, such as user:password: the letters that depend on nothing but the secret
            letters = encode(bytes(ahead) + data).decode().rstrip("=")[ahead + 1 :]
            inner = letters if (ahead + len(data)) % 3 == 0 else letters[:-1]
            if len(inner) >= _WIDEST_PARTIAL_BASE64:
                yield inner
