"""What runs on the host to read and change a file: POSIX sh and coreutils (GNU or busybox), nothing else."""

STAT = """\
p=$1
real=$(readlink -f -- "$p" && echo /) || real=$(readlink -- "$p"; echo /)
as='%f %U %G %s %d %i %h'
facts=$(stat -L -c "$as" -- "$p" 2>/dev/null) || facts=$(stat -c "$as" -- "$p") || exit
room=$(stat -f -c '%a %S' -- "$p" 2>/dev/null) || room='0 0'
[ -L "$p" ] && link=1 || link=0
printf '%s %s %s\\0%s\\0' "$facts" "$room" "$link" "${real%??}"
cat /proc/self/mountinfo
"""
"""$1 path. Facts of what a link leads to, or of the link itself where that leads nowhere."""

WRITE = """\
set -u
umask 077
fail() { printf '%s\\n' "$1" >&2; exit 1; }
digest() { s=$(sha256sum) && printf '%s' "${s%% *}"; }
asked=$1 mode=$2 new=$3 old=$4 backups=$5
p=$(readlink -f -- "$asked") || fail "the folder does not exist"
dir=${p%/*}
[ -n "$dir" ] || dir=/
if [ -e "$p" ]; then
  [ -f "$p" ] || fail "it is not a regular file"
  there=$(digest < "$p") || exit
  [ -z "$old" ] || [ "$there" = "$old" ] || fail "somebody else has changed it meanwhile"
elif [ -n "$old" ]; then
  fail "somebody else has removed it meanwhile"
fi
kept=
if [ -n "$backups" ] && [ -e "$p" ]; then
  kept=$backups/${p##*/}.$(printf %.16s "$there")
  if ! [ -e "$kept" ]; then
    trap 'rm -f -- "$kept.part"' EXIT
    cp -p -- "$p" "$kept.part" && sync "$kept.part" && mv -f -- "$kept.part" "$kept" || exit
  fi
  [ "$(digest < "$kept")" = "$there" ] || fail "the backup copy $kept is not the same"
fi
t=$(mktemp "$dir/.pgrepl-XXXXXXXX") || exit
trap 'rm -f -- "$t"' EXIT
trap 'exit 1' HUP INT TERM PIPE
cat > "$t" || exit
[ "$(digest < "$t")" = "$new" ] || fail "not all of the content arrived"
if [ -e "$p" ]; then
  was=$(stat -c '%u:%g' -- "$p") rights=$(stat -c '%a' -- "$p")
  cp --attributes-only --preserve=all -- "$p" "$t" 2>/dev/null
  touch -- "$t" || exit
  [ "$(stat -c '%u:%g' -- "$t")" = "$was" ] || chown -- "$was" "$t" || fail "its owner $was could not be kept"
  chmod "${mode:-$rights}" "$t" || exit
else
  chmod "${mode:-600}" "$t" || exit
fi
sync "$t" || exit
mv -f -- "$t" "$p" || exit
sync "$dir"
[ "$(digest < "$p")" = "$new" ] || { echo "after it was put in place it does not hold what was sent" >&2; exit 3; }
printf '%s\\0%s' "$p" "$kept"
"""
"""$1 path, $2 mode (octal) or nothing, $3 SHA-256 of the new content, $4 of the expected old content or nothing,
$5 the folder for a backup or nothing; the content on stdin. Exit status 3: the old file is gone."""

MAKE_DIR = """\
umask 077
mkdir -p -- "${1%/*}/" || exit
mkdir -m "$2" -- "$1" 2>/dev/null && exit
if [ -L "$1" ] || ! [ -d "$1" ]; then mkdir -m "$2" -- "$1"; exit; fi
[ "$(stat -c %u -- "$1")" = "$(id -u)" ] || { echo "it exists, and belongs to $(stat -c %U -- "$1")" >&2; exit 1; }
chmod "$2" -- "$1"
"""
"""$1 path, $2 mode (octal)."""

REMOVE = 'rm -f -- "$1"'
"""$1 path."""
