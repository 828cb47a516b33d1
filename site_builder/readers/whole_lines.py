"""Rules about whole lines, tried on each line of a text that is left.

A phrase that fills the line comes before a label, a label before a pattern; within each the order of the packs counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from site_builder.readers.draft import Draft
from site_builder.readers.lines import is_headline, is_name
from site_builder.readers.matching import Match, Span, match_label, match_pattern
from site_builder.readers.rulebook import LineRules, Rule

_BULLET = re.compile(r"[•·▪●○*–-] +")


def try_lines(draft: Draft, rules: LineRules) -> None:
    """Take every line that one of `rules` is about, from the first to the last."""
    count = len(draft.lines)
    head, tail = (draft.bounds.head, draft.bounds.tail) if draft.bounds and rules.edges else (count, count)
    hits = [_hit(draft, i, rules) if not draft.taken[i] and (i < head or i >= tail) else None for i in range(count)]
    _drop_short_runs(hits)
    for i, hit in enumerate(hits):
        if hit is None or draft.taken[i] or not _may(draft, hit.rule, i):
            continue
        if hit.bare:
            _take_label(draft, i, hit, hits)
        else:
            draft.take(i, hit)


def _hit(draft: Draft, i: int, rules: LineRules) -> Match | None:
    line = draft.lines[i]
    if not line.key:
        return None
    rule = rules.lines.get(line.key)
    if rule is not None and _may(draft, rule, i):
        return Match(rule, (Span(0, len(line.text), rule.part),))
    head, colon, _ = line.key.partition(":")
    rule = rules.labels.get(head if colon else head.rstrip("| -–—"))
    hit = match_label(rule, line.text) if rule is not None and _may(draft, rule, i) else None
    if hit is not None:
        return hit
    if rules.any_regex is not None and not rules.any_regex.fullmatch(line.text):
        return None
    for rule in rules.regexes:
        if _may(draft, rule, i):
            hit = match_pattern(rule, line.text, draft.facts)
            if hit is not None:
                return hit
    return None


def _may(draft: Draft, rule: Rule, i: int) -> bool:
    """Tell whether a line stands where `rule` may take it."""
    if rule.alone and draft.untaken[draft.lines[i].block] > 1:
        return False
    if rule.part == "dateline" and (draft.dateline or not draft.has_line_above(i)):
        return False
    return not rule.at or draft.bounds is None or draft.is_at(rule.at, i, i)


def _take_label(draft: Draft, i: int, label: Match, hits: Sequence[Match | None]) -> None:
    """Take a bare label with the lines under it that belong to it; without any, only if it has a colon."""
    rule = label.rule
    found: list[tuple[int, Match]] = []
    j = i + 1
    while rule.below and len(found) < rule.below.most and j < len(draft.lines) and not draft.taken[j]:
        hit = _match_below(draft, rule, j, first=j == i + 1) if hits[j] is None else None
        if hit is None:
            break
        found.append((j, hit))
        j += 1
    if not found and not label.colon:
        return
    draft.take(i, label)
    for j, hit in found:
        draft.take(j, hit)
    if rule.above:
        draft.pictures.append((i, rule))


def _match_below(draft: Draft, rule: Rule, j: int, *, first: bool) -> Match | None:
    line, below = draft.lines[j], rule.below
    assert below is not None
    touches = line.number == draft.lines[j - 1].number + 1
    if not line.key or not (touches or (first and below.across_blank)):
        return None
    if below.pattern is not None:
        return match_pattern(rule, line.text, draft.facts, below.pattern)
    bullet = _BULLET.match(line.text)
    begin = bullet.end() if bullet else 0
    text = line.text[begin:]
    # Across a blank line a short line may be a subheading of the story.
    fits = is_name(text) if below.like == "name" else is_headline(text, 4 if touches else 7)
    spans = (Span(0, begin, "label"), Span(begin, len(line.text), rule.part))
    return Match(rule, spans[0 if begin else 1 :]) if fits else None


def _drop_short_runs(hits: list[Match | None]) -> None:
    """Take back hits of rules that ask for several lines in a row where there are too few."""
    i = 0
    while i < len(hits):
        hit, j = hits[i], i + 1
        while j < len(hits) and hit is not None and (other := hits[j]) is not None and other.rule is hit.rule:
            j += 1
        if hit is not None and j - i < hit.rule.run:
            hits[i:j] = [None] * (j - i)
        i = j
