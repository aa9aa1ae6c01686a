"""Finds in a statement, a command or a file what a version does not know."""

import itertools
import re
import shlex

from tests.golden.known import columns, ever_known, known

_TOKEN = re.compile(
    r"\s*(?:(?P<string>E?'(?:[^'\\]|\\.|'')*')|(?P<quoted>\"(?:[^\"]|\"\")*\")|(?P<word>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<number>-?[0-9]+)|(?P<sign>::|<>|<=|>=|->>|->|[-(),.=<>*+/;]))",
)
_SETTING_OF = re.compile(r"current_setting\('(\w+)'\)")
_SETTING_SET = re.compile(r"\A(?:alter system )?set (\w+) = ")
_SETTINGS_ASKED = re.compile(r"from pg_settings where name (?:in \(([^)]*)\)|= ('[^']*'))")


def unknown_in_statement(statement: str, version: str) -> list[str]:
    """The names in a statement that the version does not know: words, functions, relations, columns, settings."""
    tokens = _tokens(statement)
    relations = _relations(tokens)
    aliases = _aliases(tokens, relations)
    there = frozenset().union(*(columns(relation, version) for relation in relations))
    set_name = _SETTING_SET.match(statement)
    bad = [f"relation {name}" for name in relations if not columns(name, version)]
    for number, (kind, text) in enumerate(tokens):
        if kind != "word" or text in relations | aliases or (set_name and text == set_name[1]):
            continue
        if not _is_known(tokens, number, there, version):
            bad.append(text)
    return bad + _unknown_settings(statement, version, set_name[1] if set_name else "")


def _relations(tokens: list[tuple[str, str]]) -> set[str]:
    """What stands after FROM or JOIN; but for extract(epoch from a_function())."""
    after = zip(tokens, tokens[1:], [*tokens[2:], ("sign", "")], strict=False)
    return {
        text for (_, before), (kind, text), (_, then) in after
        if before in {"from", "join"} and kind == "word" and then != "(" and text != "lateral"
    }  # fmt: skip


def _is_known(tokens: list[tuple[str, str]], number: int, there: frozenset[str], version: str) -> bool:
    text = tokens[number][1]
    before = tokens[number - 1][1] if number else ""
    after = tokens[number + 1][1] if number + 1 < len(tokens) else ""
    if before == "::":
        return text in known("type", version)
    if text in known("word", version):
        return True
    if before == "table":
        return True  # the name of the table that is to be refused
    if after == "(":
        arguments = _arguments(tokens, number + 1)
        names = known("function", version)
        counted = any(name.startswith(f"{text}/") for name in ever_known("function"))
        return f"{text}/{arguments}" in names if counted and arguments > 1 else text in names
    return text in there


def _arguments(tokens: list[tuple[str, str]], opening: int) -> int:
    depth, commas = 0, 0
    for _, text in tokens[opening:]:
        depth += (text == "(") - (text == ")")
        commas += text == "," and depth == 1
        if depth == 0:
            break
    return commas + (tokens[opening + 1][1] != ")")


def _aliases(tokens: list[tuple[str, str]], relations: set[str]) -> set[str]:
    """The word right after a relation that is no keyword: ``from pg_file_settings f``."""
    pairs = itertools.pairwise(tokens)
    found = {after for (_, before), (kind, after) in pairs if before in relations and kind == "word"}
    return {name for name in found if len(name) <= 2 and name not in ever_known("word")}


def _unknown_settings(statement: str, version: str, set_name: str) -> list[str]:
    """A setting that is read or set has to be there; one that is looked for in pg_settings need not be."""
    names = [*_SETTING_OF.findall(statement), *([set_name] if set_name else [])]
    bad = [f"setting {name}" for name in names if name not in known("setting", version)]
    asked = _SETTINGS_ASKED.search(statement)
    looked_for = re.findall(r"'([^']*)'", asked[0]) if asked else []
    return bad + [f"setting {name}" for name in looked_for if name not in ever_known("setting")]


def _tokens(statement: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = statement.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"cannot read: {text[at : at + 30]!r}")
        kind = str(match.lastgroup)
        found.append((kind, match[kind].lower() if kind == "word" else match[kind]))
        at = match.end()
    return found


def unknown_in_command(line: str, version: str) -> list[str]:
    """The options, variables and conninfo keywords in a command's line that the version's program does not know."""
    words = shlex.split(line)
    settings = itertools.takewhile(lambda word: re.match(r"[A-Z_]+=", word), words)
    variables = [word.partition("=")[0] for word in settings]
    program, *arguments = words[len(variables) :]
    name = program.rsplit("/", 1)[-1]
    options = [word for word in arguments if re.fullmatch(r"-[A-Za-z0-9]|--[a-z-]+", word)]
    if name == "pg_ctl":
        options.append(arguments[-1])
    bad = [word for word in variables if word not in known("variable", version)]
    bad += [f"{name} {word}" for word in options if word not in known(name, version)]
    keywords = [word for argument in arguments for word in re.findall(r"(\w+)='", argument)]
    return bad + [f"conninfo {word}" for word in keywords if word not in known("conninfo", version)]
