"""Shell text, read back by real shells."""

import shutil
import subprocess
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui.hosts import shell
from pgrepl_tui.hosts.host import Command, HostError

SHELLS = [path for name in ("sh", "dash", "bash", "zsh", "ksh", "mksh", "fish", "tcsh") if (path := shutil.which(name))]
AWKWARD = st.sampled_from([*"'\"\\!*~#-=é✓\n\t\x01", "$x", "`id`", "$n"])
PLAIN = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4)
WORDS = st.lists(st.one_of(AWKWARD, PLAIN))
WORD = WORDS.map("".join)


def read_by(program: str, text: str) -> list[str]:
    result = subprocess.run([program, "-c", text], capture_output=True, check=True, timeout=120)
    return result.stdout.decode().split("\0")[:-1]


@settings(max_examples=60, deadline=None)
@given(st.lists(WORD, min_size=1, max_size=4))
def test_sh_reads_a_line_back_as_the_same_words(words: list[str]) -> None:
    assert read_by("/bin/sh", shell.line(["printf", "%s\\0", *words])) == words


@pytest.mark.parametrize("program", SHELLS)
@settings(max_examples=40, deadline=None)
@given(words=st.lists(WORD, min_size=1, max_size=3), value=WORD)
def test_every_login_shell_passes_the_same_words_on(program: str, words: list[str], value: str) -> None:
    show = ("sh", "-c", 'printf "%s\\0" "$X" "$LC_ALL$LANGUAGE" "$@"', "sh")
    command = Command((*show, *words), env={"X": value})
    assert read_by(program, shell.wrap(command, "me")) == [value, "C", *words]


def test_the_line_for_the_host_holds_no_newline() -> None:
    assert "\n" not in shell.wrap(Command(("sh", "-c", "echo a\necho 'b'\n")), "me")


def test_a_status_and_a_signal_pass_through() -> None:
    line = shell.wrap(Command(("sh", "-c", "exit 7")), "me")
    assert subprocess.run(["/bin/sh", "-c", line], check=False).returncode == 7
    line = shell.wrap(Command(("sh", "-c", "kill -s KILL $$")), "me")
    assert subprocess.run(["/bin/sh", "-c", line], check=False).returncode == -9


def test_another_user_is_reached_by_sudo_without_a_prompt() -> None:
    line = shell.wrap(Command(("id", "-un"), user="postgres"), "ops")
    assert line.startswith("exec env LC_ALL=C LANGUAGE= sudo -n -u 'postgres' -H -- /bin/sh -c ")
    assert "sudo" not in shell.wrap(Command(("id",), user="ops"), "ops")
    assert "sudo" not in shell.wrap(Command(("id",)), "ops")


def test_what_stands_before_the_mark_is_not_the_commands_input() -> None:
    line = shell.wrap(Command(("cat",), user="me"), "me", after="abc")
    said = subprocess.run(
        ["/bin/sh", "-c", line], input=b"password\n x\\\nabc\n own\n", capture_output=True, check=False
    )
    assert (said.returncode, said.stdout) == (0, b" own\n")
    cut = subprocess.run(["/bin/sh", "-c", line], input=b"password\n", capture_output=True, check=False)
    assert (cut.returncode, cut.stdout) == (1, b"")


@pytest.mark.parametrize("user", ["", "-u", "#0", "a b", "a\nb", "%wheel", "a:b", "../x"])
def test_a_user_that_sudo_could_misread_is_refused(user: str) -> None:
    with pytest.raises(HostError, match="operating system user"):
        shell.wrap(Command(("id",), user=user), "ops")


@pytest.mark.parametrize("argv", [(), ("",), ("-c", "x"), ("echo", "a\0b"), ("echo", "\ud800")])
def test_what_is_no_command_is_refused(argv: Sequence[str]) -> None:
    with pytest.raises(HostError):
        shell.wrap(Command(tuple(argv)), "ops")


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A=B", "A B", "A;id"])
def test_what_is_no_variable_is_refused(name: str) -> None:
    with pytest.raises(HostError, match="environment variable"):
        shell.line(["id"], {name: "x"})


def test_a_command_that_linux_would_not_take_is_refused() -> None:
    with pytest.raises(HostError, match="longer than") as caught:
        shell.wrap(Command(("echo", "x" * 200_000)), "ops")
    assert "standard input" in caught.value.remedy


def test_a_line_is_what_a_person_would_type() -> None:
    line = shell.line(["pg_basebackup", "-D", "/srv/a b", "--label=it's"], {"PGPASSFILE": "/x y"})
    assert line == """PGPASSFILE='/x y' pg_basebackup -D '/srv/a b' "--label=it's\""""


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("it's", '"it\'s"'),
        ("role \"x\" = 'y'", '"role \\"x\\" = \'y\'"'),
        ("'$HOME' `id` \\", "\"'\\$HOME' \\`id\\` \\\\\""),
        ("it's over!", "'it'\"'\"'s over!'"),
    ],
)
def test_a_word_with_a_quote_is_written_so_that_it_can_be_read(word: str, written: str) -> None:
    assert shell.quote(word) == written
    done = subprocess.run(["/bin/sh", "-c", f"printf %s {written}"], capture_output=True, text=True, check=True)
    assert done.stdout == word
