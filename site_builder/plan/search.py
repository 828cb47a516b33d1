"""The plan of search: its page, the title index cut by year, and what stands in each bucket of the full-text index.

The files of a full-text index have names that are known only when it is made; they are planned from the listing that
the indexer gave (docs/decisions/0015). How an index is made is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from site_builder.archive import UNDATED, Archive
from site_builder.digest import digest
from site_builder.model import Card, Entry, Output
from site_builder.paging import Span
from site_builder.plan.files import FilePlan
from site_builder.plan.outputs import OutputMaker
from site_builder.plan.places import ALPHABET, SEARCH, SHARD_LIST, bucket_folder, title_shard_path
from site_builder.title_index import ShardListView, TextBucket, TitleRow, TitleShardView
from site_builder.views import SearchView, TextFileView

BUCKET_YEARS = 5
"""Years in one bucket of the full-text index: docs/decisions/0015 has the figures."""

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
            yield from self.plan_shards(self._list_shards())

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

    def _list_shards(self) -> list[tuple[str, Span]]:
        """Return the files of titles, oldest first. They are cut as the sitemaps are."""
        series = self.archive.all
        periods = [*([UNDATED] if series.undated else []), *series.years]
        return [(period, span) for period in periods for span in self.files.cut_shards(period)]

    def plan_shards(self, shards: Iterable[tuple[str, Span]]) -> Iterator[Output]:
        """Yield files of titles, each given by its year (or `undated`) and its span."""
        for period, span in shards:
            rows = tuple(map(_make_row, self.archive.all.take(span.start, span.stop)))
            view = TitleShardView(period=period, number=span.number, rows=rows)
            yield self.maker.make("titles-index", title_shard_path(period, span.number), view)

    def plan_list(self, texts: Iterable[TextBucket]) -> Iterator[Output]:
        """Yield the list of all that there is to search, with those buckets of texts that there are."""
        if self.engine:
            shards = [(period, span.number) for period, span in self._list_shards()]
            view = ShardListView(
                titles=tuple(sorted(shards, key=lambda shard: (shard[0] != UNDATED, *shard), reverse=True)),
                texts=tuple(sorted(texts, key=lambda text: (text.period == UNDATED, _turn_down(text), text.lang))),
            )
            yield self.maker.make("search-list", SHARD_LIST, view)

    # --- the texts ------------------------------------------------------------------------------------------------

    def list_buckets(self, periods: Iterable[str] | None = None) -> list[Bucket]:
        """Return the buckets of some periods (see `find_period`), or all, oldest first; by language within a period."""
        if not self.has_texts:
            return []
        series = self.archive.all
        found: dict[TextBucket, list[tuple[Card, str]]] = {}
        wanted = None if periods is None else set(periods)
        spans = [(UNDATED, (0, series.undated))] + [(find_period(year), series.find(year)) for year in series.years]
        for period, (start, stop) in spans:
            if wanted is None or period in wanted:
                for card in series.take(start, stop):
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
    """Return the period of the bucket to which an article of this date belongs.

    >>> find_period("2019-03-04"), find_period("")
    ('2015-2019', 'undated')
    """
    if not date:
        return UNDATED
    first = int(date[:4]) // BUCKET_YEARS * BUCKET_YEARS
    return f"{first:04}-{first + BUCKET_YEARS - 1:04}"


def _turn_down(text: TextBucket) -> int:
    return -int(text.period[:4]) if text.period != UNDATED else 0


def _make_row(card: Card) -> TitleRow:
    return TitleRow(card.url, card.title, card.summary, card.date, card.section, card.lang)
