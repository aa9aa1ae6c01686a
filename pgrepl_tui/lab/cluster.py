"""One PostgreSQL cluster of the lab: made, started and stopped the plain way, with initdb and pg_ctl."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pgrepl_tui.lab.errors import LabError
from pgrepl_tui.lab.layout import LabHost
from pgrepl_tui.lab.programs import Runner

HBA = """\
# TYPE   DATABASE  USER  ADDRESS       METHOD
local    all       all                 peer
hostssl  all       all   127.0.0.0/8   scram-sha-256
hostssl  all       all   ::1/128       scram-sha-256
"""
"""Ordinary logins only: the database ``all`` does not match replication (PostgreSQL 17, "The pg_hba.conf File")."""


@dataclass(frozen=True)
class Cluster:
    """The cluster of one host."""

    host: LabHost
    runner: Runner

    async def init(self) -> None:
        """Make the cluster: TLS on, SCRAM, listening on localhost only, everything else as initdb leaves it.

        Raises:
            LabError: initdb failed, or its postgresql.conf has no line for a setting.
        """
        from pgrepl_tui.lab.tls import self_signed  # noqa: PLC0415 - brings cryptography, which a client does not need

        settings = {
            "port": str(self.host.pg_port),
            "listen_addresses": "localhost",
            "unix_socket_directories": str(self.host.socket_dir),
            "ssl": "on",
        }
        await self.runner.run(
            self._program("initdb"),
            *("-D", self.host.data, "-U", self.runner.account.name, "-A", "trust"),  # HBA comes below
            *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
        )
        self._configure(settings)
        (self.host.data / "pg_hba.conf").write_text(HBA)
        certificate = self_signed(self.host.name, self.host.address)
        self._write("server.crt", certificate.certificate)
        self._write("server.key", certificate.key)

    async def start(self, options: str = "") -> None:
        """Start the server and wait until it takes connections.

        Args:
            options: command-line options of the server for this one start.

        Raises:
            LabError: it did not start; the message says what pg_ctl said.
        """
        await self._pg_ctl("start", "-l", self.host.log, *(("-o", options) if options else ()))

    async def stop(self) -> None:
        """Stop the server, its sessions ended.

        Raises:
            LabError: it does not stop.
        """
        await self._pg_ctl("stop", "-m", "fast")

    async def sql(self, text: str, database: str = "postgres") -> str:
        """Run SQL as the superuser; rows on lines, fields split by ``|``.

        Raises:
            LabError: the server said no, or is not there.
        """
        out = await self.runner.run(*self.psql(f"dbname={database}"), "-At", "-f", "-", stdin=text)
        return out.removesuffix("\n")

    def psql(self, conninfo: str) -> tuple[str | Path, ...]:
        """The psql command for this cluster's Unix socket."""
        where = f"host='{self.host.socket_dir}' port={self.host.pg_port} {conninfo}"
        return (self._program("psql"), "-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-d", where)

    async def _pg_ctl(self, action: str, *words: str | Path) -> None:
        await self.runner.run(self._program("pg_ctl"), action, "-D", self.host.data, "-s", "-w", *words)

    def _configure(self, settings: Mapping[str, str]) -> None:
        """Set values where postgresql.conf has their lines; only the initdb of 16 and newer could do it (``-c``)."""
        path = self.host.data / "postgresql.conf"
        text = path.read_text()
        for name, value in settings.items():
            text, found = re.subn(rf"(?m)^#?{name} = [^\s#]*", f"{name} = '{value}'", text)
            if found != 1:
                raise LabError(f"{path} has {found} lines for {name}, not one.", "Use another PostgreSQL for the lab.")
        path.write_text(text)

    def _program(self, name: str) -> Path:
        return self.host.bin / name

    def _write(self, name: str, content: bytes) -> None:
        path = self.host.data / name
        path.touch(mode=0o600)
        path.write_bytes(content)
        self.runner.account.own(path)
