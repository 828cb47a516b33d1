"""The accent colour of a site: its contrast on the pages, and how it reaches the style sheet.

The rules are added to the end of the style sheet, so that the policy of the pages need allow no other styles and a page
asks for no second file (docs/decisions/0014). What else is in the style sheet is not known here.
"""

from __future__ import annotations

import re

STYLE = "style.css"
"""The asset that the rules are added to."""

ACCENT = "#8c1c13"
"""The default theme's own, as in its style sheet."""

PAGES = {"light": "#fffefa", "dark": "#151514"}
"""The default theme's colours of the page, as in its style sheet."""

ENOUGH = 4.5
"""The contrast that WCAG 2.2 asks of small text (success criterion 1.4.3)."""

_STEPS = 40


def is_colour(text: str) -> bool:
    """Tell whether a text is a colour of the form #rgb or #rrggbb."""
    return re.fullmatch(r"#(?:[0-9A-Fa-f]{3}){1,2}", text) is not None


def measure_contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it.

    >>> round(measure_contrast("#000", "#ffffff"), 1)
    21.0
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(value / 255) for value in split_colour(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def split_colour(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue, 0 to 255, of a colour that `is_colour`."""
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def lighten(colour: str) -> str:
    """Return the colour mixed with as little white as it needs to be read on a dark page."""
    for step in range(_STEPS + 1):
        mixed = "#" + "".join(f"{value + round((255 - value) * step / _STEPS):02x}" for value in split_colour(colour))
        if measure_contrast(mixed, PAGES["dark"]) >= ENOUGH:
            return mixed
    raise AssertionError("white is read on a dark page")


def format_accent(accent: str, dark: str) -> str:
    """Return the rules that give a style sheet its accent colours; none for the default theme's own.

    Without a colour for dark pages, that of the light ones is lightened. Only for screens: paper has its own.
    """
    if (accent, dark) == (ACCENT, ""):
        return ""
    dark = dark or lighten(accent)
    return (
        f"\n@media screen {{\n  :root {{\n    --accent: {accent};\n  }}\n}}\n"
        f"\n@media screen and (prefers-color-scheme: dark) {{\n  :root {{\n    --accent: {dark};\n  }}\n}}\n"
    )


def find_faint(accent: str, dark: str) -> list[tuple[str, str, float]]:
    """Return the name of the setting, the scheme and the contrast of each colour that is hard to read on its pages."""
    colours = (("theme.accent", "light", accent), ("theme.accent_dark", "dark", dark))
    found = ((key, scheme, measure_contrast(colour, PAGES[scheme])) for key, scheme, colour in colours if colour)
    return [(key, scheme, contrast) for key, scheme, contrast in found if contrast < ENOUGH]
