"""Lays out a pretended pair: two folders with bin and data, as after initdb, and nothing of replication yet."""

import json
import shlex
import sys
from pathlib import Path

from tests.golden.pretended import programs
from tests.golden.pretended.world import World, segment

NAMES = ("pg_ctl", "postgres", "psql", "pg_basebackup", "pg_controldata")
HBA = "# TYPE  DATABASE  USER  ADDRESS  METHOD\nhost    all   all   127.0.0.1/32   trust\n"


def lay_out(folder: Path, version: str, port: int, *, identifier: str, home: str = "") -> World:
    """A server that is down, its files as initdb makes them, on a port of its own; ``home`` is what passwd says."""
    for part in ("bin", "system", "data/global", "data/base", "data/pg_xlog", "data/pg_tblspc", "home", "run", "sock"):
        (folder / part).mkdir(parents=True)
    world = World(folder)
    home = home or str(folder / "home")
    (folder / "world.json").write_text(json.dumps({"version": version, "home": home}))
    (folder / "system/getent").write_text(f"#!/bin/sh\necho {shlex.quote(f'owner:x:1:1::{home}:/bin/sh')}\n")
    (folder / "system/getent").chmod(0o755)
    (folder / "run/position").write_text(str(0x2000060))
    for name in NAMES:
        program = folder / "bin" / name
        words = (sys.executable, "-I", "-S", programs.__file__, name, str(folder))
        program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        program.chmod(0o755)
    world.data.chmod(0o700)
    (world.data / "PG_VERSION").write_text(f"{version}\n")
    conf = f"# a file of initdb\nport = {port}\nmax_connections = 100\t# (change requires restart)\n"
    (world.data / "postgresql.conf").write_text(conf)
    (world.data / "pg_hba.conf").write_text(HBA)
    (world.data / "pg_xlog" / segment(0x2000060)).touch()
    control = {"identifier": identifier, "state": "shut down", "redo": str(0x2000020), "max_connections": "100"}
    (world.data / "global/pg_control").write_text(json.dumps(control))
    return world
