"""Numbers in words: sizes, times and rates as every screen writes them."""

MEGABYTE = 1_000_000
GIGABYTE = 1_000_000_000


def size(count: int) -> str:
    """A number of bytes in the unit that suits it (decimal units: 1 MB is 1,000,000 bytes).

    >>> size(0), size(999), size(1_500), size(2_700_000_000)
    ('0 bytes', '999 bytes', '1.5 kB', '2.7 GB')
    """
    if count < 1_000:
        return "1 byte" if count == 1 else f"{count} bytes"
    if count < MEGABYTE:
        return f"{count / 1_000:.1f} kB"
    if count < GIGABYTE:
        return f"{count / MEGABYTE:.1f} MB"
    return f"{count / GIGABYTE:.1f} GB"


def clock(seconds: float) -> str:
    """A time of the session as hours, minutes and seconds.

    >>> clock(192.9)
    '00:03:12'
    """
    whole = max(0, int(seconds))
    return f"{whole // 3600:02}:{whole % 3600 // 60:02}:{whole % 60:02}"


def duration(seconds: float) -> str:
    """How long something took, as short as it can be said.

    >>> duration(0.0026), duration(0.04), duration(2.34), duration(75)
    ('2.6 ms', '40 ms', '2.3 s', '00:01:15')
    """
    if 0 < seconds < 0.01:
        return f"{seconds * 1_000:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1_000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds)


def ago(seconds: float) -> str:
    """How old something is that was read, in whole seconds.

    >>> ago(0.4), ago(2.9), ago(75)
    ('just now', '2 s ago', '00:01:15 ago')
    """
    if seconds < 1:
        return "just now"
    return f"{int(seconds)} s ago" if seconds < 60 else f"{clock(seconds)} ago"
