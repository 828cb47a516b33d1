"""The plan of the page about the archive: its owner's words, if there are any, and what is kept, in figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from site_builder.archive import Archive, Series
from site_builder.config import Config
from site_builder.model import Entry, Output
from site_builder.plan.articles import ArticlePlan
from site_builder.plan.listings import ListingPlan, count_undated
from site_builder.plan.outputs import OutputMaker
from site_builder.plan.places import ABOUT, RULES
from site_builder.tally import RuleUse
from site_builder.values import dataclass
from site_builder.views import AboutView


@dataclass(frozen=True)
class AboutPlan:
    """Plans the page about the archive."""

    archive: Archive
    config: Config
    maker: OutputMaker
    articles: ArticlePlan
    listings: ListingPlan
    load_entry: Callable[[str], Entry]
    """Gives what the catalogue knows of an article or page by its id."""

    def plan_about(self, uses: Sequence[RuleUse]) -> Iterator[Output]:
        """Yield the page about the archive; `uses` are those of all rules."""
        everything = self.archive.all
        card = next((card for card in self.archive.pages if card.url == ABOUT), None)
        dated = everything.undated < everything.count
        view = AboutView(
            path=ABOUT,
            text=self.articles.view_article(self.load_entry(card.id)) if card else None,
            articles=everything.count,
            undated=count_undated(everything),
            years=self.listings.count_years(everything),
            gaps=tuple(find_gaps(everything)),
            oldest=everything.take(everything.undated, everything.undated + 1)[0] if dated else None,
            newest=everything.take(everything.count - 1, everything.count)[0] if dated else None,
            sections=len(self.archive.listings("section")),
            topics=len(self.archive.listings("topic")),
            publishers=len(self.archive.listings("publisher")),
            rules=RULES if self.config.source and uses else "",
        )
        yield self.maker.make_page("about", view)


def find_gaps(series: Series) -> Iterator[str]:
    """Yield the years, oldest first, between the first and the last of a series in which it has nothing.

    Years that follow each other are one text: `YYYY–YYYY`.
    """
    years = [int(year) for year in series.years if year.isdigit()]
    for before, after in pairwise(years):
        first, last = before + 1, after - 1
        if first <= last:
            yield f"{first:04}" if first == last else f"{first:04}–{last:04}"
