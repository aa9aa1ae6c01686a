"""The completions, in the shells that read them; a shell that is not installed is left out."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pgrepl_tui.cli import _ACTIONS, _parser, main
from pgrepl_tui.usage import SHELLS
from pgrepl_tui.usage.bash import bash
from pgrepl_tui.usage.fish import fish
from pgrepl_tui.usage.program import program
from pgrepl_tui.usage.zsh import zsh

Complete = Callable[[str], set[str]]
SCRIPT = {"bash": bash, "fish": fish, "zsh": zsh}


def has(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


def script(shell: str, folder: Path) -> Path:
    path = folder / f"completions.{shell}"
    path.write_text(SCRIPT[shell](program(_parser())), encoding="utf-8")
    return path


def run(*command: str, folder: Path) -> str:
    environment = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stderr == ""
    return ended.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    (work / "sub dir").mkdir(parents=True)
    for name in ("app db.yaml", "other.yml", "run.jsonl", "notes.txt"):
        (work / name).touch()
    return work


def in_bash(line: str, folder: Path) -> set[str]:
    """What bash offers for the last word of a line, where the cursor stands behind it."""
    words = re.split(r"(=)| ", line)
    quoted = " ".join(f"'{word}'" for word in words if word is not None)
    ask = (
        f"source '{script('bash', folder.parent)}' && COMP_WORDS=({quoted}) && "
        "COMP_CWORD=$((${#COMP_WORDS[@]}-1)) && "
        "{ _pgrepl_tui; printf '%s\\n' \"${COMPREPLY[@]}\"; }"
    )
    return {found for found in run("bash", "--norc", "-c", ask, folder=folder).split("\n") if found}


def in_fish(line: str, folder: Path) -> set[str]:
    """What fish offers for the last word of a line."""
    ask = f"source '{script('fish', folder.parent)}'; complete -C '{line}'"
    return {found.partition("\t")[0] for found in run("fish", "-N", "-c", ask, folder=folder).split("\n") if found}


def in_zsh(line: str, folder: Path) -> set[str]:
    """The words that zsh shows when Tab is pressed behind a line, in a terminal of its own."""
    rc = f"autoload -U compinit; compinit -u -D; source '{script('zsh', folder.parent)}'; PS1=READY; LISTMAX=0\n"
    rc += "zstyle ':completion:*' list-packed no; setopt no_always_last_prompt; bindkey '^I' list-choices\n"
    (folder.parent / ".zshrc").write_text(rc, encoding="utf-8")
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe(  # noqa: S606 - zsh itself, on a terminal of its own
            "zsh", ["zsh", "-i"], {**os.environ, "ZDOTDIR": str(folder.parent), "TERM": "dumb", "COLUMNS": "200"}
        )
    try:
        talk(terminal, "", "READY")
        said = talk(terminal, f"{line}\t\x15print -r e''nd\n", "\r\nend")
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", said)
    # a row is a word and its description, or words in columns
    words = {word for row in plain.split("\n") for word in re.split(r"\s{2,}", row.partition(" -- ")[0].strip())}
    return {word.replace("\\", "") for word in words}


def talk(terminal: int, typed: str, until: str) -> str:
    """Type, and read until a text comes."""
    os.write(terminal, typed.encode())
    said, deadline = b"", time.monotonic() + 120
    while until.encode() not in said:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"{until!r} did not come: {said!r}"
        said += os.read(terminal, 65536)
    return said.decode(errors="replace")


SHELL = [pytest.param(in_bash, marks=has("bash")), pytest.param(in_fish, marks=has("fish"))]
ANY_SHELL = [*SHELL, pytest.param(in_zsh, marks=has("zsh"))]


@pytest.mark.parametrize("complete", ANY_SHELL)
def test_the_first_word_is_a_command_or_a_topology(complete: Callable[[str, Path], set[str]], folder: Path) -> None:
    found = complete("pgrepl-tui ", folder)
    assert {*_ACTIONS, "app db.yaml", "other.yml"} <= found
    assert "--headless" not in found


@pytest.mark.parametrize("complete", ANY_SHELL)
def test_the_formats_of_an_export(complete: Callable[[str, Path], set[str]], folder: Path) -> None:
    found = complete("pgrepl-tui export run.jsonl --to ", folder)
    assert {"cast", "html", "markdown", "svg"} <= found
    assert "run.jsonl" not in found


@pytest.mark.parametrize("complete", ANY_SHELL)
def test_the_shells(complete: Callable[[str, Path], set[str]], folder: Path) -> None:
    assert {*SHELLS} <= complete("pgrepl-tui completions ", folder)


@pytest.mark.parametrize("complete", SHELL)
@pytest.mark.parametrize("command", _ACTIONS)
def test_every_option_of_a_command(complete: Callable[[str, Path], set[str]], command: str, folder: Path) -> None:
    options = {flag for option in program(_parser()).command(command).options for flag in option.flags}
    found = complete(f"pgrepl-tui {command} --", folder)
    assert {option for option in options if option.startswith("--")} == found - {"--version"}


@pytest.mark.parametrize("complete", SHELL)
def test_the_options_of_the_wizard_and_the_program_need_no_command(
    complete: Callable[[str, Path], set[str]], folder: Path
) -> None:
    read = program(_parser())
    options = {flag for option in (*read.options, *read.command("wizard").options) for flag in option.flags}
    assert complete("pgrepl-tui --", folder) == {option for option in options if option.startswith("--")}


@pytest.mark.parametrize("complete", SHELL)
def test_the_part_that_is_typed_chooses(complete: Callable[[str, Path], set[str]], folder: Path) -> None:
    assert complete("pgrepl-tui re", folder) == {"replay"}
    assert complete("pgrepl-tui export x --to ma", folder) == {"markdown"}


@has("bash")
def test_bash_completes_files_of_the_kind_that_is_meant(folder: Path) -> None:
    assert in_bash("pgrepl-tui replay ", folder) == {"run.jsonl", "sub dir"}
    assert in_bash("pgrepl-tui run o", folder) == {"other.yml"}
    assert in_bash("pgrepl-tui run app.yaml --recording n", folder) == {"notes.txt"}
    assert in_bash("pgrepl-tui export --to=", folder) == {"cast", "html", "markdown", "svg"}
    assert in_bash("pgrepl-tui export --to=c", folder) == {"cast"}
    assert in_bash("pgrepl-tui replay r --speed ", folder) == set()


@has("bash")
def test_bash_knows_the_program_by_its_name(folder: Path) -> None:
    said = run(
        "bash", "--norc", "-c", f"source '{script('bash', folder.parent)}'; complete -p pgrepl-tui", folder=folder
    )
    assert said == "complete -F _pgrepl_tui pgrepl-tui\n"


@pytest.mark.parametrize("shell", [pytest.param(shell, marks=has(shell)) for shell in SHELLS])
def test_the_shell_finds_no_mistake(shell: str, folder: Path) -> None:
    assert run(shell, "-n", str(script(shell, folder.parent)), folder=folder) == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completions", shell]) == 0
    assert capsys.readouterr().out == SCRIPT[shell](program(_parser()))


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["completions", "csh"])
    assert caught.value.code == 2
    assert "usage: pgrepl-tui" in capsys.readouterr().err
