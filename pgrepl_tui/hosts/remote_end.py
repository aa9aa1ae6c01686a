"""How a command on a host is ended when nobody wants its result any more.

Closing its channel does not end it, and OpenSSH passes no signal on for a root login, nor at all before 7.9. So each
command carries a mark in its environment, which its children inherit, and another command ends whoever carries it.
"""

from pgrepl_tui.hosts.host import Command

MARK = "PGREPL_RUN"
"""The environment variable that holds the mark."""
SECONDS = 10.0
"""How long ending a command takes at most."""

_SCRIPT = """\
marked() {
  for e in /proc/[0-9]*/environ; do
    [ -r "$e" ] || continue
    while IFS= read -r l || [ -n "$l" ]; do
      case $l in *"$1"*) tr '\\0' '\\n' < "$e" | grep -Fqx -e "$1" && echo "$e"; break;; esac
    done < "$e"
  done 2>/dev/null
}
send() {
  for e in $(marked "$2"); do
    p=${e#/proc/} p=${p%/environ}
    kill -s "$1" -- "-$p" 2>/dev/null
    kill -s "$1" "$p" 2>/dev/null
  done
}
for s in TERM KILL; do
  send "$s" "$1"
  n=0
  while [ "$n" -lt 30 ]; do
    [ -n "$(marked "$1")" ] || exit 0
    sleep 0.1 2>/dev/null || sleep 1
    n=$((n + 1))
  done
done
exit 1
"""
"""The first look costs no process: `read` passes over the zero bytes. The second is exact, for sudo leaves the whole
command line in SUDO_COMMAND."""


def command(mark: str, user: str | None) -> Command:
    """What ends all processes of ``user`` that carry the mark: TERM, 3 s later KILL; status 0: none is left."""
    return Command(("/bin/sh", "-c", _SCRIPT, "end", f"{MARK}={mark}"), user=user, quiet_for=SECONDS)
