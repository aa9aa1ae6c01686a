"""Commands that are too long to be shown are told in words; as a line of shell text that is a comment."""

_MARK = "# "


def spoken(text: str) -> str:
    """Words in the place of a shell line.

    >>> spoken("look for clusters")
    '# look for clusters'
    """
    return _MARK + text


def are_spoken(line: str) -> bool:
    """Whether a line that is shown is words, and no shell text."""
    return line.startswith(_MARK)


def bare(line: str) -> str:
    """A line that is shown, without the mark of words.

    >>> bare("# look for clusters"), bare("pwd")
    ('look for clusters', 'pwd')
    """
    return line.removeprefix(_MARK)


def prompted(host: str, line: str) -> tuple[str, str]:
    """What stands before a line that is shown, with its host, and the line: only shell text has a prompt.

    >>> prompted("db1", "# look for clusters"), prompted("db1", "pwd")
    (('db1: ', 'look for clusters'), ('db1 $ ', 'pwd'))
    """
    return (f"{host}: " if are_spoken(line) else f"{host} $ "), bare(line)
