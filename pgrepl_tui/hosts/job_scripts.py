"""What runs on the host for a detached job: POSIX sh, coreutils, setsid and /proc.

A process is known by its number, its start time and the boot: the number alone may be somebody else's by now.
"""

_IDENTITY = """\
boot=$(cat /proc/sys/kernel/random/boot_id)
fields() { IFS= read -r l 2>/dev/null < "/proc/$1/stat" && l=${l##*) }; }
started() { fields "$1" && { set -- $l; printf '%s' "${20}"; }; }
"""
"""`fields PID`: $l is /proc/PID/stat from the state on (proc_pid_stat(5): field 3); field 22 is the start time."""

_LOOK = (
    _IDENTITY
    + """\
members() {
  for s in /proc/[0-9]*; do
    fields "${s#/proc/}" || continue
    set -- $l
    case $1 in Z|X) continue;; esac
    [ "$4" = "$pid" ] && printf '%s ' "${s#/proc/}"
  done
}
alive() {
  [ -f "$d/pgid" ] && read -r pid start then < "$d/pgid" || return 1
  [ "$then" = "$boot" ] || return 1
  now=$(started "$pid")
  if [ -n "$now" ]; then [ "$now" = "$start" ] && [ -n "$(members)" ]
  else for m in $(members); do ours "$m" && return 0; done; return 1
  fi
}
ours() { tr '\\0' '\\n' < "/proc/$1/environ" 2>/dev/null | grep -Fqx "PGREPL_JOB=$d"; }
state() {
  if ! [ -d "$d" ]; then echo absent
  elif [ -f "$d/rc" ]; then echo "ended $(cat "$d/rc")"
  elif alive; then echo running
  elif [ -f "$d/rc" ]; then echo "ended $(cat "$d/rc")"
  else echo lost
  fi
}
d=$1
"""
)
"""A job is alive while its session has a process that is no zombie. The session's number is given to no other process
as long as that is so. Given away afterwards, its leader's start time differs; where the leader is gone, the environment
of the others tells."""

_RUNNER = """\
d=$1; shift
printf '%s %s %s\\n' "$$" "$(started "$$")" "$boot" > "$d/pgid.part" && mv "$d/pgid.part" "$d/pgid" || exit
echo up
exec >> "$d/log" 2>&1
umask "$1"; shift
PGREPL_JOB=$d; export PGREPL_JOB
trap : TERM HUP INT
"$@"
rc=$?
umask 077
printf '%s\\n' "$rc" > "$d/rc.part" && sync "$d/rc.part" && mv "$d/rc.part" "$d/rc"
"""
"""Leads the session. A signal to the group must not end it before it has noted how the command ended; a trap, unlike
an ignored signal, is not inherited by the command."""

START = """\
set -u
d=$1 shown=$2 runner=$3; shift 3
usual=$(umask)
umask 077
clear() { rm -f -- "$d/log" "$d/command" "$d/pgid.part"; rmdir -- "$d"; exit 1; }
mkdir -p -- "${d%/*}/" || exit
mkdir -- "$d" || exit
printf '%s\\n' "$shown" > "$d/command" && : > "$d/log" || clear
up=$(setsid env -u PGREPL_RUN /bin/sh -c "$runner" pgrepl-job "$d" "$usual" "$@" < /dev/null 2>> "$d/log" &)
[ "$up" = up ] || { cat "$d/log" >&2; clear; }
"""
"""$1 folder, $2 the command as it is shown, $3 the runner, then the command. It waits until the runner is known.
The job drops the mark of the command that starts it (remote_end.py)."""

RUNNER = _IDENTITY + _RUNNER

STATE = _LOOK + "state\n"
"""$1 folder."""

POLL = (
    _LOOK
    + """\
state
[ -d "$d" ] || exit 0
tail -c "+$2" -- "$d/log" | head -c "$3"
"""
)
"""$1 folder, $2 the first byte (from 1), $3 how many at most. The state is read first: at an end all is there."""

STOP = (
    _LOOK
    + """\
wait_for_end() {
  n=0
  while [ "$n" -lt "$1" ]; do
    [ -n "$(members)" ] || return 0
    sleep 0.1 2>/dev/null || sleep 1
    n=$((n + 1))
  done
  [ -z "$(members)" ]
}
if alive; then
  kill -s TERM -- "-$pid" 2>/dev/null
  wait_for_end "$2" || {
    kill -s KILL -- "-$pid" 2>/dev/null
    for m in $(members); do kill -s KILL "$m" 2>/dev/null; done
    wait_for_end 50 || { echo "still there: $(members)" >&2; exit 1; }
    [ -f "$d/rc" ] || { umask 077; echo 137 > "$d/rc.part" && mv "$d/rc.part" "$d/rc"; }
  }
fi
state
"""
)
"""$1 folder, $2 tenths of a second between TERM and KILL."""

FORGET = (
    _LOOK
    + """\
[ "$(state)" != running ] || { echo "it still runs" >&2; exit 1; }
[ -d "$d" ] || exit 0
rm -f -- "$d/pgid" "$d/pgid.part" "$d/rc" "$d/rc.part" "$d/log" "$d/command" && rmdir -- "$d"
"""
)
"""$1 folder."""
