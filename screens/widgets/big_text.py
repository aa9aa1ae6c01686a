"""WAL positions in large figures: three rows of box drawing for hexadecimal digits and the slash."""

FIGURES = "0123456789ABCDEF/"
SLASH = "\N{BOX DRAWINGS LIGHT DIAGONAL UPPER RIGHT TO LOWER LEFT}"
ROWS = (
    "┏━┓╺┓ ╺━┓╺━┓╻ ╻┏━╸┏━╸╺━┓┏━┓┏━┓┏━┓┳━┓┏━╸┳━┓┏━╸┏━╸" + f"  {SLASH}",
    "┃ ┃ ┃ ┏━┛ ━┫┗━┫┗━┓┣━┓  ┃┣━┫┗━┫┣━┫┣━┫┃  ┃ ┃┣━ ┣━ " + f" {SLASH} ",
    "┗━┛╺┻╸┗━╸╺━┛  ╹╺━┛┗━┛  ╹┗━┛╺━┛╹ ╹┻━┛┗━╸┻━┛┗━╸╹  " + f"{SLASH}  ",
)
"""Three cells a figure, in the order of ``FIGURES``."""


def big_rows(text: str, gap: str = " ") -> tuple[str, str, str]:
    """A WAL position in three rows, three cells a figure and the gap between two; raises ValueError for another text.

    >>> print(chr(10).join(big_rows("84")))
    ┏━┓ ╻ ╻
    ┣━┫ ┗━┫
    ┗━┛   ╹
    """
    places = [FIGURES.index(figure) * 3 for figure in text]
    top, middle, bottom = (gap.join(row[place : place + 3] for place in places) for row in ROWS)
    return top, middle, bottom


def fits(text: str) -> bool:
    """True for a text that has only figures that can be drawn large."""
    return bool(text) and all(figure in FIGURES for figure in text)
