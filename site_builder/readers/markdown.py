"""Reading Markdown: front matter for the facts, Python-Markdown for the text, `sanitise` last of all.

Which HTML may stand in a page is not known here. No disk, no other article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from site_builder.errors import Problem, error, warning
from site_builder.marking import LINE, count_lines
from site_builder.model import Block, Part
from site_builder.readers import Reading, ReadOptions, Sidecar, kind_of
from site_builder.readers.code_blocks import normalise_code_blocks
from site_builder.readers.dates import date_from_name, name_of
from site_builder.readers.decode import decode, find_binary
from site_builder.readers.front_matter import FrontMatter, add_sidecar, make_article, read_front_matter
from site_builder.readers.heading_ids import name_headings
from site_builder.readers.html_tokens import measure_depth, tokenise
from site_builder.readers.inner_markdown import mark_inner_markdown
from site_builder.readers.language import detect_language
from site_builder.readers.loose_tags import tame_tags
from site_builder.readers.sanitise import Sanitiser, strip_tags
from site_builder.readers.simple_markdown import PROVED, Simple, render_simple
from site_builder.readers.summary import summarise
from site_builder.readers.template_links import name_linked_sources
from site_builder.urls import fold_title
from site_builder.values import dataclass

if TYPE_CHECKING:
    from markdown import Markdown

    from site_builder.readers.quick_markdown import QuickMarkdown

MOST_UNCLOSED = 1_000
"""Brackets without an end, and abbreviations, above which Python-Markdown takes minutes for a text."""
MOST_BLANKS = 5_000
"""The same of blanks in a row."""
_SOME_BLANKS = " " * 64
EXTENSIONS = ("tables", "fenced_code", "footnotes", "def_list", "abbr", "sane_lists")
_TITLE = re.compile(r"# +(.+?)(?: +#+)?[ \t]*\Z")
_PARAGRAPH = re.compile(r"<p>([^<]*+(?:<(?!/p>)[^<]*+)*+)</p>")


def read_markdown(source_id: str, data: bytes, options: ReadOptions, sidecar: Sidecar | None = None) -> Reading:
    """Read a Markdown source: front matter, perhaps a title as its first heading, and the text.

    Problems are placed at `source_id[:line]`. There is no article when one of them is an error or there are no words.
    """
    if found := find_binary(data, options.megabytes):
        return Reading(None, (error(source_id, *found),))
    decoded = decode(data, options.encodings)
    problems = [warning(source_id, *decoded.remark)] if decoded.remark else []
    text = decoded.text
    front = read_front_matter(source_id, text, options.values)
    front = add_sidecar(source_id, front, sidecar, options.encodings, options.values)
    problems += front.problems
    if any(problem.severity == "error" for problem in problems):
        return Reading(None, tuple(problems))
    layout = _lay_out(text, front)
    if message := _find_excess(layout.text):
        return Reading(None, (*problems, error(source_id, message, "mend it, or save the text as .txt")))
    if not front.fields and not re.search(r"[^\W_]", text[front.end :]):
        return Reading(None, (*problems, warning(source_id, "is empty and was left out", "delete it or write it")))
    page = Sanitiser(source_id, home=options.home, origin=str(front.fields.get("source_url", "")))
    try:
        normal = _normalise(layout.text)
        simple = _render_simple(normal, options.markdown)
        raw = simple.html if simple else _tame(source_id, text, _convert(normal), problems)
        if raw.count("<") > options.depth and measure_depth(tokenise(raw)) > options.depth:
            raise _CannotReadError(
                f"has more than {options.depth:,} elements within each other, the limits.depth of site.toml"
            )
        content = name_headings(page.resolve_links(raw) if simple and simple.is_safe else page.clean(raw))
    except _CannotReadError as exc:
        return Reading(None, (*problems, error(source_id, str(exc), "simplify the text, or save it as .txt")))
    problems += page.problems
    is_simple = simple is not None and normal == layout.text
    fold = _fold_simple if is_simple else _fold
    body = tuple([fold(text[part.start : part.end]) for part in layout.parts if part.part == "body"])
    is_prose = is_simple and simple is not None and simple.is_prose
    paragraphs = body if is_prose else [strip_tags(inner) for inner in _PARAGRAPH.findall(content)]
    prose = " ".join(paragraphs) or strip_tags(content)
    title, title_from = _choose_title(source_id, front, layout, paragraphs, problems)
    date = date_from_name(source_id)
    kind = kind_of(source_id)
    if kind == "article" and not date and "date" not in front.fields:
        problems.append(warning(source_id, "has no date, so it is listed as undated", "write 'date: YYYY-MM-DD'"))
    article = make_article(
        front,
        id=source_id,
        format="markdown",
        kind=kind,
        title=title,
        title_from=title_from,
        date=date,
        date_from="file name" if date else None,
        body=body,
        blocks=(Block("html", content),) if content else (),
        lang=detect_language(prose or title, options.language, options.detector),
        summary=summarise(paragraphs),
        links=tuple(page.links),
        files=page.list_files(text),
        parts=layout.parts,
        encoding=decoded.encoding,
        mended=decoded.mended,
        bytes=len(data),
        sha256=sha256(data).hexdigest(),
    )
    return Reading(article, tuple(problems), text)


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
    may_be_title = True
    for line in _split_lines(text, front.end):
        stripped = line.strip()
        match = _TITLE.match(stripped) if stripped and may_be_title else None
        may_be_title = may_be_title and not stripped
        if match and fold_title(match[1]) == fold_title(str(front.fields.get("title", match[1]))):
            heading = match[1].strip()
            first = position + line.index(match[1])
            last = first + len(match[1])
            rest = (Part(position, first, "markup", "markdown.heading"), Part(first, last, "title", "markdown.heading"))
            parts += rest
            if last < position + len(line):
                parts.append(Part(last, position + len(line), "separator", "markdown.line-end"))
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


def _fold(text: str) -> str:
    return " ".join(text.split())


def _fold_simple(text: str) -> str:
    """Return the same for a piece of a simple text, which has no blanks but the common one and line ends."""
    line = text.rstrip("\r\n")
    is_folded = "\n" not in line and "\r" not in line and "  " not in line and line == line.strip()
    return line if is_folded else _fold(text)


def _split_lines(text: str, start: int) -> Iterator[str]:
    """Yield the lines from `start` on, each with its end; none is empty."""
    if text.find("\r", start) >= 0:
        yield from (match[0] for match in LINE.finditer(text, start) if match[0])
        return
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _choose_title(
    source_id: str, front: FrontMatter, layout: _Layout, paragraphs: Sequence[str], problems: list[Problem]
) -> tuple[str, str]:
    if "title" in front.fields:
        return "", ""
    if layout.heading:
        return strip_tags(_convert(layout.heading)) or layout.heading, "text"
    words = " ".join(paragraphs).split()
    if not words or _is_bundle(source_id):
        words = re.sub(r"[-_]+", " ", re.sub(r"\A\d{4}-\d\d-\d\d[-_. ]", "", name_of(source_id))).split() or words
    title = " ".join(words[:10]) + ("…" if len(words) > 10 else "")
    problems.append(warning(source_id, f"has no title, so it is called {title!r}", "write 'title:' in front matter"))
    return title, "made"


def _is_bundle(source_id: str) -> bool:
    """Return whether a source is the `index.md` of a folder, which is then named for the article."""
    folder, _, name = source_id.rpartition("/")
    return folder not in ("", "pages") and name.startswith("index.")


# --- the text, as HTML -------------------------------------------------------------------------------------------


class _CannotReadError(Exception):
    """Python-Markdown gave up on a text."""


def _render_simple(text: str, version: str) -> Simple | None:
    """Return the HTML of a text in which everything is beyond doubt; for that, the engine need not be imported."""
    if version != PROVED and not version.startswith(f"{PROVED}."):
        return _make_engine().convert_simple(text)
    try:
        return render_simple(text, lambda block: _make_engine().convert_block(block))
    except Exception:  # noqa: BLE001 - whatever the engine raises at a block, it is to raise at the whole text
        return None


@cache
def _make_engine() -> QuickMarkdown:
    """Return the one engine of this process."""
    from markdown import Markdown

    from site_builder.readers.quick_markdown import QuickMarkdown

    configs = {"tables": {"use_align_attribute": True}}
    return QuickMarkdown(lambda: Markdown(extensions=list(EXTENSIONS), extension_configs=configs))


def _make_nesting_engine() -> Markdown:
    """Return a new engine for a text with Markdown in HTML; what it adds would cost all other texts time."""
    from markdown import Markdown

    configs = {"tables": {"use_align_attribute": True}}
    return Markdown(extensions=[*EXTENSIONS, "md_in_html"], extension_configs=configs)


def _normalise(text: str) -> str:
    """Return Markdown of other dialects as the engine reads it; it means the same."""
    return mark_inner_markdown(name_linked_sources(normalise_code_blocks(text)))


def _find_excess(text: str) -> str:
    """Return of what there is so much in a text that reading it would take too long, or an empty string."""
    for sign, end in (("[", "]"), ("](", ")"), ("<", ">")):
        opened = text.count(sign)
        if opened > MOST_UNCLOSED and opened - text.count(end) > MOST_UNCLOSED:
            return f"has more than {MOST_UNCLOSED:,} signs '{sign}' without a '{end}'"
    if text.count("\n*[") > MOST_UNCLOSED:
        return f"has more than {MOST_UNCLOSED:,} abbreviations"
    # First a few: to look for thousands takes longer, and hardly a text has these.
    is_blank = _SOME_BLANKS in text and " " * (MOST_BLANKS + 1) in text
    return f"has more than {MOST_BLANKS:,} blanks in a row" if is_blank else ""


def _tame(source_id: str, text: str, raw: str, problems: list[Problem]) -> str:
    """Return the HTML of a text in which no tag swallows what follows; what is not shown as it was meant is told."""
    if "<" not in text:
        return raw
    loose = tame_tags(raw)
    for name in loose.shown:
        hint = f"close it, or write `<{name}` in back ticks where it is meant as a word"
        problems.append(warning(_place(source_id, text, name), f"<{name} has no end, so it is shown as text", hint))
    for name in loose.dropped:
        hint = "take it out; if it is an example, write it in back ticks or as a block of code"
        problems.append(warning(_place(source_id, text, name), f"<{name}> and what is in it is not published", hint))
    return loose.html


def _place(source_id: str, text: str, name: str) -> str:
    """Return the place of the first tag of a name that is written in a text."""
    match = re.search(rf"<{re.escape(name)}", text, re.I)
    return f"{source_id}:{count_lines(text, match.start()) + 1}" if match else source_id


def _convert(text: str) -> str:
    try:
        if "markdown=" in text:
            return _make_nesting_engine().convert(text)
        return _make_engine().convert(text)
    except RecursionError:
        raise _CannotReadError("is nested too deep for Markdown") from None
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError) as exc:
        # Hostile texts make the engine fail in ways that are its own: they cost this article, never the build.
        raise _CannotReadError(f"Markdown cannot read this ({type(exc).__name__}: {exc})") from exc
