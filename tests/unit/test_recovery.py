import pytest

from pgrepl_tui.postgres import conninfo
from pgrepl_tui.postgres.conf import quote_value
from pgrepl_tui.postgres.conninfo import ConninfoError
from pgrepl_tui.postgres.facts import facts
from pgrepl_tui.postgres.recovery import plan, primary_conninfo
from pgrepl_tui.postgres.version import MAJORS, Major

OLD = [major for major in MAJORS if major < Major(12)]
NEW = [major for major in MAJORS if major >= Major(12)]
WHERE = "host='it''s' user='re\\\\pl'"


def reach(major: Major, **changes: str) -> str:
    given = {"sslmode": "verify-full", "passfile": "/home/pg/.pgpass", "application_name": "db2", **changes}
    return primary_conninfo(major, host="db1", port=5432, user="repl", **given)


@pytest.mark.parametrize("major", NEW, ids=str)
def test_from_12_a_signal_and_settings_make_a_standby(major: Major) -> None:
    files = plan(major, conninfo=WHERE, slot="s_1")
    assert files.signal == "standby.signal"
    assert files.recovery_conf is None
    assert files.settings == {"primary_conninfo": WHERE, "primary_slot_name": "s_1"}


@pytest.mark.parametrize("major", OLD, ids=str)
def test_below_12_one_file_makes_a_standby(major: Major) -> None:
    files = plan(major, conninfo=WHERE, slot="s_1")
    slot = ["primary_slot_name = 's_1'"] if major >= Major(9, 4) else []
    assert files.signal is None
    assert files.settings == {}
    assert files.recovery_conf is not None
    assert files.recovery_conf.splitlines() == [
        "standby_mode = 'on'",
        f"primary_conninfo = {quote_value(WHERE)}",
        *slot,
        "recovery_target_timeline = 'latest'",
    ]
    assert files.recovery_conf.endswith("'\n")


@pytest.mark.parametrize("major", MAJORS, ids=str)
def test_without_a_slot_none_is_named(major: Major) -> None:
    files = plan(major, conninfo=WHERE, slot="")
    assert "primary_slot_name" not in (files.recovery_conf or "")
    assert "primary_slot_name" not in files.settings


@pytest.mark.parametrize("slot", ["Standby", "a-b", "a b", "x" * 64, "s'; drop"])
def test_a_name_that_no_server_takes_for_a_slot_is_refused(slot: str) -> None:
    with pytest.raises(ValueError, match="not a slot name"):
        plan(Major(15), conninfo=WHERE, slot=slot)


@pytest.mark.parametrize("major", MAJORS, ids=str)
def test_the_connection_string_holds_what_the_version_knows_and_no_password(major: Major) -> None:
    values = conninfo.parse(reach(major, sslrootcert="/r.crt"))
    passfile = {"passfile": "/home/pg/.pgpass"} if major >= Major(10) else {}
    assert values == {
        "host": "db1",
        "port": "5432",
        "user": "repl",
        "sslmode": "verify-full",
        "sslrootcert": "/r.crt",
        **passfile,
        "application_name": "db2",
    }
    assert set(values) <= facts(major).conninfo_keywords


def test_what_is_not_given_is_not_written() -> None:
    text = primary_conninfo(Major(17), host="db1", port=5432, user="repl")
    assert text == "host='db1' port='5432' user='repl'"


def test_a_string_that_the_server_would_cut_is_refused() -> None:
    with pytest.raises(ConninfoError, match="after 1023"):
        reach(Major(17), passfile="/" + "x" * 1000)


@pytest.mark.parametrize("name", ["x" * 64, "bé", "a\tb"])
def test_a_name_that_the_primary_would_show_changed_is_refused(name: str) -> None:
    with pytest.raises(ConninfoError, match="application_name"):
        reach(Major(17), application_name=name)


def test_a_name_of_63_characters_is_kept() -> None:
    assert conninfo.parse(reach(Major(17), application_name="x" * 63))["application_name"] == "x" * 63


def test_a_path_with_a_newline_is_refused() -> None:
    with pytest.raises(ConninfoError, match="newline"):
        reach(Major(17), passfile="/a\nrestore_command='x'")
