"""The plan of listings: fronts, years and months, overviews, the home page and feeds, each a window over a series.

So an article changes a fixed number of them. What an article's own page shows is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from site_builder.archive import UNDATED, Archive, Series
from site_builder.config import Config
from site_builder.feeds import FEED_LENGTH, FeedView
from site_builder.model import Card, Output
from site_builder.paging import Span, cut, front_size
from site_builder.plan.outputs import OutputMaker
from site_builder.plan.places import ABOUT, PLURALS, front_path, period_path, social_path
from site_builder.social import SocialView
from site_builder.values import dataclass
from site_builder.views import Count, Group, HomeView, Link, ListingView, OverviewView, PageLink, Year

Chain = Sequence[tuple[str, Span]]
"""Pages that lead from one to the next: the period and the span of each."""

HOME_LATEST = 10
HOME_LISTINGS = 24


@dataclass(frozen=True)
class ListingPlan:
    """Plans the pages that list articles."""

    archive: Archive
    config: Config
    maker: OutputMaker

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

    def list_pages(self, series: Series, period: str) -> Iterator[str]:
        """Yield the paths of a listing's pages of a year and its months, or of what is undated."""
        months = series.months(period) if series.kind == "archive" and period != UNDATED else ()
        for part in (period, *months):
            spans = self._cut(series, part) if part != UNDATED else cut(0, series.undated, self.config.page_size)
            yield from (period_path(series, part, span.number) for span in spans)

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
            years=self.count_years(series),
            undated=count_undated(series),
            articles=count,
            feed=self.feed_path(series),
            social=self.link_social(series),
        )
        return self.maker.make_page("listing", view)

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
                social=self.link_social(series),
            )
            yield self.maker.make_page("listing", view)

    def _group(self, cards: Sequence[Card]) -> tuple[Group, ...]:
        """Group cards, given oldest first, by month, newest first."""
        groups: dict[str, list[Card]] = {}
        for card in reversed(cards):
            groups.setdefault(card.date[:7], []).append(card)
        return tuple(
            Group(period, period_path(self.archive.all, period, 1) if period else "", tuple(members))
            for period, members in groups.items()
        )

    def count_years(self, series: Series) -> tuple[Year, ...]:
        """Return the years of a series with the pages of the listing, newest first."""
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
                yield self.maker.make_page("overview", OverviewView(path=path, kind=kind, listings=listings))
        largest = {kind: tuple(sorted(c, key=lambda c: -c.articles)[:HOME_LISTINGS]) for kind, c in counts.items()}
        everything = self.archive.all
        view = HomeView(
            path="index.html",
            latest=tuple(reversed(everything.take(max(0, everything.count - HOME_LATEST), everything.count))),
            articles=everything.count,
            undated=count_undated(everything),
            years=self.count_years(everything),
            sections=largest["section"],
            topics=largest["topic"],
            publishers=largest["publisher"],
            pages=self._list_pages(),
            feed=self.feed_path(everything),
        )
        yield self.maker.make_page("home", view)

    def _count_listings(self, kind: str) -> tuple[Count, ...]:
        return tuple(Count(s.title, front_path(s), s.count) for s in self.archive.listings(kind))

    def _list_pages(self) -> tuple[Link, ...]:
        """Return the pages that the home page leads to: those of a folder `help/` are led to by its page `help`."""
        ids = {PurePosixPath(card.id).with_suffix("") for card in self.archive.pages}
        return tuple(
            Link(card.title, card.url, card.lang)
            for card in self.archive.pages
            if card.url != ABOUT and ids.isdisjoint(PurePosixPath(card.id).parents)
        )

    def feed_path(self, series: Series) -> str:
        """Return the path of a listing's feed, or nothing: some kinds have none, nor has what is all undated."""
        is_fed = series.kind in self.config.feeds and series.undated < series.count
        if not is_fed or not self.config.base_url:
            return ""
        return "feed.xml" if series.kind == "archive" else f"{PLURALS[series.kind]}/{series.slug}/feed.xml"

    def plan_feed(self, series: Series) -> Iterator[Output]:
        """Yield the feed of a listing, if it has one."""
        if path := self.feed_path(series):
            home = series.kind == "archive"
            newest = series.take(max(series.undated, series.count - FEED_LENGTH), series.count)
            view = FeedView(
                path=path,
                url="index.html" if home else front_path(series),
                title=self.maker.frame.title if home else f"{series.title} – {self.maker.frame.title}",
                site=self.maker.frame.title,
                base_url=self.config.base_url,
                language=self.maker.frame.language,
                cards=tuple(reversed(newest)),
            )
            yield self.maker.make("feed", path, view)

    def link_social(self, series: Series) -> Link | None:
        """Return the picture of a section with what it says, or None where there is none."""
        if series.kind != "section" or not self.maker.frame.social:
            return None
        return Link(f"{series.title} – {self.maker.frame.title}", social_path(series))

    def plan_social(self, series: Series) -> Iterator[Output]:
        """Yield the picture of a section, where pictures are painted."""
        if link := self.link_social(series):
            view = SocialView(site=self.maker.frame.title, section=series.title, accent=self.config.accent)
            yield self.maker.make("social", link.url, view)


def count_undated(series: Series) -> Count | None:
    """Return the undated articles of a series with the first of their pages, or None where there are none."""
    return Count(UNDATED, period_path(series, UNDATED, 1), series.undated) if series.undated else None
