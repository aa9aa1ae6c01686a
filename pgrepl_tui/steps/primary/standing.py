"""Errors that stand in the primary's files already: with one of them it goes on running, and does not start again."""

from pgrepl_tui.postgres import queries
from pgrepl_tui.steps.context import Side

WITHOUT_TLS = "SSL is disabled"
"""Part of the remark on a hostssl rule while ssl is off: the file loads all the same (hba.c, from 10 on)."""


async def conf_errors(side: Side) -> str:
    """File, line and error of each faulty setting; empty where there is none, or below 9.5, which does not tell."""
    if not side.facts.has_file_settings:
        return ""
    rows = await side.server.query(queries.config_errors())
    return "; ".join(f"{row[0]}:{row[1]} {row[2] or ''} {row[3]}" for row in rows)


async def hba_errors(side: Side) -> str:
    """Line and error of each faulty rule of pg_hba.conf; empty where there is none, or below 10."""
    if not side.facts.has_hba_file_rules:
        return ""
    rows = await side.server.query(queries.hba_errors())
    where = "; ".join(f"line {row[0]}: {row[1]}" for row in rows if WITHOUT_TLS not in str(row[1]))
    return f"{side.cluster.hba}: {where}" if where else ""
