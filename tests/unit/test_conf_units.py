import pytest

from pgrepl_tui.postgres.conf import bytes_of, seconds_of


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("1GB", "", 2**30),
        ("1GB", "8kB", 2**30),
        ("16384", "8kB", 128 * 2**20),
        ("5", "16MB", 80 * 2**20),
        ("64", "kB", 65536),
        ("64", "MB", 64 * 2**20),
        ("64", "", 64),
        ("7B", "kB", 7),
        ("1.5 GB", "MB", 3 * 2**29),
        (" 2TB ", "", 2**41),
        ("-1", "MB", -1),
        ("0", "MB", 0),
        ("0x10", "kB", 16384),
        ("010", "kB", 8192),
    ],
)
def test_memory_is_read_as_the_server_reads_it(value: str, unit: str, expected: int) -> None:
    assert bytes_of(value, unit) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [("5min", "", 300), ("60000", "ms", 60), ("300", "s", 300), ("1h", "ms", 3600), ("2d", "s", 172800),
     ("-1", "ms", -1), ("10", "min", 600), ("500us", "ms", 0.0005), ("1.5s", "ms", 1.5), ("7", "", 7)],
)  # fmt: skip
def test_time_is_read_as_the_server_reads_it(value: str, unit: str, expected: float) -> None:
    assert seconds_of(value, unit) == pytest.approx(expected)


@pytest.mark.parametrize("value", ["", "GB", "1gb", "1KB", "1 2", "on", "-5MB", "-1MB", "1s"])
def test_what_is_no_memory_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="no amount of memory"):
        bytes_of(value, "kB")


@pytest.mark.parametrize("value", ["", "5m", "1MB", "-2"])
def test_what_is_no_time_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="no amount of time"):
        seconds_of(value, "ms")


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="no unit"):
        bytes_of("5", "pages")
