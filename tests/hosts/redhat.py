"""A Debian host laid out as Red Hat's: where PGDG and the distribution put programs, data, files and the unit."""

from dataclasses import dataclass

from tests.hosts.debian import DebianHost

OLD_SYSTEMCTL = r"""#!/bin/sh
case " $* " in *" --value "*) echo "systemctl: unrecognized option '--value'" >&2; exit 1 ;; esac
exec /usr/bin/systemctl "$@"
"""
"""RHEL 7 has systemd 219; what came later is refused (``--value`` came with 230)."""

LAY_OUT = r"""
set -e
cat >/usr/local/bin/systemctl
chmod 755 /usr/local/bin/systemctl
debian=/usr/lib/postgresql/$1/bin bin=$2 data=$3 unit=$4
mkdir -p "$bin"
rm -f /usr/bin/pg_* /usr/bin/psql /usr/bin/createdb  # Debian's wrappers
cp -a "$debian"/* "$bin/"
# A server that was moved looks for its libraries in ../lib.
mkdir -p "${bin%/bin}/lib" && cp -a "/usr/lib/postgresql/$1/lib/." "${bin%/bin}/lib/"
rm -rf "$debian" /etc/postgresql /var/lib/postgresql /lib/systemd/system/postgresql*
[ "$bin" = /usr/bin ] || for program in psql createdb; do ln -s "$bin/$program" /usr/bin/$program; done
[ -e "$bin/postmaster" ] || ln -s postgres "$bin/postmaster"
sed -i '/^postgres:/s,/var/lib/postgresql,/var/lib/pgsql,' /etc/passwd
install -d -o postgres -g postgres -m 700 /var/lib/pgsql "${data%/*}"
runuser -u postgres -- "$bin/initdb" -D "$data" -E UTF8 --locale=C.UTF-8 --auth-local=peer --auth-host=scram-sha-256 \
    >/dev/null
cat >>"$data/postgresql.conf" <<CONF
logging_collector = on
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
CONF
cat >"/etc/systemd/system/$unit.service" <<UNIT
[Unit]
Description=PostgreSQL database server
After=network-online.target
[Service]
Type=notify
User=postgres
Group=postgres
Environment=PGDATA=$data/
OOMScoreAdjust=-1000
Environment=PG_OOM_ADJUST_FILE=/proc/self/oom_score_adj
ExecStart=$bin/postmaster -D \${PGDATA}
ExecReload=/bin/kill -HUP \$MAINPID
KillMode=mixed
KillSignal=SIGINT
TimeoutSec=0
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --quiet --now "$unit"
"""
"""After the packages' own units: postgresql-15.service of PGDG's postgresql15-server, postgresql.service of RHEL."""


@dataclass(frozen=True)
class Layout:
    """Where things are; ``{}`` is the major version."""

    name: str
    bin: str
    data: str
    unit: str

    def of(self, major: int) -> "Layout":
        """The same for a version."""
        return Layout(self.name, *(text.format(major) for text in (self.bin, self.data, self.unit)))


LAYOUTS = (
    Layout("pgdg", "/usr/pgsql-{}/bin", "/var/lib/pgsql/{}/data", "postgresql-{}"),
    Layout("distribution", "/usr/bin", "/var/lib/pgsql/data", "postgresql"),
)


async def lay_out(host: DebianHost, layout: Layout) -> None:
    """Move everything to where it would be, make a cluster there, and let systemd start it."""
    words = (str(host.release.postgres), layout.bin, layout.data, layout.unit)
    await host.run(LAY_OUT, *words, stdin=OLD_SYSTEMCTL.encode())
