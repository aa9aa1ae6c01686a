import pytest

from pgrepl_tui.postgres.version import MAJORS, Major, UnsupportedVersionError


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (90100, "9.1"),
        (90224, "9.2"),
        (90624, "9.6"),
        (100000, "10"),
        (100023, "10"),
        (170010, "17"),
        (180004, "18"),
    ],
)
def test_server_version_num_gives_the_major(number: int, text: str) -> None:
    assert str(Major.of(number)) == text


@pytest.mark.parametrize(
    ("text", "major"),
    [
        ("9.6.24", Major(9, 6)),
        ("9.6\n", Major(9, 6)),
        ("15.18 (Debian 15.18-1.pgdg120+1)", Major(15)),
        ("17", Major(17)),
        ("17\n", Major(17)),
        ("pg_ctl (PostgreSQL) 9.1.3", Major(9, 1)),
        ("pg_basebackup (PostgreSQL) 14.5 (Ubuntu 14.5-0ubuntu0.22.04.1)", Major(14)),
        ("PostgreSQL 12.22 on x86_64-pc-linux-gnu, compiled by gcc 8.5.0, 64-bit", Major(12)),
        ("postgres (PostgreSQL) 18beta1", Major(18)),
    ],
)
def test_a_text_with_a_version_is_read(text: str, major: Major) -> None:
    assert Major.parse(text) == major


@pytest.mark.parametrize("text", ["", "no version here", "x86_64", "9", "PostgreSQL"])
def test_a_text_without_a_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no PostgreSQL version in"):
        Major.parse(text)


@pytest.mark.parametrize("number", [80422, 90026, 90700, 190000])
def test_a_server_outside_the_supported_range_is_refused(number: int) -> None:
    with pytest.raises(UnsupportedVersionError, match=r"is not supported: .* 9\.1 to 9\.6 and 10 to 18"):
        Major.of(number)


@pytest.mark.parametrize("numbers", [(9, 0), (9, 7), (19,), (10, 1), (8, 4)])
def test_no_unsupported_major_can_be_made(numbers: tuple[int, ...]) -> None:
    with pytest.raises(UnsupportedVersionError):
        Major(*numbers)


def test_an_unsupported_text_names_the_version_it_found() -> None:
    with pytest.raises(UnsupportedVersionError, match=r"PostgreSQL 9\.0 is not supported"):
        Major.parse("postgres (PostgreSQL) 9.0.23")


def test_majors_are_in_the_order_of_their_release() -> None:
    assert list(MAJORS) == sorted(MAJORS)
    assert [str(major) for major in MAJORS] == [
        *("9.1", "9.2", "9.3", "9.4", "9.5", "9.6"),
        *("10", "11", "12", "13", "14", "15", "16", "17", "18"),
    ]
    assert Major(9, 6) < Major(10) < Major(18)


@pytest.mark.parametrize("major", MAJORS)
def test_the_text_of_a_major_is_read_back(major: Major) -> None:
    assert Major.parse(str(major)) == major
