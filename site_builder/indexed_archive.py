"""The archive as it is in the tables of the index: every answer is a query, and no more is read than it needs.

Who fills the tables, and keeps them true, is not known here: that is `index`.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property

from site_builder.archive import Archive, Series
from site_builder.errors import DamagedStateError
from site_builder.model import Card
from site_builder.titles import LAST, Titles
from site_builder.urls import fold_name, fold_title

COUNTED = 3
"""The longest beginnings of titles that are kept counted; those of longer ones are few enough to be counted when asked
for."""


class _Cards(dict[str, Card]):
    """The cards of the listings that were asked for, by id: one card stands in several of them, and is read once."""

    def __init__(self, database: sqlite3.Connection) -> None:
        super().__init__()
        self.database = database

    def __missing__(self, id_: str) -> Card:
        card = self.find(id_)
        if card is None:
            raise DamagedStateError(f"there is no card of {id_!r}")
        self[id_] = card
        return card

    def find(self, id_: str) -> Card | None:
        """Return a card, or None for an id that is not published. It is not kept: there may be very many."""
        row = self.database.execute("select card from cards where id = ?", (id_,)).fetchone()
        return _load_card(row[0]) if row else None


class IndexedSeries(Series):
    """A series whose cards are read window by window."""

    def __init__(self, cards: _Cards, kind: str, name: str, title: str, slug: str) -> None:
        rows = cards.database.execute("select month, cards from months where kind = ? and name = ?", (kind, name))
        super().__init__(kind, name, title, slug, dict(rows.fetchall()))
        self._cards = cards

    def take(self, start: int, stop: int) -> tuple[Card, ...]:
        """Return the cards at the positions from `start` to `stop` (exclusive)."""
        if start >= stop:
            return ()
        before = bisect_right(self._sums, start) - 1
        month = self._months[before]
        query = "select id from members where kind = ? and name = ? and place >= ? order by place, id limit ? offset ?"
        low = f"1{month}" if month else "0"
        values = (self.kind, self.name, low, stop - start, start - self._sums[before])
        return tuple(self._cards[id_] for (id_,) in self._cards.database.execute(query, values).fetchall())


class IndexedTitles(Titles):
    """Titles that are asked for beginning by beginning."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._run = database.execute

    def _find(self, letters: str, *, exact: bool) -> tuple[str, tuple[str, ...]]:
        if exact or not letters:
            return "letters = ?", (letters,)
        return "letters >= ? and letters < ?", (letters, letters + LAST)

    def count(self, letters: str, *, exact: bool = False) -> int:
        """Return how many keys begin with these letters, or are nothing else; no letters are only themselves."""
        if len(letters) <= COUNTED and not exact:
            query = "select titles from beginnings where size = ? and letters = ?"
            rows = self._run(query, (len(letters), letters)).fetchall()
            return int(rows[0][0]) if rows else 0
        where, values = self._find(letters, exact=exact)
        ((count,),) = self._run(f"select count(*) from titles where {where}", values).fetchall()  # noqa: S608 - ours
        return int(count)

    def take(self, letters: str, start: int, stop: int, *, exact: bool = False) -> list[str]:
        """Return ids of those that begin so, or are nothing else, from one position to another (exclusive)."""
        where, values = self._find(letters, exact=exact)
        query = f"select id from titles where {where} order by letters, date, id limit ? offset ?"  # noqa: S608 - ours
        return [id_ for (id_,) in self._run(query, (*values, stop - start, start))]

    def list_longer(self, letters: str) -> list[tuple[str, int]]:
        """Return the beginnings that are one letter longer, in order, with the number of titles of each."""
        size, bounds = len(letters) + 1, (letters, letters + LAST)
        if size <= COUNTED:
            query = "select letters, titles from beginnings where size = ? and letters > ? and letters < ?"
            return self._run(f"{query} order by letters", (size, *bounds)).fetchall()
        query = (
            "select substr(letters, 1, ?) as longer, count(*) from titles "
            "where letters > ? and letters < ? group by longer order by longer"
        )
        return self._run(query, (size, *bounds)).fetchall()

    def list_first(self) -> list[tuple[str, int]]:
        """Return the first letters, in order, with the number of titles of each; no letter for titles without any."""
        return self._run("select letters, titles from beginnings where size <= 1 order by letters").fetchall()


