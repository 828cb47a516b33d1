"""Words of titles: under which of a fixed number of files a title is found by its words.

A title stands under its longest words, which tell it from others best, so a new one is in few files, however large the
archive is. The file of a word follows from the word alone, and the search page finds it in the same way
(`templates/assets/search.js`). What is in the files is not known here.
"""

from __future__ import annotations

import re
import unicodedata
from zlib import crc32

FILES = 512
"""How many files there are: with 10,000 titles, 80 of them are in one."""

MOST_WORDS = 4
"""Under how many of its words a title stands."""

SHORTEST = 3
"""Letters of a word that counts."""

FEWEST_TITLES = 500
"""Up to so many titles, a page can look through all of them, and there are no files of words."""

_WORD = re.compile(r"[^\W_]+")


def list_word_files(title: str) -> list[int]:
    """Return the numbers of the files in which a title stands, from 0 and below `FILES`, in order.

    Accents and capitals do not count; of words of one length, the first of the alphabet go before.

    >>> list_word_files("Él Niño: el niño") == [find_word_file("nino")]
    True
    """
    text = title if title.isascii() else _strip_marks(title)
    words = {word for word in _WORD.findall(text.lower()) if len(word) >= SHORTEST}
    if len(words) > MOST_WORDS:
        words = set(sorted(words, key=lambda word: (-len(word), word))[:MOST_WORDS])
    return sorted({find_word_file(word) for word in words})


def find_word_file(word: str) -> int:
    """Return the number of the file of a word without accents and capitals: CRC-32 of its UTF-8, by `FILES`."""
    return crc32(word.encode("utf-8", "replace")) % FILES


def _strip_marks(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.category(c).startswith("M"))
