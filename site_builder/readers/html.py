"""Reading HTML: a page in, its story as an article, and everything around the story set aside where it can be seen.

Above the page may stand the front matter of a site generator, whose facts go before those of the page, as do those of a
file of metadata beside it.

The steps are `html_decode`, `html_tokens`, `html_facts`, `html_content`, `html_story` and `html_parts`. No disk, no
other article.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from site_builder.attachments import keep_used
from site_builder.errors import Problem, error, warning
from site_builder.marking import count_lines
from site_builder.model import Article, Block, Moved, Part
from site_builder.readers import Reading, ReadOptions, Sidecar, kind_of
from site_builder.readers.dates import date_from_name
from site_builder.readers.decode import find_binary
from site_builder.readers.front_matter import FrontMatter, add_sidecar, lay_over, read_page_head
from site_builder.readers.html_content import CannotExtractError, find_content
from site_builder.readers.html_decode import decode_html
from site_builder.readers.html_facts import PageFacts, read_facts
from site_builder.readers.html_parts import Shown
from site_builder.readers.html_story import Story, tell
from site_builder.readers.html_tokens import Token, measure_depth, plain, text_lines, tokenise
from site_builder.readers.language import detect_language
from site_builder.readers.lines import has_words, key_of
from site_builder.readers.rulebook import RuleBook
from site_builder.readers.rules import compile_packs
from site_builder.readers.sanitise import Sanitiser
from site_builder.readers.stamps import read_stamp
from site_builder.readers.summary import make_title, summarise
from site_builder.urls import fold_title

MAX_TAGS = 100_000
MAX_UNCLOSED = 10_000
"""Tags, and signs '<' without a '>', above which a page is refused: parsers slow down."""
LONGEST_HEADING = 1_000
"""Characters above which a line is not looked at as a title."""
MOST_DEAD_LINKS = 3
"""How many links and pictures that are not published are told one by one."""


def read_html(source_id: str, data: bytes, options: ReadOptions, sidecar: Sidecar | None = None) -> Reading:
    """Read an HTML page: facts from its metadata, its main content as the text, the rules of `options` on that.

    Problems are placed at `source_id`. There is no article when one of them is an error (binary data, too many bytes
    or tags, an extraction that fails) or when there are no words. Bytes never raise; ConfigError is raised for packs
    that are wrong.
    """
    if found := find_binary(data, options.megabytes):
        return Reading(None, (error(source_id, *found),))
    decoded = decode_html(data, options.encodings)
    front = read_page_head(source_id, decoded.text, options.values)
    front = add_sidecar(source_id, front, sidecar, options.encodings, options.values)
    source = decoded.text[front.end :]
    tokens = tokenise(source)
    if message := _find_excess(source, tokens, options.depth):
        return Reading(None, (error(source_id, message, "save the article alone, or its text as .txt"),))
    if not any(has_words(plain(source[t.start : t.end])) for t in tokens if t.kind == "text" or t.name == "title"):
        return Reading(None, (warning(source_id, "is empty and was left out", "delete it or write it"),))
    problems = [warning(source_id, *decoded.remark)] if decoded.remark else []
    problems += front.problems
    if front.is_broken:
        return Reading(None, tuple(problems))
    book = compile_packs(options.packs, options.disable)
    facts = _add_head(read_facts(source_id, source, tokens, book.facts.outlets, problems), front)
    page = Sanitiser(source_id, facts.source_url or "", options.home)
    try:
        content = page.clean(find_content(source, tokens, facts.title))
    except CannotExtractError as exc:
        return Reading(None, (*problems, error(source_id, str(exc), "save its text as .txt")))
    problems += _sum_up(source_id, page.problems)
    story = tell(content, facts.title, book, frozenset(map(key_of, options.sections)))
    title, title_from = _choose_title(source_id, facts, story, problems)
    parts, residue = _add_front(decoded.text, front.end, *_find_parts(source, tokens, story, title))
    date, date_from = _choose_date(source_id, facts, story, book, problems)
    body = tuple(line.text for line in story.lines if not line.part)
    files = page.list_files(decoded.text)
    shown, used = keep_used(story.content, len(files))
    article = Article(
        id=source_id,
        format="html",
        kind=kind_of(source_id),
        title=title,
        title_from=title_from,
        sections=facts.sections,
        publisher=facts.publisher or plain(story.layout.publisher) or None,
        dateline=story.dateline or None,
        date=date,
        date_from=date_from,
        date_text="; ".join(story.texts("stamp")) or None,
        updated=facts.updated,
        byline=_join_names(facts.byline, story.texts("byline")),
        credits=story.texts("credit"),
        related=story.texts("related"),
        residue=residue,
        labels=story.texts("label"),
        body=body,
        blocks=(Block("html", shown),) if shown else (),
        notes=story.texts("credit"),
        lang=facts.lang or detect_language("\n".join((title, *body)), options.language, options.detector),
        truncated=story.layout.truncated,
        topics=facts.topics,
        summary=facts.summary or summarise(body),
        summary_from="metadata" if facts.summary else "text",
        source_url=facts.source_url,
        links=tuple(page.links),
        files=tuple(files[number] for number in used),
        parts=parts,
        encoding=decoded.encoding,
        mended=decoded.mended,
        bytes=len(data),
        sha256=sha256(data).hexdigest(),
    )
    return Reading(lay_over(article, front), tuple(problems), decoded.text)


def _add_head(facts: PageFacts, front: FrontMatter) -> PageFacts:
    """Return the facts of a page with those of its front matter by which the story is found."""
    fields = front.fields
    return replace(
        facts,
        title=str(fields.get("title", facts.title)),
        date=str(fields["date"]) if "date" in fields else facts.date,
        source_url=str(fields["source_url"]) if "source_url" in fields else facts.source_url,
    )


def _find_excess(source: str, tokens: Sequence[Token], depth: int) -> str:
    tags = sum(1 for token in tokens if token.kind in ("open", "close"))
    if tags > MAX_TAGS:
        return f"has {tags:,} tags, more than the {MAX_TAGS:,} of an article"
    if source.count("<") - source.count(">") > MAX_UNCLOSED:
        return f"has more than {MAX_UNCLOSED:,} signs '<' without a '>'"
    if measure_depth(tokens) > depth:
        return f"has more than {depth:,} elements within each other, the limits.depth of site.toml"
    return ""


def _sum_up(source_id: str, problems: Sequence[Problem]) -> list[Problem]:
    """Return the first of many dead links, and how many more there are: a page has all those of its site."""
    if len(problems) <= MOST_DEAD_LINKS:
        return list(problems)
    more = f"has {len(problems) - 1} more links or pictures that are not published"
    return [problems[0], warning(source_id, more, "give the page a whole address: <link rel=canonical href=…>")]


def _choose_title(source_id: str, facts: PageFacts, story: Story, problems: list[Problem]) -> tuple[str, str]:
    if facts.title:
        return facts.title, facts.title_from
    if story.title:
        return story.title, "text"
    words = next((line.text for line in story.lines if has_words(line.text)), source_id.rpartition("/")[2])
    title = make_title(words)
    problems.append(warning(source_id, f"has no title, so it is called {title!r}", "give the page a <title>"))
    return title, "made"


def _choose_date(
    source_id: str, facts: PageFacts, story: Story, book: RuleBook, problems: list[Problem]
) -> tuple[str | None, str | None]:
    """Return the day of publication by metadata, else the name of the file, else the stamps when they agree."""
    if facts.date:
        return facts.date, "metadata"
    if named := date_from_name(source_id):
        return named, "file name"
    stamps = [read_stamp(text, book.facts.dates) for text in story.texts("stamp", "")]
    dates = [stamp.date for stamp in stamps if stamp and stamp.date]
    if dates and len(dates) == len(stamps) and len({date[:10] for date in dates}) == 1:
        return max(dates, key=len), "stamp"
    if kind_of(source_id) == "article":
        hint = "name the file YYYY-MM-DD-title.html"
        problems.append(warning(source_id, "has no date that can be trusted, so it is listed as undated", hint))
    return None, None


def _join_names(stated: str | None, found: Sequence[str]) -> str | None:
    """Return the authors that the metadata states, and those of the text that are not among them."""
    names = [stated] if stated else []
    names += [name for name in found if name.casefold() not in (stated or "").casefold()]
    return ", ".join(names) or None


# --- the source, in parts ----------------------------------------------------------------------------------------


def _find_parts(
    source: str, tokens: Sequence[Token], story: Story, title: str
) -> tuple[tuple[Part, ...], tuple[Moved, ...]]:
    """Return the parts of a page, and the lines that were set aside: by a rule, or for standing around the story."""
    shown = Shown([line.text for line in story.lines])
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", source))]
    known: dict[int, tuple[str, str]] = {}
    residue: list[Moved] = []

    def settle(run: Sequence[Token], part: str, rule: str, text: str) -> None:
        known.update((token.start, (part, rule)) for token in run)
        if part == "residue":
            residue.append(Moved(text, rule, bisect_right(starts, run[0].start)))

    waiting = [(run, True) for run in reversed(text_lines([*_readable(tokens)])) if run]
    wanted = fold_title(title)
    while waiting:
        run, whole = waiting.pop()
        text = plain("".join(source[token.start : token.end] for token in run))
        number = shown.claim(text)
        if not has_words(text):
            settle(run, "separator", "html.blank", text)
        elif number is not None:
            line = story.lines[number]
            settle(run, line.part or "body", line.rule or "html.body", text)
        elif len(text) < LONGEST_HEADING and _tells_title(fold_title(text), wanted, run[0].name):
            settle(run, "title", "html.title", text)
        elif whole and len(run) > 1:
            waiting += [([token], False) for token in reversed(run)]
        else:
            settle(run, "residue", "html.around", text)
    parts: list[Part] = []
    for token in tokens:
        part, rule = known.get(token.start, ("markup", "html.markup")) if token.end > token.start else ("", "")
        if parts and part == "markup" == parts[-1].part:
            parts[-1] = parts[-1]._replace(end=token.end)
        else:
            parts.append(Part(token.start, token.end, part, rule))
    return tuple(parts), tuple(residue)


def _add_front(
    text: str, end: int, parts: tuple[Part, ...], residue: tuple[Moved, ...]
) -> tuple[tuple[Part, ...], tuple[Moved, ...]]:
    """Return parts and lines set aside of a page that begins at `end` of a text, counted from the text's beginning."""
    if not end:
        return parts, residue
    above = count_lines(text, end)
    shifted = (part._replace(start=part.start + end, end=part.end + end) for part in parts)
    return (
        (Part(0, end, "front-matter", "html.front-matter"), *shifted),
        tuple(moved._replace(line=moved.line + above) for moved in residue),
    )


def _tells_title(text: str, title: str, element: str) -> bool:
    """Tell whether a line is the title; in the title element the name of the site may stand beside it."""
    return text == title or (element == "title" and bool(title) and title in text)


def _readable(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens with the texts that people would read, wherever they stand, as text."""
    for token in tokens:
        readable = token.kind == "raw" and token.name in ("title", "textarea", "xmp")
        yield token._replace(kind="text") if readable else token
