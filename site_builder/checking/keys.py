"""Keys of front matter that look misspelt: near one that we know, or alone beside one that many articles have.

Pure: keys and their numbers in, suspicions out. Where they stand is not known here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from site_builder.readers.keys import ADDRESSES, NAMES, TABLES
from site_builder.readers.steering import KEYS

MANY = 10
"""In so many articles a key that we do not know is meant as it is written."""
SHORTEST = 4
"""Letters below which a key is near too many others."""

KNOWN = frozenset(
    (*NAMES, *(name for names in NAMES.values() for name in names), *ADDRESSES, *KEYS, *TABLES, "status", "taxonomies")
)
_THEIRS = frozenset(
    "type layout weight template comments math toc image images cover series menu menus linktitle expirydate cascade "
    "outputs resources sitemap build headless markup page_template in_search_index date_created data text style share "
    "pin show hide like mail time state place lead note notes date_format retrieved source sort_by guid id".split()
)
"""Keys that other generators and their themes give a meaning, or that are words of their own, near as they may be."""


def find_misspelt(counts: Mapping[str, int], used: Collection[str] = ()) -> dict[str, str]:
    """Return the keys that look misspelt, each with the key that may be meant.

    `counts` has the number of articles of each key that we do not know, `used` those of them that a template of the
    site names: these are meant. A key is near another when one letter is too many, missing or another, or two
    neighbours change places; of 7 letters or more, two such slips are near.
    """
    common = sorted(key for key, times in counts.items() if times >= MANY)
    suspects = {}
    for key, times in sorted(counts.items()):
        folded = key.lower().replace("-", "_")
        if key in used or folded in _THEIRS or len(folded) < SHORTEST:
            continue
        near = [*_find_near(folded, sorted(KNOWN)), *(_find_near(key, common) if times == 1 else ())]
        if near:
            suspects[key] = near[0]
    return suspects


def _find_near(key: str, others: Collection[str]) -> Iterator[str]:
    """Yield those of `others` that are near a key, the nearest first, ties in the order of `others`."""
    most = 2 if len(key) >= 7 else 1
    measured = ((measure_slips(key, other, most), other) for other in others if other != key)
    return (other for slips, other in sorted(m for m in measured if m[0] <= most))


def measure_slips(one: str, other: str, most: int) -> int:
    """Return the number of slips from one word to another, or `most` + 1 when there are more.

    Slips are those of Damerau ("A technique for computer detection and correction of spelling errors", 1964), no letter
    taking part in two of them.

    >>> measure_slips("tilte", "title", 2), measure_slips("catgory", "category", 2), measure_slips("a", "bcde", 2)
    (1, 1, 3)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, letter in enumerate(other, 1):
            slips = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != letter))
            if i > 1 and j > 1 and sign == other[j - 2] and letter == one[i - 2]:
                slips = min(slips, last[j - 2] + 1)
            row.append(slips)
    return min(row[-1], most + 1)
