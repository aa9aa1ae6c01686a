"""What went wrong, in words for the operator; a mistake of the program stays one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from pgrepl_tui.events import Asked, Stage
from pgrepl_tui.hosts import files
from pgrepl_tui.hosts.host import ConnectionLostError
from pgrepl_tui.postgres.lsn import Lsn
from pgrepl_tui.postgres.server import AnswerError, SqlError, SqlRow
from pgrepl_tui.questions import AGAIN, Answer, Place, Questions
from pgrepl_tui.steps.primary.role import Role
from pgrepl_tui.steps.primary.slot import Slot
from pgrepl_tui.steps.primary.standing import hba_errors
from pgrepl_tui.steps.primary.tls import Tls
from pgrepl_tui.steps.settings import read_settings
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.trouble import MOST, as_step_error
from pgrepl_tui.steps.undo.stop import own_life
from pgrepl_tui.steps.verify.positions import primary_position
from pgrepl_tui.topology import Replication
from tests.unit.scripted_pair import KeepingReporter, Shown, Two, pair_with, show, two
from tests.unit.scripted_run import ScriptedOperator


@dataclass
class NoRows:
    """A reader whose answer has no rows."""

    via: str = "nothing"
    asked: list[str] = field(default_factory=list)

    async def query(self, statement: str) -> list[tuple[str | None, ...]]:
        """None."""
        self.asked.append(statement)
        return []


def told(pair: Two, error: Exception) -> StepError:
    return as_step_error(error, pair.ctx)


@pytest.mark.parametrize("answer", ["", "Last login: today\n", "-1\0x\0", b"81a4 a b 1 2 3 x 5 6 0\0/x\0", b"\xff\0\0"])
async def test_an_answer_that_cannot_be_understood_is_named(answer: str | bytes) -> None:
    pair = two()
    pair.primary.on("stat /x", answer)
    with pytest.raises((ValueError, LookupError)) as caught:
        await files.stat(pair.ctx.primary.host, "/x", None)
    trouble = told(pair, caught.value)
    assert "cannot be understood: db1: stat /x (read in pgrepl_tui.hosts.files:" in trouble.what.replace(
        "sudo -u root ", ""
    )
    assert "command log" in trouble.remedy
    assert not trouble.refused


ASKS: dict[str, Callable[[Two], Awaitable[object]]] = {
    "pg_is_in_recovery": lambda pair: own_life(pair.ctx, pair.ctx.standby),
    "ssl_ciphers": lambda pair: Tls().inspect(pair.ctx),
    "from pg_authid": lambda pair: Role().inspect(pair.ctx),
    "from pg_replication_slots": lambda pair: Slot().inspect(pair.ctx),
}


@pytest.mark.parametrize("garbage", ["Last login: today", "", "true", None])
@pytest.mark.parametrize("question", ASKS)
async def test_what_is_neither_yes_nor_no_is_no_answer(question: str, garbage: str | None) -> None:
    """One column of anything is an answer as far as its form goes; it must not count as a no."""
    pair = pair_with(replication=Replication(sslmode="require"))
    pair.ctx.standby.cluster = replace(pair.ctx.standby.cluster, running=200)
    pair.ctx.standby.control = pair.ctx.primary.control
    for host in (pair.primary, pair.standby):
        show(host, {"ssl": Shown("off", source="default", file="")})
        host.rows("pg_is_in_recovery", (garbage,)).rows("ssl_ciphers", (garbage,))
        host.rows("from pg_authid", ("t", "t", None, garbage, "-1"))
        host.rows("from pg_replication_slots", ("physical", garbage, "0/1"))
    with pytest.raises(ValueError, match="neither t nor f") as caught:
        await ASKS[question](pair)
    what = told(pair, caught.value).what
    assert "cannot be understood: db" in what
    assert "psql -p 5432 -c" in what
    assert "read in pgrepl_tui.postgres.server:" in what


@pytest.mark.parametrize(("rows", "said"), [((), "not one row, but 0"), ((("t",), ("t",)), "not one row, but 2")])
async def test_a_question_has_one_answer(rows: tuple[SqlRow, ...], said: str) -> None:
    pair = two()
    pair.standby.rows("pg_is_in_recovery", *rows)
    with pytest.raises(AnswerError, match=said):
        await pair.ctx.standby.server.truth("select pg_is_in_recovery()")


async def test_a_row_that_is_not_there_is_named_as_well() -> None:
    pair = two()
    pair.ctx.last_asked = "db1: psql"
    with pytest.raises(IndexError) as caught:
        await primary_position(pair.ctx, NoRows())
    assert "cannot be understood: db1: psql (read in pgrepl_tui.steps.verify" in told(pair, caught.value).what


async def test_rows_that_are_no_settings_are_an_error_of_the_server() -> None:
    pair = two()
    pair.primary.rows("from pg_settings where name in", ("port", "5432"))
    with pytest.raises(SqlError, match="no answer of psql with 6 columns"):
        await read_settings(pair.ctx.primary, ["port"])


@pytest.mark.parametrize("error", [KeyError("x"), IndexError("x"), ValueError("x"), UnicodeError("x")])
def test_a_mistake_of_the_program_stays_one(error: Exception) -> None:
    pair = two()
    pair.ctx.last_asked = "db1: id"

    def mistaken() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        mistaken()
    with pytest.raises(type(error)):
        told(pair, caught.value)


def test_words_of_ours_stay_as_they_are_and_a_megabyte_is_cut() -> None:
    pair = two()
    with pytest.raises(ValueError, match="not a WAL position") as caught:
        Lsn.parse("x")
    assert told(pair, caught.value).what.startswith("not a WAL position: 'x'")
    much = "x" * 10**6
    for error in (StepError(much), SqlError("", much), ConnectionLostError(much)):
        assert MOST < len(told(pair, error).what) < MOST + 100
    assert told(pair, StepError("no", "r", refused=True)).refused
    pair.ctx.last_asked = "db1: id"
    assert told(pair, TimeoutError()).what == "there was no answer in time: db1: id"


@pytest.mark.parametrize("slip", ["", "YES", "y", "Run", "quit "])
async def test_an_answer_that_is_none_of_the_choices_agrees_to_nothing(slip: str) -> None:
    class Slipping(ScriptedOperator):
        async def ask(self, asked: Asked) -> Answer:
            del asked
            return Answer(slip)

    async def look_again(check: str) -> None:
        raise AssertionError(f"nobody asked for {AGAIN}{check}")

    questions = Questions(KeepingReporter(), Slipping(), look_again)
    with pytest.raises(LookupError, match="none of the choices"):
        await questions.ask("confirm", Place(Stage.PRIMARY), "Restart?", ("no", "yes"))


async def test_a_faulty_rule_without_words_of_the_server_is_an_error_too() -> None:
    pair = two()
    pair.primary.rows("or type is null", ("7", "the line cannot be understood"))
    assert "line 7: the line cannot be understood" in await hba_errors(pair.ctx.primary)
