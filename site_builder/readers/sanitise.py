"""Sanitising: whatever HTML an article holds, what leaves this room can be put into a page.

One allow-list for all formats, applied last of all. Links to other sources stay marks until the catalogue knows their
addresses. This room does not know where the HTML came from; no disk, no other article.
"""

from __future__ import annotations

import html
import posixpath
import re
import unicodedata
from dataclasses import field
from itertools import islice
from urllib.parse import unquote, urljoin

import nh3

from site_builder.attachments import name_lost_picture
from site_builder.errors import Problem, warning
from site_builder.marking import count_lines
from site_builder.model import FILE_MARK, LINK_MARK, FileLink
from site_builder.readers import ARTICLE_SUFFIXES
from site_builder.values import dataclass

GIVEN = {"table": {"tabindex": "0"}}
"""What a tag gets: a wide table is scrolled on a phone, also by who has keys and no finger (WCAG 2.2, 2.1.1)."""
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
MOST_LINES = 100
"""Files of which the line is looked for that names them; a text with more is no common one."""

_SOURCE_PATH = re.compile(r"@/|(?:\{(?:filename|static|attach)\}|\|(?:filename|static|attach)\|)/?")
_SITE_ADDRESS = re.compile(r"(?:\{\{-?\s*site\.(?:base)?url\s*-?\}\}){1,2}")
_SAVED_BESIDE = re.compile(r"(?:\./)?[^/:?#]+_files/")
"""The folder in which a browser keeps the pictures of a page that it saves."""
_WHOLE = ("https://", "http://")
_FILE_NAME = re.compile(r"[^/]*\.[A-Za-z0-9]{1,10}\Z")
_TAG = re.compile(r"<[^>]*>")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\u00a0": "&nbsp;"})
_SIMPLE_LINK = re.compile(r'<a href="([^"&]*)">')
_LOST_PICTURE = re.compile(r'<img((?: (?!src=)[a-z]+="[^"]*")*)>')
_ALIGN = re.compile(r'(<t[dh](?: [a-z]+="[^"]*")*?) align="(left|right|center)"')


