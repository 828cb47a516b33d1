"""The index: the catalogue of the published archive as tables, so that a small change is planned from few rows.

It takes single articles out and in, and knows what a change touches; `indexed_archive` answers what an `Archive`
answers. It lives in the database of the store, and whoever opened that decides when what was changed is kept. Which
changes are small enough to be planned so, and what a page is, is not known here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from typing import NamedTuple

from site_builder.archive import WholeArchive, month_of
from site_builder.catalogue import list_names
from site_builder.digest import canonical
from site_builder.indexed_archive import COUNTED, IndexedArchive
from site_builder.model import Card, Entry, Tally
from site_builder.tally import LOOKED_AT, RuleUse, sum_examples
from site_builder.title_words import list_word_files
from site_builder.titles import collate
from site_builder.urls import find_page_path, fold_title, is_address, key_title, natural_key

_TABLES = """
create table cards (
    id text primary key, kind text not null, address text not null, base text not null, title text not null,
    turn text not null, card text not null
) without rowid;
create table members (
    kind text not null, name text not null, place text not null, id text not null, spelling text not null,
    primary key (kind, name, place, id)
) without rowid;
create table months (
    kind text not null, name text not null, month text not null, cards integer not null,
    primary key (kind, name, month)
) without rowid;
create table series (
    kind text not null, name text not null, title text not null, slug text not null, primary key (kind, name)
) without rowid;
create table mentions (target text not null, id text not null, primary key (target, id)) without rowid;
create table tallies (
    rule text not null, part text not null, turn text not null, id text not null, times integer not null,
    text text not null, line integer not null, primary key (rule, part, turn, id)
) without rowid;
create table titles (
    letters text not null, date text not null, id text not null, primary key (letters, date, id)
) without rowid;
create table beginnings (
    size integer not null, letters text not null, titles integer not null, primary key (size, letters)
) without rowid;
create table title_words (
    number integer not null, date text not null, id text not null, primary key (number, date, id)
) without rowid;
create table redirects (path text primary key, address text not null) without rowid;
create table dead (id text not null, address text not null, primary key (id, address)) without rowid;
"""

_INDEXES = """
create index cards_by_address on cards (address);
create index cards_by_base on cards (base);
create index cards_by_title on cards (title);
create index cards_of_pages on cards (turn, id) where kind = 'page';
create index members_by_id on members (id);
create index mentions_by_id on mentions (id);
create index tallies_by_id on tallies (id);
"""

WORDS, TALLIES = "title_words", "tallies"

STEP = 1000
"""So many articles, or rows, are one step of filling the tables: some milliseconds."""

_NAMES = (
    "dead",
    "title_words",
    "beginnings",
    "titles",
    "tallies",
    "redirects",
    "mentions",
    "series",
    "months",
    "members",
    "cards",
)


class Spot(NamedTuple):
    """Where a card stands in one of its listings: the listing, the period that a page is of, its place in that."""

    kind: str
    name: str
    date: str
    position: int
    """From the beginning of the series."""


class Index:
    """The tables of one open database."""

    def __init__(
        self, database: sqlite3.Connection, base_of: Callable[[Entry], str], empty: Container[str] = ()
    ) -> None:
        """Take a database, which `fill` gives its tables; `base_of` gives the address of an entry that is alone.

        Tables that are `empty` stay so: see `list_unasked`.
        """
        self._database = database
        self._base_of = base_of
        self._rows = {table: list_rows for table, list_rows in _ROWS.items() if table not in empty}

    # --- putting in and taking out ----------------------------------------------------------------------------------

    def fill(
        self,
        archive: WholeArchive,
        arrival: Mapping[str, int],
        tally: Callable[[Entry], Iterable[Tally]],
        dead: Mapping[str, Iterable[str]],
    ) -> Iterator[None]:
        """Put a whole archive in the place of all that is there, a step at a time: what is there between is no index.

        A step is so small that others may wait for it, but for those that SQLite takes as one.

        `arrival` is the order in the ledger by id, empty where there is none; `dead` as `put_dead` takes them, by id.
        """
        run = self._database
        for name in _NAMES:
            run.execute(f"drop table if exists {name}")
        _run_all(run, _TABLES)
        run.executemany(
            "insert into series values (?, ?, ?, ?)",
            ((series.kind, series.name, series.title, series.slug) for series in archive.series.values()),
        )
        run.executemany("insert into redirects values (?, ?)", archive.redirects.items())
        yield
        articles = [
            _Article(entry, archive.cards[id_], arrival.get(id_), self._base_of, tally)
            for id_, entry in archive.entries.items()
        ]
        # One table after the other: all rows of a large archive are not held at once.
        for table, list_rows in self._rows.items():
            rows: list[_Row] = []
            for number, article in enumerate(articles, 1):
                rows += list_rows(article)
                if number % STEP == 0:
                    yield
            # In the order of their keys, the first columns of each table, rows go in at the end of a page.
            rows.sort()
            for start in range(0, len(rows), STEP):
                _insert(run, table, rows[start : start + STEP])
                yield
        for id_, addresses in dead.items():
            self.put_dead(id_, addresses)
        yield
        self._database.execute(
            "insert into months select kind, name, "
            "case when place >= '1' then substr(place, 2, 7) else '' end, count(*) from members group by 1, 2, 3"
        )
        for size in range(COUNTED + 1):
            run.execute(
                "insert into beginnings select ?1, substr(letters, 1, ?1), count(*) from titles "
                "where length(letters) >= ?1 and (?1 > 0 or letters = '') group by 2",
                (size,),
            )
            yield
        _run_all(run, _INDEXES)  # last: to sort once is quicker than to keep sorted

    def put(
        self, entry: Entry, card: Card, order: int | None, names: Mapping[tuple[str, str], tuple[str, str]]
    ) -> None:
        """Put one article in; `names` has the titles and slugs of listings that are new, by kind and name."""
        for table, list_rows in self._rows.items():
            _insert(self._database, table, list_rows(_Article(entry, card, order, self._base_of, lambda _: ())))
        for kind, name, _ in list_names(entry):
            found = names.get((kind, name))
            if found is not None:
                self._database.execute("insert or ignore into series values (?, ?, ?, ?)", (kind, name, *found))
            self._database.execute(
                "insert into months values (?, ?, ?, 1) on conflict do update set cards = cards + 1",
                (kind, name, month_of(entry.date)),
            )
        for letters in _list_beginnings(entry):
            self._database.execute(
                "insert into beginnings values (?, ?, 1) on conflict do update set titles = titles + 1",
                (len(letters), letters),
            )

    def put_tallies(self, entry: Entry, tallies: Iterable[Tally]) -> None:
        """Put what each rule moved in an article in the place of what is known of it."""
        if TALLIES in self._rows:
            self._database.execute("delete from tallies where id = ?", (entry.id,))
            _insert(self._database, TALLIES, _list_tallies(entry.id, tallies))

    def put_dead(self, id_: str, addresses: Iterable[str]) -> None:
        """Put the addresses that an article links to, and that lead nowhere, in the place of those that are known."""
        self._database.execute("delete from dead where id = ?", (id_,))
        self._database.executemany("insert into dead values (?, ?)", ((id_, address) for address in addresses))

    def remove(self, entry: Entry) -> None:
        """Take one article out; call `drop_empty` when all are in their places."""
        run = self._database.execute
        for kind, name, _ in list_names(entry):
            where = (kind, name, month_of(entry.date))
            run("update months set cards = cards - 1 where kind = ? and name = ? and month = ?", where)
            run("delete from months where kind = ? and name = ? and month = ? and cards = 0", where)
        for table in ("cards", "members", "mentions", "tallies"):
            run(f"delete from {table} where id = ?", (entry.id,))  # noqa: S608 - names of our own
        run("delete from titles where letters = ? and id = ?", (collate(entry.title), entry.id))
        for number in list_word_files(entry.title):
            run("delete from title_words where number = ? and date = ? and id = ?", (number, entry.date, entry.id))
        for letters in _list_beginnings(entry):
            beginning = (len(letters), letters)
            run("update beginnings set titles = titles - 1 where size = ? and letters = ?", beginning)
            run("delete from beginnings where size = ? and letters = ? and titles = 0", beginning)

    def drop_empty(self) -> None:
        """Forget the listings that have no article any more."""
        self._database.execute(
            "delete from series where kind != 'archive' and not exists "
            "(select 1 from months where months.kind = series.kind and months.name = series.name)"
        )

    # --- asking -----------------------------------------------------------------------------------------------------

    def archive(self) -> IndexedArchive:
        """Return the archive as it is in the tables; it remembers what it was asked: make a new one after a change."""
        return IndexedArchive(self._database)

    def count_dead(self) -> int:
        """Return how many addresses in texts lead nowhere."""
        ((count,),) = self._database.execute("select count(*) from dead").fetchall()
        return int(count)

    def list_dead(self) -> Iterator[tuple[str, str]]:
        """Yield them, each with the id of its article before it, in the order of both."""
        return self._database.execute("select id, address from dead order by id, address")

    def count_others(self, column: str, value: str, ids: Collection[str]) -> int:
        """Return how many cards but those of `ids` have a value as folded `address`, `base` or `title`."""
        rows = self._database.execute(f"select id from cards where {column} = ?", (value,))  # noqa: S608 - ours
        return sum(1 for (id_,) in rows if id_ not in ids)

    def has_others(self, *known: Container[str], undated: bool = False) -> bool:
        """Tell whether there are articles, or undated ones, whose ids are in none of `known`."""
        last = "1" if undated else "2"
        query = "select id from members where kind = 'archive' and name = '' and place < ?"
        return any(all(id_ not in ids for ids in known) for (id_,) in self._database.execute(query, (last,)))

    def find_mentioning(self, entry: Entry, url: str) -> set[str]:
        """Return the ids of those that link to an article, by id or address, or hold a line that may be its title."""
        targets = (f"id:{entry.id}", f"at:{url}", f"title:{fold_title(entry.title)}")
        rows = self._database.execute("select id from mentions where target in (?, ?, ?)", targets)
        return {id_ for (id_,) in rows}

    def find_showing(self, file: str) -> set[str]:
        """Return the ids of the articles and pages that show or link to a file, given by the id by which they do."""
        rows = self._database.execute("select id from mentions where target = ?", (f"file:{file}",))
        return {id_ for (id_,) in rows}

    def list_files(self) -> list[str]:
        """Return the ids of all files that articles and pages show or link to."""
        query = "select distinct target from mentions where target >= 'file:' and target < 'file;' order by target"
        return [target.removeprefix("file:") for (target,) in self._database.execute(query)]

    def has_redirect(self, url: str) -> bool:
        """Tell whether a former address leads to this one, or is this one."""
        query = "select 1 from redirects where address = ? or path = ? limit 1"
        return self._database.execute(query, (url, url)).fetchone() is not None

    def has_spelling(self, kind: str, name: str, spelling: str, ids: Collection[str]) -> bool:
        """Tell whether an article but those of `ids` writes the name of a listing so."""
        query = "select id from members where kind = ? and name = ? and spelling = ?"
        return any(id_ not in ids for (id_,) in self._database.execute(query, (kind, name, spelling)))

    def list_spots(self, entry: Entry) -> Iterator[Spot]:
        """Yield where an article that is in the tables stands in each of its listings."""
        for kind, name, _ in list_names(entry):
            query = "select place from members where kind = ? and name = ? and id = ?"
            ((place,),) = self._database.execute(query, (kind, name, entry.id)).fetchall()
            start = self._count_before(kind, name, month_of(entry.date))
            query = "select count(*) from members where kind = ? and name = ? and place >= ? and (place, id) < (?, ?)"
            low = f"1{month_of(entry.date)}" if entry.date else "0"
            ((more,),) = self._database.execute(query, (kind, name, low, place, entry.id)).fetchall()
            yield Spot(kind, name, entry.date, start + more)

    def _count_before(self, kind: str, name: str, month: str) -> int:
        query = "select coalesce(sum(cards), 0) from months where kind = ? and name = ? and month < ?"
        ((count,),) = self._database.execute(query, (kind, name, month)).fetchall()
        return int(count)

    def sum_tallies(self) -> tuple[RuleUse, ...]:
        """Return what each rule moved in all articles, as `tally.sum_tallies` does."""
        run = self._database.execute
        uses = []
        for rule, part, times, members in run("select rule, part, sum(times), count(*) from tallies group by 1, 2"):
            query = "select text, id, line from tallies where rule = ? and part = ? order by turn, id limit ?"
            examples = sum_examples(run(query, (rule, part, LOOKED_AT)))
            uses.append(RuleUse(rule, part, times, members, examples))
        return tuple(sorted(uses, key=lambda use: (-use.times, use.rule, use.part)))


class _Article(NamedTuple):
    """What the rows of one article or page are made from; not every table asks for all of it."""

    entry: Entry
    card: Card
    order: int | None
    """In the ledger."""
    base_of: Callable[[Entry], str]
    """Gives the address that it would have if it were alone."""
    tally: Callable[[Entry], Iterable[Tally]]


_Row = tuple[object, ...]


def _list_card(article: _Article) -> Iterator[_Row]:
    entry, card = article.entry, article.card
    base, title, turn = article.base_of(entry).casefold(), key_title(entry.title), natural_key(entry.id)
    yield entry.id, entry.kind, card.url.casefold(), base, title, turn, canonical(card)


def _list_members(article: _Article) -> Iterator[_Row]:
    entry, order = article.entry, article.order
    place = f"1{entry.date}" if entry.date else f"0{natural_key(entry.id) if order is None else format(order, '010')}"
    if entry.kind == "article":
        yield from ((kind, name, place, entry.id, spelt) for kind, name, spelt in list_names(entry))


def _list_mentions(article: _Article) -> Iterator[_Row]:
    entry = article.entry
    mentions = {f"title:{fold_title(text)}" for text in (*entry.related, *entry.candidates)}
    mentions |= {f"at:{find_page_path(id_)}" if is_address(id_) else f"id:{id_}" for id_ in entry.links}
    mentions |= {f"file:{link.id}" for link in entry.files}
    yield from ((target, entry.id) for target in mentions)


def _list_titles(article: _Article) -> Iterator[_Row]:
    entry = article.entry
    if entry.kind == "article":
        yield collate(entry.title), entry.date, entry.id


def _list_title_words(article: _Article) -> Iterator[_Row]:
    entry = article.entry
    if entry.kind == "article":
        yield from ((number, entry.date, entry.id) for number in list_word_files(entry.title))


def _list_article_tallies(article: _Article) -> Iterator[_Row]:
    if article.entry.kind == "article":
        yield from _list_tallies(article.entry.id, article.tally(article.entry))


def _list_tallies(id_: str, tallies: Iterable[Tally]) -> Iterator[_Row]:
    turn = natural_key(id_)
    yield from ((t.rule, t.part, turn, id_, t.times, t.text, t.line) for t in tallies)


_ROWS: Mapping[str, Callable[[_Article], Iterator[_Row]]] = {
    "cards": _list_card,
    "members": _list_members,
    "mentions": _list_mentions,
    TALLIES: _list_article_tallies,
    "titles": _list_titles,
    WORDS: _list_title_words,
}
"""Table -> what gives its rows of one article or page."""


def list_unasked(*, search: bool, source: bool) -> list[str]:
    """Return the tables that nobody asks in a site without a search, or without pages about how it was read."""
    return [*([] if search else [WORDS]), *([] if source else [TALLIES])]


def _insert(database: sqlite3.Connection, table: str, rows: Iterable[_Row]) -> None:
    rows = list(rows)
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        database.executemany(f"insert into {table} values ({marks})", rows)  # noqa: S608 - ours


def _list_beginnings(entry: Entry) -> list[str]:
    """Return the beginnings under which the title of an article is counted; a page has none."""
    if entry.kind != "article":
        return []
    letters = collate(entry.title)
    return [letters[:size] for size in range(1, min(len(letters), COUNTED) + 1)] or [""]


def _run_all(database: sqlite3.Connection, statements: str) -> None:
    # Not as a script: that would commit what is under way.
    for statement in filter(str.strip, statements.split(";")):
        database.execute(statement)
