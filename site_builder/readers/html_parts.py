"""Which characters of an HTML source are the story: its text, found again line by line in what the page shows.

The extraction gives text without places. Lines of the source claim their words in it; what no line claims words for
stood around the story. This room knows nothing of rules, titles or extraction.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from itertools import islice

_WORD = re.compile(r"\w+")
_SEED = 4
_TRIES = 16


def words_of(text: str) -> tuple[str, ...]:
    """Return the words by which two texts are compared: signs and blanks differ where tags stood."""
    return tuple(_WORD.findall(text))


class Shown:
    """The lines that a page shows, whose words can be claimed once each, by lines of the source."""

    def __init__(self, lines: Sequence[str]) -> None:
        """`lines` are the texts of the page's lines, in order; claims are answered with their numbers."""
        self._words: list[str] = []
        self._line: list[int] = []
        self._starts: dict[tuple[str, ...], deque[int]] = {}
        for number, line in enumerate(lines):
            words = words_of(line)
            if 0 < len(words) < _SEED:
                self._starts.setdefault(words, deque()).append(len(self._words))
            self._words += words
            self._line += [number] * len(words)
        for start in range(len(self._words) - _SEED + 1):
            self._starts.setdefault(tuple(self._words[start : start + _SEED]), deque()).append(start)
        self._free = bytearray(b"\1" * len(self._words))
        self._next = 0

    def claim(self, text: str) -> int | None:
        """Claim the words of `text` where they stand in a row; return the number of the line, or None.

        Up to three words are claimed only right after the words claimed last, or when they are a whole line.
        """
        words = words_of(text)
        if not words:
            return None
        starts = self._starts.get(words[:_SEED], deque())
        while starts and not self._free[starts[0]]:
            starts.popleft()
        for start in (self._next, *islice(starts, _TRIES)):
            end = start + len(words)
            if self._free.find(0, start, end) < 0 and tuple(self._words[start:end]) == words:
                self._free[start:end] = bytes(len(words))
                self._next = end
                return self._line[start]
        return None
