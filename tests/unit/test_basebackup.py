import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.postgres import conninfo
from pgrepl_tui.postgres.basebackup import (
    PHASES,
    BackupLine,
    Wanted,
    Way,
    arguments,
    environment,
    program,
    read_line,
    trouble,
)
from pgrepl_tui.postgres.version import MAJORS, Major

REAL = (Path(__file__).parents[1] / "data" / "basebackup-17.txt").read_text()
PASSFILE = "/var/lib/postgresql/.pgpass"
WAY = Way(host="db1.example", port=5433, user="re pl", sslmode="verify-full", passfile=PASSFILE)
WANTED = Wanted(target="/var/lib/postgresql/main", slot="standby_1", label="pgrepl-tui")


def options(major: Major, **changes: Any) -> tuple[str, ...]:
    return arguments(major, replace(WANTED, **changes), WAY)


@pytest.mark.parametrize("major", MAJORS, ids=str)
def test_every_version_never_prompts(major: Major) -> None:
    given_options = options(major)
    assert given_options[:11] == (
        *("-D", WANTED.target, "-F", "p", "-w", "-v", "-P", "-c", "fast"),
        "-l",
        "pgrepl-tui",
    )
    assert not {"-W", "--password"} & set(given_options)


@pytest.mark.parametrize("major", MAJORS, ids=str)
def test_from_10_on_the_copy_is_born_a_standby(major: Major) -> None:
    """Before, the passfile's password would be written into its settings."""
    assert ("-R" in options(major)) == (major >= Major(10))


@pytest.mark.parametrize(
    ("major", "wal"),
    [(Major(9, 1), ("-x",)), (Major(9, 2), ("-X", "stream")), (Major(18), ("-X", "stream"))],
    ids=str,
)
def test_the_wal_comes_along(major: Major, wal: tuple[str, ...]) -> None:
    assert options(major)[11 + ("-R" in options(major)) :][: len(wal)] == wal
    assert ("-X" in options(major)) == (wal != ("-x",))


@pytest.mark.parametrize("major", MAJORS, ids=str)
def test_a_slot_is_used_from_9_6_on(major: Major) -> None:
    given_options = options(major)
    used = "-S" in given_options and given_options[given_options.index("-S") + 1] == "standby_1"
    assert used == (major >= Major(9, 6))
    assert "-S" not in options(major, slot="")


@pytest.mark.parametrize("major", [Major(9, 1), Major(9, 2)], ids=str)
def test_below_9_3_the_login_is_in_options_and_the_environment(major: Major) -> None:
    assert options(major)[-6:] == ("-h", "db1.example", "-p", "5433", "-U", "re pl")
    assert environment(major, replace(WAY, passfile="/p", sslrootcert="/r")) == {
        "LC_ALL": "C",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/r",
        "PGPASSFILE": "/p",
    }


@pytest.mark.parametrize("major", [major for major in MAJORS if major >= Major(9, 3)], ids=str)
def test_from_9_3_the_login_is_a_connection_string_and_the_rest_the_environment(major: Major) -> None:
    option, text = options(major)[-2:]
    wanted = {"host": "db1.example", "port": "5433", "user": "re pl", "sslmode": "verify-full"}
    rest = {"LC_ALL": "C"}
    if major >= Major(10):
        wanted["passfile"] = PASSFILE
    else:
        rest["PGPASSFILE"] = PASSFILE
    assert option == "-d"
    assert conninfo.parse(text) == wanted
    assert environment(major, WAY) == rest


def test_a_rate_limit_is_passed_on_from_9_4() -> None:
    given_options = options(Major(9, 4), max_rate="40M")
    assert given_options[given_options.index("-r") + 1] == "40M"
    assert "-r" not in options(Major(9, 4))


def test_a_rate_limit_that_the_version_cannot_keep_is_refused() -> None:
    with pytest.raises(ValueError, match=r"pg_basebackup 9\.3 cannot limit its rate"):
        options(Major(9, 3), max_rate="40M")


@pytest.mark.parametrize(
    ("major", "option"), [(Major(9, 4), "--xlogdir"), (Major(9, 6), "--xlogdir"), (Major(10), "--waldir")], ids=str
)
def test_tablespaces_and_wal_go_where_they_are_to_go_from_9_4_on(major: Major, option: str) -> None:
    spaces = {"/ts/a=b": "/new/a", "/c d": "/x=y=z"}
    given_options = options(major, tablespaces=spaces, wal_dir="/fast/wal")
    at = given_options.index("-T")
    assert given_options[at : at + 6] == (
        *("-T", r"/ts/a\=b=/new/a", "-T", r"/c d=/x\=y\=z"),
        *(option, "/fast/wal"),
    )
    assert not {"-T", option} & set(options(major))


@pytest.mark.parametrize("asked", [{"tablespaces": {"/a": "/b"}}, {"wal_dir": "/w"}])
def test_what_the_version_cannot_place_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"pg_basebackup 9\.3 cannot .*9\.4 is the first"):
        options(Major(9, 3), **asked)
    with pytest.raises(ValueError, match="ends with a backslash"):
        options(Major(15), tablespaces={"/a\\": "/b"})


def test_the_phases_of_a_real_backup_come_in_order() -> None:
    phases = [said.phase for said in map(read_line, REAL.splitlines()) if said.phase]
    assert phases == sorted(phases, key=PHASES.index)
    assert set(phases) == set(PHASES)


