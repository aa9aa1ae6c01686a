"""Which host keys are known, and what to say of one that is not.

Nothing in an SSH configuration can switch the check off: where it names no file, no key is known and each is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pgrepl_tui.hosts import asyncssh_lazily, shell
from pgrepl_tui.hosts.host import HostError

if TYPE_CHECKING:
    from asyncssh import SSHKey, SSHKnownHosts

SSH_PORT = 22
USER_FILES = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
GLOBAL_FILES = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")


@dataclass(frozen=True)
class OfferedKey:
    """A host key that is not on record, as it can be shown and put on record.

    Attributes:
        host: the host and its port, in words.
        algorithm: the key's type, such as ``ssh-ed25519``.
        fingerprint: ``SHA256:`` and the digest, as OpenSSH shows it.
        line: its line of a known_hosts file, without the line's end.
        file: the file of the operator's that it belongs into.
    """

    host: str
    algorithm: str
    fingerprint: str
    line: str
    file: Path


class HostKeyError(HostError):
    """The host's key is not the one on record, or none is on record.

    Attributes:
        changed: another key is on record; False where none is.
        offer: the key that could be put on record; None for one that has changed, or where there is no file for it.
    """

    def __init__(self, what: str, remedy: str, *, changed: bool, offer: OfferedKey | None = None) -> None:
        super().__init__(what, remedy)
        self.changed = changed
        self.offer = offer


@dataclass(frozen=True)
class Peer:
    """The other side: the name that keys are on record for, the address (may be empty), and the port."""

    name: str
    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.name}, port {self.port}"

    @property
    def recorded_as(self) -> str:
        """The name as known_hosts files have it."""
        return self.name if self.port == SSH_PORT else f"[{self.name}]:{self.port}"


@dataclass(frozen=True)
class KnownHosts:
    """The keys on record, and the files that they were looked for in."""

    keys: "SSHKnownHosts"
    files: tuple[Path, ...]


def files(user: Sequence[str] | None, system: Sequence[str] | None, tokens: dict[str, str]) -> tuple[Path, ...]:
    """The files that count.

    Args:
        user: the values of UserKnownHostsFile: None where it is not set, empty where it is ``none``.
        system: the values of GlobalKnownHostsFile, in the same way.
        tokens: what ``%h``, ``%p`` and the like stand for, by letter.
    """
    names = [*(USER_FILES if user is None else user), *(GLOBAL_FILES if system is None else system)]
    return tuple(_path(name, tokens) for name in names if name.lower() != "none")


def _path(name: str, tokens: dict[str, str]) -> Path:
    parts = name.split("%%")
    for letter, value in tokens.items():
        parts = [part.replace(f"%{letter}", value) for part in parts]
    return Path("%".join(parts)).expanduser()


def read(paths: Iterable[Path]) -> KnownHosts:
    """Read known_hosts files; one that does not exist holds no keys, and a line that is none is passed over.

    Raises:
        HostError: a file is there, but cannot be read.
    """
    library = asyncssh_lazily.load()
    keys, found = library.import_known_hosts(""), tuple(paths)
    for path in found:
        for line in _lines(path):
            try:
                keys.load(line)
            except ValueError:
                continue  # as OpenSSH does; a line that cannot be read makes no key known
    return KnownHosts(keys, found)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise HostError(
            f"the known_hosts file {path} cannot be read: {error.strerror}", "Make it readable to you, and try again."
        ) from error


def refused(known: KnownHosts, peer: Peer, offered: "SSHKey | None", reason: str) -> HostKeyError:
    """Say why a host's key was refused, and what to do next; a revoked key is not shown to us, only the reason is."""
    if offered is None:
        return HostKeyError(
            f"the host key of {peer} was refused: {reason}",
            f"Do not connect. Ask the server's administrator; the @revoked line is in {_list(known.files)}.",
            changed=True,
        )
    key = f"{_kind(offered)} {offered.get_fingerprint()}"
    on_record = recorded(known, peer)
    if on_record:
        return _changed(known, peer, key, on_record)
    return HostKeyError(
        f"the host key of {peer} is not known: {key}",
        _how_to_know(known, peer, offered),
        changed=False,
        offer=_offer(known, peer, offered),
    )


def _offer(known: KnownHosts, peer: Peer, offered: "SSHKey") -> OfferedKey | None:
    """The key for the record; None where no file of the operator's counts."""
    target = _target(known)
    if target is None:
        return None
    algorithm, blob = offered.export_public_key().decode().split()[:2]
    return OfferedKey(str(peer), algorithm, offered.get_fingerprint(), f"{peer.recorded_as} {algorithm} {blob}", target)


def _target(known: KnownHosts) -> Path | None:
    """The first file that counts, if it is one of the operator's."""
    first = next((path for path in known.files if str(path) != "/dev/null"), None)
    return None if first in {Path(name) for name in GLOBAL_FILES} else first


def no_common_type(known: KnownHosts, peer: Peer) -> HostKeyError:
    """Say that a host offers no key of the types that are on record for it."""
    return _changed(known, peer, "no key of the type on record", recorded(known, peer))


def recorded(known: KnownHosts, peer: Peer) -> "list[SSHKey]":
    """The keys on record for this very host and port."""
    names = [replace(peer, name=name).recorded_as for name in (peer.name, peer.address) if name]
    return [key for name in names for key in known.keys.match(name, "", None)[0]]


def _changed(known: KnownHosts, peer: Peer, offers: str, on_record: "Sequence[SSHKey]") -> HostKeyError:
    records = ", ".join(f"{_kind(key)} {key.get_fingerprint()}" for key in dict.fromkeys(on_record))
    forget = [
        shell.line(["ssh-keygen", "-R", peer.recorded_as, "-f", str(path)]) for path in known.files if path.is_file()
    ]
    return HostKeyError(
        f"the host key of {peer} has CHANGED: it offers {offers}, on record is {records}",
        "Stop. Somebody may be between you and the server, or the server was installed anew. Only when its "
        f"administrator confirms the new key, forget the old one and connect again: {' or '.join(forget)}",
        changed=True,
    )


def _how_to_know(known: KnownHosts, peer: Peer, offered: "SSHKey") -> str:
    check = (
        "Compare this fingerprint with the server's own: on its console run ssh-keygen -lf "
        f"/etc/ssh/ssh_host_{_kind(offered)}_key.pub. If they are the same, "
    )
    target = _target(known)
    if target is None:
        return f"{check}add the key to a file that UserKnownHostsFile names in your SSH configuration: it names none."
    scan = shell.line(["ssh-keyscan", "-t", _kind(offered), "-p", str(peer.port), peer.name])
    usual = target == Path(USER_FILES[0]).expanduser()
    file = [] if usual else ["-o", f"UserKnownHostsFile={target}"]
    once = shell.line(["ssh", *file, "-p", str(peer.port), peer.name])
    return f"{check}connect once with {once} and answer yes, or run {scan} >> {shell.quote(str(target))}"


def _kind(key: "SSHKey") -> str:
    """The key's type as ssh-keyscan and the names of key files have it."""
    return key.get_algorithm().removeprefix("ssh-").removeprefix("sk-").split("-")[0].removesuffix("@openssh.com")


def _list(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths)) or "no file"
