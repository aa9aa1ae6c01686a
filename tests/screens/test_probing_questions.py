"""What a test of a connection asks: an unknown host key, a password; and when it does not ask."""

from pgrepl_tui.screens.host_key import HostKeyScreen
from pgrepl_tui.screens.secret import SecretScreen
from pgrepl_tui.session.prober import Doing, Hear, Questions, Sudo, Unreached
from tests.screens.fake_app import text_of, until
from tests.screens.fake_prober import MAIN, FakeProber, Script, reached
from tests.screens.probing_form import PAIR, opened, said, wizard

KEY = "The host key of db1, port 22 is not known.\nssh-ed25519\nSHA256:0123456789abcdef"
UNKNOWN = Unreached("the host key of db1, port 22 is not known: ed25519 SHA256:0123456789abcdef", "…", unknown_key=True)


async def asks_for_the_key(hear: Hear, questions: Questions) -> None:
    accepted = await questions.host_key(KEY)
    hear(reached(MAIN, alone=True) if accepted else UNKNOWN)


async def test_an_unknown_key_opens_no_dialog_by_itself_and_is_accepted_by_the_typed_word_after_a_test() -> None:
    app = wizard(FakeProber(db1=asks_for_the_key))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await opened(pilot)
        await pilot.press(*"db1", "enter")
        await until(pilot, lambda: "? the host key of db1, port 22 is not known: ed25519 SHA256:01" in said(app))
        assert "Test (t) asks whether it is the right one" in said(app)
        assert not isinstance(app.screen, HostKeyScreen)
        await pilot.click("#primary-test")
        await until(pilot, lambda: isinstance(app.screen, HostKeyScreen))
        assert "SHA256:0123456789abcdef" in text_of(app.screen)
        await pilot.press("y", "enter")
        await until(pilot, lambda: "Type the whole word yes" in text_of(app.screen))
        await pilot.press("e", "s", "enter")
        await until(pilot, lambda: not isinstance(app.screen, HostKeyScreen) and "it is taken" in said(app))


async def test_a_key_that_is_not_accepted_stays_unknown() -> None:
    app = wizard(FakeProber(db1=asks_for_the_key), PAIR)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, HostKeyScreen))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, HostKeyScreen) and "? the host key of db1" in said(app))


async def test_a_changed_key_is_a_stop_with_no_dialog() -> None:
    changed = Unreached(
        "the host key of db1, port 22 has CHANGED: it offers x, on record is y", "Stop. Somebody may be"
    )
    app = wizard(FakeProber(db1=changed), PAIR)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("t")
        await until(pilot, lambda: "✗ the host key of db1, port 22 has CHANGED" in said(app))
        assert "What to do: Stop." in said(app)
        assert "Test (t) asks" not in said(app)
        assert not isinstance(app.screen, HostKeyScreen)


async def test_a_password_is_asked_for_in_its_dialog_and_only_after_a_test_that_was_wanted() -> None:
    given: list[str | None] = []

    async def asks(hear: Hear, questions: Questions) -> None:
        hear(Doing("asking for sudo's password"))
        given.append(await questions.password("Password of dba on db1, for sudo"))
        hear(reached(MAIN, sudo=Sudo.PASSWORD if given[-1] else Sudo.WANTS_PASSWORD))

    app = wizard(FakeProber(db1=asks))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press(*"db1", "enter")
        await until(pilot, lambda: "Test (t) asks for the password" in said(app))
        app.screen.query_one("#primary-ssh").focus()
        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(app.screen, SecretScreen))
        assert "Password of dba on db1, for sudo" in text_of(app.screen)
        await pilot.press(*"s3cret", "enter")
        await until(pilot, lambda: "sudo with password" in said(app))
        assert given == [None, "s3cret"]


async def test_two_tests_that_ask_are_answered_one_after_the_other() -> None:
    answers: dict[str, bool] = {}

    def asking(host: str) -> Script:
        async def asks(hear: Hear, questions: Questions) -> None:
            answers[host] = await questions.host_key(f"The host key of {host} is not known.")
            hear(reached(MAIN))

        return asks

    app = wizard(FakeProber(db1=asking("db1"), db2=asking("db2")), PAIR)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("t")
        await until(pilot, lambda: "The host key of db1" in text_of(app.screen))
        assert len(app.screen_stack) == 3
        await pilot.press(*"yes", "enter")
        await until(pilot, lambda: "The host key of db2" in text_of(app.screen))
        await pilot.press("escape")
        await until(pilot, lambda: answers == {"db1": True, "db2": False})


async def test_a_dialog_goes_with_the_test_that_asked() -> None:
    app = wizard(FakeProber(db1=asks_for_the_key), PAIR)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, HostKeyScreen))
        app.workers.cancel_group(app, "test primary")
        await until(pilot, lambda: not isinstance(app.screen, HostKeyScreen))
