"""Tallies: how much each rule moved, in one article and in the whole archive, with examples.

Pure: the parts of articles in, numbers and examples out. What a rule is, and how the page with them looks, is not known
here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from site_builder.model import Article, Tally

EXAMPLES = 3
LOOKED_AT = 20
"""In how many articles at most examples of a rule are looked for: a label may be the same in all of an archive."""
MOST_CHARACTERS = 120
"""Of an example; what is longer is cut at a word, and ends in an ellipsis."""

STAYING = frozenset(("body", "separator", "front-matter", "markup"))
"""Parts that nothing moved."""


class Example(NamedTuple):
    """Something that a rule moved: its words, the id of its article, and the line of the source (0: not known)."""

    text: str
    id: str
    line: int


class RuleUse(NamedTuple):
    """What one rule moved to one part: how often, in how many articles, and the first examples."""

    rule: str
    part: str
    times: int
    articles: int
    examples: tuple[Example, ...]


def tally_rules(article: Article, text: str) -> tuple[Tally, ...]:
    """Return what each rule moved in an article whose decoded source is `text`, in the order of the source.

    Markdown has no rules, and so no tallies.
    """
    if article.format == "markdown":
        return ()
    found: dict[tuple[str, str], Tally] = {}
    for start, end, part, rule in article.parts:
        if part in STAYING:
            continue
        tally = found.get((rule, part))
        if tally is None:
            line = text.count("\n", 0, start) + text.count("\r", 0, start) - text.count("\r\n", 0, start) + 1
            found[rule, part] = Tally(rule, part, 1, _shorten(text[start:end]), line)
        else:
            found[rule, part] = tally._replace(times=tally.times + 1)
    return tuple(found.values())


def _shorten(text: str) -> str:
    words = " ".join(text[: MOST_CHARACTERS * 4].split())
    if len(words) <= MOST_CHARACTERS:
        return words
    return words[:MOST_CHARACTERS].rpartition(" ")[0] + "…"


def sum_tallies(articles: Iterable[tuple[str, Iterable[Tally]]]) -> tuple[RuleUse, ...]:
    """Return the sum of the tallies of articles, given with their ids: the most frequent first, ties by name.

    Examples are of the first articles, as they come (see `sum_examples`).
    """
    times: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
    members: Counter[tuple[str, str]] = Counter()
    for id_, tallies in articles:
        for tally in tallies:
            key = (tally.rule, tally.part)
            times[key] += tally.times
            members[key] += 1
            shown = first.setdefault(key, [])
            if len(shown) < LOOKED_AT:
                shown.append((tally.text, id_, tally.line))
    uses = (RuleUse(*key, times[key], members[key], sum_examples(shown)) for key, shown in first.items())
    return tuple(sorted(uses, key=lambda use: (-use.times, use.rule, use.part)))


def sum_examples(found: Iterable[tuple[str, str, int]]) -> tuple[Example, ...]:
    """Return the first examples with different words of those given as words, id and line; none after `LOOKED_AT`."""
    different: dict[str, Example] = {}
    for text, id_, line in found:
        different.setdefault(text, Example(text, id_, line))
    return tuple(different.values())[:EXAMPLES]
