"""The scripted host itself: a test that leans on it must not pass by accident."""

import pytest

from pgrepl_tui.hosts.host import Command, ConnectionLostError
from tests.unit.scripted_host import ScriptedHost


async def test_it_refuses_what_is_not_in_its_script() -> None:
    host = ScriptedHost().on("one")
    with pytest.raises(AssertionError, match="not in the script"):
        await host.run(Command(("two",)))
    assert host.texts == ["\ntwo\n"]


async def test_the_last_rule_that_fits_answers() -> None:
    host = ScriptedHost().on("cat", "first").on("cat /b", "second")
    assert (await host.run(Command(("cat", "/a")))).text == "first"
    assert (await host.run(Command(("cat", "/b")))).text == "second"


async def test_it_can_lose_its_connection() -> None:
    with pytest.raises(ConnectionLostError):
        await ScriptedHost().loses("psql").run(Command(("psql",)))
