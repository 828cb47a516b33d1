"""Marking: the lines of a source, each with its parts and the rules that decided them.

Pure: a text and its parts in, lines out, for `explain` and for the page that shows how an article was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from site_builder.model import Part

_LINE_END = re.compile(r"\r\n|\r|\n")
LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
"""A line and its end. LF, CR LF and CR end a line, and nothing else does (never `str.splitlines`)."""


def count_lines(text: str, end: int) -> int:
    """Return how many lines of a text end before a place."""
    return len(_LINE_END.findall(text, 0, end))


def split_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield every line without its end, with the place of its first character; at the end one more, perhaps empty."""
    if "\r" in text:
        for found in LINE.finditer(text):
            yield found.start(), found[1]
        return
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


class Piece(NamedTuple):
    """A run of one line that belongs to one part. `text` is as in the source, without the line's end."""

    part: str
    """One of `site_builder.model.PARTS`."""
    rule: str
    """Name of the rule, or empty."""
    text: str


class MarkedLine(NamedTuple):
    """A line of a source, counted from 1, and its pieces from left to right; an empty line has one empty piece."""

    number: int
    """Of the line in the source."""
    pieces: tuple[Piece, ...]
    """From left to right."""


def mark_lines(text: str, parts: Sequence[Part]) -> tuple[MarkedLine, ...]:
    """Return every line of `text` with its pieces; `parts` cover the text without gap. Line ends are LF, CR LF or CR.

    Blanks alone between two parts of a line are left out; everything else of the line stands in a piece.
    """
    return tuple(_mark(text, parts))


def _mark(text: str, parts: Sequence[Part]) -> Iterator[MarkedLine]:
    waiting = iter(parts)
    part = next(waiting, None)
    position = 0
    for number, line in enumerate(LINE.finditer(text), start=1):
        start, position = position, line.end()
        pieces: list[Piece] = []
        while part is not None and part.start < position:
            inside = text[max(part.start, start) : min(part.end, position)].rstrip("\r\n")
            if inside.strip() or (part.start <= start and part.end >= position):
                pieces.append(Piece(part.part, part.rule, inside))
            if part.end > position:
                break
            part = next(waiting, None)
        if pieces:
            yield MarkedLine(number, tuple(pieces))
