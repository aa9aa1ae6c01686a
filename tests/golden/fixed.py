"""What the program writes and sends for one fixed pair: a fresh 9.x primary, db1, and a standby, db2."""

import re

from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.hosts.shell import line
from pgrepl_tui.postgres import hba, login, queries, scram
from pgrepl_tui.postgres.basebackup import Wanted, Way, arguments
from pgrepl_tui.postgres.cluster import Action
from pgrepl_tui.postgres.conf import with_settings
from pgrepl_tui.postgres.passfile import Entry
from pgrepl_tui.postgres.passfile import replace as with_entry
from pgrepl_tui.postgres.server import psql_arguments
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.primary.wanted import wanted
from pgrepl_tui.steps.settings import MARK
from pgrepl_tui.steps.standby.copy import BaseBackup
from pgrepl_tui.steps.standby.settings import CONFIGURED, lower_settings
from pgrepl_tui.steps.standby.state import recovery_files
from pgrepl_tui.topology import Replication
from tests.unit.scripted_pair import Shown, Two, pair_with, show

PASSWORD = "correct horse battery"
TOKEN = "0123456789abcdef"
FRESH = {
    "listen_addresses": "localhost",
    "log_line_prefix": "",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "superuser_reserved_connections": "3",
    "ssl": "off",
    "wal_keep_segments": "0",
    "max_prepared_transactions": "5",
    "max_locks_per_transaction": "128",
}
"""pg_settings of a primary fresh from initdb, but for three settings that were raised."""
BUILTIN = {"max_connections": "100", "max_prepared_transactions": "0", "max_locks_per_transaction": "64",
           "max_worker_processes": "8", "hot_standby": "off"}  # fmt: skip


def pair(version: str) -> Two:
    """The pair, both servers of one version, with the answers of a fresh server."""
    major = Major.parse(version)
    two = pair_with(major, replication=Replication(sslmode="require"), password=PASSWORD)
    two.ctx.password = Secret(PASSWORD)
    table = {name: Shown(value) for name, value in FRESH.items()}
    if major < Major(9, 5):
        table |= {"checkpoint_segments": Shown("3"), "ssl_renegotiation_limit": Shown("524288", "kB", "user")}
    else:
        table["max_wal_size"] = Shown("64", "16MB")
    if major >= Major(9, 4):
        table |= {"max_replication_slots": Shown("0"), "max_worker_processes": Shown("16")}
    show(two.primary, table).rows("select current_setting('max_wal_senders')", ("0", "0"))
    two.primary.rows("from pg_replication_slots where slot_name <>", ("0",)).rows("pg_database_size", ("7000000",))
    two.primary.rows("from pg_tablespace").on("cat /srv/pg/data/postgresql.auto.conf", "")
    two.standby.on("stat ", err="stat: No such file or directory", status=1).on("postgresql.conf", "")
    if major >= Major(9, 2):
        said = "".join(f"{name}={value}\n" for name, value in BUILTIN.items())
        two.standby.on("postgres -C", said)
    return two


async def written(version: str) -> dict[str, str]:
    """The files, by the names of their golden ones."""
    two = pair(version)
    primary, _ = await wanted(two.ctx)
    standby = await lower_settings(two.ctx)
    rule = hba.standby_rule(two.ctx.user, "192.0.2.2", tls=two.ctx.tls, method="md5")
    entry = Entry("192.0.2.1", "5432", "replication", two.ctx.user, PASSWORD)
    return {
        "primary-postgresql.conf": with_settings("", primary, mark=MARK),
        "primary-pg_hba.conf": hba.insert("", rule, mark=MARK, continued=two.ctx.primary.facts.hba_continues),
        "standby-pgpass": with_entry("", entry),
        "recovery.conf": recovery_files(two.ctx).recovery_conf or "",
        "standby-postgresql.conf": with_settings("", standby, mark=MARK),
    }


