"""The plan: every file of the site, with everything that decides its bytes, before anything is rendered.

A pure function of the archive, the frame and the templates' digests. Each output is a window over a series, so adding
an article changes a fixed number of them. How they are rendered or stored is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from site_builder.archive import UNDATED, Archive, Series, WholeArchive
from site_builder.config import Config
from site_builder.digest import digest
from site_builder.errors import Problem, error, warning
from site_builder.feeds import FEED_LENGTH, FeedView
from site_builder.model import ARCHIVE_TITLE, Card, Entry, Output, Tally
from site_builder.paging import Span, cut, front_size
from site_builder.sitemap import SHARD_LENGTH, Place, SitemapView, find_newest
from site_builder.tally import Example, RuleUse, sum_tallies
from site_builder.urls import MARKED, sister
from site_builder.views import (
    ArticleView,
    AssetView,
    Count,
    DataView,
    ExampleLink,
    Frame,
    Group,
    HomeView,
    Link,
    ListingView,
    MarkedView,
    NotFoundView,
    OverviewView,
    PageLink,
    PlainView,
    RedirectView,
    RuleCount,
    RulesView,
    SourceView,
    View,
    Year,
)

PLURALS = {"archive": "archive", "section": "sections", "topic": "topics", "publisher": "publishers"}
"""Kind of listing -> the folder of its pages."""

RULES = "archive/rules.html"
"""The page that sums up how the archive was read."""

Chain = Sequence[tuple[str, Span]]
"""Pages that lead from one to the next: the period and the span of each."""

HOME_LATEST = 10
HOME_LISTINGS = 24

TEMPLATES = {
    "article": "article.html",
    "page": "page.html",
    "marked": "marked.html",
    "rules": "rules.html",
    "listing": "listing.html",
    "overview": "overview.html",
    "home": "home.html",
    "redirect": "redirect.html",
    "not-found": "404.html",
}
"""Kind of output -> its template."""


@dataclass(frozen=True)
class Plan:
    """All outputs of an archive, in the order of their paths within their families."""

    archive: Archive
    """A `WholeArchive` for all outputs; any for those of single articles and listings."""
    frame: Frame
    config: Config
    closures: Mapping[str, str]
    """Name of a template -> digest of it and of all that it includes or extends."""
    assets: Mapping[str, str]
    """Name of an asset -> digest of its bytes."""
    engine: str
    """Digest of the code and the libraries that render."""
    problems: list[Problem] = field(default_factory=list)

    @cached_property
    def outputs(self) -> dict[str, Output]:
        """Every output by its path. Two that ask for one path (case folded) are a problem, and the first stays.

        The archive's own pages come first: no article can take the place of a listing.
        """
        found: dict[str, Output] = {}
        paths: dict[str, str] = {}
        for output in self._list_outputs():
            first = paths.setdefault(output.path.casefold(), output.path)
            if output.path in found or first != output.path:
                hint = "choose another slug, alias or name of a page"
                self.problems.append(error(self._blame(output), f"two pages have the address {output.path}", hint))
            else:
                found[output.path] = output
        return found

    def find_problems(self) -> list[Problem]:
        """Return what is wrong or doubtful with the plan: it is known once all outputs are."""
        self.outputs  # noqa: B018 - filled on the way
        return self.problems

    def _blame(self, output: Output) -> str:
        """Return the id of the source that asks for an output, or the name of the configuration."""
        match output.page:
            case ArticleView() | MarkedView():
                return output.page.card.id
            case SourceView():
                return output.page.id
            case DataView():
                return self._ids[output.page.url]
            case RedirectView():
                return self._ids[output.page.target.url]
        return self.config.name

    @cached_property
    def _ids(self) -> dict[str, str]:
        return {card.url: card.id for card in self._whole.cards.values()}

    @property
    def _whole(self) -> WholeArchive:
        assert isinstance(self.archive, WholeArchive)
        return self.archive

    @cached_property
    def frame_digest(self) -> str:
        """The digest of what is the same on every page."""
        return digest(self.frame)

    def _output(self, kind: str, path: str, page: object) -> Output:
        template = TEMPLATES.get(kind, "")
        frame = (self.frame_digest, self.closures[template]) if template else ()
        return Output(path, kind, template, page, digest((self.engine, kind, *frame, page)))

    def _view(self, kind: str, page: View) -> Output:
        return self._output(kind, page.path, page)

    def _list_outputs(self) -> Iterator[Output]:
        yield from self.plan_overviews()
        for kind in PLURALS:
            for series in self.archive.listings(kind):
                yield self.plan_front(series)
                for chain in self.chain_pages(series):
                    yield from self.plan_pages(series, chain, range(len(chain)))
        yield from self._plan_feeds()
        yield from self._plan_sitemaps()
        yield from self.plan_fixed()
        entries = [entry for entry in self._whole.entries.values() if entry.kind == "article"]
        yield from self.plan_rules(sum_tallies((entry.id, self.tally(entry)) for entry in entries))
        for entry in self._whole.entries.values():
            yield from self.plan_article(entry)
        yield from self._plan_redirects()

    # --- articles and pages ---------------------------------------------------------------------------------------

    def plan_article(self, entry: Entry) -> Iterator[Output]:
        """Yield the page of an article, or of a page, and what stands beside it."""
        card = self.archive.get_card(entry.id)
        view = self._view_article(entry, card)
        yield self._view(entry.kind, view)
        if view.data:
            yield self._output("data", view.data, DataView(article=entry.article, url=card.url, apart=view.apart))
        if view.source:
            source = SourceView(id=entry.id, sha256=entry.sha256)
            yield self._output("source", view.source, source)
            marked = MarkedView(
                path=view.marked,
                card=card,
                source=source,
                article=entry.article,
                apart=view.apart,
                rules=RULES if entry.tallies else "",
            )
            yield self._view("marked", marked)

    def list_article_paths(self, entry: Entry, url: str) -> list[str]:
        """Return the paths of what `plan_article` yields for an entry at an address."""
        beside = [".json"] if self.config.data else []
        beside += [entry.suffix, MARKED] if self.config.source else []
        return [url, *(sister(url, suffix) for suffix in beside if entry.kind == "article")]

    def _view_article(self, entry: Entry, card: Card) -> ArticleView:
        article = entry.kind == "article"
        find = self.archive.find_article
        apart = self.find_apart(entry)
        older, newer = self.archive.find_neighbours(entry.id) if article else (None, None)
        return ArticleView(
            path=card.url,
            card=card,
            article=entry.article,
            sections=tuple(self._link("section", name) for name in reversed(entry.sections)) if article else (),
            publisher=self._link("publisher", entry.publisher) if article and entry.publisher else None,
            topics=tuple(self._link("topic", name) for name in entry.topics) if article else (),
            related_urls=tuple(self._address(find(text), entry) for text in (*entry.related, *apart)),
            apart=apart,
            link_urls=tuple(self._address(id_, entry, told=True) for id_ in entry.links),
            older=older,
            newer=newer,
            data=sister(card.url, ".json") if article and self.config.data else "",
            source=sister(card.url, entry.suffix) if article and self.config.source else "",
            marked=sister(card.url, MARKED) if article and self.config.source else "",
        )

    def find_apart(self, entry: Entry) -> tuple[str, ...]:
        """Return the lines of an article that are set apart, because they are titles of others."""
        asked = entry.candidates if ARCHIVE_TITLE not in self.config.disable else ()
        return tuple(text for text in asked if self._address(self.archive.find_article(text), entry))

    def _link(self, kind: str, name: str) -> Link:
        series = self.archive.find_series(kind, name)
        return Link(series.title, front_path(series))

    def _address(self, id_: str | None, entry: Entry, *, told: bool = False) -> str:
        card = self.archive.find_card(id_) if id_ and id_ != entry.id else None
        if card is None and told and id_ != entry.id:
            hint = "write the path of a file under the content folder"
            self.problems.append(warning(entry.id, f"links to {id_!r}, which is not published here", hint))
        if card is None:
            return self.archive.get_card(entry.id).url if told and id_ == entry.id else ""
        return card.url

    def plan_rules(self, uses: Sequence[RuleUse]) -> Iterator[Output]:
        """Yield the page that sums up how the archive was read, where its articles' marked pages are."""
        if uses and self.config.source:
            rules = tuple(RuleCount(*use[:-1], tuple(map(self._link_example, use.examples))) for use in uses)
            yield self._view("rules", RulesView(path=RULES, rules=rules))

    def tally(self, entry: Entry) -> tuple[Tally, ...]:
        """Return what each rule moved in an article, the one about titles of others among them."""
        apart = self.find_apart(entry)
        return entry.tallies + tuple(Tally(ARCHIVE_TITLE, "related", 1, text, 0) for text in apart)

    def _link_example(self, example: Example) -> ExampleLink:
        card = self.archive.get_card(example.id)
        fragment = f"#L{example.line}" if example.line else ""
        return ExampleLink(example.text, card.title, sister(card.url, MARKED) + fragment)

    # --- listings -------------------------------------------------------------------------------------------------

    def chain_pages(self, series: Series) -> list[Chain]:
        """Return the pages of a listing below its front, in chains that lead from page to page: undated, years, months.

        Only the archive has months.
        """
        size = self.config.page_size
        chains: list[Chain] = [[(UNDATED, span) for span in cut(0, series.undated, size)]]
        chains.append([(year, span) for year in series.years for span in self._cut(series, year)])
        if series.kind == "archive":
            months = (month for year in series.years for month in series.months(year))
            chains.append([(month, span) for month in months for span in self._cut(series, month)])
        return chains

    def _cut(self, series: Series, period: str) -> tuple[Span, ...]:
        return cut(*series.find(period), self.config.page_size)

    def plan_front(self, series: Series) -> Output:
        """Return the front of a listing."""
        count = series.count
        shown = series.take(count - front_size(count, self.config.page_size), count)
        view = ListingView(
            path=front_path(series),
            kind=series.kind,
            title=series.title,
            front=front_path(series),
            groups=self._group(shown),
            years=self._count_years(series),
            undated=_count_undated(series),
            articles=count,
            feed=self.feed_path(series),
        )
        return self._view("listing", view)

    def plan_pages(self, series: Series, chain: Chain, positions: Iterable[int]) -> Iterator[Output]:
        """Yield the pages at some positions of a chain."""

        def link(position: int) -> PageLink | None:
            if not 0 <= position < len(chain):
                return None
            period, span = chain[position]
            return PageLink(period, span.number, period_path(series, period, span.number))

        for position in positions:
            period, span = chain[position]
            view = ListingView(
                path=period_path(series, period, span.number),
                kind=series.kind,
                title=series.title,
                front=front_path(series),
                period=period,
                number=span.number,
                groups=self._group(series.take(span.start, span.stop)),
                older=link(position - 1),
                newer=link(position + 1),
            )
            yield self._view("listing", view)

    def _group(self, cards: Sequence[Card]) -> tuple[Group, ...]:
        """Group cards, given oldest first, by month, newest first."""
        groups: dict[str, list[Card]] = {}
        for card in reversed(cards):
            groups.setdefault(card.date[:7], []).append(card)
        return tuple(
            Group(period, period_path(self.archive.all, period, 1) if period else "", tuple(members))
            for period, members in groups.items()
        )

    def _count_years(self, series: Series) -> tuple[Year, ...]:
        years = []
        for year in reversed(series.years):
            start, stop = series.find(year)
            months = tuple(self._count_month(series, f"{year}-{month:02}") for month in range(1, 13))
            years.append(Year(year, period_path(series, year, 1), stop - start, months))
        return tuple(years)

    def _count_month(self, series: Series, month: str) -> Count:
        start, stop = series.find(month)
        has_page = series.kind == "archive" and stop > start
        return Count(month, period_path(series, month, 1) if has_page else "", stop - start)

    def plan_overviews(self) -> Iterator[Output]:
        """Yield the lists of all sections, topics and publishers, and the home page."""
        counts = {kind: self._count_listings(kind) for kind in PLURALS if kind != "archive"}
        for kind, listings in counts.items():
            if listings:
                path = f"{PLURALS[kind]}/index.html"
                yield self._view("overview", OverviewView(path=path, kind=kind, listings=listings))
        largest = {kind: tuple(sorted(c, key=lambda c: -c.articles)[:HOME_LISTINGS]) for kind, c in counts.items()}
        everything = self.archive.all
        view = HomeView(
            path="index.html",
            latest=tuple(reversed(everything.take(max(0, everything.count - HOME_LATEST), everything.count))),
            articles=everything.count,
            undated=_count_undated(everything),
            years=self._count_years(everything),
            sections=largest["section"],
            topics=largest["topic"],
            publishers=largest["publisher"],
            pages=self._list_pages(),
            feed=self.feed_path(everything),
        )
        yield self._view("home", view)

    def _count_listings(self, kind: str) -> tuple[Count, ...]:
        return tuple(Count(s.title, front_path(s), s.count) for s in self.archive.listings(kind))

    def _list_pages(self) -> tuple[Link, ...]:
        return tuple(Link(card.title, card.url) for card in self.archive.pages)

    # --- feeds, sitemaps and single files -------------------------------------------------------------------------

    def feed_path(self, series: Series) -> str:
        """Return the path of a listing's feed, or nothing: only the archive and sections have one, of what is dated."""
        if series.kind not in ("archive", "section") or not self.config.base_url or series.undated == series.count:
            return ""
        return "feed.xml" if series.kind == "archive" else f"{PLURALS[series.kind]}/{series.slug}/feed.xml"

    def _plan_feeds(self) -> Iterator[Output]:
        everything = self.archive.all
        if everything.undated < everything.count and not self.config.base_url:
            message = "without base_url the feed, the sitemap and canonical links are left out"
            self.problems.append(warning(self.config.name, message, 'write base_url = "https://…/"'))
        for series in (everything, *self.archive.listings("section")):
            yield from self.plan_feed(series)

    def plan_feed(self, series: Series) -> Iterator[Output]:
        """Yield the feed of a listing, if it has one."""
        if path := self.feed_path(series):
            home = series.kind == "archive"
            newest = series.take(max(series.undated, series.count - FEED_LENGTH), series.count)
            view = FeedView(
                path=path,
                url="index.html" if home else front_path(series),
                title=self.frame.title if home else f"{series.title} – {self.frame.title}",
                site=self.frame.title,
                base_url=self.config.base_url,
                language=self.frame.language,
                cards=tuple(reversed(newest)),
            )
            yield self._output("feed", path, view)

    def _plan_redirects(self) -> Iterator[Output]:
        for path, address in self.archive.redirects.items():
            yield self.plan_redirect(path, self._whole.cards[self._ids[address]])

    def plan_redirect(self, path: str, card: Card) -> Output:
        """Return what stands at a former address of an article or page."""
        return self._view("redirect", RedirectView(path=path, target=Link(card.title, card.url)))

    def _plan_sitemaps(self) -> Iterator[Output]:
        if not self.config.base_url:
            return
        index: list[Place] = []
        periods = [UNDATED] if self.archive.all.undated else []
        shards = [(name, span) for name in (*periods, *self.archive.all.years) for span in self.cut_shards(name)]
        for output in (*self.plan_shards(shards), *self.plan_listing_shards()):
            index.append(place_shard(output))
            yield output
        yield self.plan_sitemap_index(index)

    def cut_shards(self, period: str) -> tuple[Span, ...]:
        """Return the spans of the sitemaps of a year, or of what is undated, as positions in the series of all."""
        series = self.archive.all
        return cut(*((0, series.undated) if period == UNDATED else series.find(period)), SHARD_LENGTH)

    def plan_shards(self, shards: Iterable[tuple[str, Span]]) -> Iterator[Output]:
        """Yield sitemaps of articles, each given by its year (or `undated`) and its span."""
        for period, span in shards:
            cards = self.archive.all.take(span.start, span.stop)
            yield self._plan_shard(period, span, tuple(Place(card.url, card.updated or card.date) for card in cards))

    def plan_listing_shards(self) -> Iterator[Output]:
        """Yield the sitemaps of all listings, overviews and pages."""
        paths = ["", *(card.url for card in self.archive.pages)]
        for kind, plural in PLURALS.items():
            listings = self.archive.listings(kind)
            paths += [f"{plural}/index.html"] if listings and kind != "archive" else []
            for series in listings:
                pages = (page for chain in self.chain_pages(series) for page in chain)
                paths += [front_path(series), *(period_path(series, period, span.number) for period, span in pages)]
        places = sorted(Place(path, "") for path in paths)
        for span in cut(0, len(places), SHARD_LENGTH):
            yield self._plan_shard("pages", span, tuple(places[span.start : span.stop]))

    def _plan_shard(self, name: str, span: Span, places: tuple[Place, ...]) -> Output:
        path = shard_path(name, span.number)
        return self._output("sitemap", path, SitemapView(path=path, base_url=self.config.base_url, places=places))

    def plan_sitemap_index(self, shards: Iterable[Place]) -> Output:
        """Return the index of sitemaps, each given with the newest change in it."""
        places = tuple(sorted(shards))
        view = SitemapView(path="sitemap.xml", base_url=self.config.base_url, places=places, index=True)
        return self._output("sitemap", view.path, view)

    def plan_fixed(self) -> Iterator[Output]:
        """Yield what needs no article: the page for what is not found, files of fixed text, and assets."""
        base = self.config.base_url
        yield self._view("not-found", NotFoundView(path="404.html", base=urlsplit(base).path if base else "/"))
        robots = "User-agent: *\nAllow: /\n" + (f"Sitemap: {base}sitemap.xml\n" if base else "")
        yield self._output("plain", "robots.txt", PlainView(text=robots))
        yield self._output("plain", ".nojekyll", PlainView(text=""))
        for name, content in self.assets.items():
            yield self._output("asset", self.frame.assets[name], AssetView(name=name, digest=content))


