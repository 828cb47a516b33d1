"""Pieces of a text: what `partition` finds and `forms` tells apart, before they are parts of an article.

This room knows nothing of rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from site_builder.readers.lines import strip_blanks
from site_builder.values import dataclass


class Piece(NamedTuple):
    """Characters of a text, the part they are, the name of the rule, and their role in the part.

    The role of body is its form (the kinds of `model.Block`), of a credit or caption `picture` when a picture is
    meant, of a stamp `updated` when it is not the day of publication; else it is empty.
    """

    start: int
    end: int
    part: str
    rule: str
    role: str = ""


@dataclass(slots=True)
class Run:
    """Lines that are body so far: characters `start` to `end`, lines `first` to `last` (both included)."""

    start: int
    end: int
    first: int
    last: int


def fill(flat: str, found: Iterable[Piece]) -> tuple[Piece, ...]:
    """Return the pieces in order, without the blanks around them, and separators for all between them.

    Signs between two pieces of one line (a bar, a dash) are a label. Nothing can be left over but blanks and signs;
    should words be, they are body.
    """
    pieces: list[Piece] = []
    position = 0
    for piece in sorted(found):
        start, end = strip_blanks(flat, piece.start, piece.end)
        if start < end:
            pieces += _between(flat, position, start)
            pieces.append(piece if (start, end) == piece[:2] else piece._replace(start=start, end=end))
            position = end
    return (*pieces, *_between(flat, position, len(flat)))


def _between(flat: str, start: int, end: int) -> list[Piece]:
    if start == end:
        return []
    first, last = strip_blanks(flat, start, end)
    if first == last:
        return [Piece(start, end, "separator", "text.blank")]
    words = any(map(str.isalnum, flat[first:last]))
    middle = Piece(first, last, *(("body", "text.body", "paragraph") if words else ("label", "text.sign", "")))
    return [*_between(flat, start, first), middle, *_between(flat, last, end)]
