"""Reading Markdown: front matter for the facts, Python-Markdown for the text, nh3 last of all.

Whatever an article holds, what leaves this room can be put into a page: sanitising is the last step, by an allow-list.
Links to other sources stay marks until the catalogue knows their addresses. No disk, no other article.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from urllib.parse import unquote

import nh3
from markdown import Markdown

from site_builder.errors import Problem, error, warning
from site_builder.model import LINK_MARK, Article, Block, Part
from site_builder.readers import Reading, ReadOptions
from site_builder.readers.dates import date_from_name
from site_builder.readers.decode import decode, find_binary
from site_builder.readers.front_matter import FrontMatter, lay_over, read_front_matter
from site_builder.readers.language import detect_language
from site_builder.readers.summary import summarise
from site_builder.urls import fold_title

EXTENSIONS = ("tables", "fenced_code", "footnotes", "def_list", "abbr", "sane_lists")
ID_PREFIX = "text-"
"""Put before every id of an article, so that none can take the place of one of the page's."""

ARTICLE_SUFFIXES = (".md", ".markdown", ".txt")

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

_TITLE = re.compile(r"# +(.+?)(?: +#+)?[ \t]*\Z")
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.S)
_TAG = re.compile(r"<[^>]*>")
_LOST_PICTURE = re.compile(r'<img((?: (?!src=)[a-z]+="[^"]*")*)>')
_ALIGN = re.compile(r'(<t[dh](?: [a-z]+="[^"]*")*?) align="(left|right|center)"')


def read_markdown(source_id: str, data: bytes, options: ReadOptions) -> Reading:
    """Read a Markdown source: front matter, perhaps a title as its first heading, and the text.

    Problems are placed at `source_id[:line]`. There is no article when one of them is an error or there are no words.
    """
    if found := find_binary(data, options.megabytes):
        return Reading(None, (error(source_id, *found),))
    decoded = decode(data, options.encodings)
    problems = [warning(source_id, *decoded.remark)] if decoded.remark else []
    text = decoded.text
    front = read_front_matter(source_id, text)
    problems += front.problems
    if any(problem.severity == "error" for problem in problems):
        return Reading(None, tuple(problems))
    layout = _lay_out(text, front)
    if not front.fields and not re.search(r"[^\W_]", text[front.end :]):
        return Reading(None, (*problems, warning(source_id, "is empty and was left out", "delete it or write it")))
    page = _Page(source_id, [], [])
    try:
        content = page.render(layout.text)
    except _CannotReadError as exc:
        return Reading(None, (*problems, error(source_id, str(exc), "simplify the text, or save it as .txt")))
    problems += page.problems
    paragraphs = [_strip_tags(inner) for inner in _PARAGRAPH.findall(content)]
    prose = " ".join(paragraphs) or _strip_tags(content)
    title, title_from = _choose_title(source_id, front, layout, paragraphs, problems)
    date = date_from_name(source_id)
    kind = "page" if source_id.startswith("pages/") else "article"
    if kind == "article" and not date and "date" not in front.fields:
        problems.append(warning(source_id, "has no date, so it is listed as undated", "write 'date: YYYY-MM-DD'"))
    article = Article(
        id=source_id,
        format="markdown",
        kind=kind,
        title=title,
        title_from=title_from,
        date=date,
        date_from="file name" if date else None,
        body=tuple(" ".join(text[p.start : p.end].split()) for p in layout.parts if p.part == "body"),
        blocks=(Block("html", content),) if content else (),
        lang=detect_language(prose or title, options.language),
        summary=summarise(paragraphs),
        links=tuple(page.links),
        parts=layout.parts,
        encoding=decoded.encoding,
        mended=decoded.mended,
        bytes=len(data),
        sha256=sha256(data).hexdigest(),
    )
    return Reading(lay_over(article, front), tuple(problems))


# --- the source, in parts ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Layout:
    parts: tuple[Part, ...]
    heading: str
    """The title that the first heading gives, or empty."""
    text: str
    """What goes through Markdown."""


