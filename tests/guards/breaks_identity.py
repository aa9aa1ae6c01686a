"""Guards against the wrong host, the wrong directory, and data that nobody else has."""

from tests.guards.mutant import Mutant, mutant

CLUSTERS = "pgrepl_tui/steps/preflight/clusters.py"
SWAP = "pgrepl_tui/steps/standby/swap.py"
CHECKS = "unit/test_preflight_checks.py"
SCRIPTS = "unit/test_standby_scripts.py"
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
        SWAP,
        '    [ -f "$data/PG_VERSION" ] && [ -f "$data/global/pg_control" ] || refuse "$data is not a data directory"\n',
        "",
        REFUSES,
    ),
    mutant(
        "device and inode are not compared with those of the directory that was looked at",
        SWAP,
        '    [ "$(stat -c %d:%i -- "$data")" = "$inode" ] || refuse',
        "    true || refuse",
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
        "a link that took the data directory's name is followed",
        SWAP,
        '[ "$(readlink -f -- "$data" 2>/dev/null || echo "$data")" = "$data" ] || refuse',
        "true || refuse",
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
        "a copy in which a server runs is removed as unfinished",
        "pgrepl_tui/steps/standby/copy.py",
        '[ ! -e "$1/postmaster.pid" ] || refuse "a server runs in $1"\n',
        "",
        f"{SCRIPTS}::test_a_copy_in_which_a_server_runs_is_not_removed",
    ),
    mutant(
        "any folder is removed as an unfinished copy",
        "pgrepl_tui/steps/standby/copy.py",
        'ours "$path" || refuse "not ours: $path"',
        'true || refuse "not ours: $path"',
        f"{SCRIPTS}::test_nothing_else_is_removed",
    ),
)
