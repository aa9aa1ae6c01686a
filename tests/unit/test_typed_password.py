"""The replication role's password as it was typed into the form: it comes first, and it has to be one that will do."""

from pathlib import Path

import pytest

from pgrepl_tui.events import Finding
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.steps.password import VARIABLE, obtain
from pgrepl_tui.steps.primary.role import Role
from pgrepl_tui.steps.step import StepError
from tests.unit.scripted_pair import PASSWORD, pair_with, role_is


async def test_what_was_typed_comes_before_a_file_and_is_hidden_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text("of the file\n")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "password"))
    pair = pair_with(password=None)
    pair.ctx.given = Secret(PASSWORD)
    assert await obtain(pair.ctx) == Secret(PASSWORD)
    assert pair.ctx.password_source == "the Hosts form"
    assert PASSWORD in pair.told.secrets
    assert pair.primary.asked == pair.standby.asked == []


async def test_what_was_typed_is_proved_against_a_role_that_exists() -> None:
    for of, finding in ((PASSWORD, Finding.DONE), ("another one", Finding.BLOCKED)):
        pair = pair_with(password=None)
        pair.ctx.given = Secret(PASSWORD)
        role_is(pair, of=of)
        look = await Role().inspect(pair.ctx)
        assert look.finding is finding
        assert PASSWORD not in look.reason


async def test_what_cannot_be_a_password_is_refused_and_hidden_all_the_same() -> None:
    pair = pair_with(password=None)
    pair.ctx.given = Secret("two\nlines")
    with pytest.raises(StepError, match="the password of the Hosts form cannot be used: .*newline") as caught:
        await obtain(pair.ctx)
    assert caught.value.refused
    assert "two\nlines" in pair.told.secrets
