"""What went wrong on the way to a host, in one sentence, and what to do next."""

import errno
import socket
from pathlib import Path

from pgrepl_tui.hosts import asyncssh_lazily, known_hosts, shell
from pgrepl_tui.hosts.host import HostError
from pgrepl_tui.hosts.ssh_attempt import Attempt
from pgrepl_tui.hosts.ssh_login import VARIABLE

_DEFAULT_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk", "id_ed448")
_ENOUGH = "authentication failures"
_UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN)


def of_configuration(error: Exception, config: Path | None) -> HostError:
    """A configuration that cannot be read or understood."""
    return HostError(
        f"the SSH configuration {config or '~/.ssh/config'} cannot be used: {error}",
        "Correct it; ssh -G HOST shows how it is understood.",
    )


def of_connecting(error: Exception, attempt: Attempt) -> HostError:
    """Any failure between the first packet and the login. May read key files."""
    library = asyncssh_lazily.load()
    for kind, explain in (
        (library.HostKeyNotVerifiable, _host_key),
        (library.KeyExchangeFailed, _key_exchange),
        (library.PermissionDenied, _denied),
        (library.KeyImportError, _key_file),
        (library.KeyEncryptionError, _key_file),
        (library.ChannelOpenError, _jump),
        (library.Error, _denied if denies(error) else _closed),
    ):
        if isinstance(error, kind):
            return explain(error, attempt)
    return _network(error, attempt)


def denies(error: Exception) -> bool:
    """The server let nobody in, or has had enough of it (sshd's MaxAuthTries)."""
    return isinstance(error, asyncssh_lazily.load().PermissionDenied) or _ENOUGH in str(error)


def _jump(error: Exception, attempt: Attempt) -> HostError:
    return HostError(
        f"the jump host could not open a connection to {attempt.where}: {error}",
        "Check the host's name and port as the jump host sees them.",
    )


def _closed(error: Exception, attempt: Attempt) -> HostError:
    return HostError(
        f"{attempt.where} closed the connection: {error}",
        "Is it an SSH server? Its log says why it closed: journalctl -u ssh, or -u sshd.",
    )


def _network(error: Exception, attempt: Attempt) -> HostError:
    if isinstance(error, socket.gaierror):
        return HostError(
            f"the name {attempt.host} does not resolve: {error.strerror}",
            "Check its spelling, or write the address.",
        )
    if isinstance(error, TimeoutError):
        return _silent(attempt)
    if _is(error, errno.ECONNREFUSED):
        return HostError(
            f"{attempt.where} refused the connection",
            "Is the SSH server running there, and is this its port? (host:port sets another)",
        )
    if _is(error, *_UNREACHABLE):
        return HostError(f"{attempt.where} cannot be reached: {error}", "Check the network, the address and the VPN.")
    if isinstance(error, OSError) and error.filename:
        return HostError(
            f"the file {error.filename} cannot be read: {error.strerror}",
            "Correct its name in your SSH configuration, or make it readable to you.",
        )
    return HostError(
        f"no connection to {attempt.where}: {error}",
        "Try ssh -v with the same destination, which shows each step.",
    )


def _is(error: Exception, *numbers: int) -> bool:
    """Asyncio joins the errors of a name's several addresses into one text."""
    return getattr(error, "errno", None) in numbers or any(f"[Errno {number}]" in str(error) for number in numbers)


def _silent(attempt: Attempt) -> HostError:
    if attempt.reached:
        return HostError(
            f"{attempt.where} took the connection, but did not complete a login within {attempt.timeout:g} s",
            "Is it an SSH server? It may be overloaded, or its name service (UseDNS) may hang.",
        )
    return HostError(
        f"{attempt.where} did not answer within {attempt.timeout:g} s",
        "Check the address; a firewall may drop the packets.",
    )