def statements(version: str) -> list[str]:
    """Every statement that ``queries`` builds for a version: those of later ones are left out as the steps do."""
    ctx = pair(version).ctx
    facts, name = ctx.primary.facts, ctx.application
    names = ["listen_addresses", "log_line_prefix", "wal_level", "max_wal_senders", "max_connections",
             "superuser_reserved_connections", "ssl", facts.checkpoint_setting, facts.keep_wal_setting,
             "max_replication_slots", *filter(None, [facts.renegotiation_setting])]  # fmt: skip
    found = [
        queries.settings(names, facts),
        queries.role(ctx.user),
        queries.create_role(ctx.user, scram.verifier(ctx.user, PASSWORD, scram=facts.scram)),
        queries.allow_replication(ctx.user),
        *queries.QUIET_SESSION,
        queries.LOCAL_COMMIT,
        queries.FILES,
    ]
    if facts.has_slots:
        found += [queries.slot(name), queries.create_slot(name, facts), queries.idle_slots(),
                  queries.slots_of_others(name)]  # fmt: skip
    found += [queries.current_position(facts), queries.standby_positions(facts), queries.in_recovery(),
              queries.sender(name, facts)]  # fmt: skip
    if facts.has_wal_receiver_view:
        found.append(queries.receiver(facts))
    found += [queries.mark(TOKEN, facts), queries.free_senders(facts, (name, ctx.copier)), queries.sessions(facts)]
    found += [queries.base_backups(), queries.backup_sessions(facts), queries.prepared_transactions()]
    if facts.has_file_settings:
        found.append(queries.config_errors())
    found += [queries.extensions(), queries.tablespaces(facts)]
    if not facts.basebackup_streams_wal:
        found.append(queries.size())
    return [*found, queries.without_tls(), queries.sync_names(), queries.sync_standbys(), *queries.REFUSED_WRITE]


async def commands(version: str) -> list[str]:
    """Every PostgreSQL program that is run, as a line for the shell."""
    ctx = pair(version).ctx
    backup = (await BaseBackup().preview(ctx)).commands[0].line
    cluster = ctx.standby.cluster
    configured = re.sub(r"\$\w+", "{}", '"$prog" -C "$n" -D "$data" -c config_file="$conf"').replace('"', "")
    assert '"$prog" -C "$n" -D "$data" -c config_file="$conf"' in CONFIGURED
    actions = (Action.START, Action.STOP, Action.RESTART, Action.RELOAD)
    own = login.own_login(cluster, _door(ctx))
    return [
        backup,
        *_moved_elsewhere(ctx),
        *(line(cluster.control.command(action, cluster).argv) for action in actions),
        line((cluster.program("pg_controldata"), cluster.data)),
        line((f"{cluster.bin}/postgres", "-V")),
        configured.format(cluster.program("postgres"), "max_connections", cluster.data, cluster.conf),
        line((cluster.program("pg_config"), "--pkglibdir")),
        _visible(line(psql_arguments(cluster, "postgres"))),
        line(own.argv),
    ]


def _moved_elsewhere(ctx: Context) -> list[str]:
    """The copy of a primary with tablespaces and a WAL directory of its own, where pg_basebackup can place them."""
    if not ctx.standby.facts.basebackup_maps_tablespaces:
        return []
    wanted = Wanted(
        target="/srv/pg/data.pgrepl-new", slot=ctx.slot, label="pgrepl-tui 20260101T000000Z",
        tablespaces={"/srv/a=b": "/srv/new"}, wal_dir="/srv/wal",
    )  # fmt: skip
    options = arguments(
        ctx.standby.cluster.major, wanted, Way(host="192.0.2.1", port=5432, user=ctx.user, sslmode="require")
    )
    return [line((ctx.standby.cluster.program("pg_basebackup"), *options))]


def _door(ctx: Context) -> login.Door:
    return login.Door("192.0.2.1", 5432, ctx.user, ctx.topology.replication.sslmode)


def _visible(text: str) -> str:
    return text.replace("\x1f", "\\x1f").replace("\x1e", "\\x1e").replace("\x1d", "\\x1d")
