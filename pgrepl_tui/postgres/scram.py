"""Password verifiers, made and checked here, so that the password itself never travels in SQL.

Formats: https://www.postgresql.org/docs/current/catalog-pg-authid.html; SCRAM is RFC 5802 with SHA-256 (RFC 7677).
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import string
import stringprep
import unicodedata

from pgrepl_tui.postgres.text_error import TextError

_SCRAM = re.compile(r"SCRAM-SHA-256\$(\d{1,9}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)")
_MD5 = re.compile(r"md5[0-9a-f]{32}")
_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
    stringprep.in_table_a1,
)
_ALPHABET = string.ascii_letters + string.digits


def verifier(user: str, password: str, *, scram: bool) -> str:
    """What the server stores for the password: SCRAM-SHA-256, or md5 for servers before 10. libpq computes it.

    Raises:
        ValueError: the password is empty or holds a NUL, which libpq would take for its end.
    """
    if not password or "\0" in password + user:
        raise TextError("no verifier for an empty password, or for one with a NUL: see password_rules.problem()")
    from psycopg import pq  # noqa: PLC0415 - --help must not wait for libpq

    # A connection that leads nowhere: libpq wants one, though it computes all by itself when the method is named.
    connection = pq.PGconn.connect_start(b"host=/nonexistent")
    try:
        method = b"scram-sha-256" if scram else b"md5"
        return connection.encrypt_password(password.encode(), user.encode(), method).decode("ascii")
    finally:
        connection.finish()


def matches(stored: str, user: str, password: str, *, plain: bool = False) -> bool:
    """Was this stored verifier made of this password? ``stored`` is rolpassword; anything unknown does not match.

    ``plain``: the server may keep passwords as they are (UNENCRYPTED PASSWORD, below 10; catalog-pg-authid.html).
    """
    if _MD5.fullmatch(stored):
        digest = hashlib.md5((password + user).encode(), usedforsecurity=False).hexdigest()
        return hmac.compare_digest(stored, "md5" + digest)
    found = _SCRAM.fullmatch(stored)
    if found is None:
        return plain and bool(stored) and hmac.compare_digest(stored.encode(), password.encode())
    try:
        salt, stored_key, server_key = (base64.b64decode(part, validate=True) for part in found.groups()[1:])
    except binascii.Error:
        return False
    iterations = int(found[1])
    if iterations < 1:
        return False
    salted = hashlib.pbkdf2_hmac("sha256", _saslprep(password), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    same_client = hmac.compare_digest(hashlib.sha256(client_key).digest(), stored_key)
    return hmac.compare_digest(hmac.digest(salted, b"Server Key", "sha256"), server_key) and same_client


def strong_password() -> str:
    """A new password of 32 letters and digits: 190 bits, and nothing that any file or shell would read as its own."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(32))


def _saslprep(password: str) -> bytes:
    """The password as libpq feeds it to SCRAM: prepared by RFC 4013, or as it is where that forbids it.

    Like libpq (saslprep.c), a text of ASCII is never touched, and the tables are asked about the text before
    normalisation.
    """
    raw = password.encode()
    if password.isascii():
        return raw
    mapped = "".join(
        " " if stringprep.in_table_c12(character) else character
        for character in password
        if stringprep.in_table_c12(character) or not stringprep.in_table_b1(character)
    )
    if not mapped or _prohibited(mapped) or _bad_direction(mapped):
        return raw
    return unicodedata.normalize("NFKC", mapped).encode()


def _prohibited(text: str) -> bool:
    return any(table(character) for table in _PROHIBITED for character in text)


def _bad_direction(text: str) -> bool:
    """RFC 3454, section 6: a text with right-to-left letters begins and ends with one, and has no others."""
    if not any(stringprep.in_table_d1(character) for character in text):
        return False
    ends = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    return not ends or any(stringprep.in_table_d2(character) for character in text)
