"""Find a cluster on a host: by Debian's name, by its folders, or the only one that there is."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pgrepl_tui.hosts.host import Command, Host
from pgrepl_tui.postgres.cluster import Cluster, Control, PgCtl, PgCtlCluster, SystemdUnit
from pgrepl_tui.postgres.conf import settings
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.spoken import spoken

DEBIAN_CLUSTER = re.compile(r"^(\d+(?:\.\d+)?)/([\w.+-]+)$")

WANTED_SETTINGS = r"/^[[:space:]]*\(port\|unix_socket_director\|data_directory\|hba_file\)/Ip"
"""Only these lines are read, so that nothing else of the file is told; names are in any case."""

LOOK = r"""
data=$1 bin=$2
say() { printf '%s=%s\n' "$1" "$2"; }
real=$(readlink -f -- "$data" 2>/dev/null)
say data "${real:-$data}"
[ -d /run/systemd/system ] && say systemd yes
[ -d "$real" ] || exit 0
say exists yes
[ -r "$real/PG_VERSION" ] && say pg_version "$(cat -- "$real/PG_VERSION")"
[ -f "$real/global/pg_control" ] && say pg_control yes
[ -x "$bin/postgres" ] && say server "$("$bin/postgres" -V)"
pid=$(sed -n 1p -- "$real/postmaster.pid" 2>/dev/null)
cwd=$(readlink -- "/proc/$pid/cwd" 2>/dev/null)
# After a crash the number may be another process's by now, even another cluster's: a postmaster works in its directory.
case $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null) in Z*|X*) pid= ;; esac
if [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && [ "${cwd:-$real}" = "$real" ]; then
    say pid "$pid"
    say port "$(sed -n 4p -- "$real/postmaster.pid")"
    say socket_dir "$(sed -n 5p -- "$real/postmaster.pid")"
    log=$(readlink -f /proc/"$pid"/fd/2 2>/dev/null)
    # Not a pipe to the logging collector, a socket of the journal, or a file that was deleted.
    [ -f "$log" ] && say log "$log"
    unit=$(sed -n 's,.*/system\.slice/\(.*/\)*\([^/]*\)\.service$,\2,p' /proc/"$pid"/cgroup 2>/dev/null | sed -n 1p)
    # A unit runs the server only if the postmaster is its main process: anything else may just have started it.
    # (systemd 219 of RHEL 7 has no --value.)
    [ -n "$unit" ] && [ "$(systemctl show -p MainPID "$unit" 2>/dev/null)" = "MainPID=$pid" ] && say unit "$unit"
else
    # Down: the unit that starts it names its data directory, as PGDATA (PGDG, Red Hat) or after -D.
    systemctl list-unit-files --type=service --no-legend 'postgresql*' 2>/dev/null | while read -r name _; do
        case $name in *@.service) continue ;; esac
        words=" $(systemctl show -p Environment -p ExecStart "$name" 2>/dev/null | tr '\n=' '  ') "
        for place in "$real" "$real/" "$data" "$data/"; do
            case $words in *" PGDATA $place "*|*" -D $place "*) say unit "${name%.service}"; break 2 ;; esac
        done
    done
fi
exit 0
"""

SEARCH = r"""
running=
if command -v pg_lsclusters >/dev/null 2>&1; then
    pg_lsclusters -h | while read -r major name port state owner data log; do
        printf 'debian %s/%s %s\n' "$major" "$name" "$data"
    done
    exit 0
