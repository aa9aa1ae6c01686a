"""The man page: all that the parser takes is in it, and the programs that read man pages find no mistake."""

import argparse
import re
import shutil
import subprocess

import pytest

from pgrepl_tui import __version__
from pgrepl_tui.cli import _ACTIONS, _parser, main
from pgrepl_tui.usage.man import man
from pgrepl_tui.usage.program import program


def page() -> str:
    return man(program(_parser()), __version__)


def shown(roff: str) -> str:
    """The page as a terminal shows it, on lines that are long enough for every word."""
    command = ["groff", "-man", "-Tascii", "-ww", "-P-cbou", "-rLL=250n"]
    ended = subprocess.run(command, input=roff, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stderr == ""
    return ended.stdout


groff = pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["man"]) == 0
    assert capsys.readouterr().out == page()


def test_it_has_the_sections_of_a_man_page() -> None:
    sections = re.findall(r'^\.SH "?([A-Z ]+)', page(), re.MULTILINE)
    assert sections == ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "EXIT CODES", "ENVIRONMENT"]
    assert page().startswith(f'.TH "PGREPL-TUI" "1" "" "pgrepl\\-tui {__version__}" "User Commands"\n')


@groff
@pytest.mark.parametrize("name", _ACTIONS)
def test_each_command_is_there_with_its_options_and_their_help(name: str) -> None:
    text = " ".join(shown(page()).split())
    command = program(_parser()).command(name)
    assert f"pgrepl-tui {name} {command.help}" in text
    for option in command.options:
        if "--help" not in option.flags:
            assert f"{', '.join(option.flags)} " in text
            assert option.help in text


@groff
def test_exit_codes_and_environment_stand_in_sections_of_their_own() -> None:
    text = shown(page())
    codes = text[text.index("EXIT CODES") : text.index("ENVIRONMENT")]
    assert re.findall(r"^ +(\d) ", codes, re.MULTILINE) == ["0", "1", "2", "3", "4"]
    assert "PGREPL_PASSWORD_FILE names a file" in text[text.index("ENVIRONMENT") :]


@groff
def test_no_help_text_is_read_as_roff() -> None:
    parser = argparse.ArgumentParser("the-program", description=".SH Begins with a dot\n'and a quote")
    inner = parser.add_subparsers().add_parser("do", help='a \\fBbackslash\\fR, "quotes" and --dashes')
    inner.add_argument("--option", metavar="A\\B", help=".TP and 'more', 100%% of it")
    text = shown(man(program(parser), "1.0"))
    assert re.search(r"^ +\.SH Begins with a dot 'and a quote$", text, re.MULTILINE)
    assert 'a \\fBbackslash\\fR, "quotes" and --dashes' in text
    assert ".TP and 'more', 100% of it" in text
    assert "--option A\\B" in text


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_mandoc_finds_no_mistake() -> None:
    command = ["mandoc", "-T", "lint", "-W", "warning"]
    ended = subprocess.run(command, input=page(), capture_output=True, text=True, timeout=60, check=False)
    found = [line for line in (ended.stdout + ended.stderr).splitlines() if "missing date" not in line]
    assert found == []  # a date would say when it was printed, which nobody needs
