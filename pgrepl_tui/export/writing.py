"""Writing an export: into a new file, or to standard output."""

import sys
from pathlib import Path


def write(text: str, path: Path | None, *, force: bool = False) -> None:
    """Write an export; an old file is kept unless ``force`` is given, a new one is not left behind half written.

    Raises:
        FileExistsError: there is a file already.
        OSError: it cannot be written.
    """
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())  # the formats are UTF-8, whatever the terminal is
        sys.stdout.buffer.flush()
        return
    made = not path.exists()
    with path.open("wb" if force else "xb") as file:
        try:
            file.write(text.encode())
            file.flush()
        except OSError:
            if made:
                path.unlink(missing_ok=True)
            raise
