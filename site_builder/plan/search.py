"""The plan of search: its page, the title index cut by year, and what stands in each bucket of the full-text index.

The files of a full-text index have names that are known only when it is made; they are planned from the listing that
the indexer gave (docs/decisions/0015). How an index is made is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import groupby

from site_builder.archive import UNDATED, Archive
from site_builder.digest import digest
from site_builder.model import Card, Entry, Output
from site_builder.paging import Span
from site_builder.plan.files import FilePlan
from site_builder.plan.outputs import OutputMaker
from site_builder.plan.places import ALPHABET, SEARCH, SHARD_LIST, bucket_folder, title_shard_path, word_file_path
from site_builder.title_index import ShardListView, TextBucket, TitleRow, TitleShardView, WordFileView, WordRow
from site_builder.title_words import FEWEST_TITLES, FILES
from site_builder.values import dataclass
from site_builder.views import SearchView, TextFileView

BUCKET_YEARS = 5
"""Years in one bucket of the full-text index: docs/decisions/0015 has the figures."""

BUCKET_LENGTH = 1_000
"""Where so many years have more articles than this, each year is a bucket."""

FIRST_LANGUAGE = "und"
"""The bucket of texts of which neither they nor the site tell the language."""

PAGEFIND = "pagefind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket and what stands in it, oldest first."""

    name: TextBucket
    members: tuple[tuple[Card, str], ...]
    """Each card with the digest under which its article is stored."""
    key: str
    """Digest of all that decides the files: with an equal one, they are equal."""


@dataclass(frozen=True)
class SearchPlan:
    """Plans what is searched."""

    archive: Archive
    maker: OutputMaker
    files: FilePlan
    engine: str
    """`pagefind` with its version, `titles`, or empty: no search."""
    load_entry: Callable[[str], Entry]

    @property
    def has_texts(self) -> bool:
        """Whether there is to be a full-text index."""
        return self.engine.startswith(PAGEFIND)

    # --- the page and the titles --------------------------------------------------------------------------------

    def plan_titles(self) -> Iterator[Output]:
        """Yield the search page and all files of titles."""
        if self.engine:
            yield self.plan_page()
            yield from self.plan_shards(self.files.list_shards())  # they are cut as the sitemaps are
            yield from self.plan_word_files(self.word_files)

    def plan_page(self) -> Output:
        """Return the search page."""
        there = bool(self.archive.all.count)
        view = SearchView(
            path=SEARCH,
            shards=SHARD_LIST,
            has_texts=self.has_texts,
            topics="topics/index.html" if self.archive.listings("topic") else "",
            titles=ALPHABET if there else "",
        )
        return self.maker.make_page("search", view)

    def plan_shards(self, shards: Iterable[tuple[str, Span]]) -> Iterator[Output]:
        """Yield files of titles, each given by its year (or `undated`) and its span."""
        for period, span in shards:
            rows = tuple(map(_make_row, self.archive.all.take(span.start, span.stop)))
            view = TitleShardView(period=period, number=span.number, rows=rows)
            yield self.maker.make("titles-index", title_shard_path(period, span.number), view)

    @property
    def word_files(self) -> range:
        """The numbers of the files of words of titles that there are: all of them, or none in a small archive."""
        return range(FILES if self.engine and self.archive.all.count > FEWEST_TITLES else 0)

    def plan_word_files(self, numbers: Iterable[int]) -> Iterator[Output]:
        """Yield files of words of titles."""
        for number in numbers:
            cards = self.archive.take_word_file(number)
            rows = tuple(WordRow(card.url, card.title, card.date, card.section, card.lang) for card in cards)
            yield self.maker.make("titles-index", word_file_path(number), WordFileView(number=number, rows=rows))

    def plan_list(self, texts: Iterable[TextBucket]) -> Iterator[Output]:
        """Yield the list of all that there is to search, with those buckets of texts that there are."""
        if self.engine:
            shards = [(period, span.number) for period, span in self.files.list_shards()]
            view = ShardListView(
                titles=tuple(sorted(shards, key=lambda shard: (shard[0] != UNDATED, *shard), reverse=True)),
                texts=tuple(sorted(texts, key=lambda text: (text.period == UNDATED, _turn_down(text), text.lang))),
                words=len(self.word_files),
            )
            yield self.maker.make("search-list", SHARD_LIST, view)

    # --- the texts ------------------------------------------------------------------------------------------------

    def list_periods(self) -> dict[str, Span]:
        """Return the periods of buckets, oldest first, each with its positions in the series of all.

        How a period of years is cut depends on its own articles alone, so a new one can cut no other anew.
        """
        series = self.archive.all
        periods = {UNDATED: Span(1, 0, series.undated)} if series.undated else {}
        for period, years in groupby(series.years, find_period):
            spans = {year: series.find(year) for year in years}
            start, stop = next(iter(spans.values()))[0], [*spans.values()][-1][1]
            if stop - start > BUCKET_LENGTH:
                periods |= {year: Span(1, *span) for year, span in spans.items()}
            else:
                periods[period] = Span(1, start, stop)
        return periods

    def list_buckets(self, periods: Collection[str]) -> list[Bucket]:
        """Return the buckets of some periods that `list_periods` names; by language within a period."""
        if not self.has_texts:
            return []
        found: dict[TextBucket, list[tuple[Card, str]]] = {}
        for period, span in self.list_periods().items():
            if period in periods:
                for card in self.archive.all.take(span.start, span.stop):
                    bucket = TextBucket(self._find_language(card), period)
                    found.setdefault(bucket, []).append((card, self.load_entry(card.id).article))
        return [self._make_bucket(name, tuple(members)) for name, members in found.items()]

    def _find_language(self, card: Card) -> str:
        return (card.lang or self.maker.frame.language or FIRST_LANGUAGE).partition("-")[0].lower()

    def _make_bucket(self, name: TextBucket, members: tuple[tuple[Card, str], ...]) -> Bucket:
        shown = [(card.url, card.title, card.date, card.section, article) for card, article in members]
        return Bucket(name=name, members=members, key=digest((self.engine, self.maker.engine, name, shown)))

    def plan_text_files(self, name: TextBucket, files: Mapping[str, str]) -> Iterator[Output]:
        """Yield the files of a bucket, given by their paths in its folder and the digests of their bytes."""
        return (self.plan_text_file(f"{bucket_folder(name)}{file}", content) for file, content in files.items())

    def plan_text_file(self, path: str, content: str) -> Output:
        """Return one file of the full-text index: its bytes, known by their digest, are all that it is made of."""
        view = TextFileView(path=path, digest=content)
        return Output(path, "text-index", "", view, digest(("text-index", path, content)))


def find_period(date: str) -> str:
    """Return the period of years to which an article of this date belongs.

    >>> find_period("2019-03-04"), find_period("")
    ('2015-2019', 'undated')
    """
    if not date:
        return UNDATED
    first = int(date[:4]) // BUCKET_YEARS * BUCKET_YEARS
    return f"{first:04}-{first + BUCKET_YEARS - 1:04}"


def is_in(period: str, date: str) -> bool:
    """Tell whether the bucket of a period holds the articles of a date.

    >>> is_in("2015-2019", "2019-03-04"), is_in("2019", "2019-03-04"), is_in("2018", "2019-03-04")
    (True, True, False)
    """
    return period in (date[:4] or UNDATED, find_period(date))


def _turn_down(text: TextBucket) -> int:
    return -int(text.period[:4]) if text.period != UNDATED else 0


def _make_row(card: Card) -> TitleRow:
    return TitleRow(card.url, card.title, card.summary, card.date, card.section, card.lang)
