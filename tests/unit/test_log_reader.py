"""Logs in every form are cut into entries and shown as stderr would have them, in any language."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgrepl_tui.postgres.log_entry import Entry, from_csv, from_json
from pgrepl_tui.postgres.log_reader import CSVLOG, JSONLOG, MOST, STDERR, LogReader, form_of, readable
from pgrepl_tui.postgres.log_states import STATES
from pgrepl_tui.postgres.log_words import ENGLISH, in_english
from pgrepl_tui.postgres.logs import explain, milestone, severity
from pgrepl_tui.postgres.version import Major

TIME = "2026-11-23 03:02:46.016 UTC"


def csv_record(word: str, state: str, message: str, *, detail: str = "", statement: str = "") -> str:
    """A record as the server writes it (write_csvlog in csvlog.c), with its line's end."""
    quoted = [field.replace('"', '""').join('""') if field else "" for field in (message, detail, statement, "app")]
    head = f'{TIME},"u","d",4711,"h:1",s,1,"tag",start,v,0,{word},{state}'
    return f'{head},{quoted[0]},{quoted[1]},,,,,{quoted[2]},,,{quoted[3]},"walreceiver",,0\n'


def json_record(word: str, state: str, message: str, **more: object) -> str:
    """A record as the server writes it (write_jsonlog in jsonlog.c), with its line's end."""
    entry = {"timestamp": TIME, "pid": 4711, "error_severity": word, "state_code": state, "message": message, **more}
    return f"{json.dumps(entry)}\n"


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["LOG", "FATAL", "FEHLER"]), st.text("ab,\"'\n\r{}ü", max_size=12), st.text('"\n,x', max_size=6)
    ),
    max_size=6,
)


@given(records=RECORDS, seed=st.integers())
def test_csvlog_is_cut_into_its_records_wherever_the_pieces_end(records: list[tuple[str, str, str]], seed: int) -> None:
    whole = [csv_record(word, "00000", message, statement=sql) for word, message, sql in records]
    data, reader, found = "".join(whole).encode(), LogReader(CSVLOG), []
    cuts = random.Random(seed)  # noqa: S311 - where a stream is cut
    while data:
        size = cuts.randint(1, len(data))
        found += reader.feed(data[:size])
        data = data[size:]
    assert found == [record.removesuffix("\n") for record in whole]
    entries = [from_csv(record) for record in found]
    assert [entry.message if entry else None for entry in entries] == [message for _, message, _ in records]


def test_a_reader_that_begins_in_the_middle_waits_for_the_next_record() -> None:
    torn = 'tail of a field",,,\n'
    reader = LogReader(CSVLOG, within=True)
    assert reader.feed(torn.encode()) == []
    record = csv_record("LOG", "00000", "redo starts at 0/1\nand on")
    assert reader.feed(record.encode()) == [record.rstrip("\n")]
    other = LogReader(JSONLOG, within=True)
    line = json_record("LOG", "00000", "x")
    assert other.feed(f'"message":"torn"}}\n{line}'.encode()) == [line.rstrip("\n")]
    plain = LogReader(STDERR, within=True)
    assert plain.feed(b"torn\nwhole\nbegun") == ["torn", "whole"]


def test_an_entry_without_an_end_is_told_before_it_fills_the_memory() -> None:
    reader = LogReader(CSVLOG)
    assert reader.feed(b'"' + b"x" * MOST) == ['"' + "x" * MOST]
    assert reader.feed(b"LOG\n") == ["LOG"]


@pytest.mark.parametrize(
    ("path", "form"),
    [("/l/postgresql-Mon.csv", CSVLOG), ("log/p.json", JSONLOG), ("p.log", STDERR), ("server", STDERR)],
)
def test_the_form_of_a_file_is_in_its_name(path: str, form: str) -> None:
    assert form_of(path) == form


def test_records_are_shown_as_stderr_would_have_them() -> None:
    statement = "select 1,\n 2"
    expected = (
        f"{TIME} [4711] FATAL:  28P01: password wrong\n\tsecond line\n"
        f"{TIME} [4711] DETAIL:  because\n{TIME} [4711] STATEMENT:  select 1,\n\t 2"
    )
    message = "password wrong\nsecond line"
    record = csv_record("FATAL", "28P01", message, detail="because", statement=statement)
    assert readable(record.rstrip("\n"), CSVLOG) == expected
    line = json_record("FATAL", "28P01", message, detail="because", statement=statement)
    assert readable(line.rstrip("\n"), JSONLOG) == expected
    good = csv_record("LOG", "00000", "redo starts at 0/2000028").rstrip("\n")
    assert readable(good, CSVLOG) == f"{TIME} [4711] LOG:  redo starts at 0/2000028"
    for text in ("no record", '{"no":"record"}', good):
        assert readable(text, STDERR) == text
    assert readable("no record", CSVLOG) == "no record"
    assert readable("{torn", JSONLOG) == "{torn"


