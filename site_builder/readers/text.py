"""Reading raw text: bytes of one source in, one article out.

Decode, part by the rules, and make an article of the parts; nothing is cleaned away and nothing made up. Raw text
never goes through Markdown: what looks like markup in it is text. This room knows no disk and no other article.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from site_builder.errors import Problem, error, warning
from site_builder.marking import LINE
from site_builder.model import Article, Block, Moved, Part
from site_builder.readers import Reading, ReadOptions, Sidecar, kind_of
from site_builder.readers.dates import date_from_name
from site_builder.readers.decode import decode, find_binary
from site_builder.readers.front_matter import FrontMatter, add_sidecar, has_front_matter, lay_over, read_front_matter
from site_builder.readers.language import detect_language
from site_builder.readers.lines import Line, fold, fold_lines, has_words, key_of
from site_builder.readers.partition import Partition, partition
from site_builder.readers.pieces import Piece
from site_builder.readers.rulebook import RuleBook
from site_builder.readers.rules import compile_packs
from site_builder.readers.stamps import DateWords, read_stamp
from site_builder.readers.steering import NOT_STEERED, Steering, read_steering
from site_builder.readers.summary import make_title, summarise
from site_builder.urls import fold_title

_DATE_HINT = "name the file YYYY-MM-DD-title.txt"


def read_text(source_id: str, data: bytes, options: ReadOptions, sidecar: Sidecar | None = None) -> Reading:
    """Read raw text by the rule packs of `options`.

    Problems are placed at `source_id[:line]`. There is no article when one of them is an error (binary data, too many
    bytes) or when there are no words. Bytes never raise; ConfigError is raised for packs that are wrong.
    """
    if found := find_binary(data, options.megabytes):
        return Reading(None, (error(source_id, *found),))
    decoded = decode(data, options.encodings)
    front = (
        read_front_matter(source_id, decoded.text, options.values) if has_front_matter(decoded.text) else FrontMatter()
    )
    front = add_sidecar(source_id, front, sidecar, options.encodings, options.values)
    if front.is_broken:
        return Reading(None, front.problems)
    text = decoded.text[front.end :]
    if not has_words(text) and not front.fields:
        return Reading(None, (warning(source_id, "is empty and was left out", "delete it or write it"),))
    above = _count_lines(decoded.text, front.end) if front.end else 0
    book = compile_packs(options.packs, options.disable)
    steering, extra = _steer(source_id, decoded.text, front, book)
    if any(problem.severity == "error" for problem in steering.problems):
        return Reading(None, (*front.problems, *steering.problems))
    sections = frozenset(map(key_of, options.sections))
    keep = {number - above for number in steering.keep}
    layout = partition(text, book.without(steering.disable), sections, keep)
    story = _tell(text, layout)
    dates = _choose_date(source_id, text, layout, book.facts.dates, above)
    title, title_from = _choose_title(text, layout, story)
    problems = [*front.problems, *steering.problems, *([warning(source_id, *decoded.remark)] if decoded.remark else [])]
    if title_from == "made" and "title" not in front.fields:
        hint = "put a title on its first line"
        problems.append(warning(source_id, f"has no title, so it is called {title!r}", hint))
    article = Article(
        id=source_id,
        format="text",
        kind=kind_of(source_id),
        title=title,
        title_from=title_from,
        sections=_texts(text, layout, "section"),
        publisher=fold(layout.publisher) or None,
        dateline=" ".join(_texts(text, layout, "dateline")) or None,
        date=dates.date,
        date_from=dates.date_from,
        date_text=dates.text,
        updated=dates.updated,
        byline=", ".join(_texts(text, layout, "byline")) or None,
        captions=_texts(text, layout, "caption"),
        credits=_texts(text, layout, "credit"),
        related=_texts(text, layout, "related"),
        residue=_residue(text, layout, above),
        labels=_labels(text, layout),
        body=story.body,
        blocks=story.blocks,
        notes=story.notes,
        lang=detect_language("\n".join((title, *story.body)), options.language, options.detector),
        truncated=layout.truncated,
        summary=summarise(story.body),
        parts=_join_parts(front.end, layout.parts),
        encoding=decoded.encoding,
        mended=decoded.mended,
        bytes=len(data),
        sha256=sha256(data).hexdigest(),
    )
    if "date" not in front.fields:
        problems += dates.problems
    if extra is not front.extra:
        front = replace(front, extra=extra)
    return Reading(_head(lay_over(article, front), article), tuple(problems), decoded.text)


def _steer(source_id: str, text: str, front: FrontMatter, book: RuleBook) -> tuple[Steering, Mapping[str, object]]:
    if not front.extra:
        return NOT_STEERED, front.extra
    return read_steering(source_id, front.extra, _count_lines(text, len(text)) + 1, {rule.name for rule in book.rules})


def _count_lines(text: str, end: int) -> int:
    """Return how many lines end before the character `end`."""
    return sum(1 for line in LINE.finditer(text, 0, end) if line[2])


def _join_parts(end: int, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts of a source whose first `end` characters are front matter, given those of the text after it."""
    if not end:
        return tuple(parts)
    moved = (Part(part.start + end, part.end + end, part.part, part.rule) for part in parts)
    return Part(0, end, "front-matter", "text.front-matter"), *moved


def _head(article: Article, found: Article) -> Article:
    """Return the article with the headline of its text above the story, where front matter gives it another title."""
    if (
        article.title == found.title
        or found.title_from != "text"
        or fold_title(article.title) == fold_title(found.title)
    ):
        return article
    head = Block("heading", found.title)
    return replace(article, body=(found.title, *article.body), blocks=(head, *article.blocks))


