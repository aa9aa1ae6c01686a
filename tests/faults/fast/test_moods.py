"""What the cells of one fault differ in: none of its ways is left out."""

import pytest

from tests.faults.fast.nature import MOODS, mood_of
from tests.faults.table import POSSIBLE, Moment


@pytest.mark.parametrize("moment", list(Moment))
def test_each_way_in_which_a_server_is_away_is_met_before_and_after_an_effect(moment: Moment) -> None:
    cells = [cell for cell in POSSIBLE if cell.fault.id == "F12" and cell.moment is moment]
    assert {mood_of(cell) for cell in cells} == set(MOODS)
    assert min([*map(mood_of, cells)].count(mood) for mood in MOODS) >= 3
