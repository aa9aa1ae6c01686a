"""What could write a password to a disk behind this program's back is switched off when it starts."""

import os
import resource

TELL_TALES = ("TEXTUAL", "TEXTUAL_LOG")
"""Textual's switches for its developers: with them it sends each key that is pressed to a console or a file."""


def leave_none() -> None:
    """Forbid core dumps, of the programs that are started from here too, and Textual's log of the keys.

    To be called before Textual is imported, for it reads its switches then.
    """
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    for name in TELL_TALES:
        os.environ.pop(name, None)
