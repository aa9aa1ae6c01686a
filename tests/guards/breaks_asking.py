"""Guards around the operator's own word: what is asked, and what counts as an agreement."""

from tests.guards.mutant import Mutant, mutant

ENGINE = "pgrepl_tui/engine.py"
HEADLESS = "pgrepl_tui/headless.py"

ASKING: tuple[Mutant, ...] = (
    mutant(
        "the first answer to a confirmation, the one that Enter gives, is yes",
        ENGINE,
        '("no", yes)) != yes:',
        '(yes, "no")) != yes:',
        "unit/test_engine.py",
    ),
    mutant(
        "a no to a confirmation is passed over",
        ENGINE,
        '("no", yes)) != yes:',
        '("no", yes)) == "maybe":',
        "unit/test_engine.py",
    ),
    mutant(
        "what interrupts or replaces is not asked about",
        ENGINE,
        "        if not step.readonly and self._preview.question:",
        "        if not step.id and self._preview.question:",
        "unit/test_engine.py",
    ),
    mutant(
        "a yes is enough where a word has to be typed",
        ENGINE,
        '("typed", preview.word) if preview.word else',
        '("typed", preview.word) if preview is None else',
        "unit/test_engine_ways_on.py",
    ),
    mutant(
        "a stage that changes something begins without being asked for",
        ENGINE,
        '            choice = await self._gate(stage, "")',
        '            choice = "run"',
        "unit/test_engine.py",
    ),
    mutant(
        "any step that failed may be left out",
        ENGINE,
        '        ways += ["skip"] if step.unproved else []',
        '        ways += ["skip"]',
        "unit/test_engine_ways_on.py::test_only_what_is_harmless_can_be_left_out",
    ),
    mutant(
        "what blocks a step does not keep it from being run",
        ENGINE,
        "        if look.finding is ev.Finding.BLOCKED:",
        "        if look.finding is None:",
        "unit/test_engine.py",
    ),
    mutant(
        "a plan changes something",
        ENGINE,
        "        if self.plan_only:\n            return\n",
        "",
        "unit/test_engine.py::test_a_plan_looks_at_everything_changes_nothing_and_asks_nothing",
    ),
    mutant(
        "where nobody can be asked, the answer is yes",
        HEADLESS,
        'return Answer("no", "no terminal to ask at; --yes agrees")',
        'return Answer("yes", "no terminal to ask at; --yes agrees")',
        "unit/test_policy.py",
    ),
    mutant(
        "--yes agrees to deleting as well",
        HEADLESS,
        "        safe, name = asked.choices\n",
        '        safe, name = asked.choices\n        if self._yes:\n            return Answer(name, "--yes")\n',
        "unit/test_policy.py",
    ),
    mutant(
        "a key that was on its way answers a question that nobody has seen yet",
        "screens/asking.py",
        "if question != self._shown:",
        "if question is self:",
        "screens/test_questions.py::test_a_key_that_was_on_its_way_answers_no_question_that_is_not_shown_yet",
    ),
    mutant(
        "another host's name agrees to deleting",
        HEADLESS,
        "return Answer(name if self._host == name else safe,",
        "return Answer(name if self._host else safe,",
        "unit/test_undo_discard.py::test_headless_only_the_hosts_own_name_agrees",
    ),
    mutant(
        "the primary is restarted without asking",
        "pgrepl_tui/steps/primary/restart.py",
        'question=f"Restart the primary {side.name} now? {sentence(who)}",',
        'question="",',
        "unit/test_primary_steps.py::test_a_restart_is_asked_about_with_who_would_be_dropped",
    ),
    mutant(
        "the primary is restarted although nothing waits for it",
        "pgrepl_tui/steps/primary/restart.py",
        "        if not waiting:\n",
        "        if waiting == [None]:\n",
        "unit/test_primary_steps.py::test_a_restart_that_nothing_waits_for_is_not_needed",
    ),
    mutant(
        "a primary whose files have errors is restarted",
        "pgrepl_tui/steps/primary/restart.py",
        "        if errors:\n            return blocked",
        "        if errors == 1:\n            return blocked",
        "unit/test_primary_steps.py::test_a_server_that_would_not_come_up_again_is_not_restarted",
    ),
    mutant(
        "the primary is restarted under a backup or a prepared transaction: before it is asked about",
        "pgrepl_tui/steps/primary/restart.py",
        "        if work:\n            return blocked",
        "        if work is None:\n            return blocked",
        "unit/test_primary_steps.py::test_while_a_backup_or_a_prepared_transaction_is_open_there_is_no_restart",
    ),
    mutant(
        "the primary is restarted under a backup or a prepared transaction: after it was asked about",
        "pgrepl_tui/steps/primary/restart.py",
        "        if work:\n            raise",
        "        if work is None:\n            raise",
        "unit/test_primary_steps.py::test_while_a_backup_or_a_prepared_transaction_is_open_there_is_no_restart",
    ),
    mutant(
        "the old cluster is set aside without asking",
        "pgrepl_tui/steps/standby/swap.py",
        "danger=Danger.REPLACES, notes=notes, question=question)",
        "danger=Danger.REPLACES, notes=notes)",
        "unit/test_standby_steps.py::test_setting_aside_is_asked_about_with_both_names",
    ),
    mutant(
        "the old cluster is stopped without asking",
        "pgrepl_tui/steps/standby/stop.py",
        "danger=Danger.INTERRUPTS, notes=(who,), question=question)",
        "danger=Danger.INTERRUPTS, notes=(who,))",
        "unit/test_before_the_swap.py::test_stopping_is_asked_about_with_who_would_be_dropped",
    ),
)