def shard_path(name: str, number: int) -> str:
    """Return the path of a sitemap: of a year, of `undated`, or of `pages` and listings."""
    return f"sitemaps/{name}-{number}.xml" if number > 1 else f"sitemaps/{name}.xml"


def place_shard(output: Output) -> Place:
    """Return what the index of sitemaps says of one."""
    assert isinstance(output.page, SitemapView)
    return Place(output.path, find_newest(output.page.places))


def front_path(series: Series) -> str:
    """Return the path of a listing's front."""
    if series.kind == "archive":
        return "archive/index.html"
    return f"{PLURALS[series.kind]}/{series.slug}.html"


def period_path(series: Series, period: str, number: int) -> str:
    """Return the path of page `number` of a listing's year, month or undated articles.

    In the archive, a year's further pages are `2019-page-2.html`: `2019-10.html` is October there.
    """
    if series.kind != "archive":
        suffix = f"-{number}" if number > 1 else ""
        return f"{PLURALS[series.kind]}/{series.slug}/{period}{suffix}.html"
    mark = "-page-" if len(period) == 4 else "-"
    return f"archive/{period}{mark}{number}.html" if number > 1 else f"archive/{period}.html"


def _count_undated(series: Series) -> Count | None:
    return Count(UNDATED, period_path(series, UNDATED, 1), series.undated) if series.undated else None


def order_writes(outputs: Iterable[Output], published: Iterable[str]) -> list[str]:
    """Return the paths of `outputs` in the order in which they may appear in a site that people are reading.

    Assets first, then all that is new, then what changes: nothing that is there links to something that is not.
    """
    there = set(published)
    last = ("article", "page", "marked", "data", "source", "listing", "overview", "home", "feed", "sitemap")

    def rank(output: Output) -> tuple[int, int, str]:
        kind = last.index(output.kind) if output.kind in last else len(last)
        return (0 if output.kind == "asset" else 1 if output.path not in there else 2), kind, output.path

    return [output.path for output in sorted(outputs, key=rank)]
