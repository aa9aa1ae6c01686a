"""Puts what a program has made into a page that people write: between two markers."""


def placed(page: str, section: str, *, name: str) -> str:
    """The page with the section in the place of the old one.

    Args:
        page: the whole page.
        section: its first line is the marker of its begin, its last line that of its end.
        name: the page's name, for the error.

    Raises:
        ValueError: the page does not have both markers, in order.
    """
    begin, _, rest = section.partition("\n")
    end = rest.rpartition("\n")[2]
    before, found, after = page.partition(begin)
    _, ended, after = after.partition(end)
    if not found or not ended:
        raise ValueError(f"{name} does not have {begin} and, after it, {end}")
    return before + section + after
