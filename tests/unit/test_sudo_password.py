"""Where the password for sudo comes from."""

from pathlib import Path

import pytest

from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.sudo_password import VARIABLE, SudoPassword
from tests.unit.scripted_pair import two


async def typed(text: str) -> Secret | None:
    return Secret(f"typed for {text}")


async def test_the_file_counts_once_and_then_the_operator_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    both = two()
    both.ctx.ask_secret = typed
    (tmp_path / "file").write_text("from the file\n")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file"))
    ask = SudoPassword(both.ctx)
    assert await ask("sudo", attempt=1) == Secret("from the file")
    assert await ask("sudo", attempt=2) == Secret("typed for sudo")
    assert both.told.secrets == ["from the file", "typed for sudo"]


async def test_without_a_file_and_without_an_answer_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    both = two()
    assert await SudoPassword(both.ctx)("sudo", attempt=1) is None
    assert both.told.secrets == []


async def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(StepError, match=f"{VARIABLE}: .*nothing cannot be read") as caught:
        await SudoPassword(two().ctx)("sudo", attempt=1)
    assert caught.value.refused
