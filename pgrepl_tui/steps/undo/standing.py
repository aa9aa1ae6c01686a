"""Where the standby's old data directory stands now, and what stands in its place."""

from dataclasses import dataclass

from pgrepl_tui.steps.context import Context
from pgrepl_tui.steps.entries import Swapped
from pgrepl_tui.steps.identity import NOTHING, identities
from pgrepl_tui.steps.undo.work import Work


@dataclass(frozen=True)
class Standing:
    """The data directory's place.

    Attributes:
        data: the data directory's path.
        here: the identity of what stands there now.
        swap: how the old one went away; None where it never did.
        aside: where the old one lies now; empty where it is in its place, or there was none.
        lost: there was one, and it is not to be found.
    """

    data: str
    here: str
    swap: Swapped | None = None
    aside: str = ""
    lost: bool = False

    @property
    def filled(self) -> bool:
        """A data directory stands there."""
        return self.here.count(":") > 1

    @property
    def needed(self) -> bool:
        """The copy, or nothing at all, stands where something else stood before."""
        if self.swap is None:
            return False
        if self.swap.identity:
            return self.here != self.swap.identity
        return self.filled or (bool(self.swap.mode) and self.here == NOTHING)

    @property
    def copy(self) -> bool:
        """What stands there came by us."""
        return self.needed and self.filled

    def where(self, path: str) -> str:
        """Where a file of the old data directory lies now; any other path as it is."""
        inside = self.aside and path.startswith(f"{self.data}/")
        return f"{self.aside}{path.removeprefix(self.data)}" if inside else path


async def standing(ctx: Context, work: Work) -> Standing:
    """Look at the standby's host.

    Raises:
        StepError: it cannot be looked at.
    """
    data = ctx.standby.cluster.data
    swaps = work.of("standby", Swapped)
    asides = list(dict.fromkeys(swap.aside for swap in swaps))
    here, *others = await identities(ctx.standby, data, *asides)
    if not swaps:
        return Standing(data, here)
    first = swaps[0]
    if not first.identity or here == first.identity:
        return Standing(data, here, first)
    aside = next((path for path, known in zip(asides, others, strict=True) if known == first.identity), "")
    return Standing(data, here, first, aside, lost=not aside)