class IndexedArchive(Archive):
    """The archive in the tables of an index."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._cards = _Cards(database)
        self._series: dict[tuple[str, str], IndexedSeries] = {}

    @cached_property
    def redirects(self) -> Mapping[str, str]:  # type: ignore[override]  # read when it is asked for
        """Former address -> present address."""
        return dict(self._database.execute("select path, address from redirects").fetchall())

    @cached_property
    def pages(self) -> tuple[Card, ...]:  # type: ignore[override]
        """The pages under `content/pages/`, in the natural order of their ids."""
        rows = self._database.execute("select card from cards where kind = 'page' order by turn, id")
        return tuple(_load_card(text) for (text,) in rows)

    @property
    def all(self) -> IndexedSeries:
        """The series of all articles."""
        return self._find("archive", "")

    @property
    def alphabet(self) -> IndexedTitles:
        """The titles of all articles, from A to Z."""
        return IndexedTitles(self._database)

    def listings(self, kind: str) -> tuple[IndexedSeries, ...]:
        """Return the series of a kind, in the order of their folded names."""
        rows = self._database.execute("select name from series where kind = ? order by name", (kind,)).fetchall()
        return tuple(self._find(kind, name) for (name,) in rows)

    def has_series(self, kind: str, name: str) -> bool:
        """Tell whether there is a listing of this folded name."""
        query = "select 1 from series where kind = ? and name = ?"
        return self._database.execute(query, (kind, name)).fetchone() is not None

    def find_series(self, kind: str, name: str) -> IndexedSeries:
        """Return the listing of a section, topic or publisher by any spelling of its name."""
        return self._find(kind, fold_name(name))

    def _find(self, kind: str, name: str) -> IndexedSeries:
        found = self._series.get((kind, name))
        if found is None:
            query = "select title, slug from series where kind = ? and name = ?"
            ((title, slug),) = self._database.execute(query, (kind, name)).fetchall()
            found = self._series[kind, name] = IndexedSeries(self._cards, kind, name, title, slug)
        return found

    def find_card(self, id_: str) -> Card | None:
        """Return the card of an article or page, or None for an id that is not published."""
        return self._cards.get(id_) or self._cards.find(id_)

    def find_at(self, url: str) -> Card | None:
        """Return the card of the article or page that has this address."""
        rows = self._database.execute("select card from cards where address = ?", (url.casefold(),))
        return next((card for card in (_load_card(text) for (text,) in rows) if card.url == url), None)

    def find_address(self, path: str) -> str:
        """Return the address of the article or page that stands, or stood, at a path; empty for any other path."""
        if self.find_at(path) is not None:
            return path
        row = self._database.execute("select address from redirects where path = ?", (path,)).fetchone()
        return str(row[0]) if row else ""

    def take_word_file(self, number: int) -> tuple[Card, ...]:
        """Return the cards of the articles that stand in a file of words of titles (`title_words`), oldest first."""
        query = "select card from title_words join cards using (id) where number = ? order by date, title_words.id"
        return tuple(_load_card(text) for (text,) in self._database.execute(query, (number,)))

    def find_slug(self, kind: str, slug: str) -> IndexedSeries | None:
        """Return the listing of a section, topic or publisher whose pages have this slug."""
        row = self._database.execute("select name from series where kind = ? and slug = ?", (kind, slug)).fetchone()
        return self._find(kind, row[0]) if row else None

    def find_article(self, headline: str) -> str | None:
        """Return the id of the one article whose title the headline is, or None."""
        query = "select id from cards where kind = 'article' and title = ? limit 2"
        rows = self._database.execute(query, (fold_title(headline),)).fetchall()
        return rows[0][0] if len(rows) == 1 else None

    def find_neighbours(self, id_: str) -> tuple[Card | None, Card | None]:
        """Return the older and the newer card beside one. Dated and undated articles are two chains."""
        query = "select place from members where kind = 'archive' and name = '' and id = ?"
        ((place,),) = self._database.execute(query, (id_,)).fetchall()
        low, high = ("1", "2") if place >= "1" else ("0", "1")
        ways = (
            ("place >= ? and (place, members.id) < (?, ?) order by place desc, members.id desc", low),
            ("place < ? and (place, members.id) > (?, ?) order by place, members.id", high),
        )
        older, newer = (
            self._database.execute(
                "select card from members join cards using (id) "  # noqa: S608 - ours
                f"where members.kind = 'archive' and name = '' and {way} limit 1",
                (bound, place, id_),
            ).fetchone()
            for way, bound in ways
        )
        return _load_card(older[0]) if older else None, _load_card(newer[0]) if newer else None


def _load_card(text: str) -> Card:
    try:
        return Card(*json.loads(text))
    except (ValueError, TypeError) as exc:
        raise DamagedStateError(str(exc)) from exc
