"""The archive: what the plan may ask of all articles together, their listings, and who is meant by a headline.

A series counts its cards by month and hands out windows of them, so that planning a page never needs the whole. Where
the cards come from, memory or a store, and what a page looks like, is not known here; how a series is cut into pages
is `paging`'s.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cached_property
from itertools import accumulate

from site_builder.errors import Problem
from site_builder.model import Card, Entry
from site_builder.title_words import list_word_files
from site_builder.titles import ListedTitles, Title, Titles, collate
from site_builder.urls import fold_name, fold_title
from site_builder.values import dataclass

KINDS = ("archive", "section", "topic", "publisher")
"""The kinds of listing, in the order in which pages name them."""

UNDATED = "undated"


def month_of(date: str) -> str:
    """Return the month under which a date is counted: `YYYY-MM`, `YYYY` for a date that says no more, or nothing."""
    return date[:7]


class Series(ABC):
    """The cards of one listing in their total order: the undated ones first, then by date; ties by id.

    Undated cards stand in order of arrival where there is a ledger, else in the natural order of their ids.
    They count as the oldest, so a front shows them only when there is not enough that is dated. `name` is the key
    under which spellings count as one, empty for the archive; `counts` has the number of cards of each month.
    """

    def __init__(self, kind: str, name: str, title: str, slug: str, counts: Mapping[str, int]) -> None:
        self.kind, self.name, self.title, self.slug = kind, name, title, slug
        self._months = sorted(month for month, count in counts.items() if count)
        self._sums = [0, *accumulate(counts[month] for month in self._months)]

    @abstractmethod
    def take(self, start: int, stop: int) -> tuple[Card, ...]:
        """Return the cards at the positions from `start` to `stop` (exclusive)."""

    @property
    def count(self) -> int:
        """How many cards there are."""
        return self._sums[-1]

    @property
    def undated(self) -> int:
        """How many of them, at the beginning, have no date."""
        return self._sums[1] if self._months and not self._months[0] else 0

    def find(self, prefix: str) -> tuple[int, int]:
        """Return the positions, start and stop, of the cards whose date begins with `YYYY` or `YYYY-MM`."""
        start, stop = bisect_left(self._months, prefix), bisect_left(self._months, prefix + "\uffff")
        return self._sums[start], self._sums[stop]

    @cached_property
    def years(self) -> tuple[str, ...]:
        """The years in which something is dated, oldest first."""
        return tuple(dict.fromkeys(month[:4] for month in self._months if month))

    def months(self, year: str) -> tuple[str, ...]:
        """Return the months (`YYYY-MM`) of a year in which something is dated, oldest first."""
        return tuple(month for month in self._months if len(month) == 7 and month.startswith(year))


class Archive(ABC):
    """Everything the plan may ask: articles and pages by their ids, listings, and who is meant by a headline."""

    redirects: Mapping[str, str]
    """Former address -> present address, both paths below the output folder."""
    pages: tuple[Card, ...]
    """Those under `content/pages/`, in the order of their ids."""

    @property
    @abstractmethod
    def all(self) -> Series:
        """The series of all articles."""

    @property
    @abstractmethod
    def alphabet(self) -> Titles:
        """The titles of all articles, from A to Z."""

    @abstractmethod
    def listings(self, kind: str) -> tuple[Series, ...]:
        """Return the series of a kind, in the order of their names."""

    @abstractmethod
    def has_series(self, kind: str, name: str) -> bool:
        """Tell whether there is a listing of this folded name."""

    @abstractmethod
    def find_series(self, kind: str, name: str) -> Series:
        """Return the listing of a section, topic or publisher by any spelling of its name."""

    @abstractmethod
    def find_card(self, id_: str) -> Card | None:
        """Return the card of an article or page, or None for an id that is not published."""

    def get_card(self, id_: str) -> Card:
        """Return the card of an article or page that is published."""
        card = self.find_card(id_)
        assert card is not None, id_
        return card

    @abstractmethod
    def find_article(self, headline: str) -> str | None:
        """Return the id of the one article whose title the headline is, or None."""

    @abstractmethod
    def find_address(self, path: str) -> str:
        """Return the address of the article or page that stands, or stood, at a path; empty for any other path."""

    @abstractmethod
    def take_word_file(self, number: int) -> tuple[Card, ...]:
        """Return the cards of the articles that stand in a file of words of titles (`title_words`), oldest first."""

    @abstractmethod
    def find_neighbours(self, id_: str) -> tuple[Card | None, Card | None]:
        """Return the older and the newer card beside one. Dated and undated articles are two chains."""


# --- in memory ---------------------------------------------------------------------------------------------------


class ListedSeries(Series):
    """A series whose cards are all at hand."""

    def __init__(self, kind: str, name: str, title: str, slug: str, cards: Sequence[Card]) -> None:
        super().__init__(kind, name, title, slug, Counter(month_of(card.date) for card in cards))
        self.cards = tuple(cards)

    def take(self, start: int, stop: int) -> tuple[Card, ...]:
        """Return the cards at the positions from `start` to `stop` (exclusive)."""
        return self.cards[start:stop]


@dataclass(frozen=True)
class WholeArchive(Archive):
    """An archive of which everything is at hand."""

    entries: Mapping[str, Entry]
    """By id, articles and pages."""
    cards: Mapping[str, Card]
    """By id; of articles and of the pages under `content/pages/`."""
    series: Mapping[tuple[str, str], ListedSeries]
    """By kind and name; `("archive", "")` is always there."""
    redirects: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    """Folded title -> id, for titles that only one article has."""
    pages: tuple[Card, ...] = ()

    @property
    def all(self) -> ListedSeries:
        """The series of all articles."""
        return self.series["archive", ""]

    @cached_property
    def alphabet(self) -> ListedTitles:
        """The titles of all articles, from A to Z."""
        return ListedTitles(sorted(Title(collate(card.title), card.date, card.id) for card in self.all.cards))

    def listings(self, kind: str) -> tuple[ListedSeries, ...]:
        """Return the series of a kind, in the order of their folded names."""
        return tuple(self.series[key] for key in sorted(self.series) if key[0] == kind)

    def has_series(self, kind: str, name: str) -> bool:
        """Tell whether there is a listing of this folded name."""
        return (kind, name) in self.series

    def find_series(self, kind: str, name: str) -> ListedSeries:
        """Return the listing of a section, topic or publisher by any spelling of its name."""
        return self.series[kind, fold_name(name)]

    def find_card(self, id_: str) -> Card | None:
        """Return the card of an article or page, or None for an id that is not published."""
        return self.cards.get(id_)

    def find_article(self, headline: str) -> str | None:
        """Return the id of the one article whose title the headline is, or None."""
        return self.titles.get(fold_title(headline))

    def find_address(self, path: str) -> str:
        """Return the address of the article or page that stands, or stood, at a path; empty for any other path."""
        return path if path in self._addresses else self.redirects.get(path, "")

    @cached_property
    def _addresses(self) -> frozenset[str]:
        return frozenset(card.url for card in self.cards.values())

    def take_word_file(self, number: int) -> tuple[Card, ...]:
        """Return the cards of the articles that stand in a file of words of titles (`title_words`), oldest first."""
        return tuple(self._word_files.get(number, ()))

    @cached_property
    def _word_files(self) -> dict[int, list[Card]]:
        found: dict[int, list[Card]] = {}
        for card in sorted(self.all.cards, key=lambda card: (card.date, card.id)):
            for number in list_word_files(card.title):
                found.setdefault(number, []).append(card)
        return found

    def find_neighbours(self, id_: str) -> tuple[Card | None, Card | None]:
        """Return the older and the newer card beside one. Dated and undated articles are two chains."""
        return self._neighbours.get(id_, (None, None))

    @cached_property
    def _neighbours(self) -> dict[str, tuple[Card | None, Card | None]]:
        found: dict[str, tuple[Card | None, Card | None]] = {}
        cards, undated = self.all.cards, self.all.undated
        for chain in (cards[:undated], cards[undated:]):
            padded: Sequence[Card | None] = (None, *chain, None)
            for position, card in enumerate(chain, start=1):
                found[card.id] = padded[position - 1], padded[position + 1]
        return found
