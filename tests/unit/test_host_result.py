"""What a host wrote, whatever bytes it wrote."""

import pytest

from pgrepl_tui.hosts.host import Result


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"on\xff\n", "on\\xff\n"), ("k\xe4se".encode("latin-1"), "k\\xe4se"), ("käse\n".encode(), "käse\n"), (b"", "")],
)
def test_a_byte_that_is_not_utf8_costs_nothing_else(data: bytes, text: str) -> None:
    """Strict decoding in the library gave no status, no text and no error for it (measured)."""
    assert Result(0, data, b"").text == text
    assert Result(1, b"", data).error_text == text.strip()
