"""What runs on the standby's host to look at what was set aside, and to delete it."""

from pgrepl_tui.steps.standby.guard_scripts import GUARDS

_PARTS = r"""
parts() {
    own=${1#"$data".} own=${own#pgrepl-undone-discarded-}
    for link in "$1"/pg_tblspc/[0-9]* "$1"/pg_wal "$1"/pg_xlog; do
        [ -L "$link" ] || continue
        part=$(readlink -- "$link")
        case $part in /*/"$own"|/*."$own") [ ! -d "$part" ] || printf '%s\n' "$part" ;; esac
    done
}
"""
"""`parts CLUSTER`: where its tablespaces and its WAL were set aside with it: its own links lead there, and its name is
in theirs."""

LIST = (
    _PARTS
    + r"""
data=$1
for path in "$data".pgrepl-old-* "$data".pgrepl-undone-*; do
    [ -d "$path" ] && [ ! -L "$path" ] || continue
    { printf '%s\n' "$path"; parts "$path"; } | while IFS= read -r one; do
        size=$(du -sm -- "$one") || exit
        printf '%s %s %s\n' "$(stat -c %i -- "$one")" "${size%%	*}" "$one"
    done || exit
done
"""
)
"""$1 the data directory; prints inode, size (MB) and path of each folder, a cluster's own before its parts."""

DISCARD = (
    _PARTS
    + r"""
set -eu
data=$1 lock=$2 who=$3 theirs=$4 nonce=$5
shift 5
refuse() { echo "$*; nothing was deleted" >&2; exit 97; }
"""
    + GUARDS
    + r"""
guard_lock
guard_host
[ -d "$data" ] && [ -f "$data/PG_VERSION" ] && [ -f "$data/postmaster.pid" ] || refuse "no server runs in $data"
guard() {
    [ ! -L "$1" ] && [ -d "$1" ] || refuse "$1 is not a folder"
    [ "$(readlink -f -- "$1")" = "$1" ] || refuse "a link leads to $1"
    [ ! -e "$1/postmaster.pid" ] || refuse "a server runs in $1 (postmaster.pid)"
    for proc in /proc/[0-9]*; do
        case $(readlink -- "$proc/cwd" 2>/dev/null)/ in "$1"/*) refuse "process ${proc#/proc/} works in $1" ;; esac
    done
    ! ls -l /proc/[0-9]*/fd 2>/dev/null | grep -Fq -- " -> $1/" || refuse "a process has a file in $1 open"
    for link in "$data" "$data"/pg_tblspc/[0-9]* "$data"/pg_wal "$data"/pg_xlog; do
        case $(readlink -f -- "$link")/ in "$1"/*) refuse "the server in $data uses $1" ;; esac
    done
    mounted=$(printf '%s' "$1" | sed 's/\\/\\134/g; s/ /\\040/g; s/	/\\011/g')
    while read -r _ _ _ _ at _; do
        case $at in "$mounted"|"$mounted"/*) refuse "a file system is mounted at $at" ;; esac
    done < /proc/self/mountinfo
}
cluster() {
    case $1 in
        "$data".pgrepl-old-*/*|"$data".pgrepl-undone-*/*) return 1 ;;
        "$data".pgrepl-old-?*|"$data".pgrepl-undone-?*) ;;
        *) return 1 ;;
    esac
}
known=
for given in "$@"; do
    inode=${given%% *} path=${given#* }
    [ "$(stat -c %i -- "$path" 2>/dev/null)" = "$inode" ] || refuse "$path is not the folder that was looked at"
    if cluster "$path"; then
        known=$(parts "$path")
    else
        printf '%s\n' "$known" | grep -Fqx -- "$path" || refuse "$path is not ours"
    fi
    guard "$path"
done
for given in "$@"; do
    path=${given#* }
    cluster "$path" || continue
    case $path in
        "$data".pgrepl-undone-discarded-*) gone=$path ;;
        *) gone=$data.pgrepl-undone-discarded-${path#"$data".}; mv -T -- "$path" "$gone" ;;
    esac
    parts "$gone" | while IFS= read -r part; do rm -rf -- "$part"; done
    rm -rf -- "$gone"
    printf '%s\n' "$path"
done
"""
)
"""$1 the data directory, our lock there and its holder, the primary's lock and its nonce (``lock.held_for``), then
`INODE PATH` of each folder, a cluster's own before its parts. All are looked at before
any is deleted. A cluster gets another name before it loses its first file: undo never takes half of it for a whole."""
