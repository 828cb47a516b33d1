"""Atom feeds (RFC 4287) of the newest dated articles.

A pure formatter: a view in, bytes out. Entries are made from cards, so editing a body leaves the feed alone. Atom
demands a full time stamp; where only a day (or a month) is known, midnight UTC of its first day is written.
"""

from __future__ import annotations

import re
from html import escape  # xml.sax would bring urllib, and 38 ms to every start

from site_builder.model import Card
from site_builder.values import dataclass

FEED_LENGTH = 20
"""How many of the newest articles a feed holds."""

_FORBIDDEN = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""What XML 1.0 allows in no document (section 2.2): one such character makes a whole feed unreadable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """A feed: `url` is the path of the page it belongs to, `cards` are newest first and at least one."""

    path: str
    url: str
    title: str
    site: str
    base_url: str
    language: str
    cards: tuple[Card, ...]


def format_feed(feed: FeedView) -> bytes:
    """Return the feed as XML in UTF-8. Ids are the addresses of the articles, so they stay where addresses stay."""
    page = feed.base_url + ("" if feed.url == "index.html" else feed.url)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={xml_attribute(feed.language)}>',
        f"<title>{xml_text(feed.title)}</title>",
        f"<id>{xml_text(feed.base_url + feed.path)}</id>",
        f'<link rel="self" type="application/atom+xml" href={xml_attribute(feed.base_url + feed.path)}/>',
        f'<link rel="alternate" type="text/html" href={xml_attribute(page)}/>',
        f"<updated>{max(format_stamp(card.updated or card.date) for card in feed.cards)}</updated>",
        f"<author><name>{xml_text(feed.site)}</name></author>",
    ]
    for card in feed.cards:
        lines += _format_entry(card, feed)
    return "\n".join([*lines, "</feed>", ""]).encode("utf-8")


def _format_entry(card: Card, feed: FeedView) -> list[str]:
    address = feed.base_url + card.url
    lang = f" xml:lang={xml_attribute(card.lang)}" if card.lang and card.lang != feed.language else ""
    lines = [
        f"<entry{lang}>",
        f"<title>{xml_text(card.title)}</title>",
        f"<id>{xml_text(address)}</id>",
        f'<link rel="alternate" type="text/html" href={xml_attribute(address)}/>',
        f"<published>{format_stamp(card.date)}</published>",
        f"<updated>{format_stamp(card.updated or card.date)}</updated>",
    ]
    if card.publisher:
        lines.append(f"<author><name>{xml_text(card.publisher)}</name></author>")
    if card.section:
        lines.append(f"<category term={xml_attribute(card.section)}/>")
    if card.summary:
        lines.append(f"<summary>{xml_text(card.summary)}</summary>")
    return [*lines, "</entry>"]


def format_stamp(date: str) -> str:
    """Return a date of any precision as an RFC 3339 time stamp.

    >>> format_stamp("1998-03"), format_stamp("2022-11-14T07:35+07:00")
    ('1998-03-01T00:00:00Z', '2022-11-14T07:35:00+07:00')
    """
    day = (date[:10] + "-01-01")[:10] if len(date) < 10 else date[:10]
    time = date[11:] or "00:00"
    clock = re.match(r"\d\d:\d\d(?::\d\d)?", time)
    assert clock is not None
    zone = time[clock.end() :].lstrip(".0123456789") or "Z"
    return f"{day}T{(clock[0] + ':00')[:8]}{zone}"


def xml_text(text: str) -> str:
    """Return `text` for use between tags, without the characters that XML forbids."""
    return escape(_replace_forbidden(text), quote=False)


def xml_attribute(text: str) -> str:
    """Return `text` as a quoted attribute value, without the characters that XML forbids."""
    return f'"{escape(_replace_forbidden(text))}"'


def _replace_forbidden(text: str) -> str:
    # Nothing that can be printed is forbidden, and the pattern costs more than a whole feed to compile.
    return text if text.isprintable() else re.sub(_FORBIDDEN, "\ufffd", text)