fi
for proc in /proc/[0-9]*; do
    exe=$(readlink "$proc/exe" 2>/dev/null) || continue
    case ${exe##*/} in postgres|postmaster) ;; *) continue ;; esac
    cwd=$(readlink "$proc/cwd") || continue
    [ "$(sed -n 1p "$cwd/postmaster.pid" 2>/dev/null)" = "${proc#/proc/}" ] || continue
    printf 'folders %s %s\n' "${exe%/*}" "$cwd"
    running=yes
done
[ -z "$running" ] || exit 0
# None runs: where Red Hat's packages keep theirs (postgresql.service) and PGDG's (postgresql-N.service).
for data in /var/lib/pgsql/data /var/lib/pgsql/*/data; do
    [ -r "$data/PG_VERSION" ] || continue
    major=${data#/var/lib/pgsql/} major=${major%data} major=${major%/}
    bin=${major:+/usr/pgsql-$major/bin}
    [ -x "${bin:=/usr/bin}/postgres" ] && printf 'folders %s %s\n' "$bin" "$data"
done
exit 0
"""


class LocateError(Exception):
    """There is no such cluster, or more than one that could be meant.

    Attributes:
        what: what was found, in a sentence.
        remedy: what to write into the topology.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True)
class Where:
    """What the topology says about a cluster; what it does not say is found out."""

    cluster: str | None = None
    bin: str | None = None
    data: str | None = None
    config: str | None = None
    unit: str | None = None
    log: str | None = None
    port: int | None = None
    os_user: str = "postgres"


async def locate(host: Host, where: Where) -> Cluster:
    """Find the cluster that ``where`` describes.

    A data directory that does not exist yet (or is empty) is fine: a standby may be made there.

    Raises:
        LocateError: not found, not a cluster, or more than one to choose from.
        HostError: the host did not answer.
    """
    if not where.cluster and not where.data:
        where = await _only_one(host, where)
    match = DEBIAN_CLUSTER.match(where.cluster or "")
    if where.cluster and not match:
        raise LocateError(
            f"{where.cluster!r} is not Debian's version/name", "write it like 15/main, or give bin and data"
        )
    if match:
        return await _debian(host, where, match[1], match[2])
    return await _folders(host, where)


async def _only_one(host: Host, where: Where) -> Where:
    result = await host.run(Command(("/bin/sh", "-c", SEARCH), user=where.os_user, shown=spoken("look for clusters")))
    found = [line.split(" ", 2) for line in result.text.splitlines()]
    if len(found) != 1:
        names = ", ".join(line[1] if line[0] == "debian" else line[2] for line in found) or "none"
        raise LocateError(
            f"{host.name} has {len(found)} clusters to choose from: {names}",
            "name one in the topology: cluster (Debian's version/name), or bin and data",
        )
    kind, first, second = found[0]
    if kind == "debian":
        return Where(cluster=first, unit=where.unit, log=where.log, port=where.port, os_user=where.os_user)
    return Where(None, first, second, where.config, where.unit, where.log, where.port, where.os_user)


async def _debian(host: Host, where: Where, major: str, name: str) -> Cluster:
    """Debian keeps programs, data, configuration and log of a cluster in folders of its own (postgresql-common)."""
    config = where.config or f"/etc/postgresql/{major}/{name}"
    conf = await _conf(host, f"{config}/postgresql.conf", where.os_user)
    if conf is None:
        raise LocateError(f"{host.name} has no cluster {major}/{name}: {config}/postgresql.conf is not there",
                          "pg_lsclusters on the host lists its clusters")  # fmt: skip
    bin_dir = f"/usr/lib/postgresql/{major}/bin"
    look = await _look(host, conf.get("data_directory", f"/var/lib/postgresql/{major}/{name}"), bin_dir, where.os_user)
    control: Control = PgCtlCluster(name)
    if look.get("systemd"):
        control = SystemdUnit(where.unit or f"postgresql@{major}-{name}")
    log = where.log or f"/var/log/postgresql/postgresql-{major}-{name}.log"
    return Cluster(
        major=Major.parse(major),
        bin=bin_dir,
        data=look["data"],
        config=config,
        hba=conf.get("hba_file", f"{config}/pg_hba.conf"),
        port=where.port or int(look.get("port") or conf.get("port", "5432")),
        socket_dir=look.get("socket_dir") or _first(conf.get("unix_socket_directories", "/var/run/postgresql")),
        os_user=where.os_user,
        control=control,
        log=log,
        running=int(look.get("pid", "0")),
    )


async def _folders(host: Host, where: Where) -> Cluster:
    bin_dir = str(where.bin)
    look = await _look(host, str(where.data), bin_dir, where.os_user)
    if look.get("exists") and "pg_version" not in look and where.config is None:
        # pg_ctl -D may name the folder of the configuration, which says where the data is.
        named = (await _conf(host, f"{where.data}/postgresql.conf", where.os_user) or {}).get("data_directory")
        if named:
            return await _folders(host, replace(where, config=look["data"], data=named))
    if "server" not in look and look.get("exists"):
        raise LocateError(f"{host.name}: there is no server program {bin_dir}/postgres that {where.os_user} may run",
                          "give the folder of the server's programs as bin; pg_config --bindir prints it")  # fmt: skip
    config = where.config or look["data"]
    conf = await _conf(host, f"{config}/postgresql.conf", where.os_user) or {}
    sockets = conf.get("unix_socket_directories", conf.get("unix_socket_directory", "/tmp"))  # noqa: S108 - the built-in default
    unit = where.unit or look.get("unit", "")
    log = where.log or look.get("log", "")
    return Cluster(
        major=await _major(host, look, bin_dir, where.os_user),
        bin=bin_dir,
        data=look["data"],
        config=config,
        hba=conf.get("hba_file", f"{config}/pg_hba.conf"),
        port=where.port or int(look.get("port") or conf.get("port", "5432")),
        socket_dir=_socket(look["data"], look.get("socket_dir") or _first(sockets)),
        os_user=where.os_user,
        control=SystemdUnit(unit) if unit and look.get("systemd") else PgCtl(),
        log=log or f"{look['data']}.log",
        running=int(look.get("pid", "0")),
    )


async def _major(host: Host, look: Mapping[str, str], bin_dir: str, user: str) -> Major:
    said = look.get("server")
    if not said:
        result = await host.run(Command((f"{bin_dir}/postgres", "-V"), user=user))
        if result.status:
            raise LocateError(f"{host.name}: {bin_dir}/postgres does not run: {result.error_text}",
                              "give the folder of the server's programs as bin")  # fmt: skip
        said = result.text
    return Major.parse(said.strip())


async def _look(host: Host, data: str, bin_dir: str, user: str) -> dict[str, str]:
    command = Command(("/bin/sh", "-c", LOOK, "sh", data, bin_dir), user=user, shown=spoken(f"look at {data}"))
    result = await host.run(command)
    if result.status:
        raise LocateError(f"{host.name}: cannot look at {data}: {result.error_text}")
    return dict(line.split("=", 1) for line in result.text.splitlines() if "=" in line)


async def _conf(host: Host, path: str, user: str) -> dict[str, str] | None:
    """Port and folders in a configuration file, without its includes; None where it is not there."""
    command = Command(
        ("sed", "-n", WANTED_SETTINGS, "--", path), user=user, shown=spoken(f"port and folders in {path}")
    )
    result = await host.run(command)
    return settings(result.text) if result.status == 0 else None


def _socket(data: str, name: str) -> str:
    """A socket's folder, which may be written relative to the data directory; one with @ is no file (13 and later)."""
    return name if not name or name.startswith("@") else posixpath.join(data, name)


def _first(names: str) -> str:
    return names.partition(",")[0].strip()