@dataclass(slots=True)
class Sanitiser:
    """Makes the HTML of one article safe, and notes what it links to and what had to be left out.

    `base` is the whole address at which the HTML once stood, against which its relative addresses are resolved; where
    it is empty, they are paths between the sources of the archive. `home` is the whole address of this site, or empty:
    what lies below it is a page or file of ours, or nothing. `origin` is the whole address at which a text stood that
    was not taken over as HTML, or empty: where its addresses mean nothing of ours, they are meant for that site.
    docs/decisions/0018 has the rule.
    """

    source_id: str
    base: str = ""
    home: str = ""
    origin: str = ""
    links: list[str] = field(default_factory=list)
    """What the text links to, as in `Article.links`; marks in it count them."""
    files: dict[str, str] = field(default_factory=dict)
    """Ids of the files that it shows or links to, each with its address as written; marks in it count them."""
    numbers: dict[str, int] = field(default_factory=dict)
    """The same ids, each with its place among them."""
    elsewhere: dict[str, str] = field(default_factory=dict)
    """The same ids, each with the whole address that it has on the site of `origin`, if it may have one."""
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
            set_tag_attribute_values=GIVEN,
        )
        cleaned = cleaner.clean(_demote_headings(raw))
        cleaned = _ALIGN.sub(r'\1 class="\2"', cleaned)
        return _LOST_PICTURE.sub(lambda match: name_lost_picture(match[1]), cleaned).strip()

    def list_files(self, text: str) -> tuple[FileLink, ...]:
        """Return the files that the HTML names, each with the line of the decoded source `text` that does."""
        near = dict(islice(self.files.items(), MOST_LINES))
        return tuple(
            FileLink(id_, _find_line(text, near[id_]) if id_ in near else 0, self.elsewhere.get(id_, ""))
            for id_ in self.files
        )

    def resolve_links(self, markup: str) -> str:
        """Return what `clean` does, of HTML in which it changes nothing but where the links lead.

        Nothing in their addresses may be written as an entity.
        """
        return _SIMPLE_LINK.sub(self._write_link, markup) if "<a " in markup else markup

    def _write_link(self, match: re.Match[str]) -> str:
        address = self._link(match[1])
        return "<a>" if address is None else f'<a href="{_escape(address)}">'

    def _filter(self, tag: str, name: str, value: str) -> str | None:
        if tag == "a" and name == "href":
            return self._link(value)
        if tag == "img" and name == "src":
            return self._show(value)
        if name == "cite":
            # No browser follows it, and nh3 does not look at it: a whole address, or nothing.
            return value if value.lower().startswith(_WHOLE) else None
        return value

    def _resolve(self, address: str) -> str:
        if "{{" in address:
            address = _SITE_ADDRESS.sub("", address)
        if not self.base or address.startswith("#") or _SAVED_BESIDE.match(unquote(address)):
            return address
        return _join(self.base, address) or address

    def _from_root(self, address: str) -> str:
        """Return a whole address of this site as one from its root, `/…`, and any other as it is."""
        if self.home and address.startswith(_WHOLE):
            rest, home = address.partition("://")[2], self.home.partition("://")[2]
            return "/" + rest[len(home) :].lstrip("/") if rest.startswith(home) else address
        return address

    def _look_elsewhere(self, address: str) -> str:
        """Return what an address means at `origin`, as `_from_root` does, or nothing where that is not known."""
        whole = _join(self.origin, address) if self.origin.startswith(_WHOLE) else ""
        return self._from_root(whole) if whole.startswith(_WHOLE) else ""

    def _show(self, written: str) -> str | None:
        """Return what a picture is loaded from, or None where it cannot be published."""
        address = self._from_root(self._resolve(written))
        if address.startswith(_WHOLE):
            return address
        elsewhere = self._look_elsewhere(address) if address.startswith("/") else ""
        file = self._find_file(address)
        if file is None and elsewhere.startswith(_WHOLE):
            return elsewhere
        if file is None:
            hint = "use the path of a file under the content folder, or a whole address (https://…)"
            self.problems.append(warning(self.source_id, f"the picture {address!r} is not published", hint))
            return None
        return self._mark_file(file, written, elsewhere)

    def _find_file(self, address: str) -> str | None:
        """Return the path below the content folder of the file that an address means, or None where it means none.

        A path from the root of the site keeps its `/`. Nothing hidden is meant, and nothing outside of the folder.
        """
        path = unquote(re.split("[?#]", address, maxsplit=1)[0])
        if ":" in address.partition("/")[0] or address.startswith("//") or not path.isprintable():
            return None
        folder, root = posixpath.dirname(self.source_id), ""
        if match := _SOURCE_PATH.match(path):
            path, folder = path[match.end() :], "" if "/" in match[0] else folder
        elif path.startswith("/"):
            path, folder, root = path.lstrip("/"), "", "/"
        if path and "." not in path:
            return None  # the name of a file has an ending; most links have none
        id_ = unicodedata.normalize("NFC", posixpath.normpath(posixpath.join(folder, path)))
        names = id_.split("/")
        is_fit = _FILE_NAME.match(names[-1]) and not id_.lower().endswith(ARTICLE_SUFFIXES)
        return root + id_ if is_fit and not any(name[:1] in ("", ".") for name in names) else None

    def _mark_file(self, id_: str, written: str, elsewhere: str) -> str:
        self.files.setdefault(id_, written)
        if elsewhere.startswith(_WHOLE):
            self.elsewhere.setdefault(id_, elsewhere)
        return f"{FILE_MARK}{self.numbers.setdefault(id_, len(self.numbers))}"

    def _link(self, written: str) -> str | None:
        """Return what a link leads to in the page, or None where there is nothing of ours: a link must not be dead."""
        address = self._resolve(written)
        if address.startswith("#"):
            return f"#{ID_PREFIX}{address[1:]}"
        address = self._from_root(f"https:{address}" if address.startswith("//") else address)
        path, _, anchor = address.partition("#")
        if ":" in path.partition("/")[0]:
            return address
        target = unquote(path)
        elsewhere = self._look_elsewhere(address) if path.startswith("/") else ""
        if (file := self._find_file(address)) is not None:
            return self._mark_file(file, written, elsewhere.partition("#")[0]) + (f"#{anchor}" if anchor else "")
        if path.startswith("/"):
            return self._mark_link(elsewhere or path.partition("?")[0], anchor)
        if not target.lower().endswith(ARTICLE_SUFFIXES):
            elsewhere = self._look_elsewhere(address)
            if elsewhere.startswith(_WHOLE):
                return elsewhere
            hint = "link to an article by the path of its file, or write a whole address (https://…)"
            self.problems.append(warning(self.source_id, f"links to {address!r}, which is not published", hint))
            return None
        if match := _SOURCE_PATH.match(target):
            # Zola's and Pelican's ways to write the path of a source, from the root of the content or from here.
            target, from_root = target[match.end() :], "/" in match[0]
        else:
            from_root = False
        folder = "" if from_root else posixpath.dirname(self.source_id)
        return self._mark_link(posixpath.normpath(posixpath.join(folder, target)), anchor)

    def _mark_link(self, link: str, anchor: str) -> str:
        if link not in self.links:
            self.links.append(link)
        return f"{LINK_MARK}{self.links.index(link)}" + (f"#{ID_PREFIX}{anchor}" if anchor else "")


def _join(base: str, address: str) -> str:
    """Return an address as it is meant at `base`, or nothing where it is none."""
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def strip_tags(markup: str) -> str:
    """Return the text of sanitised HTML on one line."""
    text = _TAG.sub("", markup) if "<" in markup else markup
    return " ".join(html.unescape(text).split())


def _demote_headings(raw: str) -> str:
    """Make room for the page's own h1: where the text has one, every heading goes down by one level."""
    if "<h1" not in raw:
        return raw
    return re.sub(r"(</?h)([1-5])(?=[\s>])", lambda m: f"{m[1]}{int(m[2]) + 1}", raw)


def _escape(value: str) -> str:
    """Return the value of an attribute as nh3 writes it."""
    if value.startswith((LINK_MARK, FILE_MARK)):
        return value
    return value.translate(_ENTITIES)


def _find_line(text: str, address: str) -> int:
    """Return the line, counted from 1, on which an address is written, or 0 where it is not found."""
    place = max(text.find(address), text.find(address.replace("&", "&amp;")))
    return count_lines(text, place) + 1 if place >= 0 else 0
