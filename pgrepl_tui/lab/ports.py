"""Addresses and ports on loopback that nobody else gets while the lab lives."""

import socket

ADDRESSES = ("127.0.0.11", "127.0.0.12")


def addresses() -> tuple[str, str]:
    """An address a host; where loopback is 127.0.0.1 only, the hosts share it and differ by port."""
    first, second = ADDRESSES
    if _can_bind(first) and _can_bind(second):
        return first, second
    return "127.0.0.1", "127.0.0.1"


def reserve_port() -> socket.socket:
    """Hold a free TCP port on all addresses; PostgreSQL, which sets SO_REUSEADDR, can still listen on it.

    A port that is only looked up can be taken by another program while the server restarts.

    Returns:
        The socket that holds it, never listening; ``getsockname()[1]`` is the port.
    """
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("0.0.0.0", 0))  # noqa: S104 - it only holds the number and never listens
    return holder


def _can_bind(address: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
