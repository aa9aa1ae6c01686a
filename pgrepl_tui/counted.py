"""A number with its noun, for every text that has one: a single thing is not "1 things"."""

import re

_HISSES = re.compile(r"(?:s|x|ch|sh)$")
_CONSONANT_AND_Y = re.compile(r"(?<=[^aeiou])y$")


def counted(count: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "change"), counted(7, "change"), counted(2, "match"), counted(2, "directory")
    ('1 change', '7 changes', '2 matches', '2 directories')
    """
    if count == 1:
        return f"1 {noun}"
    if _CONSONANT_AND_Y.search(noun):
        return f"{count} {noun[:-1]}ies"
    return f"{count} {noun}{'es' if _HISSES.search(noun) else 's'}"
