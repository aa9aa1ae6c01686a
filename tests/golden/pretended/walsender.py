"""The walsender of a pretended primary: the frontend/backend protocol 3.0 as 9.x speaks it, built without TLS.

Manual: protocol-message-formats.html and protocol-replication.html; a walsender takes simple queries only.
"""

import hashlib
import os
import socket
import struct
import threading
from io import BufferedRWPair

from tests.golden.pretended.world import MINORS, World, lsn

SSL_REQUEST, PROTOCOL_3 = 80877103, 196608


def listen(port: int) -> socket.socket:
    """The server's door."""
    return socket.create_server(("127.0.0.1", port))


def serve(world: World, listener: socket.socket) -> None:
    """Answer each connection in a thread of its own."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_answer, args=(world, connection), daemon=True).start()


def _answer(world: World, connection: socket.socket) -> None:
    with connection, connection.makefile("rwb") as stream:
        try:
            Session(world, stream).run()
        except (EOFError, OSError):
            return


class Session:
    """One connection."""

    def __init__(self, world: World, stream: BufferedRWPair) -> None:
        self._world = world
        self._stream = stream
        self._user = ""

    def run(self) -> None:
        """From the startup packet to the end."""
        options = self._startup()
        self._user = options["user"]
        if options.get("replication") != "true":
            self._error("3D000", f'database "{options.get("database", self._user)}" does not exist')
            return
        if not self._let_in():
            return
        self._send(b"R", struct.pack("!i", 0))
        for name, value in (("server_version", MINORS[self._world.version]), ("client_encoding", "UTF8")):
            self._send(b"S", name.encode() + b"\0" + value.encode() + b"\0")
        self._send(b"K", struct.pack("!ii", os.getpid(), 1))
        self._ready()
        while self._query():
            pass

    def _startup(self) -> dict[str, str]:
        while True:
            size, code = struct.unpack("!ii", self._exactly(8))
            rest = self._exactly(size - 8)
            if code == SSL_REQUEST:
                self._raw(b"N")
                continue
            if code != PROTOCOL_3:
                raise EOFError
            words = rest.decode().split("\0")
            return dict(zip(words[::2], words[1::2], strict=False))

    def _let_in(self) -> bool:
        sqlstate, why = self._world.refuses(self._user, None)
        if sqlstate:
            self._error(sqlstate, why)
            return False
        salt = os.urandom(4)
        self._send(b"R", struct.pack("!i", 5) + salt)
        kind, body = self._message()
        stored = self._world.state("roles").get(self._user, {}).get("password", "")
        wanted = b"md5" + hashlib.md5(stored.removeprefix("md5").encode() + salt).hexdigest().encode()  # noqa: S324 - theirs
        if kind != b"p" or body.rstrip(b"\0") != wanted:
            self._error("28P01", f'password authentication failed for user "{self._user}"')
            return False
        if int(self._world.running()["max_wal_senders"]) < 1:
            self._error("53300", "number of requested standby connections exceeds max_wal_senders (currently 0)")
            return False
        return True

    def _query(self) -> bool:
        kind, body = self._message()
        if kind == b"X":
            return False
        if kind != b"Q":
            self._error("08P01", f"invalid standby message type {kind!r}")
            return False
        statement = body.rstrip(b"\0").decode()
        if statement.rstrip("; ") != "IDENTIFY_SYSTEM":
            self._error("42601", f"syntax error: {statement}")
            return False
        names = ["systemid", "timeline", "xlogpos", *(["dbname"] if self._world.version >= "9.4" else [])]
        values = [self._world.control()["identifier"], "1", lsn(self._world.position()), None][: len(names)]
        columns = b"".join(name.encode() + b"\0" + struct.pack("!ihihih", 0, 0, 25, -1, 0, 0) for name in names)
        self._send(b"T", struct.pack("!h", len(names)) + columns)
        cells = b"".join(struct.pack("!i", -1) if v is None else struct.pack("!i", len(v)) + v.encode() for v in values)
        self._send(b"D", struct.pack("!h", len(values)) + cells)
        self._send(b"C", b"SELECT\0")
        self._ready()
        return True

    def _ready(self) -> None:
        self._send(b"Z", b"I")

    def _error(self, sqlstate: str, message: str) -> None:
        fields = (b"SFATAL", b"C" + sqlstate.encode(), b"M" + message.encode())
        self._send(b"E", b"\0".join(fields) + b"\0\0")

    def _message(self) -> tuple[bytes, bytes]:
        kind = self._exactly(1)
        (size,) = struct.unpack("!i", self._exactly(4))
        return kind, self._exactly(size - 4)

    def _exactly(self, count: int) -> bytes:
        data = self._stream.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def _send(self, kind: bytes, body: bytes) -> None:
        self._raw(kind + struct.pack("!i", len(body) + 4) + body)

    def _raw(self, data: bytes) -> None:
        self._stream.write(data)
        self._stream.flush()