@pytest.mark.parametrize("record", [csv_record, json_record])
def test_what_a_client_sent_is_in_a_field_of_its_own_and_names_no_cause(record: type) -> None:
    hostile = 'x", "y\nFATAL:  requested WAL segment 000000010000000000000001 has already been removed'
    text = record("ERROR", "42601", "syntax error", statement=hostile).rstrip("\n")
    assert severity(text) == "ERROR"
    assert explain(text) is None


@pytest.mark.parametrize("record", [csv_record, json_record])
def test_milestones_are_read_from_the_message_field(record: type) -> None:
    text = record("LOG", "00000", "entering standby mode").rstrip("\n")
    assert milestone(text, Major(15)) == "standby mode"


@pytest.mark.parametrize(
    ("line", "word", "cause"),
    [
        (
            "2026-11-23 03:02:46 CET [4711] 28P01 FATAL:  Passwort-Authentifizierung schlug fehl",
            "FATAL",
            "wrong_password",
        ),
        ("53100 [4711] FEHLER:  konnte nicht in Datei schreiben", "ERROR", "disk_full"),
        ("[4711] 53100: PANIK:  konnte nicht schreiben", "PANIC", "disk_full"),
        ("58P01: ОШИБКА:  файл пропал", "ERROR", "file_missing"),
        ("08006 FATAL :  n'a pas pu se connecter", "", None),
        ("28000 ERREUR:  refus", "ERROR", "login_refused"),
        ("[28000] FEHLER:  ein Prozess mit dieser Nummer", "ERROR", None),
        ("00000 LOG:  alles gut", "LOG", None),
        ("XX000 FEHLER:  sagt zu wenig", "ERROR", None),
        ("53100 LOG:  kein Fehler", "LOG", None),
        ("28P01 ANWEISUNG:  was ein Client geschickt hat", "STATEMENT", None),
        ("TIPP:  Startet den Server", "HINT", None),
        ("ASTUCE :  démarrez", "HINT", None),
    ],
)
def test_in_another_language_the_severity_is_its_word_and_the_cause_its_sqlstate(
    line: str, word: str, cause: str | None
) -> None:
    assert severity(line) == word
    found = explain(line)
    assert (found.name if found else None) == cause


@pytest.mark.parametrize("record", [csv_record, json_record])
def test_records_in_another_language_go_by_their_sqlstate(record: type) -> None:
    text = record("FEHLER", "53100", "konnte nicht schreiben").rstrip("\n")
    found = explain(text)
    assert severity(text) == "ERROR"
    assert found is not None
    assert found.name == "disk_full"
    assert "FATAL:  08006: " in readable(
        record("FATAL", "08006", "x").rstrip("\n"), CSVLOG if record is csv_record else JSONLOG
    )


def test_every_word_is_english_in_english() -> None:
    known = {"LOG", "INFO", "NOTICE", "WARNING", "ERROR", "FATAL", "PANIC", "DEBUG"}
    assert set(ENGLISH.values()) == known | {"DETAIL", "HINT", "CONTEXT", "STATEMENT", "QUERY"}
    assert not known & ENGLISH.keys()
    assert in_english("WARNUNG") == "WARNING"
    assert in_english("odd") == "odd"


@pytest.mark.parametrize("state", STATES)
def test_every_sqlstate_has_a_cause_and_a_remedy(state: str) -> None:
    name, cause, remedy = STATES[state]
    assert len(state) == 5
    assert name.islower()
    assert cause.endswith(".")
    assert remedy.endswith(".")


def test_an_entry_that_is_empty_is_shown_without_trouble() -> None:
    assert Entry().text == ""
    assert from_json('{"error_severity": null, "message": 3}') == Entry("", "3", "", "", "", ())


@given(st.text(max_size=200))
def test_any_text_is_read_without_trouble(text: str) -> None:
    for form in (STDERR, CSVLOG, JSONLOG):
        for entry in LogReader(form).feed(f"{text}\n".encode("utf-8", "surrogatepass")):
            assert isinstance(readable(entry, form), str)
            explain(entry)
