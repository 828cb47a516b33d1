"""What pages say to machines of themselves: data in the words of schema.org, as JSON-LD for a script element.

Only what is known is said, a date only as exactly as it is known (ISO 8601, reduced where it must be), and an address
only where the archive knows its own. Pure formatters; how the element stands in a page is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from site_builder.model import Article

Data = Mapping[str, object]
"""One thing and its properties."""


class Whole(NamedTuple):
    """The archive that a page is part of; `url` ends in `/`, and is empty where the archive does not know it."""

    title: str
    url: str


class Place(NamedTuple):
    """What the page of an article tells of it besides the article; what is not known is empty. Addresses are absolute.

    `section` is the nearest one, `image` the picture by which the page is shown elsewhere.
    """

    url: str = ""
    section: str = ""
    topics: Sequence[str] = ()
    publisher: str = ""
    image: str = ""


def describe_article(article: Article, place: Place, whole: Whole) -> Data:
    """Return an article as a `NewsArticle`.

    The headline is told whole: the limit of 110 characters that search engines once had is no more, and a title cut
    short is another title. That anybody may read it is known: it stands on a page without a gate.
    """
    address = article.source_url or ""
    return _drop_unknown(
        {
            "@type": "NewsArticle",
            "headline": article.title,
            "datePublished": article.date,
            "dateModified": article.updated,
            "author": _name("Person", article.byline),
            "publisher": _name("Organization", place.publisher),
            "inLanguage": article.lang,
            "articleSection": place.section,
            "keywords": list(place.topics),
            "image": place.image,
            "mainEntityOfPage": place.url,
            "isBasedOn": address if address.startswith(("https://", "http://")) else "",
            "isPartOf": _drop_unknown({"@type": "WebSite", "name": whole.title, "url": whole.url}),
            "isAccessibleForFree": True,
        }
    )


def describe_crumbs(crumbs: Iterable[Sequence[str]], title: str, whole: Whole) -> Data:
    """Return the way to a page as a `BreadcrumbList`: titles with paths below the root, then the title of the page.

    The page itself has no address in it: it is the one that says so. Needs an archive that knows its address.
    """
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": whole.url + _canonical(path)}
        for position, (name, path, *_) in enumerate(crumbs, start=1)
    ]
    last = {"@type": "ListItem", "position": len(items) + 1, "name": title}
    return {"@type": "BreadcrumbList", "itemListElement": [*items, last]}


def describe_site(whole: Whole, description: str, language: str, search: str = "") -> Data:
    """Return the archive as a `WebSite`; `search` is the path of a page that takes what is looked for as `?q=`."""
    action: Data | None = None
    if search:
        template = f"{whole.url}{search}?q={{search_term_string}}"
        action = {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": template},
            "query-input": "required name=search_term_string",
        }
    return _drop_unknown(
        {
            "@type": "WebSite",
            "name": whole.title,
            "url": whole.url,
            "description": description,
            "inLanguage": language,
            "potentialAction": action,
        }
    )


def format_script(*things: Data) -> Markup:
    """Return things as JSON-LD that may stand between `<script type="application/ld+json">` and its end.

    Whatever would be read as markup, and the two characters that end a line in scripts alone, is written as JSON's
    escapes, so no text can end the element.
    """
    text = _encode({"@context": "https://schema.org", "@graph": things})
    for character, escaped in _ESCAPES:
        text = text.replace(character, escaped)
    return Markup(text)  # noqa: S704 - nothing in it is markup any more


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
"""Made once: `json.dumps` makes one for each call that asks for anything."""

_ESCAPES = tuple((character, f"\\u{ord(character):04x}") for character in "<>&\u2028\u2029")


def _name(kind: str, name: str | None) -> Data | None:
    return {"@type": kind, "name": name} if name else None


def _drop_unknown(thing: Data) -> Data:
    return {key: value for key, value in thing.items() if value}


def _canonical(path: str) -> str:
    return "" if path == "index.html" else path
