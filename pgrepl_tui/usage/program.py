"""A program's commands, options and operands, read off its argument parser."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

_SUFFIXES = {"TOPOLOGY.yaml": ("yaml", "yml"), "RECORDING": ("jsonl",), "FILE": ()}
"""The operands that are files, and how the names of such files end."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An option (``flags`` are not empty) or an operand.

    ``metavar`` is empty for an option without a value; ``suffixes`` is None for what is no file, empty for any file.
    """

    flags: tuple[str, ...]
    metavar: str
    help: str
    choices: tuple[str, ...]
    suffixes: tuple[str, ...] | None
    required: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command, its options and its operands in order."""

    name: str
    help: str
    arguments: tuple[Argument, ...]

    @property
    def options(self) -> tuple[Argument, ...]:
        """What begins with a dash."""
        return tuple(argument for argument in self.arguments if argument.flags)

    @property
    def operands(self) -> tuple[Argument, ...]:
        """What does not."""
        return tuple(argument for argument in self.arguments if not argument.flags)


@dataclass(frozen=True, slots=True)
class Program:
    """A program: what it says of itself, the options that need no command, and its commands."""

    name: str
    description: str
    epilog: str
    options: tuple[Argument, ...]
    commands: tuple[Command, ...]

    def command(self, name: str) -> Command:
        """The command of a name."""
        return next(command for command in self.commands if command.name == name)


def program(parser: argparse.ArgumentParser) -> Program:
    """The program of a parser with subparsers."""
    (commands,) = (action for action in _actions(parser) if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001 - argparse shows it in no other way
    helps = {choice.dest: choice.help or "" for choice in commands._get_subactions()}  # noqa: SLF001 - as above
    found = (Command(name, helps[name], tuple(_arguments(inner))) for name, inner in commands.choices.items())
    options = tuple(_arguments(parser))
    return Program(parser.prog, parser.description or "", parser.epilog or "", options, tuple(found))


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return parser._actions  # noqa: SLF001 - argparse shows them in no other way


def _arguments(parser: argparse.ArgumentParser) -> Iterator[Argument]:
    for action in _actions(parser):
        if action.help == argparse.SUPPRESS or isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            continue
        metavar = "" if action.nargs == 0 else str(action.metavar or action.dest.upper())
        yield Argument(
            flags=tuple(action.option_strings),
            metavar=metavar,
            help=_help(action),
            choices=tuple(str(choice) for choice in action.choices or ()),
            suffixes=_SUFFIXES.get(metavar),
            required=bool(action.required),
        )


def _help(action: argparse.Action) -> str:
    """The help with its values filled in, as argparse prints it."""
    return (action.help or "") % {**vars(action), "prog": ""} if "%" in (action.help or "") else action.help or ""
