"""Titles from A to Z: the key by which a title is sorted, and the tree of pages on which titles are found.

The tree is one of beginnings: each first letter has a page, and a page with too many titles leads to those of longer
beginnings, as long as they must be to differ. So it depends on the titles alone, and a new one touches the pages of its
own beginnings and no other. What a title belongs to, and what a page of titles looks like, is not known here.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from site_builder.digest import digest_bytes
from site_builder.paging import Span, cut

LEAF = 200
"""The most titles that are listed on one page."""

LONGEST_NAME = 60
"""Characters of a beginning's name in addresses; of a longer one, a digest stands for the rest."""

LAST = "\U0010ffff"
"""Sorts after everything that can follow in a key."""

_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n", "ŧ": "t"}
)
"""Letters that Unicode does not take apart, by those under which dictionaries have them."""

_ASCII_WORDS = re.compile("[a-z0-9]+")


def collate(title: str) -> str:
    """Return the key by which a title is sorted: its letters and digits alone, without accents or capitals.

    Letter by letter, as encyclopaedias sort: blanks and signs do not count. Accents are what NFKD takes off (UAX #15);
    scripts follow each other as in Unicode. No language is favoured: Swedish has å after z, and this has it under a.

    >>> collate("“Él Niño” & 3 Œuvres")
    'elnino3oeuvres'
    """
    if title.isascii():
        return "".join(_ASCII_WORDS.findall(title.lower()))  # the same, for half of the time
    apart = unicodedata.normalize("NFKD", title.casefold()).casefold()
    return "".join(filter(str.isalnum, apart)).translate(_LETTERS)


def name_letters(letters: str) -> str:
    """Return the name of a beginning in addresses; no two have one, and none is a name that Windows cannot store.

    >>> name_letters("p"), name_letters("con"), name_letters("عم"), name_letters("")
    ('p', 'c-on', 'u0639-u0645', 'other')
    """
    name = "-".join(_spell(part) for part in (letters[:1], letters[1:]) if part) or "other"
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}-{digest_bytes(letters.encode())[:6]}"


def _spell(letters: str) -> str:
    return "".join(c if c.isascii() else f"u{ord(c):04x}" for c in letters)


class Title(NamedTuple):
    """A title in its place: by its key, then by the date of its article, then by the id of that."""

    key: str
    date: str
    id: str


class Titles(ABC):
    """All titles of an archive, asked by how they begin."""

    @abstractmethod
    def count(self, letters: str, *, exact: bool = False) -> int:
        """Return how many keys begin with these letters, or are nothing else."""

    @abstractmethod
    def take(self, letters: str, start: int, stop: int, *, exact: bool = False) -> list[str]:
        """Return ids of those that begin so, or are nothing else, from one position to another (exclusive)."""

    @abstractmethod
    def list_longer(self, letters: str) -> list[tuple[str, int]]:
        """Return the beginnings that are one letter longer, in order, with the number of titles of each."""

    @abstractmethod
    def list_first(self) -> list[tuple[str, int]]:
        """Return the first letters, in order, with the number of titles of each; no letter for titles without any."""

    def is_leaf(self, letters: str) -> bool:
        """Tell whether the titles of a beginning are listed on its page, and not on those of longer ones."""
        return not letters or self.count(letters) <= LEAF

    def cut(self, letters: str) -> tuple[Span, ...]:
        """Return the pages of a beginning, at least one: a leaf lists all titles, others those that go no further."""
        count = self.count(letters, exact=not self.is_leaf(letters))
        return cut(0, count, LEAF) or (Span(1, 0, 0),)

    def branch(self, letters: str) -> list[tuple[str, int]]:
        """Return the beginnings to whose pages that of `letters` leads, in order, with the number of titles of each.

        A leaf leads to none. Where all titles go on alike, the beginnings are as long as they must be to differ.
        """
        if self.is_leaf(letters):
            return []
        longer = self.list_longer(letters)
        while len(longer) == 1 and not self.count(longer[0][0], exact=True):
            longer = self.list_longer(longer[0][0])
        return longer

    def walk(self, letters: str) -> Iterator[str]:
        """Yield a beginning that has a page and all longer ones that have one."""
        yield letters
        for longer, _ in self.branch(letters):
            yield from self.walk(longer)

    def lead(self, key: str) -> Iterator[str]:
        """Yield the beginnings of a key that have a page, the shortest first."""
        letters: str | None = key[:1]
        while letters is not None and self.count(letters):
            yield letters
            letters = next((longer for longer, _ in self.branch(letters) if key.startswith(longer)), None)

    def has_page(self, letters: str) -> bool:
        """Tell whether a beginning has a page."""
        return letters in self.lead(letters)


class ListedTitles(Titles):
    """Titles that are all at hand."""

    def __init__(self, titles: Sequence[Title]) -> None:
        """Take titles in their order."""
        self._titles = titles

    def _find(self, letters: str, *, exact: bool) -> tuple[int, int]:
        low, high = Title(letters, "", ""), Title(letters if exact else letters + LAST, LAST, "")
        return bisect_left(self._titles, low), bisect_left(self._titles, high)

    def count(self, letters: str, *, exact: bool = False) -> int:
        """Return how many keys begin with these letters, or are nothing else; no letters are only themselves."""
        start, stop = self._find(letters, exact=exact or not letters)
        return stop - start

    def take(self, letters: str, start: int, stop: int, *, exact: bool = False) -> list[str]:
        """Return ids of those that begin so, or are nothing else, from one position to another (exclusive)."""
        first, last = self._find(letters, exact=exact or not letters)
        return [title.id for title in self._titles[first + start : min(last, first + stop)]]

    def list_longer(self, letters: str) -> list[tuple[str, int]]:
        """Return the beginnings that are one letter longer, in order, with the number of titles of each."""
        start, stop = self._find(letters, exact=False)
        keys = (title.key[: len(letters) + 1] for title in self._titles[start:stop])
        return [(longer, sum(1 for _ in same)) for longer, same in groupby(keys) if len(longer) > len(letters)]

    def list_first(self) -> list[tuple[str, int]]:
        """Return the first letters, in order, with the number of titles of each; no letter for titles without any."""
        keys = (title.key[:1] for title in self._titles)
        return [(letters, sum(1 for _ in same)) for letters, same in groupby(keys)]
