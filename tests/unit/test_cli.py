"""The command line: what it takes, what it refuses and with which exit code, and that it answers at once."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pgrepl_tui import __version__
from pgrepl_tui.cli import _ACTIONS, _parser, _with_command, main

ROOT = Path(__file__).parents[2]
SLOW = {"textual", "rich", "asyncssh", "psycopg", "yaml", "cryptography"}
GOOD = "name: app\nprimary:\n  ssh: db1\nstandbys:\n  - ssh: db2\n"


def loaded_after(*arguments: str) -> tuple[int, str, set[str]]:
    """Exit code, standard output, and the top-level modules that the program loaded, in a process of its own."""
    script = (
        "import sys, json\n"
        "from pgrepl_tui.cli import main\n"
        "try:\n"
        f"    code = main({list(arguments)!r})\n"
        "except SystemExit as end:\n"
        "    code = end.code or 0\n"
        "print()\n"
        "print(json.dumps([code, sorted({name.partition('.')[0] for name in sys.modules})]))\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    said, _, last = ended.stdout.rstrip("\n").rpartition("\n")
    code, modules = json.loads(last)
    return code, said, set(modules)


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("run", "--help"), ("run", "missing.yaml", "--bad")]
)
def test_nothing_slow_is_loaded_to_print_a_few_lines(arguments: tuple[str, ...]) -> None:
    _, _, modules = loaded_after(*arguments)
    assert "argparse" in modules
    assert modules & SLOW == set()


def test_a_topology_with_a_mistake_is_refused_without_loading_ssh_or_screens(tmp_path: Path) -> None:
    path = tmp_path / "app.yaml"
    path.write_text("name: app\n")
    code, _, modules = loaded_after("run", str(path))
    assert code == 2
    assert modules & {"textual", "asyncssh"} == set()


def test_help_names_every_command_the_exit_codes_and_the_environment() -> None:
    _, said, _ = loaded_after("--help")
    for word in ("wizard", "demo", "run", "replay", "lab", "exit codes", "PGREPL_PASSWORD_FILE"):
        assert word in said


def test_the_version() -> None:
    code, said, _ = loaded_after("--version")
    assert (code, said.strip()) == (0, f"pgrepl-tui {__version__}")


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "a.yaml", "--no-such-option"],
        ["run", "a.yaml", "b.yaml"],
        ["replay"],
        ["replay", "r.jsonl", "--speed", "0"],
        ["replay", "r.jsonl", "--speed", "-1"],
        ["replay", "r.jsonl", "--speed", "fast"],
        ["replay", "r.jsonl", "--speed", "nan"],
        ["replay", "r.jsonl", "--at", "1:75"],
        ["replay", "r.jsonl", "--at", "inf"],
        ["demo", "extra"],
        ["demo", "--megabytes", "0"],
        ["demo", "--megabytes", "1.5"],
        ["--no-such-option"],
        ["a.yaml", "b.yaml"],
    ],
    ids=" ".join,
)
def test_wrong_arguments_exit_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: pgrepl-tui" in capsys.readouterr().err


@pytest.mark.parametrize("flags", [[], ["--plan"], ["--json", "--yes"]], ids=str)
def test_a_topology_that_is_not_there(flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "missing.yaml"
    assert main(["run", str(missing), *flags]) == 2
    said = capsys.readouterr()
    assert str(missing) in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: app\nprimari: db1\n", 2),
        (GOOD.replace("ssh: db1", "ssh: db1\n  port: 99999"), 4),
        ("name: app\n\tbad", 2),
        (GOOD.replace("db2", "db1"), None),
    ],
    ids=["misspelt", "port", "no YAML", "itself"],
)
def test_a_mistake_in_a_topology_is_named_with_its_line(
    text: str, line: int | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "app.yaml"
    path.write_text(text)
    assert main(["run", str(path)]) == 2
    found = re.search(rf"{re.escape(str(path))}:(\d+)", capsys.readouterr().err)
    assert found
    assert line is None or int(found[1]) == line


@pytest.mark.parametrize("arguments", [[], ["wizard"], ["app.yaml"], ["wizard", "app.yaml"], ["./demo"]], ids=" ".join)
def test_the_wizard_needs_a_terminal_and_says_what_does_not(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert "needs a terminal" in said
    assert "pgrepl-tui run TOPOLOGY.yaml" in said


@pytest.mark.parametrize(
    "content", [b"", b"no recording\n", b"{}\n", b'{"format": 99}\n', b"\x00\xff" * 50, GOOD.encode()]
)
def test_a_file_that_is_no_recording_is_not_replayed(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    assert main(["replay", str(path), "--headless"]) == 2
    said = capsys.readouterr()
    assert str(path) in said.err
    assert said.out == ""


def test_a_recording_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path / "missing.jsonl", tmp_path):
        assert main(["replay", str(path), "--headless"]) == 2
        assert str(path) in capsys.readouterr().err


def test_the_name_of_a_command_is_the_command_and_a_path_is_the_file() -> None:
    assert _with_command(["demo"]) == ["demo"]
    assert _with_command(["./demo"]) == ["wizard", "./demo"]
    assert _with_command(["demo.yaml"]) == ["wizard", "demo.yaml"]
    assert _with_command([]) == ["wizard"]
    assert _with_command(["--version"]) == ["--version"]


def documented() -> list[list[str]]:
    """The usage lines of the README as words, with what is optional given and a value for each name."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    values = {"TOPOLOGY.yaml": "a.yaml", "FILE": "f.jsonl", "RECORDING": "r.jsonl", "N": "2", "TIME": "1:30",
        "PORT": "8000", "ADDRESS": "127.0.0.1", "bash|zsh|fish": "fish", "cast|html|markdown|svg": "svg"}  # fmt: skip
    usage = [line for line in text.splitlines() if line.startswith("pgrepl-tui ") and "`" not in line]
    words = [re.split(r"\s{2,}", line)[0].replace("[", "").replace("]", "").split()[1:] for line in usage]
    return [[values.get(word, word) for word in line] for line in words]


def test_every_documented_command_is_taken() -> None:
    commands = documented()
    assert len(commands) >= 5
    for words in commands:
        options = _parser().parse_args(_with_command(words))
        assert callable(options.act)


def test_every_option_is_documented() -> None:
    written = {word for words in documented() for word in words if word.startswith("--")}
    known = {
        option for command in _ACTIONS for option in re.findall(r"^  (--[a-z-]+)", _help_of(command), re.MULTILINE)
    }
    assert known - {"--megabytes"} == written


def _help_of(command: str) -> str:
    (subparsers,) = _parser()._subparsers._group_actions  # type: ignore[union-attr]
    choices = subparsers.choices
    assert isinstance(choices, dict)
    text: str = choices[command].format_help()
    return text


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    runs = sorted((ROOT / "tests" / "data").rglob("*.jsonl"))
    assert runs, "a recording of a real run"
    command = [sys.executable, "-m", "pgrepl_tui", "replay", str(runs[0]), "--headless"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert b"Traceback" not in program.stderr.read()
        assert program.wait(30) == 1
