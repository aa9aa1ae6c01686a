"""What only old versions need: limits of their libpq, of their pg_hba.conf, and of how they count WAL."""

import pytest

from pgrepl_tui.events import Finding, Verdict
from pgrepl_tui.hosts.secret import Secret
from pgrepl_tui.postgres import passfile
from pgrepl_tui.postgres.lsn import Lsn
from pgrepl_tui.postgres.version import Major
from pgrepl_tui.steps.preflight import servers
from pgrepl_tui.steps.preflight.survey import Survey
from pgrepl_tui.steps.preflight.verdicts import Pair
from pgrepl_tui.steps.primary.passfile import Passfile
from pgrepl_tui.steps.standby.configure import Configure
from pgrepl_tui.steps.standby.copy import BaseBackup
from pgrepl_tui.steps.step import StepError
from pgrepl_tui.steps.verify.positions import written_between
from pgrepl_tui.topology import Replication
from tests.golden.golden_file import content
from tests.unit.scripted_pair import CONTROL, IDENTIFIER, Two, pair_with, two

OLD, NEW = Major(9, 6), Major(14)


@pytest.mark.parametrize(
    ("major", "size", "blocked"), [(OLD, 318, False), (OLD, 319, True), (Major(13), 319, True), (NEW, 319, False)]
)
async def test_a_line_that_the_passfile_of_that_version_cannot_hold(major: Major, size: int, *, blocked: bool) -> None:
    pair = pair_with(major)
    pair.ctx.sides["primary"].address = "db1.example"
    taken = len(passfile.render(passfile.Entry("db1.example", "5432", "replication", "replicator", "x"))) - 1
    pair.ctx.password = Secret("x" * (size - taken))
    pair.standby.on("stat ", err="stat: No such file or directory", status=1)
    look = await Passfile().inspect(pair.ctx)
    assert (look.finding is Finding.BLOCKED) is blocked
    if blocked:
        assert "319 bytes" in look.reason
        assert "xxx" not in look.reason + look.remedy


@pytest.mark.parametrize(
    ("user", "written"),
    [("*", "db1:1:d:*:p"), ("*x", "db1:1:d:\\*x:p"), ("x*", "db1:1:d:x*:p"), ("**", "db1:1:d:\\**:p")],
)
def test_a_name_that_begins_like_the_wildcard_is_no_wildcard(user: str, written: str) -> None:
    entry = passfile.Entry("db1", "1", "d", user, "p")
    assert passfile.render(entry) == written
    assert passfile.find(written, "db1", "1", "d", user) == "p"
    assert (passfile.find(written, "db1", "1", "d", "zz") == "p") == (user == "*")


@pytest.mark.parametrize(
    ("major", "user", "stopped"),
    [(Major(9, 1), "a,b", True), (Major(9, 1), "+a", True), (Major(9, 2), "a,b", False), (Major(9, 1), "a+b", False)],
)
async def test_a_role_name_that_pg_hba_conf_cannot_say(major: Major, user: str, *, stopped: bool) -> None:
    pair = pair_with(major, replication=Replication(user=user, sslmode="prefer"))
    pair.primary.rows("from pg_authid")
    judged = await servers.role(looked_at(pair))
    assert (judged.verdict is Verdict.STOP) is stopped
    assert ("before 9.2" in judged.why) is stopped


@pytest.mark.parametrize(("sslmode", "built_without", "stopped"), [("require", "t", True), ("verify-full", "t", True)])
async def test_tls_that_the_server_cannot_do(sslmode: str, built_without: str, *, stopped: bool) -> None:
    pair = two(OLD, replication=Replication(sslmode=sslmode))
    pair.primary.rows("name = 'ssl_ciphers'", (built_without,))
    judged = await servers.way_in(looked_at(pair))
    assert (judged.verdict is Verdict.STOP) is stopped
    assert "built without TLS" in judged.why


def looked_at(pair: Two) -> Pair:
    return Pair(pair.ctx, Survey(pair.ctx.primary, {}), Survey(pair.ctx.standby, {}))


@pytest.mark.parametrize(("major", "count"), [(Major(9, 2), 0x20), (Major(9, 3), 0x1000020), (NEW, 0x1000020)])
def test_up_to_9_2_the_last_segment_of_four_gigabytes_is_not_there(major: Major, count: int) -> None:
    assert written_between(two(major).ctx, Lsn.parse("0/FEFFFFF0"), Lsn.parse("1/10")) == count


SEGMENT = "000000010000000000000003"


@pytest.mark.parametrize(
    ("major", "slot", "looks"),
    [(Major(9, 1), True, True), (Major(9, 5), True, True), (OLD, True, False), (OLD, False, True), (NEW, True, False)],
)
@pytest.mark.parametrize("kept", [True, False])
async def test_where_no_slot_kept_it_the_primary_must_still_have_the_wal_after_the_copy(
    major: Major, *, slot: bool, looks: bool, kept: bool
) -> None:
    pair = two(major, replication=Replication(sslmode="prefer", slot=slot))
    said = content("9.6", "controldata.txt").replace("6197591927813975882", IDENTIFIER)
    pair.standby.on("pg_controldata", said).on("the last WAL segment", SEGMENT + "\n")
    there = f"81a4 postgres postgres 1 1 1 1 9 9 0\0/x/{SEGMENT}\0" if kept else ""
    pair.primary.on(SEGMENT, there, err="" if kept else "stat: No such file or directory", status=not kept)
    if looks and not kept:
        with pytest.raises(StepError, match="thrown away the WAL") as caught:
            await BaseBackup().confirm(pair.ctx)
        assert "wal_keep_segments" in caught.value.remedy
    else:
        assert (await BaseBackup().confirm(pair.ctx)).finding is Finding.DONE
    assert any(SEGMENT in text for text in pair.primary.texts) == looks


@pytest.mark.parametrize(("major", "told"), [(Major(9, 1), True), (Major(9, 2), True), (Major(9, 3), False)])
async def test_before_9_3_it_is_said_that_a_promotion_elsewhere_is_not_followed(major: Major, *, told: bool) -> None:
    pair = two(major)
    pair.standby.on("", err="head: No such file or directory", status=1)
    notes = (await Configure().preview(pair.ctx)).notes
    assert any("before 9.3" in note for note in notes) is told
    assert pair.ctx.standby.control is not CONTROL
