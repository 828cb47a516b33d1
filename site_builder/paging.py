"""How a series is cut into pages that stand still.

Pages are counted from the oldest card, so a new card changes the last page and the front and no page before them.
Pure arithmetic: this room knows neither cards nor dates nor addresses.
"""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """Positions `start` to `stop` (exclusive) of a series, as page `number` of its bucket, counted from 1."""

    number: int
    start: int
    stop: int


def front_size(count: int, size: int) -> int:
    """Return how many of the newest of `count` cards a front shows: all below 2 x `size`, else `size` and the rest.

    >>> [front_size(n, 20) for n in (0, 39, 40, 55, 60)]
    [0, 39, 20, 35, 20]
    """
    return count if count < 2 * size else size + count % size


def cut(start: int, stop: int, size: int) -> tuple[Span, ...]:
    """Return the pages of a bucket that covers positions `start` to `stop`, oldest first; the last may be short.

    >>> cut(10, 15, 2)
    (Span(number=1, start=10, stop=12), Span(number=2, start=12, stop=14), Span(number=3, start=14, stop=15))
    """
    return tuple(
        Span(number, first, min(first + size, stop)) for number, first in enumerate(range(start, stop, size), start=1)
    )
