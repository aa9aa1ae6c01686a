"""A time can be written in many ways, and a mistake says how."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.session.spelled_time import SpelledTime, TimeSpellingError, spelled


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90.5", 90.5),
        ("90s", 90),
        (" 90 s ", 90),
        ("0", 0),
        ("1:30", 90),
        ("90:00", 5400),
        ("00:01:30", 90),
        ("1:02:03.25", 3723.25),
        ("1m30s", 90),
        ("1M 30S", 90),
        ("2h", 7200),
        ("1h1m1s", 3661),
        ("90m", 5400),
        ("50%", 100),
        ("12.5 %", 25),
        ("100%", 200),
        ("+10", 70),
        ("-10", 50),
        ("+ 1:00", 120),
        ("-1m", 0),
        ("-2m", -60),
        ("+10%", 80),
    ],
)
def test_a_time_in_a_recording_of_200_seconds_seen_from_60(text: str, seconds: float) -> None:
    assert spelled(text).seconds(200, 60) == seconds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "A time is missing; write it like 90"),
        ("  ", "A time is missing"),
        ("abc", "“abc” is no time; write it like 90"),
        ("+", "“\\+” is no time"),
        ("--5", "“--5” is no time"),
        ("1:", "is no time"),
        ("1:2:3:4", "is no time"),
        ("1,5", "is no time"),
        ("1e9", "is no time"),
        ("inf", "is no time"),
        ("nan", "is no time"),
        ("٣", "is no time"),
        ("9" * 400, "is no time"),
        ("30s1m", "is no time"),
        ("s", "is no time"),
        ("1:75", "1:75: behind a colon, a number below 60 is meant"),
        ("1:75:00", "behind a colon"),
        ("101%", "from 0% to 100% is meant"),
        ("%", "is no time"),
    ],
)
def test_what_is_no_time_says_so(text: str, words: str) -> None:
    with pytest.raises(TimeSpellingError, match=words):
        spelled(text)


@given(st.text(max_size=12))
def test_any_text_is_a_time_or_says_that_it_is_none(text: str) -> None:
    try:
        time = spelled(text)
    except TimeSpellingError:
        return
    assert 0 <= time.amount < 1e11


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_all_spellings_of_a_time_are_the_same_time(hours: int, minutes: int, seconds: int) -> None:
    whole = hours * 3600 + minutes * 60 + seconds
    spellings = (f"{whole}", f"{hours:02}:{minutes:02}:{seconds:02}", f"{hours}h{minutes}m{seconds}s")
    assert {spelled(text) for text in spellings} == {SpelledTime("", float(whole))}


@pytest.mark.parametrize(("text", "seconds"), [("10", 10), ("+10", 10), ("-10", 190), ("25%", 50), ("-25%", 150)])
def test_on_the_command_line_what_goes_back_counts_from_the_end(text: str, seconds: float) -> None:
    assert spelled(text).from_outside(200) == seconds
