"""A rule of the log rule book: the text that betrays a cause, what it means, and what to do."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something failed, in the operator's words: a short name, one sentence, and what to do next."""

    name: str
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the rule book. Named groups of the pattern fill the braces of ``cause`` and ``remedy``.

    The texts are those of lc_messages=C; a parameter's name in them stands in quotes from 17 on.
    """

    name: str
    pattern: re.Pattern[str]
    cause: str
    remedy: str

    def explain(self, text: str) -> Cause | None:
        """The cause, if the rule's text is in ``text``."""
        found = self.pattern.search(text)
        if found is None:
            return None
        facts = {name: value or "?" for name, value in found.groupdict().items()}
        return Cause(self.name, self.cause.format_map(facts), self.remedy.format_map(facts))


def rule(name: str, pattern: str, cause: str, remedy: str) -> Rule:
    """A row of the rule book, its pattern compiled."""
    return Rule(name, re.compile(pattern), cause, remedy)
