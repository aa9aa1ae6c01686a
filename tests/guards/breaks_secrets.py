"""Guards around secrets, and around what a terminal would obey."""

from tests.guards.mutant import Mutant, also, mutant

STREAM = "pgrepl_tui/session/stream.py"
REDACT = "pgrepl_tui/session/redact.py"
SANITISE = "pgrepl_tui/session/sanitise.py"
ROLE = "pgrepl_tui/steps/primary/role.py"
PASSFILE = "pgrepl_tui/steps/primary/passfile.py"
RECORDER = "pgrepl_tui/session/recorder.py"

SECRETS: tuple[Mutant, ...] = (
    mutant(
        "the plain password goes to the server instead of its verifier",
        ROLE,
        "queries.create_role(ctx.user, verifier))",
        "queries.create_role(ctx.user, password.reveal()))",
        "unit/test_primary_role.py::test_a_new_role_gets_a_verifier_in_a_session_that_logs_nothing",
    ),
    mutant(
        "the verifier is sent in a session that logs statements",
        ROLE,
        "*queries.QUIET_SESSION, ",
        "",
        "unit/test_primary_role.py::test_a_new_role_gets_a_verifier_in_a_session_that_logs_nothing",
    ),
    mutant(
        "the password stands in primary_conninfo",
        "pgrepl_tui/steps/standby/state.py",
        "    return plan(side.cluster.major, conninfo=info, slot=ctx.slot)",
        '    given = f" password={ctx.password.reveal()}" if ctx.password else ""\n'
        "    return plan(side.cluster.major, conninfo=info + given, slot=ctx.slot)",
        "unit/test_standby_steps.py::test_the_password_is_in_no_file_of_the_standby_but_its_passfile",
    ),
    mutant(
        "the copy is made with the password on the command line",
        "pgrepl_tui/steps/standby/copy.py",
        '"PGAPPNAME": ctx.copier}',
        '"PGAPPNAME": ctx.copier, "PGPASSWORD": ctx.password.reveal() if ctx.password else ""}',
        "unit/test_standby_steps.py::test_the_base_backup_goes_beside_the_data_directory_and_holds_no_password",
    ),
    mutant(
        "pg_basebackup may ask for a password, and waits for ever",
        "pgrepl_tui/postgres/basebackup.py",
        '"-w", "-v"',
        '"-v"',
        "unit/test_basebackup.py::test_every_version_never_prompts",
    ),
    also(
        mutant(
            "the passfile can be read by others",
            PASSFILE,
            "user=user, mode=0o600, backup_dir=kept",
            "user=user, mode=0o644, backup_dir=kept",
            "unit/test_primary_role.py::test_the_passfile_is_written_for_its_owner_only_and_found_again",
        ),
        'Command(("chmod", "600", "--", path)',
        'Command(("chmod", "644", "--", path)',
    ),
    mutant(
        "a passfile that others can read is good enough",
        PASSFILE,
        "        if found.mode & 0o077:",
        "        if found.mode & 0o077 == 1:",
        "unit/test_primary_role.py::test_a_passfile_that_others_may_read_is_not_good_enough",
    ),
    mutant(
        "a secret shows itself where it is printed",
        "pgrepl_tui/hosts/secret.py",
        'def __repr__(self) -> str:\n        return "********"',
        "def __repr__(self) -> str:\n        return self._value",
        "unit/test_secret.py",
    ),
    mutant(
        "the redactor is off",
        REDACT,
        "        return masked(text, spans) if spans else text",
        "        return text if spans else text",
        "unit/test_redact.py",
    ),
    mutant(
        "the redactor does not carry over the cuts between two pieces of output",
        REDACT,
        "        return self._emit(text, self._redactor.hold(text))",
        "        return self._emit(text, len(text))",
        "unit/test_redact.py::test_every_cut_through_every_form_is_caught",
    ),
    mutant(
        "events are recorded with the secrets in them",
        STREAM,
        "else self._redactor.clean(text)",
        "else text",
        "unit/test_stream.py",
    ),
    mutant(
        "output is recorded with the secrets in it",
        STREAM,
        "        return self._redacting.feed(harmless(self._decoder.decode(data)))",
        "        return harmless(self._decoder.decode(data))",
        "unit/test_stream.py",
    ),
    mutant(
        "text of a host reaches the events as it came",
        STREAM,
        "            text = harmless(value)\n",
        "            text = value\n",
        "unit/test_stream.py",
    ),
    mutant(
        "output of a host reaches the events as it came",
        STREAM,
        "        return self._redacting.feed(harmless(self._decoder.decode(data)))",
        "        return self._redacting.feed(self._decoder.decode(data))",
        "unit/test_stream.py",
    ),
    mutant(
        "the sanitiser lets C1 controls pass",
        SANITISE,
        "    (0x80, 0x9F), (0xAD, 0xAD)",
        "    (0xAD, 0xAD)",
        "unit/test_sanitise.py",
    ),
    mutant(
        "the sanitiser lets letters that change the direction pass",
        SANITISE,
        "(0x2028, 0x202E), ",
        "",
        "unit/test_sanitise.py",
    ),
    mutant(
        "one byte that is not UTF-8 loses the whole answer of a host",
        "pgrepl_tui/hosts/host.py",
        'return self.out.decode("utf-8", "backslashreplace")',
        'return self.out.decode("utf-8", "ignore" if self.out.isascii() else "strict")',
        "unit/test_host_result.py",
    ),
    mutant(
        "a dialogue's text is read as markup",
        "screens/dialog.py",
        'yield Static(self._text, markup=False, id="dialog-text")',
        'yield Static(self._text, id="dialog-text")',
        "unit/test_layout_of_the_house.py::test_text_from_a_host_is_never_read_as_markup",
    ),
    also(
        mutant(
            "a recording can be read by others",
            RECORDER,
            "        descriptor = os.open(path, flags, 0o600)",
            "        descriptor = os.open(path, flags, 0o644)",
            "unit/test_recorder.py::test_only_the_owner_can_read_it",
        ),
        "        os.fchmod(descriptor, 0o600)",
        "        os.fchmod(descriptor, 0o644)",
    ),
    mutant(
        "a recording that is there is written over",
        RECORDER,
        "os.O_CREAT | os.O_EXCL | ",
        "os.O_CREAT | ",
        "unit/test_recorder.py::test_a_file_that_is_there_is_never_touched",
    ),
    mutant(
        "what cannot be recorded is done all the same",
        STREAM,
        "        span = self._recorder.write(event)\n",
        "        try:\n            span = self._recorder.write(event)\n"
        "        except Exception:\n            span = Span(0, 0)\n",
        "unit/test_stream.py::test_what_cannot_be_recorded_is_not_handed_on",
    ),
)
