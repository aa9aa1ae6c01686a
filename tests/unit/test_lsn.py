import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.postgres.facts import facts
from pgrepl_tui.postgres.lsn import Lsn, distance
from pgrepl_tui.postgres.version import Major

numbers = st.integers(min_value=0, max_value=(1 << 64) - 1)


def test_the_text_form_is_two_hexadecimal_halves() -> None:
    lsn = Lsn.parse("16/B374D848")
    assert int(lsn) == 0x16_B374D848
    assert str(lsn) == "16/B374D848"


def test_leading_zeros_small_letters_and_blanks_are_read() -> None:
    assert Lsn.parse(" 00000000/0b374d8a\n") == Lsn(0x0B374D8A)
    assert str(Lsn(0x0B374D8A)) == "0/B374D8A"


@pytest.mark.parametrize(
    "text", ["", "0", "0/", "/0", "0/0/0", "G/0", "0/123456789", "-1/0", "0/ 1", "0x1/0", "\u0661/0"]
)
def test_what_is_not_a_position_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a WAL position: .*hexadecimal"):
        Lsn.parse(text)


@pytest.mark.parametrize("number", [-1, 1 << 64])
def test_a_number_beyond_64_bits_is_no_position(number: int) -> None:
    with pytest.raises(ValueError, match="not a WAL position"):
        Lsn(number)


def test_only_the_zero_position_is_false() -> None:
    assert not Lsn.parse("0/0")
    assert Lsn.parse("0/1")


@given(numbers)
def test_any_position_survives_its_text_form(number: int) -> None:
    assert Lsn.parse(str(Lsn(number))) == Lsn(number)


@given(numbers, numbers)
def test_positions_differ_and_compare_as_their_numbers_do(one: int, other: int) -> None:
    assert Lsn(one) - Lsn(other) == one - other
    assert (Lsn(one) < Lsn(other)) == (one < other)


@given(numbers, numbers)
def test_adding_the_difference_leads_to_the_other_position(one: int, other: int) -> None:
    assert Lsn(one) + (Lsn(other) - Lsn(one)) == Lsn(other)


@given(numbers, numbers)
def test_since_9_3_the_distance_is_the_plain_difference(one: int, other: int) -> None:
    per_id = facts(Major(9, 3)).lsn_bytes_per_id
    assert distance(Lsn(one), Lsn(other), bytes_per_id=per_id) == one - other


def test_up_to_9_2_the_last_segment_before_a_new_first_number_does_not_count() -> None:
    per_id = facts(Major(9, 2)).lsn_bytes_per_id
    end_of_last_segment, start_of_next = Lsn.parse("1/FEFFFFFF"), Lsn.parse("2/0")
    assert distance(start_of_next, end_of_last_segment, bytes_per_id=per_id) == 1
