#= docs/9.5/view-pg-settings.html columns name, setting, unit, context, source, sourcefile; view-pg-file-settings.html
select name, setting, unit, context, source, coalesce((select max(f.sourcefile) from pg_file_settings f where f.name = pg_settings.name and f.sourcefile like '%/postgresql.auto.conf'), sourcefile) from pg_settings where name in ('listen_addresses', 'log_line_prefix', 'wal_level', 'max_wal_senders', 'max_connections', 'superuser_reserved_connections', 'ssl', 'max_wal_size', 'wal_keep_segments', 'max_replication_slots')
#= docs/9.5/catalog-pg-authid.html columns; functions-conditional.html coalesce
select rolcanlogin, rolreplication, rolpassword, coalesce(rolvaliduntil < now(), false), rolconnlimit from pg_authid where rolname = 'replicator'
#= docs/9.5/sql-createrole.html LOGIN, REPLICATION, PASSWORD: one in MD5 form is stored as it is
create role "replicator" with login replication password 'md583060818e2a5dba39a06d8644df81d10'
#= docs/9.5/sql-alterrole.html LOGIN, REPLICATION
alter role "replicator" with login replication
#= docs/9.5/runtime-config-logging.html log_statement: superusers may change it
set log_statement = 'none'
#= docs/9.5/runtime-config-logging.html log_min_duration_statement: -1 is off
set log_min_duration_statement = -1
#= docs/9.5/runtime-config-logging.html log_min_error_statement: panic is off
set log_min_error_statement = 'panic'
#= docs/9.5/runtime-config-wal.html synchronous_commit: local
set synchronous_commit = 'local'
#= docs/9.5/functions-admin.html current_setting; runtime-config-file-locations.html config_file, hba_file
select current_setting('config_file'), current_setting('hba_file')
#= docs/9.5/view-pg-replication-slots.html slot_type, active, restart_lsn, slot_name
select slot_type, active, restart_lsn from pg_replication_slots where slot_name = 'pgrepl_db2'
#= docs/9.5/functions-admin.html Replication Functions: pg_create_physical_replication_slot, which takes a name alone
select pg_create_physical_replication_slot('pgrepl_db2')
#= docs/9.5/view-pg-replication-slots.html slot_name, active, restart_lsn
select slot_name, restart_lsn from pg_replication_slots where not active and restart_lsn is not null
#= docs/9.5/view-pg-replication-slots.html slot_name
select count(*) from pg_replication_slots where slot_name <> 'pgrepl_db2'
#= docs/9.5/functions-admin.html Backup Control Functions: pg_current_xlog_location
select pg_current_xlog_location()
#= docs/9.5/functions-admin.html Recovery Information and Recovery Control Functions
select pg_last_xlog_receive_location(), pg_last_xlog_replay_location(), pg_is_in_recovery() and pg_is_xlog_replay_paused()
#= docs/9.5/functions-admin.html Recovery Information Functions: pg_is_in_recovery
select pg_is_in_recovery()
#= src/backend/catalog/system_views.sql REL9_5_STABLE, pg_stat_replication; docs/9.5/monitoring-stats.html pg_stat_replication
select pid, usename, client_addr, state, sent_location, write_location, flush_location, replay_location, sync_state from pg_stat_replication where application_name = 'pgrepl_db2' order by state desc limit 1
#= docs/9.5/functions-admin.html Backup Control Functions: pg_create_restore_point; Configuration Settings Functions: set_config, for the transaction
select pg_create_restore_point('pgrepl_tui 0123456789abcdef') from set_config('synchronous_commit', 'local', true)
#= src/backend/catalog/system_views.sql REL9_5_STABLE, pg_stat_replication; docs/9.5/runtime-config-replication.html max_wal_senders
select current_setting('max_wal_senders'), (select count(*) from pg_stat_replication where true and application_name <> 'pgrepl_db2' and application_name <> 'pgrepl_db2_copy')
#= src/backend/utils/adt/pgstatfuncs.c REL9_5_STABLE, pg_stat_get_activity: client_port is null where there is no client; docs/9.5/monitoring-stats.html pg_stat_activity
select count(*), coalesce(sum(case when xact_start is not null then 1 else 0 end), 0) from pg_stat_activity where pid <> pg_backend_pid() and client_port is not null and pid not in (select pid from pg_stat_replication)
#= src/backend/replication/walsender.c REL9_5_STABLE, WalSndGetStateString: backup; docs/9.5/monitoring-stats.html pg_stat_replication
select application_name, client_addr from pg_stat_replication where state = 'backup'
#= docs/9.5/functions-admin.html pg_start_backup, Backup Control Functions; monitoring-stats.html pg_stat_activity; functions-matching.html LIKE
select application_name, client_addr from pg_stat_activity where pid <> pg_backend_pid() and (query like '%pg_start_backup(%' or application_name like 'pgBackRest [backup]%')
#= docs/9.5/view-pg-prepared-xacts.html columns gid, owner, database, prepared
select gid, owner, database from pg_prepared_xacts order by prepared
#= docs/9.5/view-pg-file-settings.html sourcefile, sourceline, name, error; view-pg-settings.html pending_restart
select sourcefile, sourceline, name, error from pg_file_settings where error is not null and (name in (select name from pg_settings where pending_restart)) is not true
#= docs/9.5/runtime-config-client.html shared_preload_libraries; local_preload_libraries, dynamic_library_path in runtime-config-client.html
select current_setting('shared_preload_libraries'), current_setting('local_preload_libraries'), current_setting('dynamic_library_path')
#= docs/9.5/functions-info.html pg_tablespace_location(tablespace_oid); catalog-pg-tablespace.html has no spclocation
select oid, spcname, pg_tablespace_location(oid) from pg_tablespace where pg_tablespace_location(oid) like '/%' order by oid
#= src/backend/utils/misc/guc.c REL9_5_STABLE, ssl_ciphers: none where USE_SSL is not defined; docs/9.5/view-pg-settings.html boot_val
select boot_val = 'none' from pg_settings where name = 'ssl_ciphers'
#= docs/9.5/runtime-config-replication.html synchronous_standby_names
select current_setting('synchronous_standby_names')
#= docs/9.5/monitoring-stats.html pg_stat_replication: sync_state
select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum')
#= docs/9.5/sql-begin.html BEGIN
begin
#= docs/9.5/sql-createtable.html a table with no columns; hot-standby.html, User's Overview: refused
create table pgrepl_tui_probe ()
#= docs/9.5/sql-rollback.html ROLLBACK
rollback
#= docs/9.5/functions-admin.html Server Signalling Functions: pg_reload_conf
select pg_reload_conf()
#= docs/9.5/sql-altersystem.html ALTER SYSTEM SET configuration_parameter = 'value'
alter system set wal_keep_segments = '64'
#= docs/9.5/view-pg-settings.html pending_restart
select name from pg_settings where pending_restart
#= docs/9.5/view-pg-settings.html pending_restart
select name from pg_settings where pending_restart order by name
#= docs/9.5/functions-admin.html Recovery Information Functions: pg_last_xlog_replay_location
select pg_last_xlog_replay_location()
#= docs/9.5/functions-info.html pg_postmaster_start_time; runtime-config-file-locations.html data_directory
select pg_postmaster_start_time(), current_setting('data_directory')
#= docs/9.5/functions-info.html pg_postmaster_start_time; sql-expressions.html ::text; functions-admin.html pg_is_in_recovery
select pg_postmaster_start_time()::text, current_setting('data_directory'), pg_is_in_recovery()
#= src/backend/catalog/system_views.sql REL9_5_STABLE, pg_stat_replication
select application_name, client_addr from pg_stat_replication
#= docs/9.5/catalog-pg-database.html datistemplate
select count(*) from pg_database where not datistemplate
#= docs/9.5/view-pg-roles.html rolsuper, oid, rolname; functions-conditional.html CASE: the second branch, with a role of 10, is not reached by a superuser
select case when rolsuper then true else pg_has_role(oid, 'pg_read_all_stats', 'member') end from pg_roles where rolname = current_user
#= docs/9.5/functions-info.html pg_conf_load_time; functions-datetime.html extract(epoch)
select extract(epoch from pg_conf_load_time())
#= docs/9.5/functions-info.html pg_postmaster_start_time; functions-datetime.html extract(epoch)
select extract(epoch from pg_postmaster_start_time())
#= src/backend/catalog/system_views.sql REL9_5_STABLE, pg_stat_activity; docs/9.5/functions-conditional.html nullif, coalesce
select coalesce(nullif(application_name, ''), 'a session'), coalesce(client_addr::text, 'its own machine') from pg_stat_activity where usename = 'replicator' and application_name not in ('pgrepl_db2', 'pgrepl_db2_copy')
#= docs/9.5/catalog-pg-shdepend.html refclassid, refobjid; catalog-pg-auth-members.html roleid, member; datatype-oid.html regclass
select (select count(*) from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = r.oid) + (select count(*) from pg_auth_members where roleid = r.oid or member = r.oid) from pg_roles r where rolname = 'replicator'
#= docs/9.5/sql-droprole.html DROP ROLE name
drop role "replicator"
#= docs/9.5/sql-alterrole.html NOLOGIN, NOREPLICATION
alter role "replicator" with nologin noreplication
#= docs/9.5/functions-admin.html Replication Functions: pg_drop_replication_slot
select pg_drop_replication_slot('pgrepl_db2')
