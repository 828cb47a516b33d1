"""The picture by which a page is shown where somebody shares it: the archive's name and that of a section, as PNG.

A pure formatter over Pillow, which is imported when one is painted. Equal views give equal bytes with one version of
Pillow, which is part of the engine. Nothing but the view decides: no font of the machine takes part.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from site_builder.accent import split_colour
from site_builder.values import dataclass

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

SIZE = (1200, 630)
"""Pixels: what the platforms ask for."""

MARGIN = 96
SIZES = (120, 104, 88, 72, 60, 48)
"""Of the large letters; the first in which the name takes at most `LINES` lines."""
LINES = 3
SMALL = 40

_PAGE, _TEXT = (0xFF, 0xFE, 0xFA), (0x1C, 0x1B, 0x19)
"""Colours of the light scheme of the style sheet."""
_INK, _QUIET, _MARK = 254, 190, 255
"""Places in the palette: from 0, the page, to 254, the text; the last is the accent."""

_SIMPLER = str.maketrans(
    dict(zip("–—‑’‘ʻ“”„ØøĐđŁłÐðĦħı", "---'''\"\"\"OoDdLlDdHhi", strict=True))
    | dict(zip("ßẞÆæŒœÞþŊŋ", ("ss", "SS", "AE", "ae", "OE", "oe", "Th", "th", "Ng", "ng"), strict=True))
)
"""Marks and Latin letters that Pillow's own font lacks, and what is written where they cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialView:
    """A picture: the archive's title, that of a section (or nothing), and the site's accent colour, `#rrggbb`."""

    site: str
    section: str = ""
    accent: str


def paint_social(view: SocialView) -> bytes:
    """Return the picture as PNG, 1200 × 630 pixels.

    The font is Pillow's own, which has little more than the letters of English. Other Latin letters are written without
    their accents, as old typewriters did; a name in another script is left out, for boxes are worse than nothing.
    """
    from PIL import Image, ImageDraw

    image = Image.new("L", SIZE, 0)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 23, SIZE[1]), fill=_MARK)
    small, large = _choose_names(view)
    if small:
        font = _load_font(SMALL)
        draw.text((MARGIN, MARGIN), _shorten(small, font), fill=_QUIET, font=font, anchor="ls")
    _draw_large(draw, large)
    draw.rectangle((MARGIN, SIZE[1] - MARGIN, MARGIN + 120, SIZE[1] - MARGIN + 7), fill=_MARK)
    image.putpalette(_make_palette(view.accent))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _choose_names(view: SocialView) -> tuple[str, str]:
    """Return what is written small and large, as far as the font has letters for it."""
    site, section = (_write(name) for name in (view.site, view.section))
    return (site, section) if section else ("", site)


def _write(name: str) -> str:
    """Return a name in letters that the font has, or nothing."""
    font = _load_font(SMALL)
    missing = bytes(font.getmask("\uffff"))

    def can_write(text: str) -> bool:
        return all(c == " " or bytes(font.getmask(c)) != missing for c in set(text))

    text = " ".join(unicodedata.normalize("NFC", name).split())
    written = "".join(c if can_write(c) else _simplify(c) for c in text)
    return written if can_write(written) else ""


def _simplify(letter: str) -> str:
    """Return the letter without its accents, or what stands for it."""
    bare = unicodedata.normalize("NFD", letter)[0]
    return bare.translate(_SIMPLER)


def _load_font(size: int) -> FreeTypeFont:
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # it is, where a size is asked for
    return font


def _draw_large(draw: ImageDraw, text: str) -> None:
    """Draw the large name in the middle between the two margins, in the largest letters in which it fits."""
    for size in SIZES:
        font = _load_font(size)
        lines = list(_wrap(text, font))
        if len(lines) <= LINES and all(font.getlength(line) <= _WIDTH for line in lines):
            break
    lines = [_shorten(line, font) for line in lines[:LINES]] if len(lines) <= LINES else _cut(lines, font)
    step = round(size * 1.15)
    top = (SIZE[1] - step * len(lines)) // 2
    for number, line in enumerate(lines):
        draw.text((MARGIN, top + number * step), line, fill=_INK, font=font)


_WIDTH = SIZE[0] - 2 * MARGIN


def _wrap(text: str, font: FreeTypeFont) -> Iterator[str]:
    """Yield the lines of a text, each as long as the width allows; a word that is wider has a line of its own."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and font.getlength(longer) > _WIDTH:
            yield line
            line = word
        else:
            line = longer
    if line:
        yield line


def _cut(lines: list[str], font: FreeTypeFont) -> list[str]:
    return [*(_shorten(line, font) for line in lines[: LINES - 1]), _shorten(f"{lines[LINES - 1]}…", font)]


def _shorten(line: str, font: FreeTypeFont) -> str:
    """Return a line that is not wider than the room, with `…` where something is left out."""
    if font.getlength(line) <= _WIDTH:
        return line
    while line and font.getlength(f"{line}…") > _WIDTH:
        line = line[:-1]
    return f"{line.rstrip(' …')}…"


def _make_palette(accent: str) -> list[int]:
    shades = [
        round(page + (text - page) * shade / _INK)
        for shade in range(_INK + 1)
        for page, text in zip(_PAGE, _TEXT, strict=True)
    ]
    return [*shades, *split_colour(accent)]
