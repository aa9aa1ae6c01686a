"""A terminal that went away while the program still runs: its window was closed, or the connection to it was lost."""

import os
import termios
from errno import EIO


def gone(descriptor: int) -> bool:
    """Whether a descriptor is of a terminal that is not there any more; False for files, pipes and other devices."""
    try:
        termios.tcgetattr(descriptor)
    except termios.error as error:
        return bool(error.args[0] == EIO)
    return False


def let_go() -> None:
    """Let go of it: what is written goes nowhere, and no key comes. What was led elsewhere stays as it is.

    Keys come from a pipe whose other end stays open: a terminal that is gone can be read for ever, and gives nothing.
    The pipe is not waited for either: who was about to read the terminal is told so (EAGAIN).
    """
    if gone(0):
        silent, _ = os.pipe2(os.O_NONBLOCK)
        os.dup2(silent, 0)
        os.close(silent)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        if gone(descriptor):
            os.dup2(nowhere, descriptor)
    os.close(nowhere)
