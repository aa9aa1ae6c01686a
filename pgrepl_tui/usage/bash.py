"""Completions for bash (4.1 or newer)."""

import shlex
from collections.abc import Iterator

from pgrepl_tui.usage.program import Argument, Command, Program

_HEAD = """\
# bash completions of {name}; put them where bash-completion looks, or: source <({name} completions bash)
{function}() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command=wizard
    # bash makes --option=value three words
    [[ $current == = ]] && current=
    [[ $previous == = ]] && previous=${{COMP_WORDS[COMP_CWORD-2]}}
    if ((COMP_CWORD > 1)); then
        case ${{COMP_WORDS[1]}} in
            {names}) command=${{COMP_WORDS[1]}} ;;
        esac
    fi
    COMPREPLY=()
    case $command:$previous in
"""
_TAIL = """\
    esac
}}
{function}_words() {{
    local word
    while read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$1" -- "$current")
}}
{function}_files() {{
    # all files and folders; with arguments, the files whose names end so, and folders
    local name ending
    compopt -o filenames 2>/dev/null
    while IFS= read -r name; do
        if [[ $# == 0 || -d $name ]]; then COMPREPLY+=("$name"); continue; fi
        for ending; do [[ $name == *."$ending" ]] && COMPREPLY+=("$name"); done
    done < <(compgen -f -- "$current")
}}
complete -F {function} {name}
"""


def bash(program: Program) -> str:
    """The script that bash reads."""
    function = "_" + program.name.replace("-", "_")
    names = "|".join(command.name for command in program.commands)
    lines = [*_values(program, function), *_rest(program, function)]
    head = _HEAD.format(name=program.name, function=function, names=names)
    return head + "".join(f"        {line}\n" for line in lines) + _TAIL.format(name=program.name, function=function)


def _values(program: Program, function: str) -> Iterator[str]:
    """What comes after an option that takes a value."""
    for command in program.commands:
        for option in command.options:
            if option.metavar:
                where = "|".join(f"{command.name}:{flag}" for flag in option.flags)
                yield f"{where}) {_words(option, function) or ':'} ;;"


def _rest(program: Program, function: str) -> Iterator[str]:
    """What comes anywhere else: options after a dash, else the operands, and in front of all the commands."""
    for command in program.commands:
        operands = "; ".join(filter(None, (_words(operand, function) for operand in command.operands)))
        first = f"if ((COMP_CWORD == 1)); then {function}_words {shlex.quote(_first(program))}; fi; "
        yield f"{command.name}:*)"
        yield f"    if [[ $current == -* ]]; then {function}_words {shlex.quote(_options(program, command))}"
        yield f"    else {first if command.name == 'wizard' else ''}{operands or ':'}"
        yield "    fi ;;"


def _first(program: Program) -> str:
    return " ".join(command.name for command in program.commands)


def _options(program: Program, command: Command) -> str:
    """The options of a command; the wizard's name may be left out, so the program's own may stand there as well."""
    known = (*command.options, *(program.options if command.name == "wizard" else ()))
    return " ".join(dict.fromkeys(flag for option in known for flag in option.flags))


def _words(argument: Argument, function: str) -> str:
    if argument.choices:
        return f"{function}_words {shlex.quote(' '.join(argument.choices))}"
    if argument.suffixes is None:
        return ""
    return " ".join([f"{function}_files", *argument.suffixes])
