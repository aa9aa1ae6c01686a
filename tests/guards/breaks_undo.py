"""Guards of undo, and of deleting what was set aside."""

from tests.guards.mutant import Mutant, mutant

FIND = "pgrepl_tui/steps/undo/find.py"
PUT_BACK = "pgrepl_tui/steps/undo/put_back.py"
DISCARD = "pgrepl_tui/steps/undo/discard_scripts.py"
FINDS = "unit/test_undo_find.py"
PUTS = "unit/test_undo_scripts.py::test_it_refuses_and_moves_nothing"
MOVES = "unit/test_undo_guards.py::test_a_guard_refuses_and_nothing_is_moved"
DELETES = "unit/test_undo_discard.py"

UNDO: tuple[Mutant, ...] = (
    mutant(
        "something is changed that is not in the journal yet",
        "pgrepl_tui/steps/journal.py",
        "    await files.write(side.files, path, text.encode(), user=side.cluster.os_user, mode=0o600)",
        "    del path, text",
        "unit/test_undo_journal.py::test_nothing_is_done_that_could_not_be_written_down_first",
    ),
    mutant(
        "undo goes without any journal",
        FIND,
        "        if not found.open and not found.undone:",
        "        if not found.open and found.undone is None:",
        f"{FINDS}::test_without_any_journal_there_is_nothing_to_go_by",
    ),
    mutant(
        "undo takes a primary for a standby: the two are swapped",
        FIND,
        "        runs = tuple(journal for journal in known if journal.began.role == ctx.standby.role)",
        "        runs = tuple(known)",
        f"{FINDS}::test_where_the_two_were_swapped_since_nothing_is_undone",
    ),
    mutant(
        "undo goes on where the primary's journal is missing",
        FIND,
        "        if not begun and journal.entries:",
        "        if not begun and not journal:",
        f"{FINDS}::test_the_primarys_journal_may_be_undone_already_but_not_missing",
    ),
    mutant(
        "undo passes over a later set-up of another pair",
        FIND,
        '    if other is not None:\n        raise StepError(\n            f"{other.began.standby}',
        '    if other is not None and not own:\n        raise StepError(\n            f"{other.began.standby}',
        f"{FINDS}::test_a_later_set_up_of_another_pair_is_undone_first",
    ),
    mutant(
        "undo writes over what somebody else changed since",
        FIND,
        "        if why:\n            raise StepError(why, way_out(history), refused=True)",
        "        if why is None:\n            raise StepError(why, way_out(history), refused=True)",
        f"{FINDS}::test_a_file_that_somebody_else_changed_stops_before_anything_is_done",
    ),
    mutant(
        "undo takes away a standby that was promoted since",
        "pgrepl_tui/steps/undo/stop.py",
        "        if not await side.server.truth(queries.in_recovery()):",
        "        if await side.server.truth(queries.in_recovery()) is None:",
        f"{FINDS}::test_a_standby_with_a_life_of_its_own_is_refused",
    ),
    mutant(
        "undo takes away a standby that others follow",
        "pgrepl_tui/steps/undo/stop.py",
        "        if fed:",
        "        if fed is None:",
        f"{FINDS}::test_a_standby_that_others_follow_is_refused",
    ),
    mutant(
        "undo drops a role whose password somebody changed since",
        "pgrepl_tui/steps/undo/role.py",
        '        if digest((row[2] or "").encode()) not in made:',
        "        if not made:",
        "unit/test_undo_primary.py::test_a_role_that_others_use_or_changed_is_left_and_that_is_said",
    ),
    mutant(
        "undo puts another directory in the place of the old one",
        PUT_BACK,
        '    [ "$(identity "$aside")" = "$old" ] || refuse',
        "    true || refuse",
        PUTS,
    ),
    mutant(
        "undo moves away a server that is no standby any more",
        PUT_BACK,
        '    [ -e "$data/standby.signal" ] || [ -e "$data/recovery.conf" ] || refuse',
        "    true || refuse",
        PUTS,
    ),
    mutant(
        "undo moves a directory in which a server runs",
        PUT_BACK,
        '    [ ! -e "$1/postmaster.pid" ] || refuse "a server runs in $1 (postmaster.pid)"\n',
        "",
        PUTS,
    ),
    mutant(
        "another run may have taken the lock when undo moves the directories",
        PUT_BACK,
        "guard_lock\nguard_host\n",
        "guard_host\n",
        MOVES,
    ),
    mutant(
        "undo may move the directories on the primary's host",
        PUT_BACK,
        "guard_lock\nguard_host\n",
        "guard_lock\n",
        MOVES,
    ),
    mutant(
        "undo moves a directory on another device than the one that it found",
        PUT_BACK,
        "    guard_identity\n",
        "",
        MOVES,
    ),
    mutant(
        "undo's script is given no lock and no directory to look at",
        PUT_BACK,
        'guards = (ctx.identity or "", *held_for(ctx))',
        'guards = ("", "", "", "", "")',
        "unit/test_undo_guards.py::test_the_script_is_given_what_undo_saw_first_and_the_locks",
    ),
    mutant(
        "undo stops a server without a second look at what it is",
        "pgrepl_tui/steps/undo/stop.py",
        '        await look_again(ctx, side.control.system_identifier if side.control else "")\n',
        "",
        "unit/test_undo_guards.py::test_no_standby_is_stopped_without_a_second_look",
    ),
    mutant(
        "what was set aside is deleted without the proof of Verify",
        "pgrepl_tui/steps/undo/plan.py",
        "        Streaming(), Positions(),\n",
        "",
        f"{DELETES}::test_the_proof_comes_before_the_deletion_and_cannot_be_left_out",
    ),
    mutant(
        "what was set aside is deleted although the standby streams no more",
        "pgrepl_tui/steps/undo/discard.py",
        "        if not await streams(ctx):",
        "        if await streams(ctx) is None:",
        f"{DELETES}::test_without_the_name_or_without_a_stream_nothing_is_deleted",
    ),
    mutant(
        "any answer agrees to deleting",
        "pgrepl_tui/steps/undo/discard.py",
        '("no", side.name)) != side.name:',
        '("no", side.name)) == "":',
        f"{DELETES}::test_without_the_name_or_without_a_stream_nothing_is_deleted",
    ),
    mutant(
        "another folder than the one that was looked at is deleted",
        DISCARD,
        '    [ "$(stat -c %i -- "$path" 2>/dev/null)" = "$inode" ] || refuse',
        "    true || refuse",
        f"{DELETES}::test_it_refuses_and_deletes_nothing",
    ),
    mutant(
        "another run may have taken the lock when what was set aside is deleted",
        DISCARD,
        "guard_lock\nguard_host\n",
        "guard_host\n",
        f"{DELETES}::test_under_the_lock_of_this_run_and_not_on_the_primarys_host",
    ),
    mutant(
        "what was set aside is deleted on the primary's host",
        DISCARD,
        "guard_lock\nguard_host\n",
        "guard_lock\n",
        f"{DELETES}::test_under_the_lock_of_this_run_and_not_on_the_primarys_host",
    ),
    mutant(
        "what deletes is given no lock to look at",
        "pgrepl_tui/steps/undo/discard.py",
        "side.cluster.data, *held_for(ctx), *given)",
        'side.cluster.data, "", "", "", "", *given)',
        f"{DELETES}::test_the_script_is_given_this_runs_lock",
    ),
    mutant(
        "a folder of any name is deleted",
        DISCARD,
        """        printf '%s\\n' "$known" | grep -Fqx -- "$path" || refuse""",
        "        true || refuse",
        f"{DELETES}::test_no_other_name_is_deleted",
    ),
    mutant(
        "a folder that the running server uses is deleted",
        DISCARD,
        'in "$1"/*) refuse "the server in $data uses $1" ;; esac',
        "in never) ;; esac",
        f"{DELETES}::test_it_refuses_and_deletes_nothing",
    ),
)
