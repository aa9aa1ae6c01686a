"""The standby's settings: what is below the primary is raised in the standby's own file."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgrepl_tui.events import Finding
from pgrepl_tui.postgres.conf import settings
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.standby import settings as settings_step
from pgrepl_tui.steps.standby.settings import StandbySettings
from tests.unit.scripted_pair import CONTROL, Shown, Two, pair_in, show, two


@pytest.fixture
def raised(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the primary's own settings are about to become."""
    coming: dict[str, str] = {}

    async def wanted(_ctx: object) -> tuple[dict[str, str], dict[str, object]]:
        return coming, {}

    monkeypatch.setattr(settings_step, "primary_wanted", wanted)
    return coming


PRIMARYS = {
    "max_connections": "200", "max_prepared_transactions": "0", "max_locks_per_transaction": "64",
    "max_worker_processes": "8", "max_wal_senders": "10",
}  # fmt: skip


def settings_of(pair: Two, **own: str) -> None:
    """The primary's values, and the standby's where they differ."""
    show(pair.primary, {name: Shown(value) for name, value in PRIMARYS.items()})
    values = {**PRIMARYS, "hot_standby": "on", **own}
    pair.standby.on("postgres -C", "".join(f"{name}={value}\n" for name, value in values.items()))


@pytest.mark.parametrize(
    ("own", "low"),
    [
        ({}, {}),
        ({"max_connections": "300"}, {}),
        ({"max_connections": "199"}, {"max_connections": "200"}),
        ({"hot_standby": "off"}, {"hot_standby": "on"}),
        ({"max_wal_senders": "0", "hot_standby": "off"}, {"max_wal_senders": "10", "hot_standby": "on"}),
    ],
)
async def test_a_standby_must_not_be_below_its_primary(
    own: dict[str, str], low: dict[str, str], raised: dict[str, str]
) -> None:
    pair = two()
    settings_of(pair, **own)
    assert raised == {}
    assert await settings_step.lower_settings(pair.ctx) == low


@pytest.mark.parametrize(
    ("megabytes", "major", "low"),
    [
        (16, Major(15), {}),
        (64, Major(15), {"min_wal_size": "128MB"}),
        (64, Major(11), {"min_wal_size": "128MB"}),
        (1024, Major(15), {"min_wal_size": "2048MB", "max_wal_size": "2048MB"}),
        (64, Major(10), {}),
    ],
)
async def test_the_wal_sizes_have_to_hold_two_of_the_primarys_segments(
    megabytes: int, major: Major, low: dict[str, str], raised: dict[str, str]
) -> None:
    pair = two(major)
    pair.ctx.sides["primary"].control = replace(CONTROL, wal_segment_size=megabytes << 20)
    settings_of(pair, min_wal_size="80", max_wal_size="1024")
    assert raised == {}
    assert await settings_step.lower_settings(pair.ctx) == low


async def test_what_the_primary_is_about_to_get_counts(raised: dict[str, str]) -> None:
    pair = two()
    settings_of(pair)
    raised |= {"max_wal_senders": "12", "wal_level": "replica"}
    assert await settings_step.lower_settings(pair.ctx) == {"max_wal_senders": "12"}


async def test_the_standbys_settings_go_into_its_own_file(tmp_path: Path, raised: dict[str, str]) -> None:
    pair = pair_in(tmp_path)
    settings_of(pair, max_connections="100")
    assert (await StandbySettings().inspect(pair.ctx)).finding is Finding.NEEDED
    await StandbySettings().run(pair.ctx)
    written = settings((tmp_path / "data/postgresql.conf").read_text())
    assert (written["max_connections"], written["port"]) == ("200", "6000")
    assert raised == {}


async def test_alter_system_on_the_standby_would_win_and_blocks(tmp_path: Path, raised: dict[str, str]) -> None:
    pair = pair_in(tmp_path)
    settings_of(pair, max_connections="100")
    (tmp_path / "data/postgresql.auto.conf").write_text("max_connections = '100'\n")
    look = await StandbySettings().inspect(pair.ctx)
    assert look.finding is Finding.BLOCKED
    assert "ALTER SYSTEM RESET max_connections" in look.remedy
    assert raised == {}


async def test_9_1_has_no_dash_c_and_its_file_is_read(tmp_path: Path, raised: dict[str, str]) -> None:
    pair = pair_in(tmp_path, Major(9, 1))
    show(pair.primary, {name: Shown(value) for name, value in PRIMARYS.items()})
    pair.standby.on("postgres -C", "max_connections=\nhot_standby=\n")
    (tmp_path / "data/postgresql.conf").write_text("max_locks_per_transaction = 32\nlogging_collector = TRUE\n")
    said = await settings_step.configured(pair.ctx, ["logging_collector", "log_directory"])
    assert said == {"logging_collector": "on", "log_directory": "pg_log"}
    assert await settings_step.lower_settings(pair.ctx) == {
        "hot_standby": "on", "max_connections": "200", "max_locks_per_transaction": "64",
    }  # fmt: skip
    assert raised == {}


@pytest.mark.parametrize(
    ("written", "shown"),
    [("on", "on"), ("ON", "on"), ("1", "on"), ("t", "on"), ("True", "on"), ("ye", "on"), ("yes", "on"),
     ("off", "off"), ("0", "off"), ("no", "off"), ("f", "off"), ("o", "off"), ("", "off")],
)  # fmt: skip
async def test_a_truth_value_in_the_file_of_9_1(
    tmp_path: Path, raised: dict[str, str], written: str, shown: str
) -> None:
    assert raised == {}
    pair = pair_in(tmp_path, Major(9, 1))
    pair.standby.on("postgres -C", "hot_standby=\n")
    (tmp_path / "data/postgresql.conf").write_text(f"hot_standby = '{written}'\n")
    assert await settings_step.configured(pair.ctx, ["hot_standby"]) == {"hot_standby": shown}