def _lay_out(text: str, front: FrontMatter) -> _Layout:
    """Partition a source: front matter, a first heading that is the title, blank lines, blocks of body."""
    parts = [Part(0, front.end, "front-matter", "markdown.front-matter")] if front.end else []
    heading, start, position = "", front.end, front.end
    for line in re.findall(r"[^\r\n]*(?:\r\n|\r|\n|\Z)", text[front.end :]):
        if not line:
            continue
        stripped = line.strip()
        match = _TITLE.match(stripped) if not heading and start == position and not _has_body(parts) else None
        if match and fold_title(match[1]) == fold_title(str(front.fields.get("title", match[1]))):
            heading = match[1].strip()
            first = position + line.index(match[1])
            last = first + len(match[1])
            rest = (Part(position, first, "markup", "markdown.heading"), Part(first, last, "title", "markdown.heading"))
            parts += [*rest, Part(last, position + len(line), "separator", "markdown.line-end")]
            start = position = position + len(line)
            continue
        if not stripped:
            if start < position:
                parts.append(Part(start, position, "body", "markdown.block"))
            parts.append(Part(position, position + len(line), "separator", "markdown.blank"))
            start = position + len(line)
        position += len(line)
    if start < position:
        parts.append(Part(start, position, "body", "markdown.block"))
    begin = next((p.end for p in reversed(parts) if p.part == "title"), front.end)
    return _Layout(tuple(parts), heading, text[begin:])


def _has_body(parts: Sequence[Part]) -> bool:
    return any(part.part in ("body", "title") for part in parts)


def _choose_title(
    source_id: str, front: FrontMatter, layout: _Layout, paragraphs: Sequence[str], problems: list[Problem]
) -> tuple[str, str]:
    if "title" in front.fields:
        return "", ""
    if layout.heading:
        return _strip_tags(_convert(layout.heading)) or layout.heading, "text"
    words = " ".join(paragraphs).split() or source_id.rpartition("/")[2].rpartition(".")[0].split()
    title = " ".join(words[:10]) + ("…" if len(words) > 10 else "")
    problems.append(warning(source_id, f"has no title, so it is called {title!r}", "write 'title:' in front matter"))
    return title, "made"


# --- the text, as HTML -------------------------------------------------------------------------------------------


class _CannotReadError(Exception):
    """Python-Markdown gave up on a text."""


@cache
def _make_engine() -> Markdown:
    return Markdown(extensions=list(EXTENSIONS), extension_configs={"tables": {"use_align_attribute": True}})


def _convert(text: str) -> str:
    engine = _make_engine()
    engine.reset()
    try:
        return engine.convert(text)
    except RecursionError:
        raise _CannotReadError("is nested too deep for Markdown") from None
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError) as exc:
        # Hostile texts make the engine fail in ways that are its own: they cost this article, never the build.
        raise _CannotReadError(f"Markdown cannot read this ({type(exc).__name__}: {exc})") from exc


@dataclass(slots=True)
class _Page:
    """Turns one text into safe HTML and notes what it links to."""

    source_id: str
    links: list[str]
    problems: list[Problem]

    def render(self, text: str) -> str:
        """Return the text as sanitised HTML. Raises _CannotReadError."""
        cleaned = self._clean(_convert(text))
        cleaned = _ALIGN.sub(r'\1 class="\2"', cleaned)
        return _LOST_PICTURE.sub(_name_picture, cleaned).strip()

    def _clean(self, raw: str) -> str:
        cleaner = nh3.Cleaner(
            tags=set(TAGS),
            attributes=ATTRIBUTES,
            allowed_classes=CLASSES,
            url_schemes=SCHEMES,
            id_prefix=ID_PREFIX,
            link_rel=None,
            attribute_filter=self._filter,
        )
        return cleaner.clean(_demote_headings(raw))

    def _filter(self, tag: str, name: str, value: str) -> str | None:
        if tag == "a" and name == "href":
            return self._link(value)
        if tag == "img" and name == "src" and not value.startswith(("https://", "http://")):
            hint = "use a whole address (https://…)"
            self.problems.append(warning(self.source_id, f"the picture {value!r} is not published", hint))
            return None
        return value

    def _link(self, address: str) -> str | None:
        """Return what a link leads to in the page, or None where there is nothing of ours: a link must not be dead."""
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
        id_ = posixpath.normpath(posixpath.join(posixpath.dirname(self.source_id), target))
        if id_ not in self.links:
            self.links.append(id_)
        return f"{LINK_MARK}{self.links.index(id_)}" + (f"#{ID_PREFIX}{anchor}" if anchor else "")


def _demote_headings(raw: str) -> str:
    """Make room for the page's own h1: where the text has one, every heading goes down by one level."""
    if "<h1" not in raw:
        return raw
    return re.sub(r"(</?h)([1-5])(?=[\s>])", lambda m: f"{m[1]}{int(m[2]) + 1}", raw)


def _name_picture(match: re.Match[str]) -> str:
    alt = re.search(r' alt="([^"]*)"', match[1])
    return f'<span class="picture">{alt[1]}</span>' if alt and alt[1].strip() else ""


def _strip_tags(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", markup)).split())
