"""How many columns the answer to one of our own queries has: what has others is no answer to it."""

import re

_SELECT = re.compile(r"\s*select\s", re.IGNORECASE)
_PIECE = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|[(),]|\bfrom\b", re.IGNORECASE)


def columns(statement: str) -> int:
    """The columns of a plain SELECT, counted at the commas of its list; 0 for anything else."""
    begin = _SELECT.match(statement)
    if begin is None:
        return 0
    depth, count = 0, 1
    for piece in _PIECE.finditer(statement, begin.end()):
        text = piece[0].lower()
        if text == "(":
            depth += 1
        elif text == ")":
            depth -= 1
        elif text == "," and depth == 0:
            count += 1
        elif text == "from" and depth == 0:
            break
    return count
