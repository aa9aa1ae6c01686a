"""What a pretended server is: its folders, its settings, its control file, its roles and slots, and its door."""

import functools
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.golden import grammar
from tests.golden.golden_file import content

MINORS = {"9.1": "9.1.24", "9.2": "9.2.24", "9.3": "9.3.25", "9.4": "9.4.26", "9.5": "9.5.25", "9.6": "9.6.24"}
SEGMENT = 16 << 20
_POSTMASTER = {"listen_addresses", "wal_level", "max_wal_senders", "max_connections", "superuser_reserved_connections",
               "ssl", "max_replication_slots", "hot_standby", "max_worker_processes", "max_prepared_transactions",
               "max_locks_per_transaction", "logging_collector", "port", "ssl_ciphers"}  # fmt: skip


def built_in(version: str) -> dict[str, str]:
    """The built-in values of a version's settings, as guc.c has them; built without TLS."""
    values = {
        "listen_addresses": "localhost", "port": "5432", "wal_level": "minimal", "max_wal_senders": "0",
        "max_connections": "100", "superuser_reserved_connections": "3", "ssl": "off", "ssl_ciphers": "none",
        "wal_keep_segments": "0", "log_line_prefix": "", "hot_standby": "off", "max_prepared_transactions": "0",
        "max_locks_per_transaction": "64", "logging_collector": "off", "log_directory": "pg_log",
        "synchronous_standby_names": "", "shared_preload_libraries": "", "local_preload_libraries": "",
        "dynamic_library_path": "$libdir",
    }  # fmt: skip
    older = {"checkpoint_segments": "3", "ssl_renegotiation_limit": "524288"}
    values |= older if version < "9.5" else {"max_wal_size": "64"}
    if version >= "9.4":
        values |= {"max_replication_slots": "0", "max_worker_processes": "8"}
    return values


def lsn(position: int) -> str:
    """A position as these versions print it."""
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"


def is_process(pid: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


alive = is_process
"""Whether a server's process is there; a table of pretended processes may stand in for the machine's."""


def segment(position: int) -> str:
    """The name of the WAL file that holds a position, on timeline 1."""
    return f"00000001{position >> 32:08X}{(position & 0xFFFFFFFF) // SEGMENT:08X}"


@functools.cache
def _laid_out(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "world.json").read_text())
    return found


