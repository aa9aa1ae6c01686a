"""What counts as the operator's word where nobody sits at a screen."""

import io

import pytest

from pgrepl_tui.events import Asked, Stage
from pgrepl_tui.headless import Policy


def asked(kind: str, *choices: str) -> Asked:
    return Asked(question=1, kind=kind, stage=Stage.STANDBY, step="one", text="?", choices=choices)


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal to ask at."""
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\ndb2\n"))


async def test_without_a_terminal_only_yes_agrees_to_what_interrupts_or_replaces() -> None:
    assert (await Policy(yes=False).ask(asked("confirm", "no", "yes"))).choice == "no"
    agreed = await Policy(yes=True).ask(asked("confirm", "no", "yes"))
    assert (agreed.choice, agreed.by) == ("yes", "--yes")


async def test_yes_agrees_to_nothing_else() -> None:
    assert (await Policy(yes=True).ask(asked("typed", "no", "db2"))).choice == "no"
    assert (await Policy(yes=True).ask(asked("failure", "quit", "retry", "skip"))).choice == "quit"
    assert (await Policy(yes=True).ask(asked("host-key", "no", "yes"))).choice == "no"


async def test_without_a_terminal_there_is_no_password() -> None:
    assert await Policy(yes=True).secret(asked("secret", "none", "given")) is None
