"""Roles: which sources stand in an output, and as what.

Pure: asks the page of an output, which holds all that the output shows. What a source is now, and whether it changed,
is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from site_builder.feeds import FeedView
from site_builder.model import Card
from site_builder.sitemap import SitemapView
from site_builder.title_index import TitleShardView
from site_builder.urls import MARKED
from site_builder.views import (
    AboutView,
    ArticleView,
    DataView,
    HomeView,
    ListingView,
    MarkedView,
    RedirectView,
    RulesView,
    SourceView,
    TitlesView,
)

ITSELF = "article"
"""The role of a source whose text the output shows. In all others no more is shown of it than its card or address."""


class Role(NamedTuple):
    """A source in an output: by its id or, where the page has no more of it, by the address of its page."""

    name: str
    id: str = ""
    url: str = ""


def list_roles(page: object) -> Iterator[Role]:
    """Yield the sources that stand in a page, in the order in which it shows them; one may have several roles.

    Sitemaps name all kinds of pages, so the address of a role may be that of no article.
    """
    match page:
        case ArticleView():
            yield from _list_around(page)
        case MarkedView():
            yield Role(ITSELF, page.card.id)
        case SourceView():
            yield Role(ITSELF, page.id)
        case DataView():
            yield Role(ITSELF, url=page.url)
        case ListingView():
            yield from _list_cards(chain.from_iterable(group.cards for group in page.groups))
        case FeedView():
            yield from _list_cards(page.cards)
        case TitleShardView():
            yield from (Role("listed", url=row.url) for row in page.rows)
        case TitlesView():
            yield from (Role("listed", url=title.url) for title in page.titles)
        case AboutView():
            if page.text:
                yield Role(ITSELF, page.text.card.id)
                yield from (Role("linked to", url=url) for url in page.text.link_urls if url and url != page.path)
            yield from _list_cards(tuple(filter(None, (page.oldest, page.newest))))
        case HomeView():
            yield from _list_cards(page.latest)
            yield from (Role("page", url=link.url) for link in page.pages)
        case RedirectView():
            yield Role("leads to", url=page.target.url)
        case RulesView():
            yield from (Role("example", url=_strip_mark(e.url)) for rule in page.rules for e in rule.examples)
        case SitemapView(index=False):
            yield from (Role("listed", url=place.url) for place in page.places)


def _list_around(page: ArticleView) -> Iterator[Role]:
    yield Role(ITSELF, page.card.id)
    if page.older:
        yield Role("older", page.older.id)
    if page.newer:
        yield Role("newer", page.newer.id)
    yield from (Role("related", url=url) for url in page.related_urls if url)
    yield from (Role("linked to", url=url) for url in page.link_urls if url and url != page.path)


def _list_cards(cards: Iterator[Card] | tuple[Card, ...]) -> Iterator[Role]:
    return (Role("listed", card.id) for card in cards)


def _strip_mark(url: str) -> str:
    """Return the address of an article from that of a line on its marked page."""
    return url.partition("#")[0].removesuffix(MARKED) + ".html"
