"""The examples in the docstrings are true."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import pgrepl_tui
from pgrepl_tui import counted

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(pgrepl_tui.__path__, "pgrepl_tui.") if "__main__" not in module.name
)


def examples() -> list[doctest.DocTest]:
    """All docstrings with an example in them, of all modules."""
    finder = doctest.DocTestFinder()
    modules = (importlib.import_module(name) for name in MODULES)
    return [found for module in modules for found in finder.find(module) if found.examples]


EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_an_example_is_true(example: doctest.DocTest) -> None:
    report: list[str] = []
    assert not doctest.DocTestRunner().run(example, out=report.append).failed, "".join(report)


def test_every_example_in_the_source_is_among_them() -> None:
    written = sum(inspect.getsource(importlib.import_module(name)).count(">>> ") for name in MODULES)
    assert written == sum(len(found.examples) for found in EXAMPLES) > 0


def test_an_example_that_is_not_true_fails() -> None:
    text = ">>> counted(1, 'change')\n'1 changes'"
    wrong = doctest.DocTestParser().get_doctest(text, vars(counted), "wrong", None, 0)
    assert doctest.DocTestRunner().run(wrong, out=lambda _: None).failed == 1
