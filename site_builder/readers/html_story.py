"""The story of an HTML page under the rules of raw text: which of its lines are moved, and what is left.

Rules see whole lines and move whole lines; what is left stays the HTML that it was. This room gets sanitised HTML, and
does not know the page that it is from.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import field

from site_builder.readers.html_tokens import BLOCKS, Token, plain, tokenise
from site_builder.readers.partition import Partition, partition
from site_builder.readers.pieces import Piece
from site_builder.readers.rulebook import RuleBook
from site_builder.values import dataclass

_MOVED = ("related", "residue", "credit", "byline", "stamp", "label")
"""Parts that have a place of their own on the page, outside of the running text."""
_FIXED = ("pre", "table", "figcaption")
_EMPTY = re.compile(r"<(ul|ol|li|p|div|blockquote|h[2-6]|figure|dl|dd|dt)(?: [^>]*)?>\s*</\1>")
_NESTED_EMPTY = 5
_PICTURE = '<span class="picture">'


@dataclass(slots=True)
class StoryLine:
    """A line of the sanitised content: its place there and its text; `part` and `rule` once a rule has moved it."""

    start: int
    end: int
    text: str
    gap: bool
    """Whether it stands apart from the line before."""
    fixed: bool
    """Whether it stands where a rule has no say, or where it cannot be cut out."""
    part: str = ""
    rule: str = ""


@dataclass(slots=True)
class Story:
    """The lines of a story, and its HTML without those that rules have moved; `title` is the one found in it, if any.

    `moved` holds each piece that has left the text, with its words.
    """

    lines: list[StoryLine]
    content: str
    title: str
    layout: Partition
    moved: list[tuple[Piece, str]] = field(default_factory=list)
    dateline: str = ""
    """As in the text, where it stays."""

    def texts(self, part: str, role: str | None = None) -> tuple[str, ...]:
        """Return the texts of one part that rules have moved, with a `role` only those that have it."""
        return tuple(text for piece, text in self.moved if piece.part == part and role in (None, piece.role))


def tell(content: str, title: str, book: RuleBook, sections: frozenset[str]) -> Story:
    """Return the story that sanitised `content` is by the rules of `book`; `sections` are keys of section names.

    `title` is the page's own, or empty: then the story may begin with one. Lines are taken out as a whole or not at
    all, and rules that would leave nothing are not applied.
    """
    lines = list(_list_lines(content))
    texts, places, length = [title], [], len(title)
    for line in lines:
        gap = "\n\n" if line.gap else "\n"
        texts += [gap, line.text]
        places.append(length + len(gap))
        length += len(gap) + len(line.text)
    text = "".join(texts)
    layout = partition(text, book, sections)
    story = Story(lines, content, "", layout)
    story.dateline = " ".join(_words_of(text, piece) for piece in layout.pieces if piece.part == "dateline")
    found: dict[int, list[Piece]] = {}
    for piece in layout.pieces:
        number = bisect_right(places, piece.start) - 1
        if piece.part != "separator" and number >= 0:
            found.setdefault(number, []).append(piece)
    for number, pieces in found.items():
        line = lines[number]
        whole = not line.fixed and pieces[-1].end <= places[number] + len(line.text)
        titles = [piece for piece in pieces if piece.part == "title"]
        if whole and not title and len(pieces) == len(titles) == 1:
            story.title, line.part, line.rule = line.text, "title", titles[0].rule
        elif whole and all(piece.part in _MOVED for piece in pieces):
            chief = next((piece for piece in pieces if piece.part != "label"), pieces[0])
            line.part, line.rule = chief.part, chief.rule
            story.moved += [(piece, _words_of(text, piece)) for piece in pieces]
    if all(line.part for line in lines) and not story.title:
        # In doubt it is body: rules that would leave nothing are not applied.
        for line in lines:
            line.part = line.rule = ""
        story.moved.clear()
    story.content = _cut_out(content, [line for line in lines if line.part])
    return story


def _words_of(text: str, piece: Piece) -> str:
    return " ".join(text[piece.start : piece.end].split())


def _list_lines(content: str) -> Iterator[StoryLine]:
    """Yield the lines of sanitised HTML that have words or signs."""
    inside = dict.fromkeys(_FIXED, 0)
    begin, breaks, gap = 0, 0, True
    inline: list[Token] = []
    tokens = tokenise(content)
    for token in (*tokens, Token("close", len(content), len(content), "body")):
        if token.kind not in ("open", "close") or token.name not in BLOCKS:
            inline.append(token)
            continue
        text = plain("".join(_texts_in(content, inline)))
        if text:
            fixed = any(inside.values()) or not _is_balanced(inline)
            yield StoryLine(begin, token.start, text, gap or breaks > 1, fixed)
            breaks, gap = 0, False
        inline.clear()
        begin = token.end
        if token.name in inside:
            inside[token.name] += 1 if token.kind == "open" else -1
        breaks += token.name == "br"
        gap |= token.name not in ("br", "li")


def _texts_in(content: str, tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the texts of a line, apart from words that stand for a picture: they are no text of the source."""
    before = ""
    for token in tokens:
        markup = content[token.start : token.end]
        if token.kind == "text" and before != _PICTURE:
            yield markup
        before = markup


def _is_balanced(tokens: Sequence[Token]) -> bool:
    opened: list[str] = []
    for token in tokens:
        if token.kind == "open":
            opened.append(token.name)
        elif token.kind == "close" and (not opened or opened.pop() != token.name):
            return False
    return not opened


def _cut_out(content: str, lines: Sequence[StoryLine]) -> str:
    if not lines:
        return content
    position, kept = 0, []
    for line in lines:
        kept.append(content[position : line.start])
        position = line.end
    left = "".join((*kept, content[position:]))
    for _ in range(_NESTED_EMPTY):
        left = _EMPTY.sub("", left)
    return left.strip()
