"""Sitemaps (sitemaps.org protocol 0.9): one file for each year of articles, one for listings, and an index.

A pure formatter. `lastmod` is what the articles themselves say, never a time of building.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from site_builder.values import dataclass

SHARD_LENGTH = 1_000
"""Addresses in one file: the protocol allows 50,000, and a new article has one of them written anew."""

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


class Place(NamedTuple):
    """An address below `base_url`, and the date of its last change or an empty string."""

    url: str
    modified: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapView:
    """A file of addresses of pages, or with `index` of other sitemap files."""

    path: str
    base_url: str
    places: tuple[Place, ...]
    index: bool = False


def format_sitemap(sitemap: SitemapView) -> bytes:
    """Return the sitemap, or the index, as XML in UTF-8."""
    root, item = ("sitemapindex", "sitemap") if sitemap.index else ("urlset", "url")
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f'<{root} xmlns="{_NAMESPACE}">']
    for url, modified in sitemap.places:
        day = f"<lastmod>{escape(modified[:10])}</lastmod>" if modified else ""
        lines.append(f"<{item}><loc>{escape(sitemap.base_url + url)}</loc>{day}</{item}>")
    return "\n".join([*lines, f"</{root}>", ""]).encode("utf-8")


def find_newest(places: Sequence[Place]) -> str:
    """Return the latest date of change among `places`, or an empty string."""
    return max((place.modified for place in places), default="")
