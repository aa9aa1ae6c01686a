"""A copy of the repository in which a guard can be broken, and tests run, while nobody's files change."""

import json
import os
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.guards.mutant import TOP, Mutant

PARTS = ("pgrepl_tui", "screens", "styles", "tests", "pyproject.toml", "Makefile", "README.md", "docs", "snapshots")
AT_MOST = 240
"""Seconds that the tests of one mutant may take."""
MISTAKES = ("NameError", "ImportError", "ModuleNotFoundError", "SyntaxError", "UnboundLocalError", "AttributeError",
            "TypeError", "TimeoutError", "subprocess.TimeoutExpired")  # fmt: skip
"""A test that fails of one of these saw that the mutant is no program, or a slow machine, not that it lacks a guard."""


SERVER = """
import json, os, signal, sys
import asyncssh, hypothesis, psycopg, pytest, pytest_asyncio, textual.app
for line in sys.stdin:
    argv, said, seconds = json.loads(line)
    child = os.fork()
    if child == 0:
        signal.alarm(seconds)
        for number, name, flags in ((0, os.devnull, os.O_RDONLY), (1, said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)):
            os.dup2(os.open(name, flags), number)
        os.dup2(1, 2)
        os._exit(int(pytest.main(argv)))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Loads pytest and the libraries once, and nothing of the program; each run is a child that has only these."""


class Server:
    """Runs pytest in a folder again and again; to start Python and its libraries takes longer than most tests."""

    def __init__(self, folder: Path) -> None:
        env = {**os.environ, "PYTHONPATH": str(folder), "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis")}
        argv = [sys.executable, "-P", "-c", SERVER]
        self._process = subprocess.Popen(
            argv, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, argv: Sequence[str], said: Path, seconds: int) -> int:
        """Run pytest with these arguments; its exit status. What it prints goes into a file."""
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(json.dumps([[*argv], str(said), seconds]) + "\n")
        asked.flush()
        return int(answers.readline())

    def close(self) -> None:
        """End it."""
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()


@dataclass(frozen=True)
class Outcome:
    """How the tests of a run ended.

    Attributes:
        ran: how many were run.
        failures: each failed test, with the first words of why.
        trouble: why the run itself says nothing: tests that were not found, errors outside of tests, no end.
    """

    ran: int
    failures: tuple[str, ...]
    trouble: str = ""


class Tree:
    """A copy in a folder of its own; its tests import its own program, not the installed one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        left_out = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis")
        for part in PARTS:
            source = TOP / part
            if source.is_dir():
                shutil.copytree(source, folder / part, symlinks=True, ignore=left_out)
            elif source.exists():
                shutil.copy2(source, folder / part)
        self._server = Server(folder)

    @contextmanager
    def broken(self, mutant: Mutant) -> Iterator[None]:
        """The tree with a guard broken; whole again afterwards.

        Raises:
            MutantError: the mutant does not fit the file.
        """
        path = self.folder / mutant.file
        whole = path.read_text(encoding="utf-8")
        path.write_text(mutant.applied(whole), encoding="utf-8")
        self._forget_compiled(path)
        try:
            yield
        finally:
            path.write_text(whole, encoding="utf-8")
            self._forget_compiled(path)

    def _forget_compiled(self, path: Path) -> None:
        """Python takes a compiled file for current where size and second are the same, and that may well be."""
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
            compiled.unlink()

    def run(self, tests: Sequence[str], *, stop_at_first: bool, seconds: int = AT_MOST) -> Outcome:
        """Run tests by their names, in a process of their own that may take so many seconds."""
        report, said = self.folder / "report.xml", self.folder / "said.txt"
        report.unlink(missing_ok=True)
        argv = ["-q", "-p", "no:cacheprovider", f"--junitxml={report}", *tests, *(["-x"] if stop_at_first else [])]
        status = self._server.run(argv, said, seconds)
        if status == -signal.SIGALRM:
            return Outcome(0, (), f"the tests did not end within {seconds} s")
        if status not in {0, 1} or not report.exists():
            words = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
            return Outcome(0, (), f"pytest ended with status {status}: {' / '.join(words)}")
        return read(report)

    def close(self) -> None:
        """Nothing is run any more."""
        self._server.close()

    def own(self) -> bool:
        """Whether a program that is started here imports this tree's files."""
        argv = [sys.executable, "-c", "import pgrepl_tui.screens; print(pgrepl_tui.screens.__file__)"]
        env = {**os.environ, "PYTHONPATH": str(self.folder)}
        said = subprocess.run(argv, cwd=self.folder, env=env, capture_output=True, text=True, check=True).stdout
        return Path(said.strip()).resolve().is_relative_to(self.folder.resolve())


def read(report: Path) -> Outcome:
    """What a JUnit report says; a test that did not even begin, or failed of a mistake, is trouble."""
    ran, failures, trouble = 0, [], ""
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - pytest of this machine wrote it
        ran += case.find("skipped") is None
        failure, error = case.find("failure"), case.find("error")
        if error is not None:
            trouble = trouble or f"{case.get('name')}: {_words(error)}"
        elif failure is not None:
            words = _words(failure)
            failures.append(f"{case.get('name')}: {words}")
            if words.startswith(MISTAKES):
                trouble = trouble or f"it failed of a mistake of the mutant itself: {words}"
    return Outcome(ran, tuple(failures), trouble)


def _words(found: ET.Element) -> str:
    return " ".join((found.get("message") or "no message").split())[:160]