@pytest.mark.parametrize(
    ("line", "phase"),
    [
        ("pg_basebackup: initiating base backup, waiting for checkpoint to complete", "waiting for checkpoint"),
        ("pg_basebackup: checkpoint completed", "copying"),
        ("xlog start point: 0/2000020", "copying"),
        ("transaction log start point: 104/2A000028 on timeline 12", "copying"),
        ("pg_basebackup: write-ahead log start point: 0/6000028 on timeline 1", "copying"),
        ("transaction log end point: 104/2A5FCCA0", "waiting for WAL"),
        ("xlog end point: 0/20000C0", "waiting for WAL"),
        ("/usr/pgsql-9.5/bin/pg_basebackup: waiting for background process to finish streaming ...", "waiting for WAL"),
        ("pg_basebackup: syncing data to disk ...", "syncing"),
        ("pg_basebackup: renaming backup_manifest.tmp to backup_manifest", "syncing"),
        ("pg_basebackup: base backup completed\r\n", "done"),
        ('pg_basebackup: created temporary replication slot "pg_basebackup_4189"', ""),
        ("pg_basebackup: error: directory exists but is not empty: base backup completed", ""),
        ("", ""),
    ],
)
def test_a_phase_is_known_by_the_texts_of_every_version(line: str, phase: str) -> None:
    assert read_line(line) == BackupLine(phase)


@pytest.mark.parametrize(
    ("line", "done", "total"),
    [
        ("26202/26211 kB (99%), 0/1 tablespace (…global/pg_control)", 26202 * 1024, 26211 * 1024),
        ("    0/43460 kB (0%), 0/2 tablespaces (base.tar.gz      )", 0, 43460 * 1024),
        ("10982188/10982287 kB (100%), 1/1 tablespace          ", 10982188 * 1024, 10982287 * 1024),
        ("1/9 kB (11%), 0/1 tablespace\r5/9 kB (55%), 0/1 tablespace\r", 5 * 1024, 9 * 1024),
        ("1/9 kB (11%), 0/1 tablespace (…)\r5/9 kB (55%), 0/1 tablespace (…)", 5 * 1024, 9 * 1024),
    ],
)
def test_progress_is_in_bytes_and_the_last_state_counts(line: str, done: int, total: int) -> None:
    assert read_line(line) == BackupLine("copying", done, total)


@given(st.text(max_size=80))
def test_any_line_is_read_without_trouble(line: str) -> None:
    assert read_line(line).phase in ("", *PHASES)


@pytest.mark.parametrize("major", MAJORS, ids=str)
def test_up_to_9_3_progress_goes_through_a_filter(major: Major) -> None:
    argv = program("/b/pg_basebackup", major, ("-D", "/d e"))
    assert argv[-3:] == ("/b/pg_basebackup", "-D", "/d e")
    assert (argv[0] == "/bin/sh") == (major < Major(9, 4))


def filtered(script: str, *, status: int = 0) -> list[str]:
    """What comes through of a program that is this script, told line by line and state by state."""
    argv = program("/bin/sh", Major(9, 1), ("-c", script, "sh", "it's $HOME"))
    ended = subprocess.run(argv, capture_output=True, check=False, timeout=60)
    assert ended.returncode == status
    assert ended.stderr == b""
    return [part for part in ended.stdout.decode().replace("\r", "\n").split("\n") if part]


BLOCKS = """
echo "xlog start point: 0/2000020" >&2
n=0
while [ $n -lt 1000 ]; do printf '%s/1000 kB (1%%), 0/1 tablespace (x)\\r' $n >&2; n=$((n + 1)); done
printf '1000/1000 kB (100%%), 1/1 tablespace   \\r\\n' >&2
"""


def test_the_filter_keeps_the_last_state_and_every_other_line() -> None:
    lines = filtered(BLOCKS + 'echo "xlog end point: 0/20000D8" >&2; echo "$1"; echo "$0: base backup completed" >&2')
    states = [line for line in lines if " kB (" in line]
    assert states[-1].startswith("1000/1000 kB (100%)")
    assert 4 <= len(states) <= 8
    assert [line for line in lines if " kB (" not in line] == [
        "xlog start point: 0/2000020", "xlog end point: 0/20000D8", "it's $HOME", "sh: base backup completed",
    ]  # fmt: skip


def test_the_filter_keeps_the_exit_status_and_the_last_words() -> None:
    lines = filtered(BLOCKS.rpartition("printf")[0] + 'echo "sh: could not read COPY data" >&2; exit 7', status=7)
    assert lines[-1].endswith("sh: could not read COPY data")
    assert any(line.startswith("999/1000") for line in lines), "how far it was"


def test_the_filter_passes_on_what_ends_without_a_line_end() -> None:
    assert filtered("printf 'pg_basebackup: cut off' >&2; exit 3", status=3) == ["pg_basebackup: cut off"]


SAID_ON_THE_WAY = [line for line in REAL.splitlines() if line.startswith("pg_basebackup: ")]


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ([], []),
        (["pg_basebackup: error: A", "pg_basebackup: removing data directory \"/d\""], ["pg_basebackup: error: A"]),
        (["pg_basebackup: could not receive data: B", "pg_basebackup: removing contents of WAL directory \"/w\"",
          "pg_basebackup: changes to tablespace directories will not be undone"],
         ["pg_basebackup: could not receive data: B"]),
        (["pg_basebackup: background process terminated unexpectedly"],
         ["pg_basebackup: background process terminated unexpectedly"]),
    ],
    ids=["killed", "error-from-12-on", "no-word-for-error-before", "receiver-died"],
)  # fmt: skip
def test_of_its_last_lines_only_those_that_name_an_error_are_its_trouble(end: list[str], told: list[str]) -> None:
    assert len(SAID_ON_THE_WAY) > 5
    assert trouble([*SAID_ON_THE_WAY, *end]) == told
