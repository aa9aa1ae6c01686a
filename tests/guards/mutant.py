"""A mutant: one guard, broken in one file, and the tests that have to notice."""

from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parents[2]


class MutantError(Exception):
    """A mutant that does not fit the program any more."""


@dataclass(frozen=True)
class Mutant:
    """One guard that is broken on purpose.

    Attributes:
        name: what the program does wrong then, in words.
        file: the file of the program, from the top of the repository.
        edits: texts, each of which stands exactly once in the file, and what takes its place.
        tests: the tests that are run, as pytest names them; at least one of them has to fail.
    """

    name: str
    file: str
    edits: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]

    def applied(self, text: str) -> str:
        """The file's text with the guard broken.

        Raises:
            MutantError: a text does not stand in the file exactly once, or the outcome is no Python.
        """
        for old, new in self.edits:
            if text.count(old) != 1:
                raise MutantError(f"{self.name}: {self.file} has this {text.count(old)} times, not once: {old!r}")
            text = text.replace(old, new)
        try:
            compile(text, self.file, "exec", dont_inherit=True)
        except SyntaxError as error:
            raise MutantError(f"{self.name}: {self.file} is no Python any more: {error}") from error
        return text


def mutant(name: str, file: str, old: str, new: str, *tests: str) -> Mutant:
    """A mutant of one edit; tests are named from ``tests/`` on."""
    return Mutant(name, file, ((old, new),), tuple(f"tests/{test}" for test in tests))


def also(first: Mutant, old: str, new: str) -> Mutant:
    """The same mutant with one more edit, where the guard stands in two places."""
    return Mutant(first.name, first.file, (*first.edits, (old, new)), first.tests)
