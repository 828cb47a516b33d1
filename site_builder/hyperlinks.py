"""Hyperlinks: what a published page refers to, which anchors it has, and where in the site an address leads.

One pass of a regular expression over the tags of a page, as our templates and sanitiser write them: comments, scripts
and styles are stepped over, entities are decoded, quotation marks hold what they hold. Quicker than `html.parser`, with
which a test compares it. Text in, values out: which files there are is not known here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import field
from typing import NamedTuple
from urllib.parse import unquote

from site_builder.values import dataclass

_RAW = ("script", "style", "textarea", "title", "xmp")
"""Elements in which no tags stand."""
_TAG = re.compile(
    rf"""<(?:!--.*?-->|((?i:{"|".join(_RAW)})(?=[\s/>])|[a-zA-Z][^\s/>]*+(?=\s))"""
    """([^"'>]*+(?:"[^"]*+"[^"'>]*+|'[^']*+'[^"'>]*+)*+)>)""",
    re.S,
)
"""A comment, or a tag that has attributes or stands before text without tags."""
_END_OF_RAW = {name: re.compile(rf"</{name}[\s/>]", re.I) for name in _RAW}
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_TELLING = ("id", "href", "src", "content", "name", "poster", "data", "action")
_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,]|[^\s,])(?:\s+[^,]*)?(?:,|\Z)")
_REFRESH = re.compile(r"\s*[\d.]*\s*[;,]\s*url\s*=\s*[\"']?([^\"']*)", re.I)
_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)\s"']*))\s*\)""", re.I)
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_LOCATION = re.compile(r"<loc>\s*(.*?)\s*</loc>", re.S)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)

_SHOWN = {
    **dict.fromkeys(("img", "script", "iframe", "embed", "source", "track", "audio", "video", "input", "frame"), "src"),
    "object": "data",
    "form": "action",
}
"""Elements that refer to something by another attribute than `href`, with its name."""
_SHARED = ("og:image", "og:url", "og:video", "og:audio", "twitter:image")


class Reference(NamedTuple):
    """What a page refers to: the address as a browser would take it, and where its tag begins, in characters."""

    url: str
    start: int


@dataclass(slots=True)
class Page:
    """What was found in one page. `title` and `description` are None where there is no such element."""

    references: list[Reference] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    title: str | None = None
    description: str | None = None
    is_hidden: bool = False
    """Whether search engines are asked to leave it out, or it only leads on to another page."""


def scan_page(text: str) -> Page:
    """Return what stands in a page of HTML, in the order of the page."""
    page = Page()
    end = 0
    for match in _TAG.finditer(text):
        element, written = match.groups("")
        if not element or match.start() < end:  # a comment, or within a script
            continue
        element, small = element.lower(), written.lower()
        if any(name in small for name in _TELLING):
            _note_tag(page, element, _read_attributes(written), match.start())
        if element in _END_OF_RAW:
            closing = _END_OF_RAW[element].search(text, match.end())
            end = closing.start() if closing else len(text)
            if element == "title" and page.title is None:
                page.title = " ".join(html.unescape(text[match.end() : end]).split())
    return page


def _read_attributes(written: str) -> dict[str, str]:
    """Return the attributes of a tag by their names in small letters; of two of one name the first counts."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        value = double or single or bare
        found.setdefault(name.lower(), html.unescape(value) if "&" in value else value)
    return found


def _note_tag(page: Page, element: str, attributes: dict[str, str], start: int) -> None:
    if anchor := attributes.get("id"):
        page.anchors.append(anchor)
    if element == "a" and (anchor := attributes.get("name")):
        page.anchors.append(anchor)
    if element == "meta":
        _note_meta(page, attributes, start)
        return
    urls = [attributes[key] for key in ("href", _SHOWN.get(element, ""), "poster") if key in attributes]
    if "srcset" in attributes:
        urls += [match[1] for match in _CANDIDATE.finditer(attributes["srcset"])]
    page.references += (Reference(url.strip(), start) for url in urls)


def _note_meta(page: Page, attributes: dict[str, str], start: int) -> None:
    content = attributes.get("content", "")
    name = (attributes.get("name") or attributes.get("property") or "").lower()
    if name == "description" and page.description is None:
        page.description = " ".join(content.split())
    elif name == "robots" and "noindex" in content.lower():
        page.is_hidden = True
    elif name in _SHARED:
        page.references.append(Reference(content.strip(), start))
    elif attributes.get("http-equiv", "").lower() == "refresh" and (match := _REFRESH.match(content)):
        page.references.append(Reference(match[1].strip(), start))
        page.is_hidden = True


def scan_style(text: str) -> Iterator[Reference]:
    """Yield what a style sheet refers to."""
    plain = _COMMENT.sub(lambda match: " " * len(match[0]), text)
    for match in _URL.finditer(plain):
        yield Reference(match[1] or match[2] or match[3] or "", match.start())


def scan_feed(text: str) -> Iterator[Reference]:
    """Yield what a feed or a sitemap refers to: the addresses of its links and locations."""
    yield from scan_page(text).references
    for match in _LOCATION.finditer(text):
        yield Reference(html.unescape(match[1]), match.start())


def find_target(page: str, url: str, base_url: str) -> tuple[str, str] | None:
    """Return where an address leads: the path below the site's root and the fragment, decoded; None for elsewhere.

    `page` is the path of the page, of which only its folder counts where the address has a path; `base_url` ends in
    `/`, or is empty when the site may stand anywhere. An address from the root of a host is one of the site where it
    lies below the path of `base_url`. A path that leads out of the site begins with `../`; an empty one is the root. A
    fragment that only names words of the page (`:~:text=`) is none.
    """
    address, _, fragment = url.partition("#")
    fragment = unquote(fragment.partition(":~:")[0])
    address = address.partition("?")[0]
    if not address:
        return page, fragment
    home = base_url.partition(":")[2]  # //example.org/repo/
    if home and address.partition(":")[2].startswith(home) and address.startswith(("http:", "https:")):
        path = address.partition(":")[2].removeprefix(home)
    elif home and address.startswith(home):
        path = address.removeprefix(home)
    elif _SCHEME.match(address) or address.startswith("//"):
        return None
    elif address.startswith("/"):
        root = "/" + home[2:].partition("/")[2]
        path = address.removeprefix(root) if address.startswith(root) else f"..{address}"
    else:
        path = page[: page.rfind("/") + 1] + address
    return _normalise(unquote(path)), fragment


def list_served(path: str) -> list[str]:
    """Return the paths of the files of which GitHub Pages serves the first that is there, for a path of a site."""
    if not path or path.endswith("/"):
        return [f"{path}index.html"]
    return [path, f"{path}.html", f"{path}/index.html"]


def _normalise(path: str) -> str:
    """Return a path without `.` and `..`; one that leads above its beginning keeps the `..` there."""
    if "./" not in path and "/." not in path and path not in (".", ".."):
        return path
    kept: list[str] = []
    *folders, name = path.split("/")
    if name in (".", ".."):
        folders, name = [*folders, name], ""
    for part in folders:
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part not in (".", ""):
            kept.append(part)
    return "/".join([*kept, name])