def _choose_title(text: str, layout: Partition, story: _Story) -> tuple[str, str]:
    """Return the title and where it is from: when the text has none, the first words of its body."""
    title = "; ".join(_texts(text, layout, "title"))
    if title:
        return title, "text"
    words = next(filter(has_words, story.body), text)
    return make_title(words), "made"


def _texts(text: str, layout: Partition, part: str) -> tuple[str, ...]:
    return tuple(fold(text[piece.start : piece.end]) for piece in layout.pieces if piece.part == part)


def _residue(text: str, layout: Partition, above: int) -> tuple[Moved, ...]:
    return tuple(
        Moved(fold(text[piece.start : piece.end]), piece.rule, above + _line_of(layout.lines, piece))
        for piece in layout.pieces
        if piece.part == "residue"
    )


def _line_of(lines: Sequence[Line], piece: Piece) -> int:
    return lines[bisect_right(lines, piece.start, key=lambda line: line.start) - 1].number


def _labels(text: str, layout: Partition) -> tuple[str, ...]:
    """Return the labels, and each mention of an outlet that the article does not tell as its publisher already."""
    labels = []
    told = key_of(layout.publisher)
    for piece in layout.pieces:
        if piece.part not in ("label", "publisher"):
            continue
        words = fold(text[piece.start : piece.end])
        if piece.part == "publisher" and key_of(words) == told:
            told = ""
        else:
            labels.append(words)
    return tuple(labels)


# --- the date ----------------------------------------------------------------------------------------------------


class _Dates(NamedTuple):
    date: str | None
    date_from: str | None
    text: str | None
    updated: str | None
    problems: tuple[Problem, ...]


def _choose_date(source_id: str, text: str, layout: Partition, words: DateWords, above: int) -> _Dates:
    """Return the day of publication by the name of the file, else by the one stamp of the text that can be trusted.

    Stamps are kept as written whether they are trusted or not. Not trusted are several stamps of different days, and
    one without a time above the title: it may be that of the crawl.
    """
    title = next((piece.start for piece in layout.pieces if piece.part == "title"), 0)
    dates: list[str] = []
    doubts: list[Problem] = []
    updated = None
    for piece in (piece for piece in layout.pieces if piece.part == "stamp"):
        stamp = read_stamp(text[piece.start : piece.end], words)
        date, doubt = (stamp.date, stamp.doubt) if stamp else (None, "it is no date")
        if piece.role == "updated":
            updated = date
        elif date and "T" not in date and piece.end <= title:
            doubt = "a day above the title may be that of the crawl"
        elif date:
            dates.append(date)
        if doubt:
            place = f"{source_id}:{above + _line_of(layout.lines, piece)}"
            doubts.append(warning(place, f"the date stamp is not trusted: {doubt}", _DATE_HINT))
    kept = "; ".join(_texts(text, layout, "stamp")) or None
    if named := date_from_name(source_id):
        return _Dates(named, "file name", kept, updated, ())
    if dates and len({date[:10] for date in dates}) == 1:
        return _Dates(max(dates, key=len), "stamp", kept, updated, tuple(doubts))
    if dates:
        doubts.append(warning(source_id, "has stamps of several days, so no date", _DATE_HINT))
    elif not doubts and kind_of(source_id) == "article":
        doubts.append(warning(source_id, "has no date, so it is listed as undated", _DATE_HINT))
    return _Dates(None, None, kept, updated, tuple(doubts))


# --- the story ---------------------------------------------------------------------------------------------------


class _Story(NamedTuple):
    body: tuple[str, ...]
    blocks: tuple[Block, ...]
    notes: tuple[str, ...]


def _tell(text: str, layout: Partition) -> _Story:
    """Return the running text: blocks of body with the dateline before them, and figures where they stood."""
    body: list[str] = []
    blocks: list[Block] = []
    notes: list[str] = []
    dateline, figure = "", ""
    for piece in layout.pieces:
        if piece.part in ("separator", "label"):
            continue
        raw = text[piece.start : piece.end]
        if piece.part == "caption" or (piece.part == "credit" and piece.role == "picture"):
            shown = blocks.pop() if figure else Block("figure", "")
            blocks += _add_to_figure(shown, piece.part, fold(raw), figure)
            figure = piece.part
            continue
        figure = ""
        if piece.part == "body":
            keeps_lines = piece.role in ("verse", "list")
            body.append("\n".join(fold_lines(raw)) if keeps_lines else fold(raw))
            blocks.append(Block(piece.role or "paragraph", body[-1], dateline))
            dateline = ""
        elif piece.part == "dateline":
            dateline = fold(raw)
        elif piece.part == "credit":
            notes.append(fold(raw))
    return _Story(tuple(body), tuple(blocks), tuple(notes))


def _add_to_figure(figure: Block, part: str, words: str, before: str) -> list[Block]:
    """Return `figure` with a caption or a credit that follows its part `before`; or it and a new one.

    Another picture begins with a second caption, and with a credit after a caption that has its credit already.
    """
    if part == "caption":
        return [figure, Block("figure", words)] if figure.text else [figure._replace(text=words)]
    if before == "caption" and figure.credit:
        return [figure, Block("figure", "", credit=words)]
    return [figure._replace(credit=f"{figure.credit}, {words}" if figure.credit else words)]
