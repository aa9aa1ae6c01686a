"""Guards against the wrong host, the wrong directory, and data that nobody else has."""

from tests.guards.mutant import Mutant, mutant

CLUSTERS = "pgrepl_tui/steps/preflight/clusters.py"
SWAP = "pgrepl_tui/steps/standby/swap.py"
AGAIN = "pgrepl_tui/steps/standby/guard_scripts.py"
PLACE = "pgrepl_tui/steps/standby/copy_place.py"
OWN_DATA = "pgrepl_tui/steps/preflight/own_data.py"
FORK = "pgrepl_tui/postgres/fork.py"
LOOKED_AGAIN = "unit/test_guard_scripts.py::test_a_guard_refuses_and_nothing_is_touched"
CHECKS = "unit/test_preflight_checks.py"
SCRIPTS = "unit/test_standby_scripts.py"
COPIES = "unit/test_copy_place_scripts.py"
REFUSES = f"{SCRIPTS}::test_it_refuses_and_moves_nothing"

IDENTITY: tuple[Mutant, ...] = (
    mutant(
        "a primary that is a standby itself is not noticed: the two are swapped",
        "pgrepl_tui/steps/connect.py",
        "        if side.in_recovery:\n            raise",
        "        if not side:\n            raise",
        "unit/test_swapped.py",
    ),
    mutant(
        "the standby's data directory may be the primary's",
        CLUSTERS,
        "    if one and one == two and same_machine:",
        "    if one and one != two and same_machine:",
        f"{CHECKS}::test_the_standby_must_not_be_the_primary",
    ),
    mutant(
        "two names of one machine are taken for two machines",
        "pgrepl_tui/steps/preflight/hosts.py",
        "    if same and not pair.ctx.topology.same_machine:",
        "    if same and not pair.ctx.topology.same_machine and not one:",
        f"{CHECKS}::test_one_machine_has_to_be_on_purpose",
    ),
    mutant(
        "a server of the primary's system identifier is stopped without asking whether it is the primary",
        "pgrepl_tui/steps/standby/stop.py",
        "        if await ctx.standby.server.query(started) == await ctx.primary.server.query(started):",
        "        if not started:",
        "unit/test_standby_steps.py::test_the_primary_itself_is_never_stopped",
    ),
    mutant(
        "a copy that took writes of its own counts as a standby",
        "pgrepl_tui/steps/standby/state.py",
        'return await _there(side, signal) and (side.control.in_recovery or await _there(side, "backup_label"))',
        "return await _there(side, signal)",
        "unit/test_standby_steps.py::test_what_counts_as_our_standby",
    ),
    mutant(
        "a cluster of another system identifier counts as the standby",
        "pgrepl_tui/steps/standby/state.py",
        "    if side.control.system_identifier != primary.control.system_identifier:\n        return False\n",
        "",
        "unit/test_standby_steps.py::test_another_servers_cluster_and_no_cluster_are_not_ours",
    ),
    mutant(
        "a cluster that others stream from is replaced",
        CLUSTERS,
        "    if rows:\n        names",
        "    if not rows:\n        names",
        f"{CHECKS}::test_a_cluster_that_others_stream_from_is_not_replaced",
    ),
    mutant(
        "a mount point is taken for a directory that can be renamed",
        CLUSTERS,
        '    if two["mount"]:',
        '    if two["mount"] == "no":',
        f"{CHECKS}::test_a_data_directory_that_can_be_set_aside",
    ),
    mutant(
        "the host's look at a data directory does not see that it is a mount point",
        "pgrepl_tui/steps/preflight/survey.py",
        '"$data") say mount yes ;;',
        '"$data") ;;',
        f"{CHECKS}::test_a_survey_sees_mount_points",
    ),
    mutant(
        "a folder full of other files is taken for a data directory",
        CLUSTERS,
        '    if filled and not (two["pg_version"] and two["pg_control"]):',
        '    if filled and not (two["pg_version"] or two["pg_control"]):',
        f"{CHECKS}::test_a_data_directory_that_can_be_set_aside",
    ),
    mutant(
        "a server that is down, and was not shut down in order, is no obstacle",
        CLUSTERS,
        "    if filled and not two.side.cluster.running and not _in_order(two):",
        "    if filled and not two.side.cluster.running and not two:",
        f"{CHECKS}::test_a_cluster_that_was_not_shut_down_in_order_is_a_stop",
    ),
    mutant(
        "a recovery target that was left behind is no obstacle",
        CLUSTERS,
        "    lines = found.text.strip().splitlines()",
        "    lines = found.text.strip().splitlines()[:0]",
        f"{CHECKS}::test_a_recovery_target_that_was_left_behind_is_a_stop",
    ),
    mutant(
        "the copy's system identifier is not compared before it takes the place",
        SWAP,
        '[ "$(identifier "$new")" = "$primary" ] || refuse "$new is not a copy of the primary"\n',
        "",
        REFUSES,
    ),
    mutant(
        "the copy takes the place before it has what makes it a standby",
        SWAP,
        '[ -e "$new/standby.signal" ] || [ -e "$new/recovery.conf" ] || refuse',
        "true || refuse",
        REFUSES,
    ),
    mutant(
        "the signal is written first, so that a run that is cut off leaves half a standby that looks whole",
        "pgrepl_tui/steps/standby/configure.py",
        "        return [*edits, Edit(side, path, await read(side, path), text)]",
        "        return [Edit(side, path, await read(side, path), text), *edits]",
        "unit/test_standby_steps.py::test_the_signal_is_the_last_file_so_that_a_cut_off_run_is_never_taken_for_done",
    ),
    mutant(
        "PG_VERSION and pg_control are not looked for before a folder is set aside",
        AGAIN,
        '    [ -f "$data/PG_VERSION" ] && [ -f "$data/global/pg_control" ] || refuse "$data is not a data directory"\n',
        "",
        REFUSES,
    ),
    mutant(
        "device and inode are not compared with those of the directory that was looked at",
        AGAIN,
        '    [ -z "$inode" ] || [ "$(stat -c %d:%i -- "$data")" = "$inode" ] ||',
        "    true ||",
        f"{SCRIPTS}::test_it_refuses_a_directory_that_took_the_name_of_the_one_that_was_looked_at",
    ),
    mutant(
        "a postmaster's file does not keep a directory from being set aside",
        SWAP,
        '    [ ! -e "$data/postmaster.pid" ] || refuse "a server runs in $data (postmaster.pid)"\n',
        "",
        REFUSES,
    ),
    mutant(
        "a live process does not keep its directory from being set aside",
        SWAP,
        '        [ "$(readlink -- "$proc/cwd" 2>/dev/null)" != "$data" ] || refuse',
        "        true || refuse",
        f"{SCRIPTS}::test_it_refuses_while_a_process_works_there",
    ),
    mutant(
        "the state of the cluster is not looked at before it is set aside",
        SWAP,
        '"shut down"|"shut down in recovery") ;;',
        "*) ;;",
        REFUSES,
    ),
    mutant(
        "a set-aside directory of the same name is written over",
        SWAP,
        '    [ ! -e "$old" ] || refuse "$old is there already"\n',
        "",
        REFUSES,
    ),
    mutant(
        "a link in the place of the copy, which may lead to the primary itself, is taken for the copy",
        "pgrepl_tui/steps/standby/swap.py",
        '[ ! -L "$new" ] || refuse "$new is a link"\n',
        "",
        f"{SCRIPTS}::test_it_refuses_and_moves_nothing",
    ),
    mutant(
        "what stands in the place of a complete copy is written into, whoever made it",
        "pgrepl_tui/steps/standby/configure.py",
        "theirs = await foreign(ctx, [folder])",
        'theirs = ""',
        "unit/test_copy_place.py::test_a_link_to_another_copy_of_the_primary_is_not_taken_for_the_copy_that_ended",
    ),
    mutant(
        "undo sets a folder aside that somebody else put where the copy was",
        "pgrepl_tui/steps/undo/copy.py",
        """        theirs = await foreign(ctx, there) if there else ""
        if theirs:
            raise StepError""",
        """        theirs = ""
        if theirs:
            raise StepError""",
        "unit/test_undo_standby.py::test_an_unfinished_base_backup_is_ended_and_set_aside_where_a_run_made_it",
    ),
    mutant(
        "a copy in which a server runs is removed as unfinished",
        PLACE,
        '[ ! -e "$1/postmaster.pid" ] || refuse "a server runs in $1"\n',
        "",
        f"{COPIES}::test_a_copy_in_which_a_server_runs_is_not_removed",
    ),
    mutant(
        "a folder of the right name is removed as an unfinished copy, whoever made it",
        PLACE,
        """    [ -f "$mark" ] && grep -Fqx -e "$(name "$1")" -- "$mark"\n""",
        "",
        f"{COPIES}::test_somebody_elses_folder_of_that_name_is_not_removed",
    ),
    mutant(
        "any folder is removed as an unfinished copy",
        PLACE,
        'ours "$path" || refuse "not ours: $path"',
        'true || refuse "not ours: $path"',
        f"{COPIES}::test_nothing_else_is_removed",
    ),
    mutant(
        "what this run wrote on the primary's host may be there on the standby's, before anything is changed",
        "pgrepl_tui/steps/preflight/hosts.py",
        "    if not same and await _seen_on_the_other(pair.ctx):",
        "    if not same and not one:",
        f"{CHECKS}::test_what_was_written_on_one_host_must_not_be_seen_on_the_other",
    ),
    mutant(
        "what this run wrote on the primary's host may be there where the directory is moved",
        AGAIN,
        """    [ -z "$nonce" ] || [ "$(sed -n 2p -- "$theirs" 2>/dev/null)" != "$nonce" ] || refuse""",
        "    true || refuse",
        LOOKED_AGAIN,
    ),
    mutant(
        "another run may have taken the lock when the directory is moved",
        AGAIN,
        """    [ "$(sed -n 1p -- "$lock" 2>/dev/null)" = "$who" ] || refuse""",
        "    true || refuse",
        LOOKED_AGAIN,
    ),
    mutant(
        "the lock may be gone when the directory is moved",
        AGAIN,
        '    ! flock -n "$lock" true || refuse',
        "    true || refuse",
        LOOKED_AGAIN,
    ),
    mutant(
        "another cluster may have taken the directory's place",
        AGAIN,
        """    [ -z "$own" ] || [ "$(identifier "$data")" = "$own" ] || refuse""",
        "    true || refuse",
        LOOKED_AGAIN,
    ),
    mutant(
        "the old cluster may have been started since it was looked at",
        AGAIN,
        """    [ -z "$ended" ] || [ "$(state "$data"), $(last "$data")" = "$ended" ] || refuse""",
        "    true || refuse",
        LOOKED_AGAIN,
    ),
    mutant(
        "the root folder or /etc may be a data directory, when it is moved",
        AGAIN,
        """case $data in {"|".join(SYSTEM_FOLDERS)}|/etc/*) refuse""",
        "case $data in never) refuse",
        "unit/test_guard_scripts.py::test_the_systems_folders_are_no_place",
    ),
    mutant(
        "the root folder or /etc may be a data directory, before anything is changed",
        AGAIN,
        '    return path in SYSTEM_FOLDERS or path.startswith("/etc/")',
        '    return path == "never"',
        f"{CHECKS}::test_a_folder_of_the_systems_is_never_a_data_directory",
    ),
    mutant(
        "somebody's home may be a data directory",
        AGAIN,
        """grep -Fqx -- "$data" || refuse""",
        "grep -Fqx -- never || refuse",
        "unit/test_guard_scripts.py::test_a_home_is_no_place_and_a_folder_below_one_is",
    ),
    mutant(
        "a mount point is moved",
        AGAIN,
        """        [ "$at" != "$mounted" ] || refuse""",
        "        true || refuse",
        "unit/test_guard_scripts.py::test_a_mount_point_is_no_place",
    ),
    mutant(
        "the old cluster is stopped without a second look at what it is",
        "pgrepl_tui/steps/standby/stop.py",
        '        await look_again(ctx, side.control.system_identifier if side.control else "")\n',
        "",
        "unit/test_before_the_swap.py::test_nothing_is_stopped_that_is_not_what_was_looked_at",
    ),
    mutant(
        "a copy that took writes of its own is not looked for",
        OWN_DATA,
        "    reasons = await unique(pair.ctx)",
        "    reasons = (await unique(pair.ctx))[:0]",
        f"{CHECKS}::test_a_copy_with_writes_of_its_own_is_named_and_wants_a_typed_name",
    ),
    mutant(
        "WAL that differs from the primary's is taken for the same",
        FORK,
        "    if there in shared.values():",
        "    if there or shared:",
        "unit/test_wal.py::test_what_gives_a_fork_away",
    ),
    mutant(
        "a fork that follows again is not looked for in older WAL",
        FORK,
        "        if any(mine[line] != theirs[line] for line in both):",
        "        if any(mine[line] is theirs for line in both):",
        "unit/test_wal.py::test_a_fork_that_follows_again_is_known_by_its_older_wal_as_long_as_both_have_it",
    ),
    mutant(
        "WAL that cannot be compared is taken for the same",
        FORK,
        "    if not shared:\n",
        "    if not shared:\n        return None\n    if not shared:\n",
        "unit/test_wal.py",
    ),
    mutant(
        "a server that takes writes and that clients use is replaced",
        OWN_DATA,
        "    if total:",
        "    if total < 0:",
        f"{CHECKS}::test_a_server_that_takes_writes_and_has_clients_is_not_replaced",
    ),
    mutant(
        "a server that cannot be asked who uses it is replaced",
        OWN_DATA,
        '        return stopped("-", "not known",',
        '        return warned("-", "not known",',
        f"{CHECKS}::test_a_server_that_takes_writes_and_has_clients_is_not_replaced",
    ),
    mutant(
        "where nobody can type a name, data that nobody else has is set aside",
        OWN_DATA,
        "    if pair.ctx.nobody_to_ask:",
        "    if not pair.ctx:",
        f"{CHECKS}::test_a_copy_with_writes_of_its_own_is_named_and_wants_a_typed_name",
    ),
    mutant(
        "a yes is enough to set aside data that nobody else has",
        SWAP,
        "question=question, word=side.name)",
        "question=question)",
        "unit/test_before_the_swap.py::test_data_that_nobody_else_has_wants_the_hosts_name",
    ),
)
