"""What was run on what: takes test results (JUnit XML) into tests/data/results.json, and the README's table from there.

``make results`` runs it, after ``make test-matrix`` and ``make test-hosts``. What a run did not touch keeps its old
result, with its own date.
"""

import json
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.hosts.rootfs import RELEASES
from tests.matrix.packages import PACKAGES
from tests.placed import placed

Results = dict[str, dict[str, dict[str, Any]]]

TOP = Path(__file__).parents[1]
RESULTS = TOP / "tests/data/results.json"
README = TOP / "README.md"
BEGIN, END = "<!-- results: begin, made by make results -->", "<!-- results: end -->"

HOSTS = {
    "test_ways_in": "root, sudo with and without a password, the clusters' owner; csh, fish; German",
    "test_ways_through_ssh": "keys, agent, certificates, known_hosts in all forms, ports, IPv6, two jump hosts",
    "test_typed_passwords": "SSH passwords: typed, from a file, by PAM's dialogue; expired, wrong, none",
    "test_connections": "the test of a connection before a run",
    "test_hostile_surroundings": "use_pty, requiretty, any umask, one session a connection, no forwarding, no shell",
    "test_half_a_second_away": "a round trip of 500 ms",
    "test_places_and_units": "Red Hat's folders and units, several clusters, conf.d, odd port and socket",
    "test_server_differences": "other WAL segments, checksums, a slot in use; a log in the journal",
    "test_under_systemd": "systemd restarts the server, a power cut of the standby",
    "test_faults_in_the_copy": "in the base backup: slow link, link cut, power cut on either side, full disk",
    "test_login_shells": "quoting through dash, bash, tcsh and fish",
}
"""What the files of tests/hosts run, in the order of the table."""
OF_THE_TESTS = {"test_hosts_themselves"}
"""Tests of the test hosts, not of the program."""
MATRIX = {
    "set-up": ("test_a_pair_is_set_up_and_its_positions_match", "test_a_host_with_no_cluster_becomes_a_standby"),
    "second run": ("test_a_second_run_changes_nothing",),
    "verify": (
        "test_what_is_written_on_the_primary_is_read_on_the_standby",
        "test_paused_replay_does_not_match_and_is_the_reason_given",
    ),
    "undo": ("test_a_primary_that_was_never_meant_to_have_a_standby_gets_one",),
}
"""Which tests of tests/matrix fill a column; the last one undoes what it has set up, and compares."""


class Case(NamedTuple):
    """One test that was run.

    Attributes:
        file: the name of its file, without .py.
        name: its own name, without parameters.
        parameters: what stands in brackets after it.
        outcome: passed, failed or skipped.
        seconds: how long it took.
        where: the release or the major version.
        postgres: PostgreSQL's version.
        date: the day of the run.
    """

    file: str
    name: str
    parameters: str
    outcome: str
    seconds: float
    where: str
    postgres: str
    date: str


def cases(text: str) -> Iterator[Case]:
    """The tests of a JUnit report that belong to a release or a major version."""
    for suite in ET.fromstring(text).iter("testsuite"):  # noqa: S314 - pytest of this machine wrote it
        for case in suite.iter("testcase"):
            found = _case(case, suite.get("timestamp", "")[:10])
            if found is not None:
                yield found


def _case(case: ET.Element, date: str) -> Case | None:
    file = case.get("classname", "").rpartition(".")[2]
    name, _, parameters = case.get("name", "").partition("[")
    properties = {item.get("name"): item.get("value", "") for item in case.iter("property")}
    outcome = "skipped" if case.find("skipped") is not None else "passed"
    if case.find("failure") is not None or case.find("error") is not None:
        outcome = "failed"
    where, postgres = str(properties.get("release", "")), str(properties.get("postgres", ""))
    package = next((known for known in PACKAGES if str(known) == parameters.rstrip("]")), None)
    if file == "test_matrix" and package is not None:
        where, postgres = str(package.major), package.version
    seconds = round(float(case.get("time", "0")), 1)
    return Case(file, name, parameters, outcome, seconds, where, postgres, date) if where else None


def latest(found: Iterable[Case]) -> Iterable[Case]:
    """Each test as it ended last: one that was run again counts once."""
    return {(case.where, case.file, case.name, case.parameters): case for case in found}.values()


def merged(old: Results, new: Iterable[Case]) -> Results:
    """The old results, with those of the new cases in their place."""
    results: Results = json.loads(json.dumps({"hosts": {}, "matrix": {}, **old}))
    rows: dict[tuple[str, str, str], list[Case]] = {}
    for case in new:
        kind, row = ("matrix", case.name) if case.file == "test_matrix" else ("hosts", case.file)
        rows.setdefault((kind, case.where, row), []).append(case)
    for (kind, where, row), found in rows.items():
        counts = Counter(case.outcome for case in found)
        results[kind].setdefault(where, {})[row] = {
            "date": found[0].date,
            "postgres": found[0].postgres,
            **{outcome: counts[outcome] for outcome in ("passed", "failed", "skipped")},
            "seconds": round(sum(case.seconds for case in found)),
        }
    return results


def table(results: Results) -> str:
    """The README's section: both tables, and when each was run."""
    return "\n".join([BEGIN, "", *_hosts(results["hosts"]), "", *_matrix(results["matrix"]), "", END])


def _hosts(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    columns = [(release.suite, results.get(release.suite, {})) for release in RELEASES]
    heads = [f"{suite}{_version(cells.values())}" for suite, cells in columns]
    lines = _head("on Debian hosts (`make test-hosts`)", heads)
    for file, what in HOSTS.items():
        lines.append(_line(what, [_cell([cells[file]] if file in cells else []) for _, cells in columns]))
    lines.append(_line("run on", [_dates(cells.values()) for _, cells in columns]))
    return lines


def _matrix(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    lines = _head("on each major version (`make test-matrix`)", [*MATRIX, "run on"])
    for package in PACKAGES:
        cells = results.get(str(package.major), {})
        row = [_cell([cells[name] for name in names if name in cells]) for names in MATRIX.values()]
        lines.append(_line(f"PostgreSQL {package.version}", [*row, _dates(cells.values())]))
    return lines


def _head(first: str, columns: Sequence[str]) -> list[str]:
    return [_line(first, columns), _line("---", ["---"] * len(columns))]


def _line(first: str, cells: Sequence[str]) -> str:
    return f"| {' | '.join([first, *cells])} |"


def _cell(results: Sequence[Mapping[str, Any]]) -> str:
    """How a cell's tests ended; one with tests that were skipped, or with none, was not run as a whole."""
    total = {outcome: sum(int(result[outcome]) for result in results) for outcome in ("passed", "failed", "skipped")}
    if total["failed"]:
        return f"**{total['failed']} of {sum(total.values())} failed**"
    if total["skipped"] or not total["passed"]:
        return "not run"
    return f"passed ({total['passed']})"


def _version(results: Iterable[Mapping[str, Any]]) -> str:
    found = sorted({str(result["postgres"]) for result in results})
    return f" ({', '.join(found)})" if found else ""


def _dates(results: Iterable[Mapping[str, Any]]) -> str:
    found = sorted({str(result["date"]) for result in results})
    return " to ".join(dict.fromkeys([found[0], found[-1]])) if found else "-"


def main(paths: Sequence[str]) -> int:
    """Read the reports, oldest first, keep their results, write the table."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    texts = (Path(path).read_text(encoding="utf-8") for path in paths)
    results = merged(results, latest(case for text in texts for case in cases(text)))
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    README.write_text(placed(README.read_text(encoding="utf-8"), table(results), name=README.name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
