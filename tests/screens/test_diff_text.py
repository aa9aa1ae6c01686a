"""Diffs: unified, and side by side where there is room."""

from pgrepl_tui.screens.widgets.diff_text import WIDE, diff_text, paired

DIFF = "--- a\n+++ b\n@@ -1,2 +1,3 @@\n port = 1\n-wal_level = minimal\n+wal_level = replica\n+max_wal_senders = 10\n"


def test_a_narrow_panel_has_the_lines_as_they_are() -> None:
    assert diff_text(DIFF, WIDE - 1).plain == DIFF.rstrip("\n")


def test_a_wide_panel_has_old_and_new_side_by_side() -> None:
    rows = [[half.strip() for half in row.split("│")] for row in diff_text(DIFF, WIDE).plain.splitlines()]
    assert rows == [
        ["--- a", "+++ b"],
        ["@@ -1,2 +1,3 @@", "@@ -1,2 +1,3 @@"],
        ["port = 1", "port = 1"],
        ["-wal_level = minimal", "+wal_level = replica"],
        ["", "+max_wal_senders = 10"],
    ]


def test_a_line_that_does_not_fit_its_half_is_not_cut() -> None:
    diff = DIFF + "+" + "x" * WIDE
    assert diff_text(diff, WIDE).plain == diff


def test_every_line_stands_somewhere() -> None:
    lines = DIFF.splitlines()
    assert {half for pair in paired(lines) for half in pair} == {*lines, ""}
