"""The SSH library, imported when it is first needed: a program that only prints its help never waits for it."""

import ctypes.util
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK = Lock()
_FOLDERS = ("/usr/lib/*-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib", "/opt/homebrew/lib")


def _shared_object(name: str) -> str | None:
    """Look where libraries are kept; the original asks ldconfig, and then a C compiler."""
    found: Iterator[Path] = (
        path
        for folder in _FOLDERS
        for end in ("so*", "dylib")
        for path in Path("/").glob(f"{folder[1:]}/lib{name}.{end}")
    )
    return next((str(path) for path in found), None)


def load() -> ModuleType:
    """Import asyncssh without starting a compiler: it looks for two optional libraries while it is imported."""
    with _LOCK:
        original = ctypes.util.find_library
        ctypes.util.find_library = _shared_object
        try:
            import asyncssh  # noqa: PLC0415 - 0.2 s of imports, and this is the one place where they happen
        finally:
            ctypes.util.find_library = original
    return asyncssh
