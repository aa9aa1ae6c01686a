"""Stopping a run whose host does not answer: what is waited for is said, and a second stop waits no longer."""

from pgrepl_tui.app import PgReplApp
from pgrepl_tui.events import CommandEnded, CommandStarted, StepStarted
from pgrepl_tui.screens.leave import LeaveScreen
from pgrepl_tui.screens.stopping import stopping_text
from pgrepl_tui.session.state import SessionState, fold
from tests.screens.fake_app import opened, text_of, until
from tests.screens.fake_run import START, FakeRun

RAN = (StepStarted(step="role"), CommandStarted(number=1, step="role", host="db1", line="psql"))


class Hanging(FakeRun):
    """Does not end when it is stopped."""

    def stop(self) -> None:
        """Count it."""
        self.stopped += 1


async def test_a_stop_says_what_it_waits_for_and_a_second_one_waits_no_longer() -> None:
    run = Hanging((*START, *RAN))
    async with opened(run) as (app, pilot):
        await until(pilot, lambda: "▶ replication role" in text_of(app.screen))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Stopping: waiting for db1 to answer, " in text_of(app.screen))
        assert run.stopped == 1
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Not waited for any more" in text_of(app.screen))
        assert run.stopped == 2


async def test_leaving_a_second_time_waits_no_longer() -> None:
    run = Hanging((*START, *RAN))
    async with opened(run) as (app, pilot):
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, LeaveScreen))
        await pilot.press("l")
        await until(pilot, lambda: run.stopped == 1 and not isinstance(app.screen, LeaveScreen))
        await until(pilot, lambda: "Stopping: waiting for db1 to answer, " in text_of(app.screen))
        assert not app._notifications, "a notice would cover it"
        await pilot.press("q")
        await until(pilot, lambda: run.stopped == 2)
        assert not isinstance(app.screen, LeaveScreen)
        run.end(4)
        await until(pilot, lambda: app.return_code == 4)


def test_the_host_is_that_of_the_command_that_has_not_ended() -> None:
    began = fold(START)
    assert "for db1 and db2 to answer" in stopping_text(began, 0.0).plain
    ran = fold(RAN, began)
    assert "for db1 to answer, 3 s" in stopping_text(ran, 3.9).plain
    assert "^s again waits no longer." in stopping_text(ran, 3.9).plain
    ended = fold([CommandEnded(number=1, step="role", status=0, seconds=0.1)], ran)
    assert "for db1 to answer" in stopping_text(ended, 0.0).plain
    assert "for the hosts to answer" in stopping_text(SessionState(), 0.0).plain


async def test_a_run_that_is_begun_anew_is_not_stopping() -> None:
    run = Hanging((*START, *RAN))
    async with opened(run) as (app, pilot):
        await pilot.press("ctrl+s")
        await until(pilot, lambda: run.stopped == 1)
        assert isinstance(app, PgReplApp)
        app.start(FakeRun(START))
        await until(pilot, lambda: not app.drawing)
        assert app.scene().stopping is None
