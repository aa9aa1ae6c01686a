"""Shell text: the only place that makes it.

A command goes to a host as one line. The login shell that reads the line may be bash, dash, zsh, fish or csh, so the
line holds nothing but words that all of these read alike; the work itself is done by ``/bin/sh``.
"""

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Literal

from pgrepl_tui.hosts.host import Command, HostError

Way = Literal["sudo", "password", "su"]
"""How a command runs as another user: by sudo without a password, or with one on the standard input, or by su, which
only root may use without a password."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_USER = re.compile(r"[^-#%+:/\s\x00-\x1f\x7f][^:/\s\x00-\x1f\x7f]*\Z")
_NEWLINE = """eval "$(printf 'n="\\012"')"; """
"""Makes ``$n`` a newline, without a newline in the text: csh ends a quoted word at one."""


_SPECIAL_IN_DOUBLE = re.compile(r'["$`\\]')
_PIECES = re.compile(r"""(\\)([^'\\!])?|(['!])|([^'\\!]+)""")
_LONGEST = 100_000
"""Linux takes 128 KiB for one argument, and the quoting adds to it."""


def _refuse(what: str) -> HostError:
    return HostError(what, "Change the name or path, and try again.")


def _checked(word: str) -> str:
    if "\0" in word:
        raise _refuse(f"a NUL character cannot be passed to a command: {word!r}")
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise _refuse(f"this is not valid text: {word!r}") from error
    return word


def quote(word: str) -> str:
    """One word for ``/bin/sh``, quoted where it has to be, and so that a person can read it.

    Between double quotes a person's interactive shell takes ``!`` as special too.

    Raises:
        HostError: the word holds a NUL character, which no argument can.
    """
    if "'" in _checked(word) and not {"!", "\n"} & set(word):
        return '"' + _SPECIAL_IN_DOUBLE.sub(r"\\\g<0>", word) + '"'
    return shlex.quote(word)


def line(argv: Iterable[str], env: Mapping[str, str] | None = None) -> str:
    """The command as a person would type it into ``/bin/sh``.

    Raises:
        HostError: a word holds a NUL character, or a variable's name is none.
    """
    return " ".join([*_settings(env or {}), *map(quote, argv)])


def _settings(env: Mapping[str, str]) -> list[str]:
    for name in env:
        if not _NAME.match(name):
            raise _refuse(f"not the name of an environment variable: {name!r}")
    return [f"{name}={quote(value)}" for name, value in env.items()]


def _on_one_line(text: str) -> str:
    """The same ``/bin/sh`` text without a newline character: quoted text only, where ``'`` can be closed and opened."""
    return text.replace("\n", "'\"$n\"'")


def _for_any_shell(word: str) -> str:
    r"""One word that sh, bash, zsh, fish and csh read alike.

    Inside single quotes fish takes ``\`` and csh takes ``!`` as special; outside of them ``\x`` is x everywhere, but
    for letters and digits in fish. fish 3.1 also takes a quote after ``\\`` for an escaped one: what follows a
    backslash stands outside of quotes too.
    """
    return "".join(map(_piece, _PIECES.finditer(word)))


def _piece(found: re.Match[str]) -> str:
    backslash, follows, special, plain = found.groups()
    if plain:
        return f"'{plain}'"
    if special:
        return f"\\{special}"
    bare = not follows or follows.isalnum() or not follows.isascii()
    return f"{backslash}{backslash}{follows or ''}" if bare else f"{backslash}{backslash}\\{follows}"


def _script(command: Command, extra: Mapping[str, str], after: str) -> str:
    """What ``/bin/sh`` is to do, as the user that the command runs as; its input begins after the line ``after``.

    From ``/``: the login's home may be closed to that user. The sbin folders are missing in a non-interactive PATH.
    """
    if not command.argv or command.argv[0].startswith("-") or not command.argv[0]:
        raise _refuse(f"not a program: {command.argv[:1]!r}")
    env = " ".join(_settings({"LC_ALL": "C", "LANGUAGE": "", **extra, **command.env}))
    skip = f'until [ "$l" = {after} ]; do IFS= read -r l || exit 1; done; ' if after else ""
    text = f'cd /; {skip}PATH="$PATH:/usr/sbin:/sbin"; export PATH {env}; exec {line(command.argv)}'
    if len(text.encode()) > _LONGEST:
        raise HostError(
            f"the command is longer than {_LONGEST} bytes: {text[:60]!r}…", "Pass what is long on its standard input."
        )
    return _NEWLINE + _on_one_line(text) if "\n" in text else text


def wrap(
    command: Command, login: str, extra: Mapping[str, str] | None = None, way: Way = "sudo", after: str = ""
) -> str:
    """The line to send to a host where ``login`` is logged in.

    Args:
        command: what is to run.
        login: who is logged in.
        extra: more variables for the command's environment.
        way: how it becomes another user.
        after: the letters and digits of a line on the standard input after which the command's own input begins.

    Raises:
        HostError: a word cannot be passed to a command, the whole is too long, or the user's name cannot be one.
    """
    script = _for_any_shell(_script(command, extra or {}, after))
    inner = f"/bin/sh -c {script}"
    if command.user is None or command.user == login:
        return f"exec {inner}"
    if not _USER.match(command.user):
        raise _refuse(f"not the name of an operating system user: {command.user!r}")
    user = _for_any_shell(command.user)
    if way == "su":
        return f"exec env LC_ALL=C LANGUAGE= su -s /bin/sh -c {script} {user}"
    how = "-k -S -p ''" if way == "password" else "-n"
    return f"exec env LC_ALL=C LANGUAGE= sudo {how} -u {user} -H -- {inner}"
