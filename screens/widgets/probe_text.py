"""The words for a test of a host: what it does, what came of it, and what is odd about the cluster that is meant."""

from textual.content import Content

from pgrepl_tui.counted import counted
from pgrepl_tui.postgres.found import FoundCluster, Standing
from pgrepl_tui.screens.plain import plain, plain_line
from pgrepl_tui.session.prober import Doing, Heard, Reached, Sudo, Unreached

UNTESTED = Content.styled("Not tested yet.", "dim")
ABANDONED = Content.styled("The test was abandoned.", "dim")
SUDO = {
    Sudo.OWN: "no sudo needed",
    Sudo.ROOT: "may become {owner}",
    Sudo.FREE: "sudo without password",
    Sudo.PASSWORD: "sudo with password",
    Sudo.WANTS_PASSWORD: "sudo needs a password",
    Sudo.NONE: "no sudo to {owner}",
    Sudo.NOBODY: "there is no OS user {owner}",
}
ODD = {
    ("primary", Standing.STANDBY): "is in recovery: a standby. Are the two swapped?",
    ("primary", Standing.DOWN): "is down: a primary has to run.",
    ("primary", Standing.EMPTY): "is empty: a primary has to be there already.",
    ("standby", Standing.PRIMARY): "takes writes. A run sets its data aside. Are the two swapped?",
}
"""What the operator should know before connecting, by side and by what the cluster is."""


def heard_text(heard: Heard, seconds: float, *, named: bool) -> Content:
    """What the test does or what came of it.

    Args:
        heard: the last that was heard.
        seconds: how long it has taken.
        named: the form names a cluster, so that none has to be chosen.
    """
    if isinstance(heard, Doing):
        words = f"{plain_line(heard.text)}… {seconds:.0f} s"
        return Content.assemble(("▶ ", "$primary bold"), words, (", esc abandons", "dim"))
    return _unreached(heard) if isinstance(heard, Unreached) else _reached(heard, named=named)


def _unreached(heard: Unreached) -> Content:
    if heard.unknown_key:
        said = Content.assemble(("? ", "$warning bold"), plain(heard.what))
        return said + "\nTest (t) asks whether it is the right one; so does Connect."
    text = Content.assemble(("✗ ", "$error bold"), plain(heard.what))
    return text + (f"\nWhat to do: {plain(heard.remedy)}" if heard.remedy else "")


def _reached(heard: Reached, *, named: bool) -> Content:
    good = heard.sudo not in {Sudo.WANTS_PASSWORD, Sudo.NONE, Sudo.NOBODY}
    mark = ("✓ ", "$success") if good else ("! ", "$warning bold")
    sudo = SUDO[heard.sudo].format(owner=plain_line(heard.owner))
    software = plain_line(heard.software).partition(" ")[0]
    words = f"logged in as {plain_line(heard.login)}, {software}, {sudo}\n"
    text = Content.assemble(mark, words, found_words(heard, named=named))
    if heard.sudo is Sudo.WANTS_PASSWORD:
        return text + "\nTest (t) asks for the password; so does Connect."
    if heard.trouble:
        text += f"\n{plain(heard.trouble)}"
    return text + (f"\nWhat to do: {plain(heard.remedy)}" if heard.trouble and heard.remedy else "")


def found_words(heard: Reached, *, named: bool) -> str:
    """How many clusters there are, and whether one has to be chosen."""
    if heard.clusters:
        what = ": choose one" if len(heard.clusters) > 1 else ": choose it"
        what = "" if named else ": it is taken" if heard.alone else what
        return f"{counted(len(heard.clusters), 'cluster')} found{what}"
    if heard.installed:
        return f"PostgreSQL is installed in {plain_line(heard.installed[-1])}, but no cluster was found"
    return "no PostgreSQL found; give programs and data"


def remark(side: str, cluster: FoundCluster) -> Content:
    """What is odd about the cluster that is meant for a side; empty where nothing is."""
    called = plain_line(cluster.called)
    odd = ODD.get((side, cluster.standing), "")
    if cluster.standing is Standing.UNKNOWN and cluster.note:
        return Content.assemble(("! ", "$warning bold"), f"{called}: {plain(cluster.note)}")
    return Content.assemble(("! ", "$warning bold"), f"{called} {odd}") if odd else Content("")
