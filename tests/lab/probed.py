"""Testing a host's connection for a test, with answers to what it asks."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from pgrepl_tui.probe import HostProber
from pgrepl_tui.session.prober import Heard, Wanted
from pgrepl_tui.topology import Node
from tests.lab.running import LIMIT


@dataclass
class Answers:
    """Answers questions as told, and keeps them."""

    accepts: bool = False
    secret: str | None = None
    asked: list[str] = field(default_factory=list)

    async def host_key(self, text: str) -> bool:
        self.asked.append(text)
        return self.accepts

    async def password(self, text: str) -> str | None:
        self.asked.append(text)
        return self.secret


async def probed(
    node: Node, config: Path | None, answers: Answers | None = None, prober: HostProber | None = None
) -> list[Heard]:
    """All that is heard of a test."""
    heard: list[Heard] = []
    async with asyncio.timeout(LIMIT):
        await (prober or HostProber()).probe(Wanted(node, config), heard.append, answers or Answers())
    return heard
