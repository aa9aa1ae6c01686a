"""Texts of a recording as HTML: always escaped, never a tag of their own."""

from collections.abc import Iterable, Iterator
from html import escape


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """A list of names and values."""
    inner = "\n".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows)
    return f"<dl>\n{inner}\n</dl>"


def block(lines: Iterable[str], kind: str = "") -> str:
    """Lines as they are."""
    return f'<pre class="{escape(kind)}">{escape(chr(10).join(lines))}</pre>'


def diff(text: str) -> str:
    """A unified diff, its added and removed lines marked by colour beside their sign."""
    return f'<pre class="diff">{"".join(_marked(text.splitlines()))}</pre>'


def _marked(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        tag = "ins" if line.startswith("+") else "del" if line.startswith("-") else "span"
        yield f"<{tag}>{escape(line)}</{tag}>\n"


def folded(summary: str, inner: Iterable[str], *, is_open: bool = False, kind: str = "") -> str:
    """A part that opens with a click, without a script; ``summary`` and ``inner`` are HTML."""
    state = " open" if is_open else ""
    return "\n".join(
        [f'<details class="{escape(kind)}"{state}>', f"<summary>{summary}</summary>", *inner, "</details>"]
    )