class World(NamedTuple):
    """A server in a folder with bin, data, home and run."""

    folder: Path

    @property
    def facts(self) -> dict[str, str]:
        """Version and port, as the pair was laid out."""
        return _laid_out(self.folder)

    @property
    def version(self) -> str:
        """The major version."""
        return self.facts["version"]

    @property
    def passfile(self) -> Path:
        """What its libpq reads: PGPASSFILE, else .pgpass in the home of passwd, never in HOME's."""
        return Path(os.environ.get("PGPASSFILE", f"{self.facts['home']}/.pgpass"))

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    def put(self, path: Path, text: str) -> None:
        """Write a file in one move: whoever looks finds all of it, as it was or as it is."""
        part = self.folder / f"run/{path.name}.{os.getpid()}.{threading.get_ident()}"
        part.write_text(text)
        part.rename(path)

    def at(self, port: str) -> "World | None":
        """The server of the pair that runs on a port."""
        for other in (World(path) for path in self.folder.parent.iterdir() if (path / "world.json").exists()):
            if other.pid() and other.running()["port"] == port:
                return other
        return None

    def configured(self) -> dict[str, str]:
        """The values that its files give."""
        values = built_in(self.version)
        read = grammar.conf((self.data / "postgresql.conf").read_bytes())
        unknown = set(read) - set(values)
        if unknown:
            raise grammar.GrammarError(f'unrecognized configuration parameter "{min(unknown)}"')
        values.update({name: value.decode() for name, value in read.items()})
        # 9.6 takes the old names of wal_level, and shows the new one.
        if self.version >= "9.6" and values["wal_level"] in {"archive", "hot_standby"}:
            values["wal_level"] = "replica"
        return values

    def running(self) -> dict[str, str]:
        """The values that it runs with."""
        found: dict[str, str] = json.loads((self.folder / "run/settings.json").read_text())
        return found

    def load(self, *, start: bool) -> None:
        """Read the files; after the start, what only a start takes stays."""
        values = self.configured()
        if not start:
            now = self.running()
            values = {name: now[name] if name in _POSTMASTER else value for name, value in values.items()}
        self.put(self.folder / "run/settings.json", json.dumps(values))

    def context(self, name: str) -> str:
        """pg_settings.context."""
        return "postmaster" if name in _POSTMASTER else "sighup"

    def pid(self) -> int:
        """The postmaster's process; 0 where it is down."""
        try:
            number = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return 0
        return number if alive(number) else 0

    def control(self, folder: Path | None = None) -> dict[str, str]:
        """The control file, here a JSON text."""
        found: dict[str, str] = json.loads(((folder or self.data) / "global/pg_control").read_text())
        return found

    def set_control(self, **values: str) -> None:
        """Change the control file."""
        text = json.dumps({**self.control(), **values})
        self.put(self.data / "global/pg_control", text)

    def control_text(self, folder: Path) -> str:
        """What that version's pg_controldata prints of a data directory."""
        control = self.control(folder)
        text = content(self.version, "controldata.txt")
        text = text.replace("6197591927813975882", control["identifier"]).replace("in production", control["state"])
        return text.replace("setting:      200", f"setting:      {control['max_connections']}")

    def state(self, name: str) -> dict[str, dict[str, str]]:
        """Roles or slots, which live in the data directory and come along with a copy."""
        path = self.data / f"global/{name}.json"
        found: dict[str, dict[str, str]] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def set_state(self, name: str, values: Mapping[str, Mapping[str, str]]) -> None:
        """Change them."""
        self.put(self.data / f"global/{name}.json", json.dumps(values))

    @property
    def in_recovery(self) -> bool:
        """It runs as a standby."""
        return (self.data / "recovery.conf").exists()

    def position(self) -> int:
        """How far it has written, or replayed."""
        recovery = grammar.conf((self.data / "recovery.conf").read_bytes()) if self.in_recovery else {}
        if not recovery:
            return int((self.folder / "run/position").read_text())
        upstream = self.upstream(recovery)
        return upstream.position() if upstream and self.streams() else int(self.control()["redo"])

    def upstream(self, recovery: Mapping[str, bytes]) -> "World | None":
        """The server that primary_conninfo leads to."""
        return self.at(grammar.conninfo(recovery.get("primary_conninfo", b"")).get("port", b"5432").decode())

    def streams(self) -> bool:
        """Its WAL receiver got in when it started."""
        return (self.folder / "run/streams").exists()

    def write_wal(self, size: int) -> int:
        """Write WAL; the new position."""
        now = self.position() + size
        self.put(self.folder / "run/position", str(now))
        (self.data / "pg_xlog" / segment(now)).touch()
        return now

    def refuses(self, user: str, password: str | None, *, address: str = "127.0.0.1") -> tuple[str, str]:
        """Why a replication login is refused, with its SQLSTATE; empty texts where it may come in."""
        values = self.running()
        listens = values["listen_addresses"].replace("localhost", address).split(",")
        if not {"*", address} & set(listens):
            return "", "could not connect to server: Connection refused"
        rules = (self.data / "pg_hba.conf").read_bytes()
        if grammar.method_for(rules, self.version, user=user.encode(), address=address, tls=False) is None:
            said = f'no pg_hba.conf entry for replication connection from host "{address}", user "{user}"'
            return "28000", f"{said}, SSL off" if self.version == "9.4" else said  # a build with TLS says so
        return self._refuses_role(user, password, values)

    def _refuses_role(self, user: str, password: str | None, values: Mapping[str, str]) -> tuple[str, str]:
        import hashlib  # noqa: PLC0415 - most of the programs do without it

        role, busy = self.state("roles").get(user, {}), "number of requested standby connections exceeds"
        digest = "" if password is None else hashlib.md5((password + user).encode()).hexdigest()  # noqa: S324 - theirs
        senders = values["max_wal_senders"] != "0" and values["wal_level"] != "minimal"
        checks = (
            (password is None, "", "fe_sendauth: no password supplied"),
            (role.get("password") != f"md5{digest}", "28P01", f'password authentication failed for user "{user}"'),
            (role.get("replication") != "t", "42501", "must be superuser or replication role to start walsender"),
            (not senders, "53300", f"{busy} max_wal_senders (currently 0)"),
        )
        return next(((sqlstate, why) for wrong, sqlstate, why in checks if wrong), ("", ""))

    def password_of(self, info: Mapping[str, bytes], passfile: Path) -> str | None:
        """The password that libpq finds in a passfile for a replication connection."""
        if not passfile.exists() or passfile.stat().st_mode & 0o077:
            return None
        found = grammar.password(
            passfile.read_bytes(), self.version, host=info.get("host", b"localhost"),
            port=info.get("port", b"5432"), database=b"replication", user=info.get("user", b""),
        )  # fmt: skip
        return None if found is None else found.decode()
