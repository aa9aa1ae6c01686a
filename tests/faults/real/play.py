"""One cell, from a fresh pair to its verdict."""

import asyncio
import contextlib
from pathlib import Path

from tests.faults.real.faults import STRIKES, Scene
from tests.faults.real.ground import Ground
from tests.faults.real.machine import LIMIT
from tests.faults.real.oracle import Oracle
from tests.faults.real.places import Effect
from tests.faults.real.tapped import Trap
from tests.faults.real.wizard import Wizard, whole_run
from tests.faults.table import Cell, Moment


async def play(cell: Cell, ground: Ground, reference: dict[str, object], folder: Path) -> float | None:
    """Play a cell; seconds after which the fault was told, where it was.

    Raises:
        AssertionError: the fault did not fire at its step and moment, or an invariant does not hold.
    """
    await ground.reset()
    oracle = Oracle.begin(ground, reference)
    trap = oracle.spots[cell.place.name].trap(cell.moment)
    ground.tap.set(trap)
    first = await Wizard.start(ground.layout.topology, folder, "first")
    scene = Scene(cell, ground, first, trap, folder)
    try:
        await _sprung(trap, first)
        await _at_the_moment(oracle, scene)
        await STRIKES[cell.fault.id](scene)
        if not scene.told_from:
            scene.can_be_told()
        trap.release()
        await first.ended()
    finally:
        trap.release()
        await first.kill()
        for heal in reversed(scene.heals):
            await heal()
    await oracle.after_fault(scene)
    ground.tap.set(None)
    again = await whole_run(ground.layout.topology, folder, "again")
    once_more = await whole_run(ground.layout.topology, folder, "once-more")
    (folder / "printed").write_bytes(b"\n".join(bytes(each.printed) for each in (first, again, once_more)))
    recordings = [each.recording for each in (first, again, once_more) if each.recording.exists()]
    await oracle.at_the_end(scene, again, once_more, [folder / "printed", *recordings])
    said = "\n".join(oracle.broken)
    assert not oracle.broken, f"{said}\nfired: {scene.proofs}\ntold: {[each for _, each in first.troubles()]}"
    return scene.told_after


async def _sprung(trap: Trap, wizard: Wizard) -> None:
    """Wait for the moment.

    Raises:
        AssertionError: the run ended, and it never came.
    """
    waiting = [asyncio.create_task(trap.sprung.wait()), asyncio.create_task(wizard.process.wait())]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
    assert trap.seen is not None, f"the moment never came; the end of the run: {wizard.last}"


async def _comes(effect: Effect, ground: Ground) -> bool:
    """The effect is there, or is soon: a server that was started without a wait may not be seen as one yet."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LIMIT):
            while not await effect(ground):
                await asyncio.sleep(0.03)
            return True
    return False


async def _at_the_moment(oracle: Oracle, scene: Scene) -> None:
    """The host itself says that it is the moment: the command has not run and has had no effect, or it has."""
    seen, effect = scene.trap.seen, oracle.spots[scene.cell.place.name].effect
    assert seen is not None
    if scene.cell.moment is Moment.BEFORE:
        assert seen.began is None
    else:
        assert seen.began is not None
        assert seen.status == 0 or scene.trap.says, f"{seen.argv[:3]} ended with status {seen.status}"
    if effect is not None:
        there = await (_comes(effect, oracle.ground) if scene.after else effect(oracle.ground))
        assert there is scene.after, f"the effect is {'' if there else 'not '}there {scene.cell.moment} it"
