"""The archive: entries become cards with addresses, cards become series.

Pure: the same entries, ledger lines and settings give the same archive, whatever the order in which they come.
How a series is cut into pages is `paging`'s; what a page looks like is not known here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from site_builder.errors import Problem
from site_builder.model import Card, Entry
from site_builder.urls import fold_name, fold_title

KINDS = ("archive", "section", "topic", "publisher")
"""The kinds of listing, in the order in which pages name them."""

UNDATED = "undated"


@dataclass(frozen=True)
class Series:
    """The cards of one listing in their total order: the undated ones first, then by date; ties by id.

    Undated cards stand in order of arrival where there is a ledger, else in the natural order of their ids.
    They count as the oldest, so a front shows them only when there is not enough that is dated.
    """

    kind: str
    name: str
    """The key under which spellings count as one; empty for the archive."""
    title: str
    slug: str
    cards: tuple[Card, ...]
    undated: int
    """How many of `cards`, at the beginning, have no date."""

    @cached_property
    def dates(self) -> list[str]:
        """The dates of the dated cards, in order."""
        return [card.date for card in self.cards[self.undated :]]

    def find(self, prefix: str) -> tuple[int, int]:
        """Return the positions, start and stop, of the cards whose date begins with `YYYY` or `YYYY-MM`."""
        start = bisect_left(self.dates, prefix)
        stop = bisect_right(self.dates, prefix + "\uffff")
        return self.undated + start, self.undated + stop

    @cached_property
    def years(self) -> tuple[str, ...]:
        """The years in which something is dated, oldest first."""
        return tuple(dict.fromkeys(date[:4] for date in self.dates))

    def months(self, year: str) -> tuple[str, ...]:
        """Return the months (`YYYY-MM`) of a year in which something is dated, oldest first."""
        start, stop = self.find(year)
        dates = (card.date[:7] for card in self.cards[start:stop])
        return tuple(dict.fromkeys(date for date in dates if len(date) == 7))


@dataclass(frozen=True)
class Archive:
    """Everything the plan may ask: the articles in order, their listings, and who is meant by a headline."""

    entries: Mapping[str, Entry]
    """By id, articles and pages."""
    cards: Mapping[str, Card]
    """By id; of articles and of the pages under `content/pages/`."""
    series: Mapping[tuple[str, str], Series]
    """By kind and name; `("archive", "")` is always there."""
    redirects: Mapping[str, str]
    """Former address -> present address, both paths below the output folder."""
    problems: tuple[Problem, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    """Folded title -> id, for titles that only one article has."""

    @property
    def all(self) -> Series:
        """The series of all articles."""
        return self.series["archive", ""]

    def listings(self, kind: str) -> tuple[Series, ...]:
        """Return the series of a kind, in the order of their folded names."""
        return tuple(self.series[key] for key in sorted(self.series) if key[0] == kind)

    def find_series(self, kind: str, name: str) -> Series:
        """Return the listing of a section, topic or publisher by any spelling of its name."""
        return self.series[kind, fold_name(name)]

    def find_article(self, headline: str) -> str | None:
        """Return the id of the one article whose title the headline is, or None."""
        return self.titles.get(fold_title(headline))


def make_series(
    kind: str, name: str, title: str, slug: str, cards: Iterable[Card], arrival: Mapping[str, int]
) -> Series:
    """Return the series of `cards`; `arrival` gives each id its place among the undated."""
    undated: list[Card] = []
    dated: list[Card] = []
    for card in cards:
        (dated if card.date else undated).append(card)
    undated.sort(key=lambda card: arrival[card.id])
    dated.sort(key=lambda card: (card.date, card.id))
    return Series(kind, name, title, slug, (*undated, *dated), len(undated))


def find_neighbours(series: Series) -> dict[str, tuple[Card | None, Card | None]]:
    """Return for each id the older and the newer card beside it. Dated and undated articles are two chains."""
    neighbours: dict[str, tuple[Card | None, Card | None]] = {}
    for chain in (series.cards[: series.undated], series.cards[series.undated :]):
        padded: Sequence[Card | None] = (None, *chain, None)
        for position, card in enumerate(chain, start=1):
            neighbours[card.id] = padded[position - 1], padded[position + 1]
    return neighbours
