"""`llms.txt`: what the archive is and how it is addressed, for programs that read it for people.

A pure formatter. The form is that of the proposal of that name (llmstxt.org): Markdown with a heading, a summary as a
quotation, notes, then lists of links under headings. It has no totals, so articles come and go without changing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from site_builder.values import dataclass


class GuideLink(NamedTuple):
    """A link of a list: a path below the root of the site, and what is there."""

    title: str
    path: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideView:
    """What the guide tells. `example` is how addresses of articles are made, as in `articles/{slug}.html`."""

    title: str
    description: str
    base_url: str
    """Empty where the site does not know it: links are paths then."""
    example: str
    data: bool
    source: bool
    """Whether articles have data, and sources, beside their pages."""
    ways: tuple[GuideLink, ...]
    years: tuple[GuideLink, ...]
    sections: tuple[GuideLink, ...]
    feeds: tuple[GuideLink, ...]


def format_guide(guide: GuideView) -> bytes:
    """Return the guide as Markdown in UTF-8; a heading without links is left out."""
    lines = [f"# {_escape(guide.title)}", ""]
    if guide.description:
        lines += [f"> {_escape(guide.description)}", ""]
    lines += [*_tell_addresses(guide), ""]
    lists = (
        ("Ways in", guide.ways),
        ("Years", guide.years),
        ("Sections", guide.sections),
        ("Feeds", guide.feeds),
    )
    for heading, links in lists:
        if links:
            lines += [f"## {heading}", "", *_list_links(links, guide.base_url), ""]
    return "\n".join(lines).encode("utf-8")


def _tell_addresses(guide: GuideView) -> Iterator[str]:
    yield "This is an archive of articles. Each has a page of its own, whose permanent address is made like"
    yield f"`{guide.base_url}{guide.example}`. Dates are told only as exactly as the sources tell them."
    if guide.data:
        yield "Beside each page is the article as JSON, with every fact that was found in its source: the address"
        yield "of the page with `.json` in the place of `.html`."
    if guide.source:
        yield "Beside it, too, is the untouched source (the same address with `.txt`, `.md` or `.html.txt`). Pages link"
        yield 'to both in their heads with `rel="alternate"`.'


def _list_links(links: Sequence[GuideLink], base_url: str) -> Iterator[str]:
    for link in links:
        about = f": {link.about}" if link.about else ""
        yield f"- [{_escape(link.title)}]({base_url}{link.path}){about}"


def _escape(text: str) -> str:
    """Return a text on one line in which nothing is read as Markdown."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))
