"""The pages of listings that a change can touch: in each period of a listing, all from the first that it moves.

Which articles changed is for `replan` to know.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from site_builder.archive import UNDATED, Series
from site_builder.index import Spot
from site_builder.model import Output
from site_builder.paging import Span
from site_builder.plan import Plan
from site_builder.plan.listings import Chain
from site_builder.plan.places import front_path, period_path, title_shard_path
from site_builder.sitemap import SHARD_LENGTH
from site_builder.values import dataclass

_END = 10**9


@dataclass(slots=True)
class Touched:
    """The pages of listings that a change can touch: in each period of a listing, all from a number on."""

    pages: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    """Kind and name -> period -> number of the first page."""
    shards: dict[str, int] = field(default_factory=dict)
    """Year, or `undated` -> number of the first sitemap."""

    def add(self, spots: Iterable[Spot], plan: Plan) -> None:
        """Note where articles stand in the listings of a plan."""
        for kind, name, date, position in spots:
            series = plan.archive.find_series(kind, name)
            pages = self.pages.setdefault((kind, name), {})
            periods = [date[:4] or UNDATED]
            if kind == "archive":
                _lower(self.shards, periods[0], _number(series, periods[0], position, SHARD_LENGTH))
                periods += [date[:7]] if len(date) >= 7 else []
            for period in periods:
                _lower(pages, period, _number(series, period, position, plan.config.page_size))

    def list_shards(self, plan: Plan) -> list[tuple[str, Span]]:
        """Return the year (or `undated`) and the span of the sitemaps and files of titles in a plan."""
        found = ((period, span) for period in self.shards for span in plan.files.cut_shards(period))
        return [(period, span) for period, span in found if span.number >= self.shards[period]]

    def list_title_shards(self, plan: Plan) -> Iterator[str]:
        """Yield the paths of the files of titles in a plan."""
        return (title_shard_path(period, span.number) for period, span in self.list_shards(plan))

    def list_paths(self, plan: Plan) -> Iterator[str]:
        """Yield the paths of the pages in a plan."""
        for series, chain, positions in self._list_pages(plan):
            yield from filter(None, (front_path(series), plan.listings.feed_path(series)))
            if social := plan.listings.link_social(series):
                yield social.url
            yield from (period_path(series, chain[i][0], chain[i][1].number) for i in positions)

    def plan(self, plan: Plan) -> Iterator[Output]:
        """Yield the outputs of the pages in a plan."""
        for kind, name in self.pages:
            if plan.archive.has_series(kind, name):
                series = plan.archive.find_series(kind, name)
                yield plan.listings.plan_front(series)
                yield from plan.listings.plan_social(series)
                yield from plan.listings.plan_feed(series)
        for series, chain, positions in self._list_pages(plan):
            yield from plan.listings.plan_pages(series, chain, positions)

    def _list_pages(self, plan: Plan) -> Iterator[tuple[Series, Chain, list[int]]]:
        for (kind, name), touched in self.pages.items():
            if plan.archive.has_series(kind, name):
                series = plan.archive.find_series(kind, name)
                for chain in plan.listings.chain_pages(series):
                    yield series, chain, _find_positions(chain, touched)


def _number(series: Series, period: str, position: int, size: int) -> int:
    start = 0 if period == UNDATED else series.find(period)[0]
    return (position - start) // size + 1


def _lower(numbers: dict[str, int], key: str, number: int) -> None:
    numbers[key] = min(number, numbers.get(key, number))


def _find_positions(chain: Chain, touched: Mapping[str, int]) -> list[int]:
    """Return the positions of the touched pages of a chain, and of those beside them, which lead to them."""
    if not chain:
        return []
    keys = [(period, span.number) for period, span in chain]
    found: set[int] = set()
    for period, number in touched.items():
        if len(period) == len(chain[0][0]):  # years, months and `undated` are chains of their own
            first, last = bisect_left(keys, (period, number)), bisect_right(keys, (period, _END))
            found.update(range(max(0, first - 1), min(len(keys), last + 1)))
    return sorted(found)
