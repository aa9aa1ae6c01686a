"""The program's own dark and light theme: calm colours with enough contrast to read for hours."""

from textual.theme import Theme

DARK = Theme(
    name="pgrepl-dark",
    dark=True,
    primary="#6ea8d8",
    secondary="#4f7ea6",
    accent="#8fc7d0",
    success="#86c08a",
    warning="#e2b866",
    error="#ee7f82",
    foreground="#d6dae0",
    background="#14181d",
    surface="#181d23",
    panel="#222931",
    boost="#26303a",
    variables={"border": "#3b4652", "border-blurred": "#2c353f", "block-cursor-text-style": "none"},
)
"""The default."""

LIGHT = Theme(
    name="pgrepl-light",
    dark=False,
    primary="#1f5f97",
    secondary="#4779a4",
    accent="#136f7c",
    success="#22702c",
    warning="#8a5a00",
    error="#b3262c",
    foreground="#22272d",
    background="#f7f7f5",
    surface="#f1f1ee",
    panel="#e4e5e1",
    boost="#dde3e8",
    variables={"border": "#b0b6bb", "border-blurred": "#cdd1d3", "block-cursor-text-style": "none"},
)
"""For light terminals and daylight."""
