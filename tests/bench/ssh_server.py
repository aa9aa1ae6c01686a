"""The lab's SSH server in a process of its own: python -m tests.bench.ssh_server FOLDER; it ends with its input.

It prints the path of an ssh configuration in which it is called ``lab``.
"""

import asyncio
import os
import pwd
import sys
from pathlib import Path

import asyncssh

from pgrepl_tui.lab.account import Account
from pgrepl_tui.lab.sshd import Login, serve


async def main(folder: Path) -> None:
    """Serve until the standard input ends."""
    entry = pwd.getpwuid(os.geteuid())
    account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=False)
    key, host_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    key.write_private_key(folder / "key")
    (folder / "key").chmod(0o600)
    server = await serve("127.0.0.1", Login(account, key, folder, dict(os.environ)), host_key)
    known = f"[127.0.0.1]:{server.get_port()} {host_key.export_public_key().decode()}"
    (folder / "known_hosts").write_text(known)
    (folder / "config").write_text(
        f"Host lab\n  HostName 127.0.0.1\n  Port {server.get_port()}\n  User {account.name}\n"
        f"  IdentityFile {folder}/key\n  UserKnownHostsFile {folder}/known_hosts\n"
    )
    sys.stdout.write(f"{folder}/config\n")
    sys.stdout.flush()
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
