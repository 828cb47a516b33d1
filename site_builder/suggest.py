"""Suggesting rules: lines that recur in the running text of many articles, offered as a draft of a rule pack.

Counts and writes a draft, and decides nothing: a line that recurs may be the refrain of a column as well as what a page
put around every story. Where the articles come from is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import NamedTuple

from site_builder.marking import mark_lines
from site_builder.model import KEPT, Article
from site_builder.readers.lines import LONGEST, fold, has_words, is_headline, is_name, key_of
from site_builder.readers.matching import label_of
from site_builder.values import dataclass

EXAMPLES = 3
MOST_KEYS = 500_000
"""Lines that are remembered at a time: what stood in one article only is forgotten when there are more.

This is lossy counting (Manku and Motwani, 2002): memory is bounded, and a line is counted too low by at most the number
of times that something was forgotten.
"""
_LEAST_REST = 3
"""Words that the shortest line behind a label has, for the label to be one of headlines."""


class Place(NamedTuple):
    """Where a line stands: the id of its source and its number."""

    id: str
    line: int


@dataclass(slots=True)
class _Seen:
    text: str
    articles: int = 0
    places: list[Place] = field(default_factory=list)
    rests: list[str] = field(default_factory=list)
    """What follows a label, of the first articles."""

    def note(self, place: Place, rest: str = "") -> None:
        """Count a line once for each article; articles come one after another."""
        if self.places and self.places[-1].id == place.id:
            return
        self.articles += 1
        self.places = [*self.places[: EXAMPLES - 1], place]
        if rest and len(self.rests) < EXAMPLES:
            self.rests.append(rest)


class Suggestion(NamedTuple):
    """A line, or what stands before a colon, in the running text of `articles` articles; `places` are a few of them.

    `matcher` is `line` or `label`; `rests` are examples of what follows a label.
    """

    matcher: str
    text: str
    articles: int
    places: tuple[Place, ...]
    rests: tuple[str, ...] = ()


def suggest_rules(articles: Iterable[tuple[Article, str]], least: int) -> tuple[Suggestion, ...]:
    """Return the lines, and the labels, that stand in the running text of at least `least` articles.

    `articles` are raw texts, each with its decoded source. Lines of more than 300 characters are not looked at, as no
    rule about lines is; nor are lines that their owner keeps. The most frequent come first, ties in the order of their
    texts; labels only where no two articles have the same line.
    """
    lines: dict[str, _Seen] = {}
    labels: dict[str, _Seen] = {}
    for article, source in articles:
        for place, text in _list_lines(article, source):
            _count(lines, key_of(text), text, place)
            label, begin = label_of(text)
            if label and begin < len(text) and text[begin:].strip():
                _count(labels, label, text[:begin].rstrip(" :："), place, fold(text[begin:]))
        _forget(lines)
        _forget(labels)
    found = [_suggest("line", seen) for seen in lines.values() if seen.articles >= least]
    told = {label_of(suggestion.text)[0] for suggestion in found}
    found += [
        _suggest("label", seen)
        for key, seen in labels.items()
        if seen.articles >= least and key not in told and all(_may_follow(rest) for rest in seen.rests)
    ]
    return tuple(sorted(found, key=lambda s: (-s.articles, s.matcher, s.text)))


def draft_pack(suggestions: Iterable[Suggestion], shown: str) -> Iterator[str]:
    """Yield the lines of a rule pack (TOML) with a rule for each suggestion; `shown` is the content folder's name.

    The draft is valid as it is, and every rule holds against its own examples.
    """
    yield "# Lines that recur in the running text of your articles. Nothing of this is applied:"
    yield "# copy the rules that you agree with into rules/NAME.toml, and set the part of each. Parts are"
    yield "# section, publisher, dateline, stamp, byline, caption, credit, related, residue and label."
    yield ""
    yield "[pack]"
    yield 'id = "project.suggested"'
    for number, suggestion in enumerate(suggestions, 1):
        places = ", ".join(f"{shown}/{place.id}:{place.line}" for place in suggestion.places)
        yield ""
        yield f"# in {suggestion.articles:,} articles, such as {json.dumps(places, ensure_ascii=False)[1:-1]}"
        yield "[[rule]]"
        yield f'name = "suggested.{number}"'
        yield from _draft_rule(suggestion)


def _draft_rule(suggestion: Suggestion) -> Iterator[str]:
    text = _quote(suggestion.text)
    if suggestion.matcher == "line":
        yield 'part = "residue"'
        yield f"line = [{text}]"
        yield f"move = [{text}]"
        return
    named = all(is_name(rest) for rest in suggestion.rests)
    yield f'part = "{"credit" if named else "related"}"'
    yield f"label = [{text}]"
    yield f'rest = "{"name" if named else "headline"}"'
    yield "move = [" + ", ".join(_quote(f"{suggestion.text}: {rest}") for rest in suggestion.rests) + "]"


def _quote(text: str) -> str:
    """Return a text as a basic string of TOML, in which what cannot be seen is escaped."""
    seen = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in seen)


# --- counting ----------------------------------------------------------------------------------------------------


def _list_lines(article: Article, source: str) -> Iterator[tuple[Place, str]]:
    """Yield the lines of an article that are body as a whole, and short enough for a rule about lines."""
    for number, pieces in mark_lines(source, article.parts):
        piece = pieces[0]
        if len(pieces) == 1 and piece.part == "body" and piece.rule != KEPT:
            text = " ".join(piece.text.split())
            if len(text) <= LONGEST and has_words(text):
                yield Place(article.id, number), text


def _count(seen: dict[str, _Seen], key: str, text: str, place: Place, rest: str = "") -> None:
    entry = seen.get(key)
    if entry is None:
        entry = seen[key] = _Seen(text)
    entry.note(place, rest)


def _forget(seen: dict[str, _Seen]) -> None:
    if len(seen) > MOST_KEYS:
        for key in [key for key, entry in seen.items() if entry.articles == 1]:
            del seen[key]


def _may_follow(rest: str) -> bool:
    return is_name(rest) or is_headline(rest, _LEAST_REST)


def _suggest(matcher: str, seen: _Seen) -> Suggestion:
    return Suggestion(matcher, seen.text, seen.articles, tuple(seen.places), tuple(seen.rests))
