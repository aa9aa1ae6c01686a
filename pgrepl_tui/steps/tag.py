"""A short name of a data directory, for files of ours that belong to it."""

import hashlib


def tag_of(data: str) -> str:
    """Twelve characters that say which data directory a file belongs to."""
    return hashlib.sha256(data.rstrip("/").encode()).hexdigest()[:12]
