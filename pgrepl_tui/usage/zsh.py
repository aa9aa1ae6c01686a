"""Completions for zsh."""

from collections.abc import Iterator

from pgrepl_tui.usage.program import Argument, Command, Program

_TEXT = """\
#compdef {name}
# zsh completions of {name}; a file _{name} in a folder of $fpath, or: source <({name} completions zsh)
_{name}() {{
    local -a commands
    commands=(
{names}
    )
    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
        _describe -t commands command commands
        {first}
        return
    fi
    local command=wizard
    if (( CURRENT > 2 )) && [[ -n ${{commands[(r)$words[2]:*]}} ]]; then
        command=$words[2]
        shift words
        (( CURRENT-- ))
    fi
    case $command in
{cases}
    esac
}}
if [[ $funcstack[1] == _{name} ]]; then
    _{name} "$@"
else
    compdef _{name} {name}
fi
"""


def zsh(program: Program) -> str:
    """The script that zsh reads."""
    names = "\n".join(f"        {_quoted(f'{command.name}:{command.help}')}" for command in program.commands)
    cases = "\n".join(line for command in program.commands for line in _case(program, command))
    first = "; ".join(_action(operand) for operand in program.command("wizard").operands)
    return _TEXT.format(name=program.name, names=names, cases=cases, first=first)


def _case(program: Program, command: Command) -> Iterator[str]:
    alone = program.options if command.name == "wizard" else ()
    yield f"        {command.name})"
    yield "            _arguments -S \\"
    known = {flag for option in command.options for flag in option.flags}
    for option in (*command.options, *(extra for extra in alone if not known & {*extra.flags})):
        for flag in option.flags:
            yield f"                {_option(flag, option)} \\"
    for number, operand in enumerate(command.operands, 1):
        optional = "" if operand.required else ":"
        yield f"                {_quoted(f'{number}{optional}:{_plain(operand.metavar)}:{_action(operand)}')} \\"
    yield "            && return 0"
    yield "            ;;"


def _option(flag: str, option: Argument) -> str:
    value = f":{_plain(option.metavar)}:{_action(option)}" if option.metavar else ""
    takes = "=" if value and flag.startswith("--") else ""
    return _quoted(f"{flag}{takes}[{_plain(option.help)}]{value}")


def _action(argument: Argument) -> str:
    if argument.choices:
        return f"({' '.join(argument.choices)})"
    if argument.suffixes is None:
        return " "
    return f'_files -g "*.({"|".join(argument.suffixes)})"' if argument.suffixes else "_files"


def _plain(text: str) -> str:
    """Text without a meaning to _arguments."""
    return text.translate({ord(sign): f"\\{sign}" for sign in "\\[]:"})


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
