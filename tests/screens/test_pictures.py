"""The README's pictures are those of the screens as they are now: ``make pictures`` draws them anew."""

import re

from tests.make_pictures import NAMES, PICTURES, ROOT, drawn


async def test_the_pictures_are_current() -> None:
    now = await drawn()
    old = {path.stem: path.read_text(encoding="utf-8") for path in PICTURES.glob("*.svg")}
    assert sorted(old) == sorted(now), "run: make pictures"
    assert [name for name in now if old[name] != now[name]] == [], "run: make pictures, and look at them"


def test_the_readme_shows_pictures_that_are_there() -> None:
    shown = re.findall(r"docs/pictures/([\w-]+)\.svg", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert shown
    assert {*shown} <= {*NAMES}