def _host_key(error: Exception, attempt: Attempt) -> HostError:
    if attempt.offered is None and "revoked" not in str(error):
        return HostError(
            f"the host key of {attempt.where} cannot be verified: {error}",
            "Ask the server's administrator about its host certificate.",
        )
    refused = known_hosts.refused(attempt.known, attempt.peer, attempt.offered, str(error))
    if attempt.authority:
        refused.offer = None  # an authority speaks for many hosts: no single answer may trust it
    return refused


def _key_exchange(error: Exception, attempt: Attempt) -> HostError:
    on_record = known_hosts.recorded(attempt.known, attempt.peer)
    if "host key" in str(error) and on_record:
        return known_hosts.no_common_type(attempt.known, attempt.peer)
    return HostError(
        f"{attempt.where} and this program have no common way to encrypt: {error}",
        "Update the SSH server, or look for Ciphers and KexAlgorithms in your SSH configuration.",
    )


def _key_file(error: Exception, attempt: Attempt) -> HostError:
    return HostError(
        f"a key for {attempt.where} cannot be used: {error}",
        "Name another with IdentityFile, or load it into the SSH agent with ssh-add.",
    )


def _denied(error: Exception, attempt: Attempt) -> HostError:
    login = attempt.login
    if login.expired:
        return HostError(
            f"the password of {attempt.user} on {attempt.where} has expired: the server wants a new one",
            f"Log in once by hand and set it, then run again: {_by_hand(attempt)}",
        )
    found = [_Key(Path(name).expanduser()) for name in attempt.key_files or _default_keys()]
    what, remedy = _keys_denied(attempt, found)
    if login.refused:
        what = f"{attempt.where} did not take the password of {attempt.user}; {what}"
    elif login.wanted:
        what = f"{what}. It would take a password, and none was given"
        remedy = (
            "Run it at a terminal, where the password is asked for, or name a file that holds it alone by "
            f"{VARIABLE}. Or let a key in: {remedy[0].lower()}{remedy[1:]}"
        )
    if _ENOUGH in str(error) and attempt.agent:
        remedy += ". The agent may hold more keys than the server tries: choose one by IdentityFile and IdentitiesOnly."
    return HostError(what, remedy)


def _keys_denied(attempt: Attempt, found: "list[_Key]") -> tuple[str, str]:
    """Which keys were tried, which could not be, and how one is put there."""
    tried = [key.described for key in found if key.usable] + (["the keys of the SSH agent"] if attempt.agent else [])
    unusable = [key.described for key in found if not key.usable]
    what = f"{attempt.where} lets {attempt.user} in with none of these keys: {', '.join(tried) or 'there were none'}"
    remedy = f"Put one of your public keys into ~{attempt.user}/.ssh/authorized_keys there: {_copy(attempt, found)}"
    if unusable:
        what += f" (not usable: {', '.join(unusable)})"
        remedy += ". A key with a passphrase is used from the SSH agent: ssh-add KEY."
    return what, remedy


def _by_hand(attempt: Attempt) -> str:
    return shell.line(["ssh", "-p", str(attempt.port), f"{attempt.user}@{attempt.host}"])


def _copy(attempt: Attempt, keys: "list[_Key]") -> str:
    key = next((str(key.path) for key in keys), "KEY")
    return shell.line(["ssh-copy-id", "-i", key, "-p", str(attempt.port), f"{attempt.user}@{attempt.host}"])


def _default_keys() -> list[str]:
    paths = (Path("~/.ssh").expanduser() / name for name in _DEFAULT_KEYS)
    return [str(path) for path in paths if path.exists()]


class _Key:
    """A key file, as it would be tried."""

    def __init__(self, path: Path) -> None:
        library = asyncssh_lazily.load()
        self.path = path
        self.usable = False
        try:
            fingerprint = library.read_private_key(path).get_fingerprint()
        except OSError as error:
            self.described = f"{path}: {error.strerror}"
        except (library.KeyEncryptionError, library.KeyImportError) as error:
            self.described = f"{path}: {error}"
        else:
            self.usable = True
            self.described = f"{path} {fingerprint}"
