"""What a host says about itself and about its data directory, in one look."""

from dataclasses import dataclass

from pgrepl_tui.hosts.host import Command
from pgrepl_tui.spoken import spoken
from pgrepl_tui.steps.context import Side

DU_MAY_TAKE = 1800.0
"""Seconds of silence: `du` walks through all of a data directory, which may be millions of files on a cold disk."""

LOOK = r"""
data=$1 bin=$2
say() { printf '%s=%s\n' "$1" "$2"; }
say machine "$(uname -m)"
say machine_id "$(cat /etc/machine-id 2>/dev/null)"
say boot_id "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
say libc "$(getconf GNU_LIBC_VERSION 2>/dev/null || ldd --version 2>&1 | sed -n 1p)"
say clock "$(date +%s)"
say memory_kb "$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)"
say selinux "$(getenforce 2>/dev/null)"
parent=$(dirname -- "$data")
while [ ! -e "$parent" ]; do parent=$(dirname -- "$parent"); done
say parent "$parent"
[ -w "$parent" ] && say parent_writable yes
say free_kb "$(df -Pk -- "$parent" | sed -n '2s/^.* \([0-9][0-9]*\)  *[0-9][0-9]*% .*/\1/p')"
say device "$(stat -Lc %d -- "$parent")"
while read -r number above device root point rest; do
    case $point in *\\*) point=$(printf "$(printf %s "$point" | sed 's/%/%%/g')") ;; esac
    case $point in "$data") say mount yes ;; "$data"/pg_stat_tmp) ;; "$data"/*) say inner_mount "$point" ;; esac
done </proc/self/mountinfo
[ -x "$bin/pg_basebackup" ] && say basebackup yes
[ -d "$data.pgrepl-new" ] && say new_kb "$(du -sk -- "$data.pgrepl-new" 2>/dev/null | cut -f1)"
if [ -d "$data" ]; then
    [ -e "$data/postmaster.pid" ] && say pid_file yes
    say identity "$(stat -Lc %d:%i -- "$data")"
    say owner "$(stat -Lc %U -- "$data")"
    say mode "$(stat -Lc %a -- "$data")"
    ! cut -d: -f6 /etc/passwd 2>/dev/null | grep -Fqx -- "$data" || say home yes
    [ -f "$data/PG_VERSION" ] && say pg_version "$(cat -- "$data/PG_VERSION")"
    [ -f "$data/global/pg_control" ] && say pg_control yes
    [ -n "$(ls -A -- "$data" 2>/dev/null)" ] && say filled yes
    for link in "$data/pg_wal" "$data/pg_xlog"; do
        [ ! -L "$link" ] || say wal_link "$(readlink -f -- "$link" || readlink -- "$link")"
    done
    for link in "$data"/pg_tblspc/[0-9]*; do
        [ -L "$link" ] || continue
        where=$(readlink -- "$link")
        size=$(du -skc -- "$where/PG_$(cat -- "$data/PG_VERSION")_"* 2>/dev/null | tail -n 1 | cut -f1)
        say "tablespace.${link##*/}" "${size:-0} $(stat -Lc %d:%i -- "$where" 2>/dev/null || echo -) $where"
    done
    say size_kb "$(du -sk -- "$data" 2>/dev/null | cut -f1)"
    say recovery_files "$(cd -- "$data" &&
        ls -d recovery.conf recovery.signal standby.signal 2>/dev/null | tr '\n' ' ')"
fi
exit 0
"""


@dataclass(frozen=True)
class Linked:
    """A tablespace to which a link of a data directory leads: its size in kB, its device:inode, its folder."""

    size_kb: int
    identity: str
    path: str


@dataclass(frozen=True)
class Survey:
    """One side, as surveyed."""

    side: Side
    said: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.said.get(name, "")

    def number(self, name: str) -> int:
        """A figure; 0 where it is not known."""
        text = self[name]
        return int(text) if text.isdigit() else 0

    @property
    def tablespaces(self) -> dict[str, Linked]:
        """Those to which links lead, by the name of the link."""
        parts = {name.partition(".")[2]: text.split(" ", 2) for name, text in self.said.items() if "." in name}
        return {number: Linked(int(size), identity, path) for number, (size, identity, path) in parts.items()}


async def survey(side: Side) -> Survey:
    """Look at a host and its data directory."""
    cluster = side.cluster
    argv = ("/bin/sh", "-c", LOOK, "sh", cluster.data, cluster.bin)
    command = Command(argv, user=cluster.os_user, shown=spoken(f"survey {cluster.data}"), quiet_for=DU_MAY_TAKE)
    result = await side.host.run(command)
    return Survey(side, dict(line.split("=", 1) for line in result.text.splitlines() if "=" in line))
