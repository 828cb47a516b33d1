"""What an HTML page says of its article outside of the text: meta elements, Open Graph, JSON-LD, times.

A fact is taken as the page states it, or not at all: what does not parse is told and left out. Which text is the story
is not known here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from site_builder.errors import Problem, warning
from site_builder.readers.dates import parse_date
from site_builder.readers.html_tokens import Token, pair, plain, read_attributes
from site_builder.urls import fold_title
from site_builder.values import dataclass

_PUBLISHED = (
    "article:published_time og:published_time datepublished date pubdate publishdate publish-date publish_date "
    "publication_date dc.date dc.date.issued dcterms.date dcterms.issued content_publisheddate".split()
)
_UPDATED = "article:modified_time og:updated_time datemodified last-modified lastmod dcterms.modified".split()
_ARTICLE = re.compile(r"(?:\w*Article|BlogPosting|Report)\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*\Z")
_TAIL = re.compile(r" +(?:[|–—»·-]|::) +")
_LONGEST = 1_000
"""Characters above which nothing is a title: an element without its end holds all that follows."""
_HINT = "write a date as YYYY-MM-DD"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """The facts of a page; None or empty when it does not state them. Dates are as `Article.date`."""

    title: str = ""
    title_from: str = ""
    date: str | None = None
    updated: str | None = None
    byline: str | None = None
    sections: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    publisher: str | None = None
    lang: str | None = None
    source_url: str | None = None
    summary: str = ""


def read_facts(
    source_id: str, source: str, tokens: Sequence[Token], outlets: Collection[str], problems: list[Problem]
) -> PageFacts:
    """Return the facts of a page. `outlets` are known names of publishers (small letters) that may end a title.

    A date that does not parse, and JSON-LD that is none, are told in `problems`.
    """
    page = _Page(source_id, source, tokens, problems)
    story = page.read_story()
    publisher = page.first("og:site_name") or _name_of(story.get("publisher"))
    url = page.find_url() or _address(story.get("url"))
    title, title_from = page.find_title(_text(story.get("headline")), {publisher.casefold(), *outlets})
    authors = _names_in(story.get("author")) or page.all("author", "article:author", "dc.creator")
    sections = page.all("article:section") or _names_in(story.get("articleSection"))
    keywords = page.all("article:tag") or _names_in(story.get("keywords")) or page.all("keywords", "news_keywords")
    stated = [("JSON-LD datePublished", story.get("datePublished")), *page.metas(_PUBLISHED)]
    return PageFacts(
        title=title,
        title_from=title_from,
        date=page.find_date(stated) or page.find_time(),
        updated=page.find_date([("JSON-LD dateModified", story.get("dateModified")), *page.metas(_UPDATED)]),
        byline=", ".join(_unique(name for name in authors if "://" not in name)) or None,
        sections=_unique(sections),
        topics=_unique(word.strip() for words in keywords for word in words.split(",")),
        publisher=publisher or None,
        lang=page.find_language(),
        source_url=url or None,
        summary=page.first("description", "og:description"),
    )


class _Page:
    def __init__(self, source_id: str, source: str, tokens: Sequence[Token], problems: list[Problem]) -> None:
        self.source_id, self.source, self.tokens, self.problems = source_id, source, tokens, problems
        self.meta: dict[str, list[str]] = {}
        self.canonical = ""
        for token in tokens:
            if token.kind != "open" or token.name not in ("meta", "link"):
                continue
            given = read_attributes(source, token)
            if token.name == "link":
                if "canonical" in given.get("rel", "").lower().split():
                    self.canonical = self.canonical or _address(given.get("href"))
            elif content := given.get("content", ""):
                name = given.get("property") or given.get("name") or given.get("itemprop") or ""
                self.meta.setdefault(name.lower(), []).append(content)

    def first(self, *names: str) -> str:
        return next(iter(self.all(*names)), "")

    def all(self, *names: str) -> tuple[str, ...]:
        """Return what the first of `names` that the page has says, once or several times."""
        return next((tuple(self.meta[name]) for name in names if name in self.meta), ())

    def metas(self, names: Sequence[str]) -> list[tuple[str, object]]:
        return [(name, value) for name in names for value in self.meta.get(name, ())[:1]]

    def find_url(self) -> str:
        return self.canonical or _address(self.first("og:url"))

    def find_title(self, headline: str, outlets: Collection[str]) -> tuple[str, str]:
        pairs = pair(self.tokens)
        headings = [number for number, token in enumerate(self.tokens) if token.kind == "open" and token.name == "h1"]
        heading = self._text_in(headings[0], pairs) if len(headings) == 1 else ""
        named = next((t for t in self.tokens if t.kind == "raw" and t.name == "title"), None)
        head = plain(self.source[named.start : named.end]) if named else ""
        for found in (self.first("og:title"), headline):
            if 0 < len(found) <= _LONGEST:
                return _cut_tail(found, heading, outlets), "metadata"
        if heading:
            return heading, "text"
        return (_cut_tail(head, "", outlets), "metadata") if 0 < len(head) <= _LONGEST else ("", "")

    def _text_in(self, number: int, pairs: Mapping[int, int]) -> str:
        inside = self.tokens[number : pairs.get(number, number)]
        text = "".join(self.source[t.start : t.end] for t in inside if t.kind == "text")
        return plain(text) if len(text) <= _LONGEST else ""

    def find_language(self) -> str | None:
        root = next((token for token in self.tokens if token.kind == "open" and token.name == "html"), None)
        code = read_attributes(self.source, root).get("lang", "") if root else ""
        if not _LANGUAGE.match(code):
            return None
        return code.lower() if len(code) <= 3 else code.replace("_", "-")

    def find_date(self, stated: Sequence[tuple[str, object]]) -> str | None:
        """Return the first date that parses, and tell of those before it that do not."""
        for name, value in stated:
            if not isinstance(value, str) or not value.strip():
                continue
            try:
                return parse_date(value)
            except ValueError:
                message = f"the date {value.strip()[:40]!r} ({name}) is not read"
                self.problems.append(warning(self.source_id, message, _HINT))
        return None

    def find_time(self) -> str | None:
        """Return the date of the times in the article element, when they are of one day."""
        pairs = pair(self.tokens)
        begin = next((n for n, token in enumerate(self.tokens) if n in pairs and token.name == "article"), None)
        if begin is None:
            return None
        times = [
            given["datetime"]
            for token in self.tokens[begin : pairs[begin]]
            if token.kind == "open"
            and token.name == "time"
            and (given := read_attributes(self.source, token)).get("datetime")
        ]
        days = {time[:10] for time in times}
        return self.find_date([("time", max(times, key=len))]) if len(days) == 1 else None

    def read_story(self) -> Mapping[str, object]:
        """Return the article that the page describes in JSON-LD; empty when there is none."""
        kinds = {}
        for token, following in zip(self.tokens, self.tokens[1:], strict=False):
            if token.name == "script" and following.kind == "raw":
                kinds[following.start] = read_attributes(self.source, token).get("type", "").lower()
        for token in self.tokens:
            if token.kind != "raw" or kinds.get(token.start) != "application/ld+json":
                continue
            try:
                found = json.loads(self.source[token.start : token.end].strip(), strict=False)
            except (ValueError, RecursionError):
                self.problems.append(warning(self.source_id, "holds JSON-LD that is none, which was left out"))
                continue
            for thing in _things(found):
                kind = thing.get("@type")
                if any(isinstance(k, str) and _ARTICLE.match(k) for k in (kind if isinstance(kind, list) else [kind])):
                    return thing
        return {}


def _things(found: object) -> Iterator[Mapping[str, object]]:
    """Yield the objects of JSON-LD: itself, those in a list, those in its graph."""
    for thing in found if isinstance(found, list) else [found]:
        if isinstance(thing, dict):
            yield thing
            graph = thing.get("@graph")
            yield from (inner for inner in (graph if isinstance(graph, list) else []) if isinstance(inner, dict))


def _text(value: object) -> str:
    return plain(value) if isinstance(value, str) else ""


def _name_of(value: object) -> str:
    return _text(value.get("name")) if isinstance(value, dict) else _text(value)


def _names_in(value: object) -> tuple[str, ...]:
    return tuple(filter(None, map(_name_of, value if isinstance(value, list) else [value])))


def _address(value: object) -> str:
    address = _text(value)
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in ("http", "https") and parts.netloc else ""


def _unique(names: Iterator[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _cut_tail(title: str, heading: str, outlets: Collection[str]) -> str:
    """Return a title without the name of the site at its end: a known one, or all that the page's heading lacks."""
    if heading and fold_title(title).startswith(fold_title(heading)) and title.startswith(heading):
        return heading if _TAIL.match(title[len(heading) :]) else title
    marks = list(_TAIL.finditer(title))
    if marks and title[marks[-1].end() :].casefold() in outlets and fold_title(title[: marks[-1].start()]):
        return title[: marks[-1].start()]
    return title
