"""The scripts that look for clusters on a host. They read only, and print a line a finding, its words split by tabs.

Where clusters lie: Debian's postgresql-common keeps a list of its own (pg_lsclusters); the PGDG packages for RHEL use
/usr/pgsql-N/bin and /var/lib/pgsql/N/data, RHEL's own /usr/bin and /var/lib/pgsql/data, each with a systemd unit whose
Environment or -D may name another data directory. A server that runs shows where it is, wherever that may be.
"""

POSTMASTERS = r"""
postmasters() {
    for proc in /proc/[0-9]*; do
        read -r comm 2>/dev/null <"$proc/comm" || continue
        case $comm in postgres|postmaster|edb-postgres) ;; *) continue ;; esac
        read -r stat 2>/dev/null <"$proc/stat" || continue
        set -- ${stat##*) }
        read -r parent 2>/dev/null <"/proc/$2/comm" || parent=
        # What a server of PostgreSQL started is one of its own processes.
        [ "$parent" = "$comm" ] || found "$proc"
    done
}
"""

OVERVIEW = r"""
user=$1 tab=$(printf '\t')
say() { IFS=$tab; printf '%s\n' "$*"; unset IFS; }
read -r id 2>/dev/null </etc/machine-id || id=
read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id || boot=
say machine "$id/$boot"
id -u -- "$user" >/dev/null 2>&1 && say user "$user"
pg_lsclusters -h 2>/dev/null | while read -r line; do say debian "$line"; done
for bin in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
    [ -x "$bin/postgres" ] && say programs "$bin"
done
owner=$(stat -c %U /var/lib/pgsql 2>/dev/null)
for bin in /usr/pgsql-*/bin; do
    number=${bin#/usr/pgsql-}
    [ -x "$bin/postgres" ] && say folders "${owner:-postgres}" "$bin" "/var/lib/pgsql/${number%/bin}/data"
done
[ -x /usr/bin/postgres ] && [ -n "$owner" ] && say folders "$owner" /usr/bin /var/lib/pgsql/data
if [ -d /run/systemd/system ]; then
    systemctl list-unit-files --type=service --no-legend --no-pager 'postgresql*' 2>/dev/null |
    while read -r unit rest; do
        case $unit in *@.service) continue ;; esac
        systemctl show --no-pager -p User -p Environment -p ExecStart -- "$unit" 2>/dev/null |
        while read -r line; do say unit "$unit" "$line"; done
    done
fi
found() { say running "$(stat -c %U "$1" 2>/dev/null)"; }
postmasters
exit 0
"""
"""As whoever logged in: what is installed, and who owns what runs. Takes the name of an OS user to look for."""

RUNNING = r"""
me=$(id -u)
found() {
    [ "$(stat -c %u "$1" 2>/dev/null)" = "$me" ] || return 0
    exe=$(readlink "$1/exe" 2>/dev/null) || return 0
    cwd=$(readlink "$1/cwd" 2>/dev/null) || return 0
    # A postmaster works in its data directory; in a copy of one the number is another process's.
    [ "$(sed -n 1p "$cwd/postmaster.pid" 2>/dev/null)" = "${1#/proc/}" ] || return 0
    printf '%s\t%s\n' "${exe%/*}" "$cwd"
}
postmasters
exit 0
"""
"""As the owner of clusters: the folder of the programs and the data directory of each server that runs."""


def overview(user: str) -> tuple[str, ...]:
    """The command for the first look."""
    return ("/bin/sh", "-c", POSTMASTERS + OVERVIEW, "sh", user)


def running() -> tuple[str, ...]:
    """The command for a look at the servers of the user that it runs as."""
    return ("/bin/sh", "-c", POSTMASTERS + RUNNING)
