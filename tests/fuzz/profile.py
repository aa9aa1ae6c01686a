"""How much is tried: the same examples in every run, and more and other ones where ``PGREPL_FUZZ`` asks for them."""

import os

from hypothesis import HealthCheck, Phase, settings

VARIABLE = "PGREPL_FUZZ"
"""A whole number: so many times the usual examples, found anew each time."""


def times() -> int:
    """How many times the usual number of examples."""
    return max(1, int(os.environ.get(VARIABLE) or 1))


def examples(usual: int, *, shrink: bool = True) -> settings:
    """The settings of a test with so many examples in a usual run.

    No deadline: what a slow machine takes is no mistake. What the examples are does not depend on earlier runs.
    An example that is a seed cannot be made smaller: without ``shrink`` the first that fails is told.
    """
    phases = (Phase.explicit, Phase.generate, *((Phase.shrink,) if shrink else ()))
    return settings(
        max_examples=usual * times(),
        derandomize=times() == 1,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    )


def load() -> None:
    """The profile of every other test with examples."""
    settings.register_profile(
        "repeatable", max_examples=100 * times(), derandomize=times() == 1, deadline=None, database=None
    )
    settings.load_profile("repeatable")
