"""The man page, in roff (man(7) macros)."""

import re
from collections.abc import Iterator

from pgrepl_tui.usage.program import Argument, Command, Program


def man(program: Program, version: str) -> str:
    """The page, for ``man -l`` or a folder ``man1``."""
    name = _escaped(program.name)
    lines = [
        f'.TH "{program.name.upper()}" "1" "" "{_escaped(f"{program.name} {version}")}" "User Commands"',
        ".SH NAME",
        f"{name} \\- {_escaped(_in_short(program.description))}",
        *_synopsis(program),
        ".SH DESCRIPTION",
        *_text(program.description),
        *_paragraphs(program.epilog),
        ".SH OPTIONS",
        *(line for option in program.options for line in _argument(option)),
        ".SH COMMANDS",
        *(line for command in program.commands for line in _command(program, command)),
        *_sections(program.epilog),
    ]
    return "\n".join(lines) + "\n"


def _in_short(description: str) -> str:
    line = " ".join(description.split())
    return line[:1].lower() + line[1:].rstrip(".")


def _synopsis(program: Program) -> Iterator[str]:
    yield ".SH SYNOPSIS"
    for number, command in enumerate(program.commands):
        yield from [".br"] if number else []
        yield f".B {_escaped(f'{program.name} {command.name}')}"
        yield " ".join(_usage(argument) for argument in _own(command))


def _usage(argument: Argument) -> str:
    flag = f"\\fB{_escaped(argument.flags[-1])}\\fR" if argument.flags else ""
    text = " ".join(part for part in (flag, _value(argument)) if part)
    return text if argument.required else f"[{text}]"


def _value(argument: Argument) -> str:
    if argument.choices:
        return "|".join(f"\\fB{_escaped(choice)}\\fR" for choice in argument.choices)
    return f"\\fI{_escaped(argument.metavar)}\\fR" if argument.metavar else ""


def _command(program: Program, command: Command) -> Iterator[str]:
    yield f'.SS "{_escaped(program.name)} {_escaped(command.name)}"'
    yield from _text(command.help)
    for argument in _own(command):
        yield from _argument(argument)


def _own(command: Command) -> tuple[Argument, ...]:
    """What only this command takes: all of them know --help."""
    return tuple(argument for argument in (*command.operands, *command.options) if "--help" not in argument.flags)


def _argument(argument: Argument) -> Iterator[str]:
    names = ", ".join(f"\\fB{_escaped(flag)}\\fR" for flag in argument.flags)
    yield ".TP"
    yield " ".join(part for part in (names, _value(argument)) if part)
    yield from _text(argument.help or "")


def _paragraphs(epilog: str) -> Iterator[str]:
    """The lines of the epilog that have no title."""
    for title, text in _titled(epilog):
        if not title:
            yield from (".PP", *_text(text))


def _sections(epilog: str) -> Iterator[str]:
    """Each ``title: text; text`` of the epilog as a section."""
    for title, text in _titled(epilog):
        if title:
            yield f'.SH "{title.upper()}"'
            for number, item in enumerate(text.split("; ")):
                yield from [".PP"] if number else []
                yield from _text(item.strip())


def _titled(epilog: str) -> Iterator[tuple[str, str]]:
    """The lines of the epilog with their titles; an indented line is more of the one before."""
    for line in filter(None, re.sub(r"\n[ \t]+", " ", epilog).splitlines()):
        found = re.match(r"([a-z ]+): (.*)", line)
        yield (found[1], found[2]) if found else ("", line)


def _text(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield _escaped(line.strip())


def _escaped(text: str) -> str:
    """Text without a meaning to roff; a dash that is typed is a minus, not a hyphen."""
    plain = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain
