"""Where the password for a login, or for sudo, comes from."""

from pathlib import Path

import pytest

from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.steps.host_password import FOR_SUDO, HostPassword
from pgrepl_tui.steps.step import StepError
from tests.unit.scripted_pair import two


async def typed(text: str) -> Secret | None:
    return Secret(f"typed for {text}")


async def test_the_file_counts_once_and_then_the_operator_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    both = two()
    both.ctx.ask_secret = typed
    (tmp_path / "file").write_text("from the file\n")
    monkeypatch.setenv(FOR_SUDO, str(tmp_path / "file"))
    ask = HostPassword(both.ctx, FOR_SUDO)
    assert await ask("sudo", attempt=1) == Secret("from the file")
    assert await ask("sudo", attempt=2) == Secret("typed for sudo")
    assert both.told.secrets == ["from the file", "typed for sudo"]


async def test_without_a_file_and_without_an_answer_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOR_SUDO, raising=False)
    both = two()
    assert await HostPassword(both.ctx, FOR_SUDO)("sudo", attempt=1) is None
    assert both.told.secrets == []


async def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOR_SUDO, str(tmp_path / "nothing"))
    with pytest.raises(StepError, match=f"{FOR_SUDO}: .*nothing cannot be read") as caught:
        await HostPassword(two().ctx, FOR_SUDO)("sudo", attempt=1)
    assert caught.value.refused
