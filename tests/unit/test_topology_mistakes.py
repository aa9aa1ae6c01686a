"""Every mistake in a topology file gives its file, its line, what is wrong and what was meant."""

import os
from pathlib import Path

import pytest

from pgrepl_tui.topology import TopologyError, load

GOOD = """\
name: app-db
primary:
  ssh: db1
  cluster: 15/main
standbys:
  - ssh: db2
    cluster: 15/main
replication:
  user: replicator
"""


def _with(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


SPACES = "  - ssh: db2\n    cluster: 15/main\n    tablespaces:\n      /srv/a: /srv/b\n      {}\n"
STANDBY = "  - ssh: db2\n    cluster: 15/main\n"

MISTAKES: dict[str, tuple[str | bytes, str]] = {
    # tablespaces
    "a tablespace twice": (_with(STANDBY, SPACES.format("/c: /srv/b")), ":10: 'tablespaces' names '/srv/b' twice"),
    "not a path": (_with(STANDBY, SPACES.format("c: /d")), ":10: 'tablespaces' is not an absolute path: 'c'"),
    "to no path": (_with(STANDBY, SPACES.format("/c: d")), ":10: '/c' is not an absolute path: 'd'"),
    "a backslash": (_with(STANDBY, SPACES.format("/c: /d\\")), ":10: '/c' ends with a backslash"),
    "no mapping": (_with(STANDBY, f"{STANDBY}    tablespaces: /a\n"), ":8: 'tablespaces' is not a mapping"),
    "of the primary": (_with("  ssh: db1\n", "  ssh: db1\n  tablespaces: {/a: /b}\n"), "unknown key 'tablespaces'"),
    # the file
    "empty": ("", ":1: the file is empty; a topology has a name, a primary and standbys"),
    "only a comment": ("# nothing\n", ":1: the file is empty; a topology has"),
    "not UTF-8": (GOOD.encode() + b"# caf\xe9\n", ":10: byte 0xe9 is not UTF-8; save it as UTF-8"),
    "UTF-16": (GOOD.encode("utf-16"), ":1: byte 0xff is not UTF-8; save it as UTF-8"),
    "a control character": (_with("app-db", "app\x07db"), ":1: control character U+0007; remove it"),
    "a list": ("- a\n- b\n", ":1: the topology is not a mapping; write 'key: value' lines beneath it"),
    "a word": ("hello\n", ":1: the topology is not a mapping; write 'key: value'"),
    "two documents": (GOOD + "---\n" + GOOD, ":10: a second YAML document begins here; keep one topology a file"),
    "not closed": (_with("db1", "[db1"), ": is not YAML: "),
    "a tab": (_with("  ssh: db1", "\tssh: db1"), ":3: a tab where YAML wants spaces; indent with spaces"),
    "a colon in a value": (_with("app-db", "app: db"), ":1: is not YAML: mapping values are not allowed"),
    # what no topology needs of YAML
    "an anchor": (_with("db1", "&a db1"), ":3: anchors (&name) are not read; write the value out"),
    "an alias": (_with("db1", "*a"), ":3: aliases (*name) are not read; write the value out"),
    "a merge key": (_with("  ssh: db1", "  <<: {ssh: db1}"), ":3: merge keys (<<) are not read; write the keys out"),
    "a tag": (_with("db1", "!!python/name:os.system x"), ":3: tags (!name) are not read; write the plain value"),
    "a key twice": (
        _with("  ssh: db1\n", "  ssh: db1\n  ssh: db3\n"),
        ":4: 'ssh' is there twice, first in line 3; keep one",
    ),
    "a list as a key": (_with("name:", "[a]: 1\nname:"), ":1: a key that is not a single word; write key: value"),
    # keys
    "a mistyped key": (_with("standbys", "standby"), ":5: unknown key 'standby'; did you mean 'standbys'?"),
    "another word for it": (_with("ssh: db1", "host: db1"), ":3: unknown key 'host'; did you mean 'ssh'?"),
    "an unknown key": (
        GOOD + "colour: red\n",
        ":10: unknown key 'colour'; known are name, ssh_config, primary, same_machine",
    ),
    "an unknown inner key": (_with("user:", "usr: x\n  user:"), ":9: unknown key 'usr'; did you mean 'user'?"),
    "no name": (_with("name: app-db\n", ""), ":1: the topology has no 'name'; add 'name': how you call this pair"),
    "no primary": (
        _with("primary:\n  ssh: db1\n  cluster: 15/main\n", ""),
        ":1: the topology has no 'primary'; add 'primary'",
    ),
    "no ssh": (_with("  ssh: db1\n", ""), ":3: 'primary' has no 'ssh'; add 'ssh': [user@]host[:port]"),
    "no standby's ssh": (_with("ssh: db2\n    ", ""), ":6: the standby has no 'ssh'; add 'ssh'"),
    "a password": (
        GOOD + "  password: hunter2\n",
        ":10: 'password' does not belong here: others read this file; take it out",
    ),
    # shapes
    "primary is a word": (
        "name: a\nprimary: db1\n",
        ":2: 'primary' is not a mapping; write 'key: value' lines beneath it",
    ),
    "two primaries": (
        _with("primary:\n  ssh: db1\n  cluster: 15/main", "primary: [{ssh: a}, {ssh: b}]"),
        ":2: 'primary' is not a map",
    ),
    "standbys is a mapping": (
        _with("  - ssh: db2\n    cluster: 15/main", "  ssh: db2"),
        ":5: 'standbys' is not a list; put '- ' before",
    ),
    "no standby": (_with("\n  - ssh: db2\n    cluster: 15/main", " []"), ":5: 'standbys' is empty; name one standby"),
    "two standbys": (
        _with("replication:", "  - ssh: db3\nreplication:"),
        ":8: 2 standbys; this version sets up one standby at a time; keep one",
    ),
    "a list for a value": (_with("app-db", "[a]"), ":1: 'name' is a list; write one value behind the colon"),
    "nothing for a value": (_with("app-db", ""), ":1: 'name' is empty; write a value, or leave the line out"),
    # values
    "a number for a name": (_with("app-db", "15"), ":1: 'name' is not text to YAML: '15'; write \"15\", in quotes"),
    "no for a name": (_with("app-db", "no"), ":1: 'name' is not text to YAML: 'no'; write \"no\", in quotes"),
    "an escape in a name": (
        _with("app-db", r'"a\e[31m"'),
        r":1: 'name' has a character that cannot be seen: 'a\x1b[31m'; write",
    ),
    "an option for a host": (
        _with("db1", "-oProxyCommand=x"),
        ":3: 'ssh' is not an SSH destination: '-oProxyCommand=x'; write it as host, user@host",
    ),
    "an option behind a user": (
        _with("db1", "me@-oProxyCommand=x"),
        ":3: 'ssh' is not an SSH destination: 'me@-oProxyCommand=x'; write it as host, user@host",
    ),
    "shell text for a host": (
        _with("db1", "db1;reboot"),
        ":3: 'ssh' is not an SSH destination: 'db1;reboot'; write it as host, user@host",
    ),
    "a URL for a host": (
        _with("db1", "ssh://db1"),
        ":3: 'ssh' is not an SSH destination: 'ssh://db1'; write it as host, user@host",
    ),
    "a bad ssh port": (
        _with("db1", "db1:99999"),
        ":3: 'ssh' is not an SSH destination: 'db1:99999'; write it as host, user@host",
    ),
    "an ssh colon and no port": (
        _with("db1", "'db1:'"),
        ":3: 'ssh' is not an SSH destination: 'db1:'; write it as host, user@host",
    ),
    "a user that is nothing": (
        _with("db1", "'@db1'"),
        ":3: 'ssh' is not an SSH destination: '@db1'; write it as host, user@host",
    ),
    "port as text": (
        _with("db1", "db1\n  port: '5432'"),
        ":4: 'port' is text, '5432'; write the number without quotes",
    ),
    "port of 0": (_with("db1", "db1\n  port: 0"), ":4: 'port' is '0'; a port is a number from 1 to 65535"),
    "port too large": (_with("db1", "db1\n  port: 70000"), ":4: 'port' is '70000'; a port is a number from 1 to 65535"),
    "port in words": (_with("db1", "db1\n  port: five"), ":4: 'port' is 'five'; a port is a number"),
    "address with a port": (
        _with("db1", "db1\n  address: db1:5432"),
        ":4: 'address' has a port: 'db1:5432'; write the port behind 'port:'",
    ),
    "address with a mask": (
        _with("db1", "db1\n  address: 10.0.0.0/24"),
        ":4: 'address' is not a host name or an IP address",
    ),
    "two addresses": (
        _with("db1", "db1\n  address: db1,db3"),
        ":4: 'address' is not a host name or an IP address: 'db1,db3'",
    ),
    "any address": (
        _with("db1", "db1\n  address: 0.0.0.0"),
        ":4: 'address' is not an address to connect to: '0.0.0.0'",
    ),
    "cluster without a name": (
        _with("15/main", "15"),
        ":4: 'cluster' is not Debian's version/name: '15'; write version/name",
    ),
    "cluster with a dash": (
        _with("15/main", "15-main"),
        ":4: 'cluster' is not Debian's version/name: '15-main'; did you mean '15/main'?",
    ),
    "cluster that climbs": (_with("15/main", "15/../../etc"), ":4: 'cluster' is not Debian's version/name"),
    "cluster and data": (
        _with("15/main", "15/main\n  data: /d\n  bin: /b"),
        ":6: both 'cluster' and 'bin'; cluster says where all is",
    ),
    "data without bin": (_with("cluster: 15/main", "data: /d"), ":4: 'data' without 'bin'; give both"),
    "bin without data": (_with("cluster: 15/main", "bin: /b"), ":4: 'bin' without 'data'; give both"),
    "config alone": (_with("cluster: 15/main", "config: /c"), ":4: 'config' without 'data'; give both"),
    "a relative path": (
        _with("cluster: 15/main", "data: pg/data"),
        ":4: 'data' is not an absolute path: 'pg/data'; write the whole path",
    ),
    "a path from home": (
        _with("cluster: 15/main", "data: ~/data"),
        ":4: 'data' begins with ~: '~/data'; write the whole path",
    ),
    "a path that climbs": (_with("cluster: 15/main", "data: /a/../b"), ":4: 'data' has '..' in it: '/a/../b'"),
    "the root": (_with("cluster: 15/main", "data: //."), ":4: 'data' is the root of all files: '//.'"),
    "a unit with a blank": (_with("db1", "db1\n  unit: a b"), ":4: 'unit' is not a systemd unit: 'a b'"),
    "root as the server": (_with("db1", "db1\n  os_user: root"), ":4: 'os_user' cannot run PostgreSQL: 'root'"),
    "a user with a blank": (_with("db1", "db1\n  os_user: a b"), ":4: 'os_user' is not a user name: 'a b'"),
    "yes for true": (GOOD + "same_machine: yes\n", ":10: 'same_machine' is 'yes'; write true or false, without quotes"),
    "true as text": (GOOD + "same_machine: 'true'\n", ":10: 'same_machine' is 'true' in quotes; write true or false"),
    "an unknown sslmode": (
        GOOD + "  sslmode: verify_full\n",
        ":10: 'sslmode' is not known: 'verify_full'; did you mean 'verify-full'?",
    ),
    "a strange sslmode": (
        GOOD + "  sslmode: tls\n",
        ":10: 'sslmode' is not known: 'tls'; write one of disable, allow, prefer",
    ),
    "a long role": (_with("replicator", "ü" * 32), ":9: 'user' has more than 63 bytes: "),
    "a reserved role": (
        _with("replicator", "pg_monitor"),
        ":9: 'user' is a name that PostgreSQL keeps for itself: 'pg_monitor'",
    ),
    "a missing ssh_config": (GOOD + "ssh_config: nowhere\n", ":10: there is no file "),
    # the pair
    "the same host": (
        _with("db2", "db1"),
        ":5: the standby is the primary: both are db1; give the second server, or 'same_machine: true'",
    ),
    "the same host in other words": (_with("db2", "me@DB1:22"), ":5: the standby is the primary: both are me@DB1:22"),
    "the same cluster": (
        _with("db2", "db1") + "same_machine: true\n",
        ":5: the standby is the primary: both are db1 and 15/main; the standby needs",
    ),
    "which cluster": (
        "name: a\nprimary: {ssh: a}\nstandbys: [{ssh: a}]\nsame_machine: true\n",
        ":3: the standby is the primary: both are a; name",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_says_where_what_and_what_was_meant(tmp_path: Path, mistake: str) -> None:
    text, message = MISTAKES[mistake]
    path = tmp_path / "app.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TopologyError) as caught:
        load(path)
    shown = str(caught.value)
    assert message in shown
    assert shown.startswith(f"{path}:{caught.value.line}: ")
    assert shown.endswith(f"; {caught.value.meant}")
    assert caught.value.line
    assert caught.value.meant
    assert "hunter2" not in shown


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(TopologyError, match=r"nowhere.yaml: there is no such file; check the name"):
        load(tmp_path / "nowhere.yaml")


def test_a_directory_says_so(tmp_path: Path) -> None:
    with pytest.raises(TopologyError, match="is a directory; name a topology file"):
        load(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TopologyError, match="is not a regular file; name a topology file"):
        load(tmp_path / "pipe")


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "app.yaml"
    path.write_text(GOOD)
    path.chmod(0)
    if os.geteuid() == 0:  # root reads everything, so the refusal has to be made here

        def refuse(self: Path, mode: str = "r") -> None:
            raise PermissionError(13, "Permission denied", str(self), mode)

        monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(TopologyError, match=r"app.yaml: cannot be read: Permission denied; check its owner and mode"):
        load(path)
