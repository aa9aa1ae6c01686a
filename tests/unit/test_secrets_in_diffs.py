"""A diff shows lines of somebody else's file: their passwords, however they are quoted, are not among them."""

import pytest

from pgrepl_tui.steps.edit import Edit, masked
from tests.unit.scripted_pair import two

LINES = (
    "primary_conninfo = 'host=db1 user=x password=hunter2'",
    "primary_conninfo = 'host=db1 password=''hunter2 and more'' user=x'",
    "primary_conninfo = 'password=''it\\\\''s hunter2'''",
    "primary_conninfo = 'postgresql://x:hunter2@db1/postgres'",
    'host all all 10.0.0.0/8 ldap ldapserver=l ldapbinddn=d ldapbindpasswd="hunter2"',
    'host all all 10.0.0.0/8 radius radiusservers=r radiussecrets="hunter2"',
    "restore_command = 'PGPASSWORD=hunter2 fetch %f %p'",
)


@pytest.mark.parametrize("line", LINES)
def test_a_password_in_a_changed_line_or_beside_it_is_masked(line: str) -> None:
    side = two().ctx.primary
    for old, new in ((line, "port = 1"), (line, f"{line}\nport = 1")):
        text = Edit(side, "/etc/file", f"{old}\n", f"{new}\n").diff().diff
        assert "hunter2" not in text
        assert "********" in text
        assert line.split(" ", maxsplit=1)[0] in text


def test_what_is_no_password_is_shown() -> None:
    plain = "password_encryption = scram-sha-256\nprimary_conninfo = 'host=db1 passfile=/home/pg/.pgpass'\nport = 5432"
    assert masked(plain) == plain
