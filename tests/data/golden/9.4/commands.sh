#= docs/9.4/app-pgbasebackup.html -D -F -w -v -P -c -l, -X stream, -d connstr (no -S); libpq-envars.html PGPASSFILE PGAPPNAME
LC_ALL=C PGPASSFILE=/var/lib/postgresql/.pgpass PGAPPNAME=pgrepl_db2_copy /opt/pg/bin/pg_basebackup -D /srv/pg/data.pgrepl-new -F p -w -v -P -c fast -l 'pgrepl-tui 20260101T000000Z' -X stream -d "host='192.0.2.1' port='5432' user='replicator' sslmode='require'"
#= docs/9.4/app-pgbasebackup.html -T olddir=newdir, an equal sign has a backslash before it; --xlogdir
/opt/pg/bin/pg_basebackup -D /srv/pg/data.pgrepl-new -F p -w -v -P -c fast -l 'pgrepl-tui 20260101T000000Z' -X stream -T '/srv/a\=b=/srv/new' --xlogdir /srv/wal -d "host='192.0.2.1' port='5432' user='replicator' sslmode='require'"
#= docs/9.4/app-pg-ctl.html start: -D, -l, -W does not wait
/opt/pg/bin/pg_ctl -D /srv/pg/data -l /srv/pg/data.log -W start
#= docs/9.4/app-pg-ctl.html stop: -m fast, -w waits, -t seconds
/opt/pg/bin/pg_ctl -D /srv/pg/data -m fast -w -t 86400 stop
#= docs/9.4/app-pg-ctl.html restart: -l, -m fast, -w, -t
/opt/pg/bin/pg_ctl -D /srv/pg/data -l /srv/pg/data.log -m fast -w -t 86400 restart
#= docs/9.4/app-pg-ctl.html reload
/opt/pg/bin/pg_ctl -D /srv/pg/data reload
#= docs/9.4/app-pgcontroldata.html datadir
/opt/pg/bin/pg_controldata /srv/pg/data
#= docs/9.4/app-postgres.html -V
/opt/pg/bin/postgres -V
#= docs/9.4/app-postgres.html -C name; -D; -c name=value
/opt/pg/bin/postgres -C max_connections -D /srv/pg/data -c config_file=/srv/pg/data/postgresql.conf
#= docs/9.4/app-pgconfig.html --pkglibdir
/opt/pg/bin/pg_config --pkglibdir
#= docs/9.4/app-psql.html -X -w -A -t -q -v -F -R -P null= -h -p -U -d; there is no -z or -0 needed
/opt/pg/bin/psql -X -w -A -t -q -v ON_ERROR_STOP=1 -F '\x1f' -R '\x1e' -P 'null=\x1d' -h /tmp -p 5432 -U postgres -d postgres
#= docs/9.4/app-psql.html -c, -d: a conninfo string; protocol-replication.html replication=true, IDENTIFY_SYSTEM
/opt/pg/bin/psql -X -w -A -t -q -c IDENTIFY_SYSTEM -d "host='192.0.2.1' port='5432' user='replicator' sslmode='require' application_name='pgrepl_tui_probe' dbname='replication' replication='true'"
