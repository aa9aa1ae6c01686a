"""Completions for fish."""

from collections.abc import Iterator

from pgrepl_tui.usage.program import Argument, Command, Program


def fish(program: Program) -> str:
    """The script that fish reads."""
    name = program.name
    lines = [
        f"# fish completions of {name}: {name} completions fish > ~/.config/fish/completions/{name}.fish",
        f"complete -c {name} -f",
        *_first(program),
        *(line for command in program.commands for line in _command(program, command)),
    ]
    return "\n".join(lines) + "\n"


def _first(program: Program) -> Iterator[str]:
    """What comes where no command is given yet: the commands, all that the wizard and the program take."""
    start = f"complete -c {program.name} -n __fish_use_subcommand"
    for command in program.commands:
        yield f"{start} -a {command.name} -d {_quoted(command.help)}"
    for argument in dict.fromkeys((*program.command("wizard").arguments, *program.options)):
        yield f"{start} {_what(argument)}"


def _command(program: Program, command: Command) -> Iterator[str]:
    condition = _quoted(f"__fish_seen_subcommand_from {command.name}")
    for argument in command.arguments:
        yield f"complete -c {program.name} -n {condition} {_what(argument)}"


def _what(argument: Argument) -> str:
    flags = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in argument.flags]
    values = _values(argument)
    # -r: it takes a value; -f: no file names but ours; -k: in our order
    taking = ["-r"] if argument.flags and argument.metavar else []
    plain = ["-f"] if taking and argument.suffixes != () else []
    return " ".join([*flags, *taking, *plain, *values, f"-d {_quoted(argument.help)}"])


def _values(argument: Argument) -> list[str]:
    if argument.choices:
        return [f"-a {_quoted(' '.join(argument.choices))}"]
    if argument.suffixes:
        found = "; ".join(f"__fish_complete_suffix .{suffix}" for suffix in argument.suffixes)
        return [f"-k -a {_quoted(f'({found})')}"]
    return ["-F"] if argument.suffixes == () else []


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
