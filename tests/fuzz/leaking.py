"""Looking for a secret in everything that a run leaves behind, by a list of encodings that is not the program's own."""

import base64
import json
import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

VECTORS: dict[str, str] = {
    row["name"]: row["password"]
    for row in json.loads((Path(__file__).parents[1] / "data" / "password-vectors.json").read_text(encoding="utf-8"))
}
TAIL = 24
"""Characters at the end of a password that is looked for: letters and digits, which quoting leaves as they are."""


@dataclass(frozen=True)
class Planted:
    """A password of the vectors with a tail of its own."""

    name: str
    password: str
    tail: str

    @property
    def needles(self) -> Mapping[str, tuple[bytes, ...]]:
        """What is looked for, by encoding."""
        return needles(self.tail)


def with_tail(name: str) -> Planted:
    """A vector with a tail that nobody has seen."""
    tail = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(TAIL))
    return Planted(name, VECTORS[name] + tail, tail)


def needles(tail: str) -> dict[str, tuple[bytes, ...]]:
    """The tail in every encoding that something between here and a log may give it."""
    data = tail.encode()
    words = {
        "as it is": tail,
        "backwards": tail[::-1],
        "hex": data.hex(),
        "HEX": data.hex().upper(),
        "hex with blanks": data.hex(" "),
        "percent": "".join(f"%{byte:02x}" for byte in data),
        "PERCENT": "".join(f"%{byte:02X}" for byte in data),
        "octal": "".join(f"\\{byte:03o}" for byte in data),
        "backslash x": "".join(f"\\x{byte:02x}" for byte in data),
        "JSON": "".join(f"\\u{byte:04x}" for byte in data),
        "HTML": "".join(f"&#{byte};" for byte in data),
        "HTML hex": "".join(f"&#x{byte:x};" for byte in data),
        "numbers": ", ".join(map(str, data)),
    }
    found: dict[str, tuple[bytes, ...]] = {name: (word.encode(),) for name, word in words.items()}
    found["UTF-16"] = (tail.encode("utf-16-le"),)
    found["base64"] = tuple({letters for encode in (base64.b64encode, base64.urlsafe_b64encode)
                             for letters in _inner_base64(data, encode)})  # fmt: skip
    found["base32"] = tuple(base64.b32encode(bytes(ahead) + data)[8:32] for ahead in range(5))
    return found


def _inner_base64(data: bytes, encode: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """The letters that depend on nothing but the secret, wherever it begins in a longer text."""
    for ahead in range(3):
        letters = encode(bytes(ahead) + data).rstrip(b"=")
        yield letters[0 if ahead == 0 else ahead + 1 : -2]


def hits(planted: Planted, artefacts: Mapping[str, bytes]) -> list[str]:
    """Where the secret was found, and in which encoding."""
    return [
        f"{place}: {encoding}"
        for place, data in artefacts.items()
        for encoding, words in planted.needles.items()
        if any(word in data for word in words)
    ]


def files_of(folder: Path, *, but: frozenset[str] = frozenset()) -> dict[str, bytes]:
    """Every file below a folder that can be read, by its path; folders and files of these names are left out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if not but & set(path.relative_to(folder).parts) and path.is_file() and not path.is_symlink():
            found[str(path)] = path.read_bytes()
    return found
