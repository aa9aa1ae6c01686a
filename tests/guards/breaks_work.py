"""Guards of the work itself: connections, jobs, locks, files, and what is taken for a proof."""

from tests.guards.mutant import Mutant, also, mutant

ATTEMPT = "pgrepl_tui/hosts/ssh_attempt.py"
CONNECT = "lab/test_ssh_connect.py"
LOCK = "pgrepl_tui/steps/lock.py"
JOBS = "pgrepl_tui/hosts/job_scripts.py"
WRITES = "pgrepl_tui/hosts/file_scripts.py"
POSITIONS = "pgrepl_tui/steps/verify/positions.py"

HEADWAY = "pgrepl_tui/steps/headway.py"

WORK: tuple[Mutant, ...] = (
    mutant(
        "no host key is checked",
        ATTEMPT,
        '"known_hosts": attempt.known.keys,',
        '"known_hosts": None,',
        f"{CONNECT}::test_an_unknown_key_is_refused_with_its_fingerprint",
    ),
    mutant(
        "an SSH configuration that names no known_hosts file switches the check off",
        ATTEMPT,
        '"known_hosts": attempt.known.keys,',
        '"known_hosts": attempt.known.keys if attempt.known.files else None,',
        "unit/test_ssh_options.py",
    ),
    mutant(
        "a key that is not on record is trusted",
        ATTEMPT,
        "            attempt.offered = offer[-1]\n            return False",
        "            attempt.offered = offer[-1]\n            return True",
        f"{CONNECT}::test_an_unknown_key_is_refused_with_its_fingerprint",
    ),
    mutant(
        "the operator's SSH agent is forwarded",
        ATTEMPT,
        '"agent_forwarding": False,',
        '"agent_forwarding": True,',
        "unit/test_ssh_options.py",
    ),
    mutant(
        "a host that goes silent is waited for for ever",
        ATTEMPT,
        '"keepalive_interval": KEEPALIVE_SECONDS,',
        '"keepalive_interval": 0,',
        "unit/test_ssh_options.py",
    ),
    mutant(
        "a command that ended without an exit status has succeeded",
        "pgrepl_tui/hosts/remote_command.py",
        "        if status is None:\n            raise self._lost()\n",
        "        status = status or 0\n",
        "unit/test_remote_command.py",
    ),
    mutant(
        "a server that is slow to stop is given up although it moves",
        HEADWAY,
        "        if seen != self._seen:\n",
        "        if self._seen is None:\n",
        "unit/test_headway.py::test_a_stop_that_takes_an_hour_is_waited_for_as_long_as_bytes_move",
    ),
    mutant(
        "a server that hangs in its stop is waited for for ever",
        HEADWAY,
        "        elif self._looked - self._moved >= STILL_FOR:\n",
        "        elif self._clock() < 0:\n",
        "unit/test_headway.py::test_one_in_which_nothing_moves_is_given_up_and_what_is_left_is_named",
    ),
    also(
        mutant(
            "of a job that is stopped only the first process ends",
            JOBS,
            '  kill -s TERM -- "-$pid" 2>/dev/null\n  wait_for_end "$2" || {',
            '  kill -s TERM -- "$pid" 2>/dev/null\n  true || {',
            "lab/test_ssh_jobs.py::test_stop_ends_every_process_of_the_group",
        ),
        '    kill -s KILL -- "-$pid" 2>/dev/null\n',
        '    kill -s KILL -- "$pid" 2>/dev/null\n',
    ),
    mutant(
        "a job ends with the connection that started it",
        JOBS,
        "up=$(setsid env -u PGREPL_RUN",
        "up=$(env",
        "lab/test_ssh_jobs.py",
    ),
    mutant(
        "the lock is not taken",
        LOCK,
        "until flock -n 9; do",
        "until true; do",
        "unit/test_lock_script.py::test_one_holds_it_and_another_is_told_who",
    ),
    mutant(
        "a lock that another run holds is passed over",
        LOCK,
        "        if said.startswith(_BUSY):",
        '        if said.startswith("busy"):',
        "unit/test_lock_step.py",
    ),
    mutant(
        "a lock that a running process of this machine holds is taken for one that an ended run left",
        "pgrepl_tui/steps/lock_holder.py",
        'or not _is_alive(int(found["pid"]))',
        "or True",
        "unit/test_lock_step.py",
    ),
    mutant(
        "only one of the two hosts is locked",
        LOCK,
        "for side in (ctx.primary, ctx.standby) if not await",
        "for side in (ctx.standby,) if not await",
        "unit/test_lock_step.py",
    ),
    mutant(
        "a base backup of another primary that still runs is taken up as our own",
        LOCK,
        "        if primary.control is not None and not held.is_for(primary.control.system_identifier):",
        "        if primary.control is None:",
        "unit/test_job_holder.py::test_another_primarys_is_not_taken_up_and_our_own_is_told",
    ),
    mutant(
        "a lock that went away is not noticed",
        LOCK,
        '        ctx.lock_lost = f"the lock on {side.name} is gone: {error.what}"',
        '        f"the lock on {side.name} is gone: {error.what}"',
        "unit/test_lock_step.py",
    ),
    mutant(
        "a run goes on changing things after it lost its lock",
        "pgrepl_tui/engine.py",
        "        if ctx.lock_lost and not step.readonly:",
        "        if ctx.lock_lost and step.readonly:",
        "unit/test_engine_ways_on.py::test_nothing_is_changed_any_more_once_a_lock_is_lost",
    ),
    mutant(
        "the locks are kept after the end of a run",
        "pgrepl_tui/engine.py",
        "        await held.aclose()",
        "        del held",
        "unit/test_lock_step.py",
    ),
    mutant(
        "a file that somebody else changed meanwhile is written over",
        WRITES,
        '  [ -z "$old" ] || [ "$there" = "$old" ] || fail',
        "  true || fail",
        "unit/test_write_script.py",
    ),
    mutant(
        "half of a file's content takes its place",
        WRITES,
        '[ "$(digest < "$t")" = "$new" ] || fail "not all of the content arrived"\n',
        "",
        "unit/test_write_script.py",
    ),
    mutant(
        "a file loses its mode when it is replaced",
        WRITES,
        '  chmod "${mode:-$rights}" "$t" || exit\nelse',
        '  chmod "${mode:-644}" "$t" || exit\nelse',
        "unit/test_write_script.py",
    ),
    mutant(
        "a new file can be read by others",
        WRITES,
        '  chmod "${mode:-600}" "$t" || exit\nfi',
        '  chmod "${mode:-644}" "$t" || exit\nfi',
        "unit/test_write_script.py",
    ),
    mutant(
        "a file is replaced before its old bytes are kept",
        WRITES,
        '  [ "$(digest < "$kept")" = "$there" ] || fail "the backup copy $kept is not the same"\n',
        '  rm -f -- "$kept"\n',
        "unit/test_write_script.py",
    ),
    mutant(
        "a configuration with which the primary does not start is left there",
        "pgrepl_tui/steps/primary/restart.py",
        "            await self._put_back(ctx, altered, said)",
        "            ctx.sides['primary'] = fresh",
        "unit/test_primary_steps.py::test_a_configuration_with_which_it_does_not_start_is_put_back",
    ),
    mutant(
        "a pg_hba.conf with errors is reloaded",
        "pgrepl_tui/steps/primary/hba.py",
        "        errors = await hba_errors(ctx.primary)\n        if errors:",
        "        errors = await hba_errors(ctx.primary)\n        if errors is None:",
        "unit/test_primary_steps.py::test_a_pg_hba_conf_with_errors_is_not_reloaded",
    ),
    mutant(
        "positions match although replay is paused",
        POSITIONS,
        "            if paused:",
        "            if paused and not received:",
        "unit/test_verify_steps.py",
    ),
    mutant(
        "positions match although both come from one server",
        POSITIONS,
        "        if await primary.query(who) == await standby.query(who):",
        "        if not who:",
        "unit/test_verify_steps.py",
    ),
    mutant(
        "positions match although the standby is ahead of its primary",
        POSITIONS,
        "            if replayed > now:",
        "            if replayed < target:",
        "unit/test_verify_steps.py",
    ),
    mutant(
        "positions match although what was received is not replayed",
        POSITIONS,
        "min(Lsn.parse(received), Lsn.parse(replayed)) >= self._target",
        "max(Lsn.parse(received), Lsn.parse(replayed)) >= self._target",
        "unit/test_verify_steps.py",
    ),
    mutant(
        "a standby without a WAL receiver streams",
        "pgrepl_tui/steps/verify/streaming.py",
        '            if not rows or rows[0][1] != "streaming":',
        '            if rows and rows[0][1] != "streaming":',
        "unit/test_verify_steps.py",
    ),
    mutant(
        "an answer that is neither yes nor no counts as no",
        "pgrepl_tui/postgres/server.py",
        '    if cell not in {"t", "f"}:',
        "    if cell is Ellipsis:",
        "unit/test_trouble.py::test_what_is_neither_yes_nor_no_is_no_answer",
    ),
    mutant(
        "a server that takes writes of its own passes for a standby",
        "pgrepl_tui/steps/verify/streaming.py",
        "        if not recovering:",
        "        if recovering is None:",
        "unit/test_verify_steps.py",
    ),
)
