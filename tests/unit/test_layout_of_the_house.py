"""The rules of the house that no linter keeps: sizes, docstrings, who knows versions, what is packed."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = {"pgrepl_tui": ROOT / "pgrepl_tui", "screens": ROOT / "screens", "tests": ROOT / "tests"}
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 400, 40
SAY_TEXT = {"Static", "Label", "notify"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(*folders: str) -> list[Path]:
    """Every Python file, each once: the links in pgrepl_tui/ lead to folders that are here by themselves."""
    return sorted(path for name in folders for path in _walk(FOLDERS[name]))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        elif path.suffix == ".py":
            yield path


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


def at(path: Path, node: ast.expr) -> str:
    return f"{names(path)}:{node.lineno}: {ast.unparse(node)}"


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def length(function: Function) -> int:
    """Lines of a function without its docstring and its decorators."""
    body = function.body
    first = body[0]
    if ast.get_docstring(function) is not None and len(body) > 1:
        return (function.end_lineno or 0) - body[1].lineno + 1 + (first.lineno - function.lineno)
    return (function.end_lineno or 0) - function.lineno + 1


def test_the_files_are_found() -> None:
    assert len(files("pgrepl_tui")) > 80
    assert len(files("screens")) > 30


def test_every_file_is_a_small_room() -> None:
    sizes = {names(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files(*FOLDERS)}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}


def test_every_function_is_short() -> None:
    found = [(path, node) for path in files(*FOLDERS) for node in ast.walk(tree(path)) if isinstance(node, Function)]
    sizes = {f"{names(path)} {node.name}": length(node) for path, node in found}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES_OF_A_FUNCTION} == {}


def test_what_is_public_says_what_it_is_for() -> None:
    modules = {names(path): tree(path) for path in files("pgrepl_tui", "screens")}
    assert [name for name, module in modules.items() if not ast.get_docstring(module)] == []
    public = [(f"{name} {inner}", node) for name, module in modules.items() for inner, node in _public(module)]
    assert len(public) > 500
    assert [name for name, node in public if not ast.get_docstring(node)] == []


def _public(scope: ast.Module | ast.ClassDef, inside: str = "") -> Iterator[tuple[str, ast.ClassDef | Function]]:
    for node in scope.body:
        if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
            continue
        if any("overload" in ast.unparse(decorator) for decorator in node.decorator_list):
            continue
        yield f"{inside}{node.name}", node
        if isinstance(node, ast.ClassDef):
            yield from _public(node, f"{node.name}.")


def test_only_postgres_knows_versions() -> None:
    elsewhere = [path for path in files("pgrepl_tui", "screens") if path.parent.name != "postgres"]
    found = [(path, node) for path in elsewhere for node in ast.walk(tree(path)) if isinstance(node, ast.expr)]
    assert [at(path, node) for path, node in found if _makes_a_version(node) or _orders_a_version(node)] == []


def _makes_a_version(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Major"


def _orders_a_version(node: ast.AST) -> bool:
    """A major version that is compared by order; the lab has a program that says its own version."""
    if not isinstance(node, ast.Compare):
        return False
    ordered = any(isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for operator in node.ops)
    sides = [node.left, *node.comparators]
    return ordered and any(ast.unparse(side).split(".")[-1] in {"major", "server_version"} for side in sides)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Major(12)", True),
        ("cluster.major >= other", True),
        ("x if major < known else y", True),
        ("one.major == two.major", False),
        ("Major.parse(text)", False),
        ("facts(cluster.major).scram", False),
    ],
)
def test_the_rule_about_versions_sees_them(text: str, *, wrong: bool) -> None:
    nodes = list(ast.walk(ast.parse(text)))
    assert any(_makes_a_version(node) or _orders_a_version(node) for node in nodes) is wrong


def test_text_from_a_host_is_never_read_as_markup() -> None:
    places = [*files("screens"), ROOT / "pgrepl_tui" / "app.py"]
    found = [(path, node) for path in places for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    saying = [(path, call) for path, call in found if _name(call.func) in SAY_TEXT]
    assert len(saying) > 10
    assert [at(path, call) for path, call in saying if not _without_markup(call)] == []


def test_a_widget_of_our_own_that_shows_text_reads_no_markup() -> None:
    classes = [(path, node) for path in files("screens") for node in ast.walk(tree(path))]
    found = [(path, node) for path, node in classes if isinstance(node, ast.ClassDef)]
    ours = [(path, node) for path, node in found if {_name(base) for base in node.bases} & SAY_TEXT]
    assert len(ours) > 1
    for path, node in ours:
        made = [call for call in ast.walk(node) if isinstance(call, ast.Call) and _is_super_init(call)]
        assert made, f"{names(path)} {node.name} takes the default, which is markup"
        assert all(_without_markup(call) for call in made), f"{names(path)} {node.name}"


def _is_super_init(call: ast.Call) -> bool:
    return ast.unparse(call.func) == "super().__init__"


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _without_markup(call: ast.Call) -> bool:
    given = {word.arg: ast.unparse(word.value) for word in call.keywords}
    made = bool(call.args) and isinstance(call.args[0], ast.Call) and _name(call.args[0].func) in {"Text", "Content"}
    return given.get("markup") == "False" or made


def test_all_packages_are_packed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packages = {"pgrepl_tui." + _dotted(path.parent) for path in files("pgrepl_tui", "screens")}
    packages = {name.removesuffix(".").replace("pgrepl_tui.pgrepl_tui", "pgrepl_tui") for name in packages}
    assert {*settings["packages"]} == packages | {"pgrepl_tui.styles"}
    assert [*settings["packages"]] == sorted(settings["packages"])


def _dotted(folder: Path) -> str:
    return ".".join(folder.relative_to(ROOT).parts)


@pytest.mark.parametrize("name", ["screens", "styles"])
def test_the_links_show_the_same_picture_as_the_wheel(name: str) -> None:
    link = ROOT / "pgrepl_tui" / name
    assert link.is_symlink()
    assert link.resolve() == ROOT / name
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-dir"]
    assert packed[f"pgrepl_tui.{name}"] == name


def test_every_folder_of_the_program_is_a_package() -> None:
    folders = {path.parent for path in files("pgrepl_tui", "screens")}
    assert [names(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []
