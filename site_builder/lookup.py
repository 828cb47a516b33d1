"""Looking up an output by its path: the plan of that one, over the index, with everything that decides its bytes.

The way back from a path to what stands there: only what the path can mean is planned, so that it does not take longer
with a larger archive. What is to be done with the output is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from site_builder.archive import Series
from site_builder.index import Index
from site_builder.indexed_archive import IndexedArchive
from site_builder.model import Entry, Output
from site_builder.plan import Plan
from site_builder.plan.places import PLURALS, RULES, period_path, shard_path, word_file_path
from site_builder.sitemap import Place
from site_builder.title_index import TextBucket
from site_builder.titles import name_letters
from site_builder.urls import MARKED
from site_builder.values import dataclass

_KINDS = {plural: kind for kind, plural in PLURALS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Finds outputs of one plan, which is over `archive`."""

    plan: Plan
    archive: IndexedArchive
    index: Index
    shards: Mapping[str, str]
    """What the index of sitemaps says of each."""
    load_entry: Callable[[str], Entry]
    texts: Collection[TextBucket] = ()
    """The buckets of the full-text index."""
    find_text_file: Callable[[str], str] = lambda path: ""  # noqa: ARG005
    """Gives the digest of one of its files by its path, or an empty string where there is none."""

    def find_output(self, path: str) -> Output | None:
        """Return the output at a path below the output folder, or None when the site has none there."""
        return next((output for output in self._plan_near(path) if output.path == path), None)

    def _plan_near(self, path: str) -> Iterator[Output]:
        """Yield outputs among which that of a path is, in the order in which they may claim it."""
        yield from self._plan_own(path)
        yield from self._plan_article(path)
        address = self.archive.redirects.get(path)
        card = self.archive.find_at(address) if address else None
        if card is not None:
            yield self.plan.articles.plan_redirect(path, card)

    def _plan_own(self, path: str) -> Iterator[Output]:
        """Yield outputs that are no article's: listings, overviews, feeds, sitemaps, single files."""
        match path.split("/"):
            case ["archive", *_] if path == RULES:
                yield from self.plan.articles.plan_rules(self.index.sum_tallies())
            case ["archive", *_]:
                yield from self._plan_listing(self.archive.all, path)
            case ["search.html"] | ["search", *_] if self.plan.engine_of_search:
                yield from self._plan_search(path)
            case ["titles", "index.html"]:
                yield from self.plan.titles.plan_alphabet()
            case ["titles", name]:
                yield from self._plan_titles(name)
            case ["about.html"]:
                yield from self.plan.about.plan_about(self.index.sum_tallies())
            case ["index.html"]:
                yield from self.plan.listings.plan_overviews()
            case [plural, "index.html"] if plural in _KINDS:
                yield from self.plan.listings.plan_overviews()
            case [plural, name, *_] if plural in _KINDS:
                series = self.archive.find_slug(_KINDS[plural], name.removesuffix(".html"))
                if series is not None:
                    yield from self._plan_listing(series, path)
            case ["feed.xml"]:
                yield from self.plan.listings.plan_feed(self.archive.all)
            case ["sitemap.xml"] | ["sitemaps", _] if self.plan.config.base_url:
                yield from self._plan_sitemap(path)
            case ["files", *_]:
                yield from self.plan.attachments.plan_files(self.index.list_files())
            case [_] | ["assets", *_]:
                yield from self.plan.files.plan_fixed()
                yield self.plan.files.plan_guide()

    def _plan_listing(self, series: Series, path: str) -> Iterator[Output]:
        yield self.plan.listings.plan_front(series)
        yield from self.plan.listings.plan_feed(series)
        yield from self.plan.listings.plan_social(series)
        for chain in self.plan.listings.chain_pages(series):
            paths = [period_path(series, period, span.number) for period, span in chain]
            yield from self.plan.listings.plan_pages(series, chain, [paths.index(path)] if path in paths else [])

    def _plan_titles(self, name: str) -> Iterator[Output]:
        alphabet = self.archive.alphabet
        for first, _ in alphabet.list_first():
            if name.startswith(name_letters(first)):
                yield from self.plan.titles.plan_pages(alphabet.walk(first))

    def _plan_sitemap(self, path: str) -> Iterator[Output]:
        name = path.removeprefix("sitemaps/").removesuffix(".xml").partition("-")[0]
        if path == "sitemap.xml":
            yield self.plan.files.plan_sitemap_index(Place(*shard) for shard in self.shards.items())
        elif name in ("pages", "listings", "titles"):
            yield from self.plan.files.plan_listing_shards(self.plan.files.list_groups())
        else:
            spans = (span for span in self.plan.files.cut_shards(name) if shard_path(name, span.number) == path)
            yield from self.plan.files.plan_shards((name, span) for span in spans)

    def _plan_search(self, path: str) -> Iterator[Output]:
        search = self.plan.search
        match path.split("/"):
            case ["search.html"]:
                yield search.plan_page()
            case ["search", "shards.js"]:
                yield from search.plan_list(self.texts)
            case ["search", "titles", name]:
                period = name.removesuffix(".js").partition("-")[0]
                yield from search.plan_shards((period, span) for span in self.plan.files.cut_shards(period))
            case ["search", "words", _]:
                yield from search.plan_word_files(n for n in search.word_files if word_file_path(n) == path)
            case ["search", "text", _, _, *_]:
                content = self.find_text_file(path)
                yield from (search.plan_text_file(path, content),) if content else ()

    def _plan_article(self, path: str) -> Iterator[Output]:
        """Yield what stands at the addresses that the page of an article can have, if it or its sister is at `path`."""
        for suffix in (".html", MARKED, ".json", ".txt", ".md", ".html.txt"):
            card = self.archive.find_at(path.removesuffix(suffix) + ".html") if path.endswith(suffix) else None
            if card is not None:
                yield from self.plan.articles.plan_article(self.load_entry(card.id))
