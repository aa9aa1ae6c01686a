"""What looks once more, on the standby's host, at what is about to be stopped or set aside: POSIX sh and coreutils.

Each function refuses (exit status 97) before anything was touched. ``$data`` is the data directory, ``$tool`` the
pg_controldata of its version.
"""

IDENTIFY = r"""
identifier() { LC_ALL=C "$tool" "$1" | sed -n 's/^Database system identifier: *//p'; }
state() { LC_ALL=C "$tool" "$1" | sed -n 's/^Database cluster state: *//p'; }
last() { LC_ALL=C "$tool" "$1" | sed -n 's/^Latest checkpoint location: *//p'; }
"""

SYSTEM_FOLDERS = (
    "/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin",
    "/srv", "/sys", "/tmp", "/usr", "/usr/local", "/var", "/var/lib",  # noqa: S108 - to be refused
)  # fmt: skip
"""Never a data directory, whatever is in it; and nothing below /etc."""
GUARDS = (
    rf"""
guard_place() {{
    case $data in {"|".join(SYSTEM_FOLDERS)}|/etc/*) refuse "$data is a folder of the system's" ;; esac
    ! cut -d: -f6 /etc/passwd 2>/dev/null | grep -Fqx -- "$data" || refuse "$data is somebody's home"
}}
"""
    r"""
guard_mount() {
    mounted=$(printf '%s' "$data" | sed 's/\\/\\134/g; s/ /\\040/g; s/	/\\011/g')
    while read -r _ _ _ _ at _; do
        [ "$at" != "$mounted" ] || refuse "$data is a mount point"
    done < /proc/self/mountinfo
}
guard_identity() {
    [ "$(readlink -f -- "$data" 2>/dev/null || echo "$data")" = "$data" ] || refuse "$data is a link now"
    [ -f "$data/PG_VERSION" ] && [ -f "$data/global/pg_control" ] || refuse "$data is not a data directory"
    [ -z "$inode" ] || [ "$(stat -c %d:%i -- "$data")" = "$inode" ] ||
        refuse "$data is not the directory that was looked at"
    [ -z "$own" ] || [ "$(identifier "$data")" = "$own" ] || refuse "$data is another cluster than was looked at"
}
guard_host() {
    [ -z "$nonce" ] || [ "$(sed -n 2p -- "$theirs" 2>/dev/null)" != "$nonce" ] || refuse "this is the primary's host"
}
guard_lock() {
    [ -n "$lock" ] || return 0
    [ "$(sed -n 1p -- "$lock" 2>/dev/null)" = "$who" ] || refuse "another run has taken the lock"
    ! flock -n "$lock" true || refuse "the lock of this run is gone"
}
guard_same_end() {
    [ -z "$ended" ] || [ "$(state "$data"), $(last "$data")" = "$ended" ] || refuse "$data was started meanwhile"
}
"""
)
"""`$inode` device and inode, `$own` its system identifier, `$nonce` and `$theirs` what stands in the primary's lock and
where that would be if this were its host, `$lock` and `$who` our own lock here, `$ended` the state and the latest
checkpoint of a stopped copy of the primary; empty: not known, or not to be looked at."""


def of_the_system(path: str) -> bool:
    """True for a folder that is never a data directory."""
    return path in SYSTEM_FOLDERS or path.startswith("/etc/")


LOOK_AGAIN = (
    r"""
set -eu
data=$1 inode=$2 tool=$3 own=$4 lock=$5 who=$6 theirs=$7 nonce=$8
refuse() { echo "$*; nothing was touched" >&2; exit 97; }
"""
    + IDENTIFY
    + GUARDS
    + r"""
guard_lock
guard_host
guard_place
guard_identity
"""
)
"""Before the server in ``$data`` is stopped."""
