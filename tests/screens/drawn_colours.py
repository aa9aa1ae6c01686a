"""The colours that are really drawn on a screen, and how well they can be read."""

from collections.abc import Iterator
from typing import NamedTuple

from rich.color import Color
from textual.widget import Widget


class Drawn(NamedTuple):
    """A text as it was drawn, and its contrast: the ratio of WCAG 2, 1 to 21."""

    text: str
    contrast: float
    colours: str


def drawn(widget: Widget) -> Iterator[Drawn]:
    """Every text with letters or digits that a widget or a screen shows now."""
    region = widget.region
    for strip in widget.screen._compositor.render_strips()[region.y : region.bottom]:
        for text, style, _ in strip.crop(region.x, region.right):
            if style is None or style.color is None or style.bgcolor is None or not any(c.isalnum() for c in text):
                continue
            front, back = (style.bgcolor, style.color) if style.reverse else (style.color, style.bgcolor)
            yield Drawn(text, contrast(front, back), f"{front.name} on {back.name}")


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colours, as WCAG 2 computes it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Color) -> float:
    """The relative luminance, 0 to 1."""
    shares = [value / 255 for value in colour.get_truecolor()]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
