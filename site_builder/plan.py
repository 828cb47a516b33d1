"""The plan: every file of the site, with everything that decides its bytes, before anything is rendered.

A pure function of the archive, the frame and the templates' digests. Each output is a window over a series, so adding
an article changes a fixed number of them. How they are rendered or stored is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from site_builder.archive import UNDATED, Archive, Series, find_neighbours
from site_builder.config import Config
from site_builder.digest import digest
from site_builder.errors import Problem, error, warning
from site_builder.feeds import FEED_LENGTH, FeedView
from site_builder.model import ARCHIVE_TITLE, Card, Entry, Output, Tally
from site_builder.paging import Span, cut, front_size
from site_builder.sitemap import SHARD_LENGTH, Place, SitemapView, find_newest
from site_builder.tally import Example, sum_tallies
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
        return {card.url: card.id for card in self.archive.cards.values()}

    @cached_property
    def _frame_digest(self) -> str:
        return digest(self.frame)

    def _output(self, kind: str, path: str, page: object) -> Output:
        template = TEMPLATES.get(kind, "")
        frame = (self._frame_digest, self.closures[template]) if template else ()
        return Output(path, kind, template, page, digest((self.engine, kind, *frame, page)))

    def _view(self, kind: str, page: View) -> Output:
        return self._output(kind, page.path, page)

    def _list_outputs(self) -> Iterator[Output]:
        listings = [self._plan_listing(series) for kind in PLURALS for series in self.archive.listings(kind)]
        places: list[Place] = []
        for output in (*self._plan_overviews(), *(page for pages in listings for page in pages)):
            places += [Place(output.path, "")] if output.template else []
            yield output
        yield from self._plan_feeds()
        yield from self._plan_sitemaps(places)
        yield from self._plan_fixed()
        yield from self._plan_rules()
        yield from self._plan_articles()
        yield from self._plan_redirects()

    # --- articles and pages ---------------------------------------------------------------------------------------

    def _plan_articles(self) -> Iterator[Output]:
        neighbours = find_neighbours(self.archive.all)
        for id_, entry in self.archive.entries.items():
            older, newer = neighbours.get(id_, (None, None))
            card = self.archive.cards[id_]
            view = self._view_article(entry, card, older, newer)
            yield self._view(entry.kind, view)
            if view.data:
                data = DataView(article=entry.article, url=card.url, apart=view.apart)
                yield self._output("data", view.data, data)
            if view.source:
                source = SourceView(id=id_, sha256=entry.sha256)
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

    def _view_article(self, entry: Entry, card: Card, older: Card | None, newer: Card | None) -> ArticleView:
        article = entry.kind == "article"
        find = self.archive.find_article
        apart = self._find_apart(entry)
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

    def _find_apart(self, entry: Entry) -> tuple[str, ...]:
        """Return the lines of an article that are set apart, because they are titles of others."""
        asked = entry.candidates if ARCHIVE_TITLE not in self.config.disable else ()
        return tuple(text for text in asked if self._address(self.archive.find_article(text), entry))

    def _link(self, kind: str, name: str) -> Link:
        series = self.archive.find_series(kind, name)
        return Link(series.title, front_path(series))

    def _address(self, id_: str | None, entry: Entry, *, told: bool = False) -> str:
        card = self.archive.cards.get(id_) if id_ and id_ != entry.id else None
        if card is None and told and id_ != entry.id:
            hint = "write the path of a file under the content folder"
            self.problems.append(warning(entry.id, f"links to {id_!r}, which is not published here", hint))
        if card is None:
            return self.archive.cards[entry.id].url if told and id_ == entry.id else ""
        return card.url

    def _plan_rules(self) -> Iterator[Output]:
        """Yield the page that sums up how the archive was read, where its articles' marked pages are."""
        uses = sum_tallies((e.id, self._tally(e)) for e in self.archive.entries.values() if e.kind == "article")
        if uses and self.config.source:
            rules = tuple(RuleCount(*use[:-1], tuple(map(self._link_example, use.examples))) for use in uses)
            yield self._view("rules", RulesView(path=RULES, rules=rules))

    def _tally(self, entry: Entry) -> tuple[Tally, ...]:
        apart = self._find_apart(entry)
        return entry.tallies + tuple(Tally(ARCHIVE_TITLE, "related", 1, text, 0) for text in apart)

    def _link_example(self, example: Example) -> ExampleLink:
        card = self.archive.cards[example.id]
        fragment = f"#L{example.line}" if example.line else ""
        return ExampleLink(example.text, card.title, sister(card.url, MARKED) + fragment)

    # --- listings -------------------------------------------------------------------------------------------------

    def _plan_listing(self, series: Series) -> list[Output]:
        views = [self._view_front(series)]
        undated = [(UNDATED, span) for span in cut(0, series.undated, self.config.page_size)]
        years = [(year, span) for year in series.years for span in self._cut(series, year)]
        views += self._view_pages(series, undated) + self._view_pages(series, years)
        if series.kind == "archive":
            months = [m for year in series.years for m in series.months(year)]
            views += self._view_pages(series, [(month, span) for month in months for span in self._cut(series, month)])
        return [self._view("listing", view) for view in views]

    def _cut(self, series: Series, period: str) -> tuple[Span, ...]:
        return cut(*series.find(period), self.config.page_size)

    def _view_front(self, series: Series) -> ListingView:
        count = len(series.cards)
        shown = series.cards[count - front_size(count, self.config.page_size) :]
        return ListingView(
            path=front_path(series),
            kind=series.kind,
            title=series.title,
            front=front_path(series),
            groups=self._group(shown),
            years=self._count_years(series),
            undated=_count_undated(series),
            articles=count,
            feed=self._feed_path(series),
        )

    def _view_pages(self, series: Series, pages: Sequence[tuple[str, Span]]) -> list[ListingView]:
        links = [PageLink(period, span.number, period_path(series, period, span.number)) for period, span in pages]
        padded = [None, *links, None]
        return [
            ListingView(
                path=links[position].url,
                kind=series.kind,
                title=series.title,
                front=front_path(series),
                period=period,
                number=span.number,
                groups=self._group(series.cards[span.start : span.stop]),
                older=padded[position],
                newer=padded[position + 2],
            )
            for position, (period, span) in enumerate(pages)
        ]

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

    def _plan_overviews(self) -> Iterator[Output]:
        counts = {kind: self._count_listings(kind) for kind in PLURALS if kind != "archive"}
        for kind, listings in counts.items():
            if listings:
                path = f"{PLURALS[kind]}/index.html"
                yield self._view("overview", OverviewView(path=path, kind=kind, listings=listings))
        largest = {kind: tuple(sorted(c, key=lambda c: -c.articles)[:HOME_LISTINGS]) for kind, c in counts.items()}
        everything = self.archive.all
        view = HomeView(
            path="index.html",
            latest=tuple(reversed(everything.cards[-HOME_LATEST:])),
            articles=len(everything.cards),
            undated=_count_undated(everything),
            years=self._count_years(everything),
            sections=largest["section"],
            topics=largest["topic"],
            publishers=largest["publisher"],
            pages=self._list_pages(),
            feed=self._feed_path(everything),
        )
        yield self._view("home", view)

    def _count_listings(self, kind: str) -> tuple[Count, ...]:
        return tuple(Count(s.title, front_path(s), len(s.cards)) for s in self.archive.listings(kind))

    def _list_pages(self) -> tuple[Link, ...]:
        return tuple(
            Link(entry.title, self.archive.cards[entry.id].url)
            for entry in self.archive.entries.values()
            if entry.kind == "page"
        )

    # --- feeds, sitemaps and single files -------------------------------------------------------------------------

    def _feed_path(self, series: Series) -> str:
        if series.kind not in ("archive", "section") or not self.config.base_url or not series.dates:
            return ""
        return "feed.xml" if series.kind == "archive" else f"{PLURALS[series.kind]}/{series.slug}/feed.xml"

    def _plan_feeds(self) -> Iterator[Output]:
        everything = self.archive.all
        if everything.dates and not self.config.base_url:
            message = "without base_url the feed, the sitemap and canonical links are left out"
            self.problems.append(warning(self.config.name, message, 'write base_url = "https://…/"'))
        for series in (everything, *self.archive.listings("section")):
            if path := self._feed_path(series):
                home = series is everything
                view = FeedView(
                    path=path,
                    url="index.html" if home else front_path(series),
                    title=self.frame.title if home else f"{series.title} – {self.frame.title}",
                    site=self.frame.title,
                    base_url=self.config.base_url,
                    language=self.frame.language,
                    cards=tuple(reversed(series.cards[series.undated :][-FEED_LENGTH:])),
                )
                yield self._output("feed", path, view)

    def _plan_redirects(self) -> Iterator[Output]:
        for path, address in self.archive.redirects.items():
            target = Link(self.archive.cards[self._ids[address]].title, address)
            yield self._view("redirect", RedirectView(path=path, target=target))

    def _plan_sitemaps(self, listings: Sequence[Place]) -> Iterator[Output]:
        if not self.config.base_url:
            return
        shards: dict[str, list[Place]] = {}
        for card in self.archive.all.cards:
            shards.setdefault(card.date[:4] or UNDATED, []).append(Place(card.url, card.updated or card.date))
        pages = [Place("" if place.url == "index.html" else place.url, "") for place in listings]
        shards["pages"] = sorted(pages + [Place(link.url, "") for link in self._list_pages()])
        index: list[Place] = []
        for name, places in shards.items():
            for span in cut(0, len(places), SHARD_LENGTH):
                suffix = f"-{span.number}" if span.number > 1 else ""
                path, part = f"sitemaps/{name}{suffix}.xml", tuple(places[span.start : span.stop])
                index.append(Place(path, find_newest(part)))
                yield self._output("sitemap", path, SitemapView(path=path, base_url=self.config.base_url, places=part))
        top = SitemapView(path="sitemap.xml", base_url=self.config.base_url, places=tuple(sorted(index)), index=True)
        yield self._output("sitemap", top.path, top)

    def _plan_fixed(self) -> Iterator[Output]:
        base = self.config.base_url
        yield self._view("not-found", NotFoundView(path="404.html", base=urlsplit(base).path if base else "/"))
        robots = "User-agent: *\nAllow: /\n" + (f"Sitemap: {base}sitemap.xml\n" if base else "")
        yield self._output("plain", "robots.txt", PlainView(text=robots))
        yield self._output("plain", ".nojekyll", PlainView(text=""))
        for name, content in self.assets.items():
            yield self._output("asset", self.frame.assets[name], AssetView(name=name, digest=content))


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
