"""Medians, ratios, growth, and how figures are written. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

Point = tuple[float, float]


class Growth(NamedTuple):
    """How a cost goes on beyond the largest archive that was measured, by two curves through the last two points."""

    last: Point
    exponent: float
    """Of the power law: 1 is in proportion to the articles."""
    slope: float
    """Of the straight line: what one more article costs."""

    def at(self, articles: float) -> float:
        """Return the greater value of the two curves, and never less than was measured.

        A power law alone promises too much where a part of the cost is the same for every archive, as the start of the
        program is: it takes the slow growth of small archives for that of large ones.
        """
        x, y = self.last
        law: float = y * (articles / x) ** self.exponent
        return max(y, law, y + self.slope * (articles - x))


def fit_growth(points: Sequence[Point]) -> Growth | None:
    """Return how the last two points (articles, value), given in the order of articles, go on.

    None when there are fewer than two, or one of them is nought: no power law goes through it.
    """
    if len(points) < 2 or min(points[-1][1], points[-2][1]) <= 0:
        return None
    (x1, y1), (x2, y2) = points[-2:]
    return Growth((x2, y2), math.log(y2 / y1) / math.log(x2 / x1), (y2 - y1) / (x2 - x1))


def find_medians(rows: Iterable[Sequence[float]]) -> tuple[float, ...]:
    """Return the median of each column, rounded to four places."""
    return tuple(round(median(column), 4) for column in zip(*rows, strict=True))


def word_runs(runs: int, noun: str) -> str:
    """Return of what the figures are medians: `Medians of 5 builds`, or `One build each`."""
    return f"Medians of {runs} {noun}s" if runs > 1 else f"One {noun} each"


def divide(value: float | None, by: float | None) -> float | None:
    """Return a ratio; None when one of the two is not known or there is nothing to divide by."""
    return None if value is None or not by else value / by


def write_ratio(ratio: float | None) -> str:
    """Return a ratio with two significant places or more: `0.036`, `0.81`, `12.4`."""
    if ratio is None:
        return "–"
    places = 3 if ratio < 0.1 else 2 if ratio < 10 else 1
    return f"{ratio:,.{places}f}"


def write_seconds(seconds: float | None) -> str:
    """Return seconds, minutes or hours: `0.132 s`, `5.21 s`, `42.0 s`, `12 min`, `3.4 h`."""
    if seconds is None:
        return "–"
    if seconds < 600:
        places = 3 if seconds < 1 else 2 if seconds < 10 else 1
        return f"{seconds:.{places}f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def write_size(size: float | None) -> str:
    """Return bytes in units of 1,000: `812 kB`, `5.9 MB`, `1.30 GB`."""
    if size is None:
        return "–"
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6)):
        if size >= bytes_:
            value = size / bytes_
            return f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f} {unit}"
    return f"{size / 1000:.1f} kB" if size < 100_000 else f"{size / 1000:.0f} kB"


def draw_table(head: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> str:
    """Return a table in Markdown; all but the first `texts` columns hold figures."""
    rule = ["---"] * texts + ["---:"] * (len(head) - texts)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, rule, *rows))


def fill_document(text: str, tables: Mapping[str, str]) -> str:
    """Put each text between its marks, `<!-- NAME -->` and `<!-- end -->`. Raises ValueError where there are none."""
    for name, table in tables.items():
        before, mark, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if not mark or not end:
            raise ValueError(f"there is no place for {name!r}")
        text = f"{before}{mark}\n{table}\n{end}{after}"
    return text
