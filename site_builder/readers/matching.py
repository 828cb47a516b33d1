"""One rule on one line or block: whether it fits, and which characters are what.

Pure looks at a flattened text (see `lines.flatten`); where in a story a line stands, and what stands around it, is
`partition`'s to know. The examples of the packs are checked with the same functions.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from site_builder.model import PARTS
from site_builder.readers.lines import LONGEST, flatten, has_sentences, is_name, key_of, title_case
from site_builder.readers.rulebook import Facts, Rule, Shape, Table
from site_builder.readers.stamps import read_stamp

REACH = 200
"""Characters at the beginning (end) of a block that an opening (closing) may look at."""

_COLON = re.compile("[:：]")
_LABEL = 60
_MOST_WORDS = 30
_UNCASED_STOP = re.compile('。|[.!?؟۔।]["”’\'»)\\]]* +["“«(]?[\u0590-\u0dff]')
"""The end of a sentence in scripts without capitals, which cannot show that another begins."""
_NEXT = re.compile(r"[\"“‘'«(]?(\w[\w'’-]*)(?: (\w[\w'’-]*))?(?: (\w[\w'’-]*))?")


class Span(NamedTuple):
    """Characters of the text that a rule looked at, what part they are, and their `role` in it.

    Roles are `updated` (a stamp that is not the day of publication) or empty.
    """

    start: int
    end: int
    part: str
    role: str = ""


class Match(NamedTuple):
    """A rule that fits. `spans` cover everything it takes, in order, blanks apart.

    `bare` is True for a label with nothing after it, `colon` when it ends in one; `publisher` is the outlet that the
    match names as the text's own, or empty.
    """

    rule: Rule
    spans: tuple[Span, ...]
    publisher: str = ""
    bare: bool = False
    colon: bool = False


def match(rule: Rule, text: str, facts: Facts) -> Match | None:
    """Try `rule` on `text` as on a line or block of that text alone; None when it does not fit."""
    flat = flatten(text).strip()
    if rule.matcher == "label":
        return match_label(rule, flat)
    if rule.matcher == "regex":
        return match_pattern(rule, flat, facts)
    if rule.matcher == "opening":
        return match_opening(rule, flat, facts)
    if rule.matcher == "closing":
        return match_closing(rule, flat, facts)
    fits = key_of(flat) in rule.phrases if rule.matcher == "line" else fits_shape(rule.shape, flat)
    return Match(rule, (Span(0, len(flat), rule.part),)) if fits else None


def label_of(text: str) -> tuple[str, int]:
    """Return the key of what stands before the first colon of a line and where the words after it begin.

    A line without one (in its first 60 characters) is all label: then the second number is its length.
    """
    colon = _COLON.search(text, 0, _LABEL)
    if colon is None:
        return key_of(text.rstrip("| -–—")), len(text)
    return key_of(text[: colon.start()]), colon.end()


def match_label(rule: Rule, text: str) -> Match | None:
    """Try a rule with labels on a line that has one of them or not."""
    key, begin = label_of(text)
    if key not in rule.phrases:
        return None
    rest = text[begin:].strip()
    if not rest.strip("| "):
        bare = Span(0, len(text), "label")
        return Match(rule, (bare,), bare=True, colon=_COLON.search(text) is not None)
    if not _fits_rest(rule.rest, rest):
        return None
    start = len(text) - len(text[begin:].lstrip())
    return Match(rule, (Span(0, start, "label"), Span(start, len(text), rule.part)))


def match_pattern(rule: Rule, text: str, facts: Facts, pattern: re.Pattern[str] | None = None) -> Match | None:
    """Try the pattern of a rule (or another of its patterns) on a whole line."""
    pattern = pattern or rule.pattern
    found = pattern.fullmatch(text) if pattern and len(text) <= LONGEST else None
    return _matched(rule, found, facts) if found else None


def match_opening(rule: Rule, text: str, facts: Facts) -> Match | None:
    """Try a rule on the beginning of a block; something must be left of the block."""
    found = rule.pattern.match(text[:REACH]) if rule.pattern else None
    if found is None or not text[found.end() :].strip():
        return None
    if "place" in found.re.groupindex and not _is_sentence(text[found.end() : found.end() + REACH], facts):
        return None
    return _matched(rule, found, facts)


def match_openings(table: Table, text: str, facts: Facts) -> Match | None:
    """Return the first opening that a block has."""
    if table.any_opening is not None and not table.any_opening.match(text[:REACH]):
        return None
    tries = (match_opening(rule, text, facts) for rule in table.openings)
    return next((hit for hit in tries if hit is not None), None)


def match_closing(rule: Rule, text: str, facts: Facts) -> Match | None:
    """Try a rule on the end of a block; something must be left of the block."""
    begin = max(0, len(text) - REACH)
    found = rule.pattern.search(text[begin:]) if rule.pattern else None
    if found is None or not text[: begin + found.start()].strip():
        return None
    matched = _matched(rule, found, facts)
    if matched is None:
        return None
    spans = tuple(span._replace(start=span.start + begin, end=span.end + begin) for span in matched.spans)
    return matched._replace(spans=spans)


def fits_shape(shape: Shape | None, text: str) -> bool:
    """Tell whether a line has the looks that a rule asks for."""
    if shape is None or not text or text[-1] in shape.not_end:
        return False
    if shape.not_start and shape.not_start.match(text):
        return False
    return shape.least <= len(text.split()) <= shape.most and title_case(text) >= shape.title_case


def _fits_rest(kind: str, rest: str) -> bool:
    if kind == "any":
        return True
    if not rest.isascii() and _UNCASED_STOP.search(rest):
        return False
    if kind == "name":
        # A colon begins another label, as in `Penulis: Ana | Editor: Budi`: that is for a pattern to tell apart.
        return not _COLON.search(rest) and is_name(rest)
    return len(rest.split()) <= _MOST_WORDS and not has_sentences(rest)


def _is_sentence(text: str, facts: Facts) -> bool:
    """Tell whether what follows a place is a sentence, and not the other end of a route."""
    found = _NEXT.match(text.lstrip())
    if found is None or found[1][0].islower():
        return False
    words = [word for word in found.groups() if word]
    return not any(" ".join(words[:count]).casefold() in facts.places for count in range(1, len(words) + 1))


def _matched(rule: Rule, found: re.Match[str], facts: Facts) -> Match | None:
    """Return the spans of a pattern that was found, unless a group holds what it must not."""
    inner: list[Span] = []
    publisher = ""
    for group, text in found.groupdict().items():
        if text is None:
            continue
        kind = group.rstrip("0123456789")
        if not _fits_group(kind, text, facts):
            return None
        if kind in ("outlet", "publisher"):
            publisher = publisher or text
        role = kind if kind == "updated" else ""
        part = "stamp" if kind == "updated" else kind
        if part in PARTS and text.strip():
            inner.append(Span(*found.span(group), part, role))
    if not inner:
        return Match(rule, (Span(*found.span(), rule.part),), publisher)
    return Match(rule, tuple(_with_labels(found.start(), found.end(), inner)), publisher)


def _fits_group(kind: str, text: str, facts: Facts) -> bool:
    if kind == "place":
        return key_of(text) in facts.places
    if kind == "outlet":
        return key_of(text) in facts.outlets
    return kind not in ("stamp", "updated") or read_stamp(text, facts.dates) is not None


def _with_labels(start: int, end: int, inner: list[Span]) -> list[Span]:
    """Return the outermost of `inner` in order, and labels for what lies between `start`, them and `end`."""
    spans: list[Span] = []
    for span in sorted(inner, key=lambda span: (span.start, -span.end)):
        if span.start < start:
            continue
        if start < span.start:
            spans.append(Span(start, span.start, "label"))
        spans.append(span)
        start = span.end
    if start < end:
        spans.append(Span(start, end, "label"))
    return spans
