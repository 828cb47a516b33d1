"""The plan of what machines ask for and of what needs no article: sitemaps, the page for what is not found, assets.

What an article's page shows is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from site_builder.accent import STYLE, format_accent
from site_builder.archive import UNDATED, Archive
from site_builder.config import Config
from site_builder.guide import GuideLink, GuideView
from site_builder.model import Output
from site_builder.paging import Span, cut
from site_builder.plan.listings import ListingPlan
from site_builder.plan.outputs import OutputMaker
from site_builder.plan.places import ABOUT, ALPHABET, GUIDE, PLURALS, front_path, period_path, shard_path
from site_builder.plan.titles import TitlePlan
from site_builder.sitemap import SHARD_LENGTH, Place, SitemapView, find_newest
from site_builder.social import SocialView
from site_builder.titles import name_letters
from site_builder.values import dataclass
from site_builder.views import AssetView, NotFoundView, PlainView

GROUPED_ABOVE = 5_000
"""Articles with which listings have no more than a few sitemaps, so that few are moved when a page comes or goes."""


class Group(NamedTuple):
    """Pages whose addresses stand in sitemaps of their own: of the listings of a year, or of titles with one letter."""

    kind: str
    key: str

    @property
    def name(self) -> str:
        """What their sitemaps are called."""
        return self.kind + {"pages": "", "listings": f"-{self.key}"}.get(self.kind, f"-{name_letters(self.key)}")


PAGES = Group("pages", "")
"""What belongs to no year and no letter; in a small archive, all."""


@dataclass(frozen=True)
class FilePlan:
    """Plans sitemaps and single files."""

    archive: Archive
    config: Config
    maker: OutputMaker
    listings: ListingPlan
    titles: TitlePlan
    assets: Mapping[str, str]
    """Name of an asset -> digest of its bytes."""

    def plan_sitemaps(self) -> Iterator[Output]:
        """Yield all sitemaps and their index, where the site knows its address."""
        if not self.config.base_url:
            return
        index: list[Place] = []
        for output in (*self.plan_shards(self.list_shards()), *self.plan_listing_shards(self.list_groups())):
            index.append(place_shard(output))
            yield output
        yield self.plan_sitemap_index(index)

    def list_shards(self) -> list[tuple[str, Span]]:
        """Return the sitemaps of articles, what is undated first and then by years: the period and the span of each."""
        periods = [UNDATED] if self.archive.all.undated else []
        return [(name, span) for name in (*periods, *self.archive.all.years) for span in self.cut_shards(name)]

    def cut_shards(self, period: str) -> tuple[Span, ...]:
        """Return the spans of the sitemaps of a year, or of what is undated, as positions in the series of all."""
        series = self.archive.all
        return cut(*((0, series.undated) if period == UNDATED else series.find(period)), SHARD_LENGTH)

    def plan_shards(self, shards: Iterable[tuple[str, Span]]) -> Iterator[Output]:
        """Yield sitemaps of articles, each given by its year (or `undated`) and its span."""
        for period, span in shards:
            cards = self.archive.all.take(span.start, span.stop)
            yield self._plan_shard(period, span, tuple(Place(card.url, card.updated or card.date) for card in cards))

    def list_groups(self) -> list[Group]:
        """Return the groups of listings, overviews and pages that have sitemaps of their own.

        In a small archive one group is all. In a larger one a page that comes or goes would move all addresses after it
        from one sitemap to the next, so they are grouped by what stays: a year, a first letter.
        """
        return self._list_parts() if self.archive.all.count > GROUPED_ABOVE else [PAGES]

    def _list_parts(self) -> list[Group]:
        everything = self.archive.all
        periods = [*([UNDATED] if everything.undated else []), *everything.years]
        letters = [letters for letters, _ in self.archive.alphabet.list_first()]
        return [PAGES, *(Group("listings", period) for period in periods), *(Group("titles", key) for key in letters)]

    def plan_listing_shards(self, groups: Iterable[Group]) -> Iterator[Output]:
        """Yield the sitemaps of some groups."""
        is_one = self.list_groups() == [PAGES]
        for group in groups:
            parts = self._list_parts() if is_one else [group]
            places = sorted(Place(path, "") for part in parts for path in self._list_addresses(part))
            for span in cut(0, len(places), SHARD_LENGTH):
                yield self._plan_shard(group.name, span, tuple(places[span.start : span.stop]))

    def _list_addresses(self, part: Group) -> Iterable[str]:
        if part.kind == "titles":
            return self.titles.list_paths(self.archive.alphabet.walk(part.key))
        by_kind = {kind: self.archive.listings(kind) for kind in PLURALS}
        listings = [series for of_kind in by_kind.values() for series in of_kind]
        if part.kind == "listings":
            return [path for series in listings for path in self.listings.list_pages(series, part.key)]
        pages = (card.url for card in self.archive.pages if card.url != ABOUT)
        overviews = [f"{PLURALS[kind]}/index.html" for kind, some in by_kind.items() if some and kind != "archive"]
        alphabet = [ALPHABET] if self.archive.alphabet.list_first() else []
        return ["", ABOUT, *pages, *overviews, *map(front_path, listings), *alphabet]

    def _plan_shard(self, name: str, span: Span, places: tuple[Place, ...]) -> Output:
        path = shard_path(name, span.number)
        return self.maker.make("sitemap", path, SitemapView(path=path, base_url=self.config.base_url, places=places))

    def plan_sitemap_index(self, shards: Iterable[Place]) -> Output:
        """Return the index of sitemaps, each given with the newest change in it."""
        places = tuple(sorted(shards))
        view = SitemapView(path="sitemap.xml", base_url=self.config.base_url, places=places, index=True)
        return self.maker.make("sitemap", view.path, view)

    def plan_fixed(self) -> Iterator[Output]:
        """Yield what needs no article: the page for what is not found, files of fixed text, and assets."""
        base = self.config.base_url
        yield self.maker.make_page(
            "not-found", NotFoundView(path="404.html", base=urlsplit(base).path if base else "/")
        )
        robots = "User-agent: *\nAllow: /\n" + (f"Sitemap: {base}sitemap.xml\n" if base else "")
        yield self.maker.make("plain", "robots.txt", PlainView(text=robots))
        yield self.maker.make("plain", ".nojekyll", PlainView(text=""))
        if social := self.maker.frame.social:
            view = SocialView(site=self.maker.frame.title, accent=self.config.accent)
            yield self.maker.make("social", social.url, view)
        for name, content in self.assets.items():
            rules = format_accent(self.config.accent, self.config.accent_dark) if name == STYLE else ""
            yield self.maker.make("asset", self.maker.frame.assets[name], AssetView(name, content, rules))

    def plan_guide(self) -> Output:
        """Return the guide for programs: it changes with the years and sections, not with the articles."""
        config, everything = self.config, self.archive.all
        sections, topics, publishers = (self.archive.listings(kind) for kind in ("section", "topic", "publisher"))
        ways = [
            GuideLink("Archive", front_path(everything), "the newest articles and a calendar of all"),
            GuideLink("About", ABOUT, "what is kept, from which years, and what is missing"),
            *([GuideLink("Titles", ALPHABET, "all titles from A to Z")] if everything.count else []),
            *([GuideLink("Topics", f"{PLURALS['topic']}/index.html", "all topics")] if topics else []),
            *([GuideLink("Publishers", f"{PLURALS['publisher']}/index.html", "all publishers")] if publishers else []),
            *([GuideLink("Sitemap", "sitemap.xml", "every address with its last change")] if config.base_url else []),
        ]
        feeds = [(series, self.listings.feed_path(series)) for series in (everything, *sections)]
        view = GuideView(
            title=config.title,
            description=config.description,
            base_url=config.base_url,
            example=config.article_pattern,
            data=config.data,
            source=config.source,
            ways=tuple(ways),
            years=tuple(GuideLink(year, period_path(everything, year, 1)) for year in reversed(everything.years)),
            sections=tuple(GuideLink(series.title, front_path(series)) for series in sections),
            feeds=tuple(GuideLink(series.title or config.title, path, "Atom") for series, path in feeds if path),
        )
        return self.maker.make("guide", GUIDE, view)


def place_shard(output: Output) -> Place:
    """Return what the index of sitemaps says of one."""
    assert isinstance(output.page, SitemapView)
    return Place(output.path, find_newest(output.page.places))
