"""The table itself: complete, without contradictions, and about the steps that there are."""

from pgrepl_tui.steps.plan import set_up
from tests.faults.table import CHOSEN, EVERY_CELL, FAULTS, IMPOSSIBLE, INVARIANTS, PLACES, POSSIBLE


def test_the_matrix_has_fourteen_faults_at_fifteen_places_and_nine_invariants() -> None:
    assert [fault.id for fault in FAULTS] == [f"F{number}" for number in range(1, 15)]
    assert [place.number for place in PLACES] == list(range(1, 16))
    assert [invariant.id for invariant in INVARIANTS] == [f"I{number}" for number in range(1, 10)]
    assert len(EVERY_CELL) == len({cell.id for cell in EVERY_CELL}) == 420


def test_every_step_of_the_plan_that_can_change_something_is_in_exactly_one_row() -> None:
    named = [step for place in PLACES for step in (place.step, *place.others)]
    assert len(named) == len(set(named))
    assert set(named) == {step.id for step in set_up().steps}


def test_what_is_impossible_has_its_reason_and_is_not_run() -> None:
    assert all(IMPOSSIBLE.values())
    assert len(POSSIBLE) + len(IMPOSSIBLE) == 420
    assert not set(POSSIBLE) & set(IMPOSSIBLE)


def test_sixty_possible_cells_are_chosen_and_every_fault_is_among_them() -> None:
    assert len(CHOSEN) == len(set(CHOSEN)) == 60
    assert set(CHOSEN) <= set(POSSIBLE)
    assert {cell.fault for cell in CHOSEN} == set(FAULTS)
