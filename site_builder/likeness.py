"""Likeness: which texts are near copies of each other, by small sketches of them.

A text is taken as its shingles, its runs of four words; two texts are alike by the share of shingles that they have in
common (Broder, "On the resemblance and containment of documents", 1997). A sketch keeps the 64 smallest hashes of the
shingles, from which that share is estimated with a standard error of at most 0.06 (bottom-k sketches: Cohen and
Kaplan, "Summarizing data using bottom-k sketches", 2007). Pure; where texts come from is not known here.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

SHINGLE = 4
KEPT = 64
LEAST = 12
"""Shingles below which a text has no sketch: two notes of a line each are no copies because they say the same."""
ALIKE = 0.7
"""The share of common shingles from which on a text is told as a near copy."""

_BANDS = 8
"""By so many of its smallest hashes a text is looked up. Two texts that have a share s of their shingles in common
have none of these in common with a probability of about (1 - s)**8: 0.00007 for s = 0.7."""
_NEIGHBOURS = 8
"""With so many texts before it a text is compared for each hash, which keeps the work linear when all share one."""

_ASCII_WORDS = re.compile("[a-z0-9]+")
_SIGNS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORDS = re.compile(f"[{_SIGNS}]|[^\\W{_SIGNS}]+")
"""Letters of scripts that put no blank between words count as words."""

Sketch = bytes
"""The sketch of a text: 64 numbers of 32 bits or fewer, in their order; empty for a text that is too short."""


class Copy(NamedTuple):
    """A text that is a near copy of an earlier one, both by their numbers, with their likeness from `ALIKE` to 1."""

    number: int
    first: int
    likeness: float


def sketch(text: str) -> Sketch:
    """Return the sketch of a text. Signs, blanks, line ends and capitals make no difference."""
    folded = text.lower()
    words = [word.encode() for word in (_ASCII_WORDS if folded.isascii() else _WORDS).findall(folded)]
    runs = zip(*(words[start:] for start in range(SHINGLE)), strict=False)
    hashes = {crc32(b" ".join(run)) for run in runs}
    return array("I", sorted(hashes)[:KEPT]).tobytes() if len(hashes) >= LEAST else b""


def measure_likeness(one: Sketch, other: Sketch) -> float:
    """Return the estimated share of shingles that two texts have in common, from 0 to 1; 0 without a sketch."""
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    first, second = set(array("I", one)), set(array("I", other))
    smallest = sorted(first | second)[: max(len(first), len(second))]
    return sum(1 for value in smallest if value in first and value in second) / len(smallest)


def find_copies(sketches: Sequence[Sketch]) -> list[Copy]:
    """Return the texts that are near copies of one with a lower number, each once, by number.

    Of several such the one that is most alike is named, the lowest of equals. The time is linear in the number of
    texts: for each of its hashes a text is held against the last few that have it, too. Of a crowd of copies each one
    is thus found, though perhaps by another copy than the first.
    """
    best: dict[int, tuple[float, int]] = {}
    for run in _list_runs(sketches):
        for place, number in enumerate(run):
            for first in run[max(0, place - _NEIGHBOURS) : place]:
                alike = measure_likeness(sketches[first], sketches[number])
                if alike >= ALIKE:
                    best[number] = max(best.get(number, (0.0, 0)), (alike, -first))
    return [Copy(number, -best[number][1], best[number][0]) for number in sorted(best)]


def _list_runs(sketches: Sequence[Sketch]) -> list[list[int]]:
    """Return the numbers of the texts that share one of their smallest hashes, for each such hash, in their order."""
    pairs = array("Q")
    for number, found in enumerate(sketches):
        pairs.extend((value << 32) | number for value in array("I", found[: _BANDS * array("I").itemsize]))
    runs: list[list[int]] = []
    run: list[int] = []
    last = -1
    for pair in sorted(pairs):
        value, number = pair >> 32, pair & 0xFFFFFFFF
        if value != last:
            if len(run) > 1:
                runs.append(run)
            run, last = [], value
        run.append(number)
    return [*runs, run] if len(run) > 1 else runs
