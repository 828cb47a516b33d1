"""Sanitising: whatever HTML an article holds, what leaves this room can be put into a page.

One allow-list for all formats, applied last of all. Links to other sources stay marks until the catalogue knows their
addresses. This room does not know where the HTML came from; no disk, no other article.
"""

from __future__ import annotations

import html
import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urljoin

import nh3

from site_builder.errors import Problem, warning
from site_builder.model import LINK_MARK
from site_builder.readers import ARTICLE_SUFFIXES

ID_PREFIX = "text-"
"""Put before every id of an article, so that none can take the place of one of the page's."""

TAGS = frozenset(
    "a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 "
    "h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th "
    "thead time tr u ul var".split()
)
ATTRIBUTES = {
    "*": {"lang", "dir", "title", "id"},
    "a": {"href", "hreflang"},
    "abbr": {"title"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "time": {"datetime"},
    "q": {"cite"},
    "blockquote": {"cite"},
}
CLASSES = {"div": {"footnote"}, "a": {"footnote-ref", "footnote-backref"}}
SCHEMES = {"http", "https", "mailto"}

_SOURCE_PATH = re.compile(r"@/|(?:\{filename\}|\|filename\|)/?")
_TAG = re.compile(r"<[^>]*>")
_LOST_PICTURE = re.compile(r'<img((?: (?!src=)[a-z]+="[^"]*")*)>')
_ALIGN = re.compile(r'(<t[dh](?: [a-z]+="[^"]*")*?) align="(left|right|center)"')


@dataclass(slots=True)
class Sanitiser:
    """Makes the HTML of one article safe, and notes what it links to and what had to be left out.

    `base` is the whole address at which the HTML once stood, against which its relative addresses are resolved; where
    it is empty, they are paths between the sources of the archive.
    """

    source_id: str
    base: str = ""
    links: list[str] = field(default_factory=list)
    """Ids of the sources that the text links to; marks in it count them."""
    problems: list[Problem] = field(default_factory=list)

    def clean(self, raw: str) -> str:
        """Return `raw` as HTML of which nothing is active and nothing is loaded but pictures with whole addresses."""
        cleaner = nh3.Cleaner(
            tags=set(TAGS),
            attributes=ATTRIBUTES,
            allowed_classes=CLASSES,
            url_schemes=SCHEMES,
            id_prefix=ID_PREFIX,
            link_rel=None,
            attribute_filter=self._filter,
        )
        cleaned = cleaner.clean(_demote_headings(raw))
        cleaned = _ALIGN.sub(r'\1 class="\2"', cleaned)
        return _LOST_PICTURE.sub(_name_picture, cleaned).strip()

    def _filter(self, tag: str, name: str, value: str) -> str | None:
        if tag == "a" and name == "href":
            return self._link(value)
        if tag == "img" and name == "src":
            value = self._resolve(value)
            if not value.startswith(("https://", "http://")):
                hint = "use a whole address (https://…)"
                self.problems.append(warning(self.source_id, f"the picture {value!r} is not published", hint))
                return None
        return value

    def _resolve(self, address: str) -> str:
        if not self.base or address.startswith("#"):
            return address
        try:
            return urljoin(self.base, address)
        except ValueError:
            return address

    def _link(self, address: str) -> str | None:
        """Return what a link leads to in the page, or None where there is nothing of ours: a link must not be dead."""
        address = self._resolve(address)
        if address.startswith("#"):
            return f"#{ID_PREFIX}{address[1:]}"
        if address.startswith("//"):
            return f"https:{address}"
        path, _, anchor = address.partition("#")
        if ":" in path.partition("/")[0]:
            return address
        target = unquote(path)
        if path.startswith("/") or not target.lower().endswith(ARTICLE_SUFFIXES):
            hint = "link to an article by the path of its file, or write a whole address (https://…)"
            self.problems.append(warning(self.source_id, f"links to {address!r}, which is not published", hint))
            return None
        if match := _SOURCE_PATH.match(target):
            # Zola's and Pelican's ways to write the path of a source, from the root of the content or from here.
            target, from_root = target[match.end() :], "/" in match[0]
        else:
            from_root = False
        folder = "" if from_root else posixpath.dirname(self.source_id)
        id_ = posixpath.normpath(posixpath.join(folder, target))
        if id_ not in self.links:
            self.links.append(id_)
        return f"{LINK_MARK}{self.links.index(id_)}" + (f"#{ID_PREFIX}{anchor}" if anchor else "")


def strip_tags(markup: str) -> str:
    """Return the text of sanitised HTML on one line."""
    text = _TAG.sub("", markup) if "<" in markup else markup
    return " ".join(html.unescape(text).split())


def _demote_headings(raw: str) -> str:
    """Make room for the page's own h1: where the text has one, every heading goes down by one level."""
    if "<h1" not in raw:
        return raw
    return re.sub(r"(</?h)([1-5])(?=[\s>])", lambda m: f"{m[1]}{int(m[2]) + 1}", raw)


def _name_picture(match: re.Match[str]) -> str:
    alt = re.search(r' alt="([^"]*)"', match[1])
    return f'<span class="picture">{alt[1]}</span>' if alt and alt[1].strip() else ""
