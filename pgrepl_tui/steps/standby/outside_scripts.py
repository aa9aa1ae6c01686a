"""What runs on the standby's host for tablespaces and WAL outside the data directory: POSIX sh and coreutils.

Everything is told from what is on the disks, so that a script that was cut off anywhere is finished by the next one. A
set-aside cluster's link is changed before what it leads to is renamed: then it is always known whose that is, and no
server started in it can reach the files of the copy. ``$data`` is the data directory, ``$tag`` its tag; a cluster that
was set aside is called ``$data.NAME``, and what it has in ``/ts`` becomes ``/ts/NAME``.
"""

FUNCTIONS = r"""
leads() { [ "$(readlink -f -- "$1" || printf '%s' "$1")" = "$(readlink -f -- "$2" || printf '%s' "$2")" ]; }
relink() { rm -f -- "$1.pgrepl" && ln -s -- "$2" "$1.pgrepl" && mv -T -- "$1.pgrepl" "$1"; }
part() {
    [ -L "$1" ] || return 1
    target=$(readlink -- "$1") inner=
    case $target in
        */"$2") home=${target%/*} stem=$home/
            for inner in "$target"/PG_*; do inner=/${inner##*/}; done ;;
        /*."$3") home=${target%".$3"} stem=$home. ;;
        *) return 1 ;;
    esac
}
set_aside() {
    for cluster in "$data".pgrepl-old-* "$data".pgrepl-undone-*; do
        kept=$stem${cluster#"$data".}
        for link in "$cluster"/pg_tblspc/[0-9]* "$cluster"/pg_wal "$cluster"/pg_xlog; do
            [ -L "$link" ] && [ ! -e "$kept$inner" ] || continue
            leads "$link" "$home" || [ "$(readlink -- "$link")" = "$kept" ] || continue
            relink "$link" "$kept"
            [ -z "$inner" ] || mkdir -p -m 700 -- "$kept"
            mv -T -- "$home$inner" "$kept$inner"
            return
        done
    done
    echo "$home$inner is there, and is no part of a cluster that was set aside" >&2
    exit 98
}
take_place() {
    if [ -e "$target$inner" ]; then
        [ ! -e "$home$inner" ] || set_aside
        mv -T -- "$target$inner" "$home$inner"
    fi
    relink "$1" "$home"
    [ -z "$inner" ] || [ -n "$(ls -A -- "$target")" ] || rmdir -- "$target"
}
"""
"""`part LINK FOLDER SUFFIX`: whether a link leads to what is not in its place: $target$inner, to be $home$inner. What
another cluster has there is to be ${stem}NAME$inner, and `set_aside` sees to that. `take_place LINK` moves a part."""

GUARD = r"""
known() {
    for link in "$data"/pg_tblspc/[0-9]* "$data"/pg_wal "$data"/pg_xlog; do
        [ ! -L "$link" ] || ! leads "$link" "$home" || return 0
    done
    for cluster in "$data".pgrepl-old-* "$data".pgrepl-undone-*; do
        kept=$stem${cluster#"$data".}
        for link in "$cluster"/pg_tblspc/[0-9]* "$cluster"/pg_wal "$cluster"/pg_xlog; do
            [ -L "$link" ] && [ ! -e "$kept$inner" ] || continue
            ! leads "$link" "$home" && [ "$(readlink -- "$link")" != "$kept" ] || return 0
        done
    done
    return 1
}
guard_parts() {
    for found in "$new"/pg_tblspc/[0-9]* "$new"/pg_wal "$new"/pg_xlog; do
        part "$found" "pgrepl-new-$tag" pgrepl-new || continue
        [ -d "$target" ] || { [ -z "$inner" ] && [ -d "$home" ]; } || refuse "$target is gone"
        [ -e "$target$inner" ] || continue
        [ -z "$inner" ] || [ -w "$home" ] || refuse "$home cannot be written to"
        [ -e "$home$inner" ] || continue
        known || refuse "$home$inner is there, and is no part of the old cluster"
        [ "$(stat -Lc %d -- "$home$inner")" = "$(stat -Lc %d -- "$target")" ] || refuse "$home$inner is a mount point"
    done
}
"""
"""Refuses before anything is moved what could not be moved: `known` tells whether a cluster has a link there."""

PLACE = r"""
keep_inside() {
    for cluster in "$data".pgrepl-old-*; do
        for link in "$cluster"/pg_tblspc/[0-9]* "$cluster"/pg_wal "$cluster"/pg_xlog; do
            [ -L "$link" ] || continue
            to=$(readlink -- "$link")
            case $to in "$data"/*) ;; *) continue ;; esac
            [ ! -e "$cluster${to#"$data"}" ] || relink "$link" "$cluster${to#"$data"}"
        done
    done
}
place_parts() {
    for found in "$new"/pg_tblspc/[0-9]* "$new"/pg_wal "$new"/pg_xlog; do
        if part "$found" "pgrepl-new-$tag" pgrepl-new; then
            take_place "$found"
        elif [ -d "$found/pgrepl-new-$tag" ] && [ -z "$(ls -A -- "$found/pgrepl-new-$tag")" ]; then
            rmdir -- "$found/pgrepl-new-$tag"
        fi
    done
}
"""
"""Between the renames of the two data directories: `keep_inside` for links into the old data directory itself, which
has another name now, then `place_parts`."""

TAKE_BACK = r"""
take_back() {
    for found in "$1"/pg_tblspc/[0-9]* "$1"/pg_wal "$1"/pg_xlog; do
        if part "$found" "${1#"$data".}" "${1#"$data".}"; then
            take_place "$found"
        elif [ -L "$found" ]; then
            target=$(readlink -- "$found")
            case $target in "$1"/*) relink "$found" "$data${target#"$1"}" ;; esac
        fi
    done
}
"""
"""`take_back CLUSTER`: once the data directory's name is free, and before the set-aside cluster gets it back."""

LINKS = r"""
for link in "$1"/pg_tblspc/[0-9]* "$1"/pg_wal "$1"/pg_xlog; do
    [ ! -L "$link" ] || readlink -f -- "$link" || readlink -- "$link"
done
"""
"""$1 a data directory; prints where its links lead."""
