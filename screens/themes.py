"""The program's own dark and light theme: calm colours with enough contrast to read for hours.

Every text has a contrast of at least 4.5 (WCAG 2, AA) to what it stands on, hints and what is drawn dim included.
"""

from textual.theme import Theme

DARK = Theme(
    name="pgrepl-dark",
    dark=True,
    primary="#6ea8d8",
    secondary="#5c90ba",
    accent="#8fc7d0",
    success="#86c08a",
    warning="#e2b866",
    error="#ee7f82",
    foreground="#d6dae0",
    background="#14181d",
    surface="#181d23",
    panel="#222931",
    variables={
        "boost": "#26303a",  # Theme's own field for it counts only where there is no panel
        "border": "#657788",
        "border-blurred": "#2c353f",
        "text-muted": "#bcc3cb",
        "text-disabled": "#929ba5",
        "block-cursor-text-style": "none",
    },
)
"""The default."""

LIGHT = Theme(
    name="pgrepl-light",
    dark=False,
    primary="#1f5f97",
    secondary="#3a6a94",
    accent="#0f6571",
    success="#1f6829",
    warning="#805300",
    error="#ad2329",
    foreground="#1d2227",
    background="#f7f7f5",
    surface="#f1f1ee",
    panel="#e7e8e4",
    variables={
        "boost": "#e0e6eb",
        "border": "#7c858c",
        "border-blurred": "#cdd1d3",
        "text-muted": "#24292e",
        "text-disabled": "#5f666c",
        "block-cursor-text-style": "none",
    },
)
"""For light terminals and daylight."""
