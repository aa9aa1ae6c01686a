"""The commands that take a set-up back: undo, and discard for what was set aside."""

import argparse
from typing import TYPE_CHECKING

from pgrepl_tui.commands import CommandError, carried_out

if TYPE_CHECKING:
    from pgrepl_tui.session.undo_target import Target


def undo(options: argparse.Namespace) -> int:
    """Put back what was before a set-up."""
    from pgrepl_tui import headless  # noqa: PLC0415 - start-up
    from pgrepl_tui.steps.undo.plan import undo as plan  # noqa: PLC0415 - start-up

    found = _target(options)
    if found.mode not in {"", "run"}:
        raise CommandError(
            f"{options.what}: is the recording of {found.mode}, which undo has nothing to do with; "
            "give the recording of the set-up, or the topology"
        )
    return carried_out(
        headless.run(
            found.topology,
            plan=options.plan,
            yes=options.yes,
            json=options.json,
            path=options.recording,
            what=plan(found.run),
        )
    )


def discard(options: argparse.Namespace) -> int:
    """Delete what was set aside."""
    from pgrepl_tui import headless  # noqa: PLC0415 - start-up
    from pgrepl_tui.steps.undo.plan import discard as plan  # noqa: PLC0415 - start-up

    found = _target(options)
    return carried_out(
        headless.run(
            found.topology,
            plan=options.plan,
            yes=False,
            json=options.json,
            path=options.recording,
            what=plan(),
            host=options.host,
        )
    )


def _target(options: argparse.Namespace) -> "Target":
    from pgrepl_tui.session.span import RecordingError  # noqa: PLC0415 - start-up
    from pgrepl_tui.session.undo_target import target  # noqa: PLC0415 - start-up
    from pgrepl_tui.topology import TopologyError  # noqa: PLC0415 - start-up

    try:
        return target(options.what)
    except (TopologyError, RecordingError) as error:
        raise CommandError(str(error)) from error
