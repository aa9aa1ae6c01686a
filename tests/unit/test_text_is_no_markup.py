"""No text of a screen is read as markup: a rule over the code, each part of it shown to find what it is for."""

import ast
from collections.abc import Iterator

import pytest

from tests.unit.test_layout_of_the_house import ROOT, files, names, tree

SAY_TEXT = {"Static", "Label", "notify"}
"""They read markup unless they are told not to."""
LABELLED = {"Button", "Checkbox", "RadioButton", "Collapsible", "Option", "Tab", "TabPane", "Toast"}
"""They cannot be told: their text has to be content, or a constant with nothing to read in it."""
TITLES = {"border_title", "border_subtitle", "tooltip", "label"}
"""Attributes that read markup."""
READS_MARKUP = {"from_markup", "Markdown", "MarkdownViewer", "RichLog", "Pretty"}
CONTENT = {"Content", "Text", "styled", "assemble"}
CLEAN = {"plain", "plain_line", "harmless"}
SHOWN = {*SAY_TEXT, *CONTENT, "update"}
OWN_ACTION = "AGAIN"
"""The one text of ours that can be clicked."""


def name(node: ast.expr) -> str:
    """The last word of what is called or read."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_content(node: ast.expr | None, makers: set[str]) -> bool:
    """Content, a constant without brackets, our own action, or a choice between such."""
    if node is None:
        return True
    if isinstance(node, ast.IfExp):
        return is_content(node.body, makers) and is_content(node.orelse, makers)
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str) or "[" not in node.value
    if isinstance(node, ast.Name):
        return node.id == OWN_ACTION
    return isinstance(node, ast.Call) and name(node.func) in makers


def makers_of(module: ast.Module) -> set[str]:
    """The functions of a file that say they return content."""
    functions = (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return CONTENT | {f.name for f in functions if f.returns is not None and "Content" in ast.unparse(f.returns)}


def violations(module: ast.Module) -> Iterator[str]:
    """Every place where text could be read as markup."""
    makers = makers_of(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            yield from _of_call(node, makers)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in TITLES and not is_content(node.value, makers):
                    yield f"{node.lineno}: a title that may be markup: {ast.unparse(node)}"
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield from _of_error(node)


def _of_call(call: ast.Call, makers: set[str]) -> Iterator[str]:
    given = {word.arg: word.value for word in call.keywords}
    called = name(call.func)
    if called in READS_MARKUP or ast.unparse(given.get("markup", ast.Constant(False))) != "False":
        yield f"{call.lineno}: reads markup: {ast.unparse(call)}"
    if called in SAY_TEXT and "markup" not in given and not (call.args and _made(call.args[0])):
        yield f"{call.lineno}: without markup=False: {ast.unparse(call)}"
    if called in LABELLED:
        texts = [given[word] for word in ("label", "title", "prompt", "tooltip") if word in given]
        if not all(is_content(text, makers) for text in [*call.args[:1], *texts]):
            yield f"{call.lineno}: a label that may be markup: {ast.unparse(call)}"


def _made(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and name(node.func) in CONTENT


def _of_error(handler: ast.ExceptHandler) -> Iterator[str]:
    """The words of an error, which may hold what a file or a host said, shown without being made plain."""
    calls = [node for node in ast.walk(handler) if isinstance(node, ast.Call)]
    clean = {id(inner) for call in calls if name(call.func) in CLEAN for inner in ast.walk(call)}
    for call in (call for call in calls if name(call.func) in SHOWN):
        for inner in ast.walk(call):
            if id(inner) not in clean and isinstance(inner, ast.Call) and ast.unparse(inner) == f"str({handler.name})":
                yield f"{call.lineno}: an error's words as they are: {ast.unparse(call)}"


def test_no_text_of_a_screen_is_read_as_markup() -> None:
    places = [*files("screens"), ROOT / "pgrepl_tui" / "app.py"]
    assert len(places) > 30
    assert [f"{names(path)}:{found}" for path in places for found in violations(tree(path))] == []


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("Static(text)", True),
        ("Static('a')", True),
        ("Static(text, markup=False)", False),
        ("Static(Content(text))", False),
        ("Static(text, markup=True)", True),
        ("Static(text, markup=flag)", True),
        ("self.app.notify(f'{name} is gone')", True),
        ("self.notify(text, severity='warning', markup=False)", False),
        ("Label(text)", True),
        ("widgets.Label(text)", True),
        ("Button(text)", True),
        ("Button(f'{name}')", True),
        ("Button('[b]x')", True),
        ("Button('Close')", False),
        ("Button(Content(text), id='x')", False),
        ("Button(label=text)", True),
        ("Collapsible(title=text)", True),
        ("Collapsible(title='more')", False),
        ("panel.border_title = text", True),
        ("panel.border_title = f'{host}'", True),
        ("panel.border_title = Content(text)", False),
        ("panel.border_title = Content(text) if text else ''", False),
        ("panel.border_title = text if text else ''", True),
        ("panel.border_subtitle = AGAIN if live else ''", False),
        ("self.tooltip = about", True),
        ("self.tooltip = Content(about) if about else None", False),
        ("def _title() -> Content: ...\npanel.border_title = _title()", False),
        ("def _title() -> str: ...\npanel.border_title = _title()", True),
        ("Content.from_markup(text)", True),
        ("Text.from_markup(text)", True),
        ("Markdown(text)", True),
        ("RichLog()", True),
        ("try: x()\nexcept E as error: self.notify(str(error), markup=False)", True),
        ("try: x()\nexcept E as error: label.update(plain(str(error)))", False),
        ("try: x()\nexcept E as error: label.update(Content(f'no: {plain_line(str(error))}'))", False),
    ],
)
def test_a_violation_is_found(code: str, *, wrong: bool) -> None:
    assert bool(list(violations(ast.parse(code)))) is wrong
