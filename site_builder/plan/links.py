"""Where the links in texts lead: to the page of a source, to what stands at an address of the site, or nowhere.

How a dead one is told stands here, too. Which articles there are is asked of the archive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from site_builder.archive import Archive
from site_builder.errors import Problem, warning
from site_builder.plan.places import ABOUT
from site_builder.urls import find_page_path, is_address

MOST_TOLD = 20
"""So many addresses that lead nowhere are told one by one. More are those of a site that was taken over, and `check`
lists them: nobody mends thousands, and among them what can be mended would not be seen."""

_ALWAYS = frozenset(["index.html", "archive/index.html", ABOUT])
"""Pages that every archive has, whatever stands in it."""


def find_link(link: str, archive: Archive) -> str:
    """Return the page that a link of a text (see `Article.links`) leads to, or nothing."""
    if not is_address(link):
        card = archive.find_card(link)
        return card.url if card else ""
    path = find_page_path(link)
    is_fixed = link.startswith("/") and path in _ALWAYS
    return path if is_fixed else archive.find_address(path)


def find_dead_links(links: Iterable[str], archive: Archive) -> Iterator[str]:
    """Yield those of an article's links that lead nowhere."""
    return (link for link in links if "://" not in link and not find_link(link, archive))


def tell_dead_link(id_: str, link: str) -> Problem:
    """Return what is told of one link that leads nowhere."""
    hint = "link to an article by the path of its file, or write a whole address (https://…)"
    return warning(id_, f"links to {link!r}, which is not published here", hint)


def tell_dead_addresses(dead: Iterable[tuple[str, str]], count: int, place: str) -> Sequence[Problem]:
    """Return what a build tells of the addresses that lead nowhere: each of a few, and of more how many there are.

    `dead` has the id of the source before each; there are `count` of them, of which only the first are looked at.
    `place` is the name of the content folder.
    """
    if count <= MOST_TOLD:
        return [tell_dead_link(*link) for link in islice(dead, MOST_TOLD)]
    hint = "site-builder check lists them; with 'source_url:' in front matter they lead to where they stood"
    return [warning(place, f"has {count:,} links to addresses of this site that are not published", hint)]
