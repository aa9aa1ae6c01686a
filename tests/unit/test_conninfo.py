import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from pgrepl_tui.postgres import conninfo
from pgrepl_tui.postgres.conninfo import ConninfoError

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "password-vectors.json").read_text())

texts = st.text(st.characters(exclude_characters="\n\r\0", codec="utf-8"), max_size=40)
nasty = st.text(st.sampled_from("ab '\\=\t\"#:"), max_size=20)
keywords = st.sampled_from(["host", "user", "password", "application_name", "sslmode", "passfile", "sslrootcert"])
mappings = st.dictionaries(keywords, texts | nasty)


@given(mappings)
def test_what_is_built_is_parsed_back(values: dict[str, str]) -> None:
    assert conninfo.parse(conninfo.build(values)) == values


@given(mappings)
def test_libpq_reads_what_is_built(values: dict[str, str]) -> None:
    assert conninfo_to_dict(conninfo.build(values)) == values


@given(st.text(st.sampled_from("ab '\\=\t"), max_size=12))
def test_a_value_is_read_as_libpq_reads_it_and_refused_where_libpq_refuses_it(written: str) -> None:
    text = f"user={written}"
    try:
        expected = conninfo_to_dict(text)
    except ProgrammingError as refused:
        # Which keywords there are is not parse()'s business, and libpq stops at the first that it does not know.
        assume("invalid connection option" not in str(refused))
        with pytest.raises(ConninfoError):
            conninfo.parse(text)
    else:
        assert conninfo.parse(text) == expected


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_measured_passwords_are_quoted_as_measured(vector: dict[str, str]) -> None:
    password = vector["password"]
    if "\n" in password or "\r" in password:
        with pytest.raises(ConninfoError, match=r"a newline|a carriage return"):
            conninfo.quote(password)
        return
    assert conninfo.quote(password) == vector["conninfo_value"]


def test_a_value_cannot_change_another_keyword() -> None:
    values = {"host": "db1", "password": "x' host=evil.example user='root"}
    assert conninfo_to_dict(conninfo.build(values)) == values


@pytest.mark.parametrize(("character", "name"), [("\n", "newline"), ("\r", "carriage return"), ("\0", "NUL")])
def test_a_control_character_that_no_file_holds_is_refused_without_repeating_the_value(
    character: str, name: str
) -> None:
    with pytest.raises(ConninfoError, match=name) as caught:
        conninfo.quote(f"secret{character}word")
    assert "secret" not in str(caught.value)


def test_a_value_that_utf8_cannot_write_is_refused() -> None:
    with pytest.raises(ConninfoError, match="valid Unicode: look at character 3"):
        conninfo.quote("ab\udc80")


@pytest.mark.parametrize("keyword", ["", "Host", "host ", "host=x user", "a-b", "user1"])
def test_what_is_no_keyword_is_refused(keyword: str) -> None:
    with pytest.raises(ConninfoError, match="not a connection keyword"):
        conninfo.build({keyword: "x"})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("  ", {}),
        ("host=db1 port = 5432", {"host": "db1", "port": "5432"}),
        ("host='db 1'  user=a\\ b", {"host": "db 1", "user": "a b"}),
        ("password='it\\'s \\\\'", {"password": "it's \\"}),
        ("user=one user=two", {"user": "two"}),
        ("user=", {"user": ""}),
        ("host='a'user=b", {"host": "a", "user": "b"}),
    ],
)
def test_texts_of_other_hands_are_parsed(text: str, values: dict[str, str]) -> None:
    assert conninfo.parse(text) == values


@pytest.mark.parametrize("text", ["hunter2", "host=a hunter2", "password='hunter2", "=hunter2", "password='hunter2\\'"])
def test_a_broken_string_is_refused_without_repeating_any_of_it(text: str) -> None:
    with pytest.raises(ConninfoError, match=r"connection string: .* at character \d+") as caught:
        conninfo.parse(text)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["postgresql://u:hunter2@h/d", "postgres://h"])
def test_a_uri_is_refused_by_name(text: str) -> None:
    with pytest.raises(ConninfoError, match="is a URI") as caught:
        conninfo.parse(text)
    assert "hunter2" not in str(caught.value)


def test_the_limit_of_the_wal_receiver_is_counted_in_bytes() -> None:
    conninfo.check_length("x" * 1023)
    with pytest.raises(ConninfoError, match=r"1024 bytes.*after 1023"):
        conninfo.check_length("x" * 1024)
    with pytest.raises(ConninfoError, match="1024 bytes"):
        conninfo.check_length("é" * 512)
