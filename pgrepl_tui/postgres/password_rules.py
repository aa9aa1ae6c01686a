"""What a replication password must be, checked before anything changes."""

from pgrepl_tui.postgres.facts import facts
from pgrepl_tui.postgres.version import MAJORS, Major

_REFUSED = {"\n": "a newline", "\r": "a carriage return", "\0": "a NUL character"}


def problem(password: str, major: Major | None = None) -> str:
    """Why the password will not do, as a sentence that does not repeat it; empty if it is fine.

    Args:
        password: as the operator gave it.
        major: the version of the servers; not given, the newest one's limits hold.
    """
    if not password:
        return "The password is empty: a password file cannot hold that, and the server refuses it."
    for character, name in _REFUSED.items():
        if character in password:
            return f"The password holds {name}: a password file cannot hold that. Choose one without it."
    try:
        size = len(password.encode())
    except UnicodeEncodeError:
        return "The password is not valid Unicode. Choose one of characters that UTF-8 can write."
    return _version_problem(password, size, major or MAJORS[-1])


def _version_problem(password: str, size: int, major: Major) -> str:
    known = facts(major)
    if not known.passfile_unescapes_password and any(character in password for character in ":\\"):
        return (
            f"The password holds a colon or a backslash: PostgreSQL {major} cannot read them from a password "
            "file. Choose one without."
        )
    written = size + password.count("\\") + password.count(":")
    if written > known.password_bytes:
        return (
            f"The password is too long: {written} bytes in a password file, and PostgreSQL {major} is sure to read "
            f"{known.password_bytes}. Choose a shorter one."
        )
    return ""
