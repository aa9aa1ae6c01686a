"""A TCP connection made by a command on the host, where its sshd forwards none (AllowTcpForwarding no)."""

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.spoken import spoken

UP = b"up\n"
"""What it says once the connection is there."""

_SCRIPT = """\
exec 3<>"/dev/tcp/$1/$2" || exit 1
exec 4<&0
echo up
cat <&3 2>/dev/null & reader=$!
{ cat <&4 >&3; kill "$reader"; } 2>/dev/null >/dev/null &
wait "$reader"
kill $! 2>/dev/null
"""
"""It ends as soon as either side has ended: a shell cannot close one direction of a connection alone."""


def command(address: str, port: int) -> Command:
    """What connects its standard input and output to ``address:port``; bash has the connection built in."""
    return Command(("bash", "-c", _SCRIPT, "relay", address, str(port)), shown=spoken(f"connect to {address}:{port}"))
