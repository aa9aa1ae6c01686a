"""What a running lab is made of, as its process tells its client: one line of JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class LabHost:
    """One of the two hosts.

    Attributes:
        name: its name in the lab's ssh_config.
        address: the loopback address of its SSH server.
        ssh_port: the port of its SSH server.
        pg_port: the port of its PostgreSQL server.
        folder: everything of this host lies in here.
        bin: the folder of PostgreSQL's programs.
    """

    name: str
    address: str
    ssh_port: int
    pg_port: int
    folder: Path
    bin: Path

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def home(self) -> Path:
        """The home folder of the user that logs in."""
        return self.folder / "home"

    @property
    def socket_dir(self) -> Path:
        """The folder of the server's Unix socket."""
        return self.folder / "socket"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.folder / "server.log"


@dataclass(frozen=True)
class Layout:
    """A lab that is ready.

    Attributes:
        folder: the lab's folder; it goes when the lab goes.
        pid: the process of the lab; SIGTERM ends it.
        user: the OS user of the servers and of every login, and the superuser's name.
        primary: the host db1.
        standby: the host db2.
    """

    folder: Path
    pid: int
    user: str
    primary: LabHost
    standby: LabHost

    @property
    def topology(self) -> Path:
        """The topology file for the wizard."""
        return self.folder / "topology.yaml"

    @property
    def ssh_config(self) -> Path:
        """The SSH client configuration that knows db1 and db2."""
        return self.folder / "ssh_config"

    def to_json(self) -> str:
        """The layout on one line."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, line: bytes) -> "Layout":
        """Read what ``to_json`` wrote.

        Raises:
            ValueError: the line is something else.
        """
        try:
            fields = json.loads(line)
            hosts = [_host(fields[role]) for role in ("primary", "standby")]
            return cls(Path(fields["folder"]), fields["pid"], fields["user"], *hosts)
        except (KeyError, TypeError) as error:
            raise ValueError(f"Not a lab's layout: {line!r}") from error


def _host(fields: dict[str, str | int]) -> LabHost:
    return LabHost(
        name=str(fields["name"]),
        address=str(fields["address"]),
        ssh_port=int(fields["ssh_port"]),
        pg_port=int(fields["pg_port"]),
        folder=Path(str(fields["folder"])),
        bin=Path(str(fields["bin"])),
    )
