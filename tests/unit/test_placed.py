"""A made section takes its place in a written page, and nothing else of the page is touched."""

import pytest

from tests.placed import placed

SECTION = "<begin>\n\nnew\n\n<end>"


def test_what_stands_before_and_behind_the_section_stays() -> None:
    assert placed("above\n<begin>\nold\n<end>\nbelow\n", SECTION, name="P.md") == f"above\n{SECTION}\nbelow\n"


@pytest.mark.parametrize("page", ["", "no markers", "<begin>", "<end>", "<end>\n<begin>"])
def test_a_page_without_both_markers_in_order_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match=r"P\.md does not have <begin> and, after it, <end>"):
        placed(page, SECTION, name="P.md")
