r"""Rule packs as a rule book: what a rule may say, which rules there are, and whether their examples hold.

Packs are data (TOML) and hold no code. What a rule is in memory is in `rulebook`, reading and checking the text of a
pack in `packs`, trying one rule on one line in `matching`, going through a text in `partition`. This room touches
no disk.

A pack
------
::

    [pack]
    id = "publisher.viva"             # "core", "lang.CODE", "publisher.NAME" or "project.NAME"

    [[when]]                          # publisher packs: any one proves the publisher, else the pack sleeps
    publisher = ["VIVA"]              #   an outlet that the text names as its own: dateline, stamp, title line
    dateline = '^VIVA\b'              #   and/or a pattern found in the dateline

    [lists]                           # known in every text, also while the pack sleeps
    outlets = ["VIVA", "VIVA.co.id"]  #   names that group `outlet` of a pattern accepts
    places = ["Jakarta"]              #   names that group `place` accepts
    sections = ["Dunia", "Berita"]    #   names that may stand at the end of a title line or above it

    [dates]                           # words of date stamps; several words for one thing in one string
    weekdays = ["senin", ...]         #   seven, from Monday
    months = ["januari jan", ...]     #   twelve
    zones = { WIB = "+07:00" }
    eras = { "令和" = 2019 }          #   by the year that is the first of each

    [[rule]]                          # first match wins; see below

Order: project packs, then publisher, language and core; within a kind as given. A rule with the name of a rule
in an earlier pack replaces it where that stood (and sleeps when that would).

A rule
------
``name``      what it is called in records, messages and `disable`; unique in its pack.
``part``      what it finds: section, publisher, dateline, stamp, byline, caption, credit, related, residue, label.

Exactly one matcher. Small and capital letters differ only in patterns; patterns see every blank, no-break
space and line end as one plain blank each, and only the 300 characters of a line, or the first (last) 200 of a block:

``line``      a list of phrases: the whole line is one of them.
``label``     a list of phrases: the line begins with one of them and a colon. What follows is the part; a colon with
              nothing after it (or a bare bar) makes a bare label, see `below`.
``regex``     a pattern that the whole line fits.
``opening``   a pattern at the beginning of one of the first blocks, before its first sentence.
``closing``   a pattern at the end of the last block of the story.
``shape``     the looks of a line: { words = [7, 25], title-case = 0.8, not-end = ".:", not-start = '\d' }.
``repeats``   "title": a line before the first block of prose is the title once more; "body": two blocks of prose or
              more, in a row, stand there once more.

Named groups of a pattern say which part of the line is what: the parts above, `updated` (a stamp that is not the day
of publication), and inside of them `place` and `outlet` (only names in the lists fit; `publisher` takes any). Figures
may end a group's name. What is in no group is a label; without groups the whole is the part. Groups `stamp` and
`updated` fit date stamps only. After a `place` in an opening there must be a capital, digit or quotation mark, and no
other place: that is a route. A line that is a dateline by itself is never the first that is left, which may be the
title. A rule that names a publisher or a dateline never sleeps: it is how a publisher is proved.

Lines come first: rules without `at`, then rules with it, and in both a phrase that fills a line before a label before a
pattern; then the title, captions, openings, closings, shapes and repeats. Within each of these the order of the packs.

Conditions, all optional:

``at``         "head": before the first block of prose (the second, when the first has no dateline); "tail": after the
               last one; "edge": either; "inside": between the first and the last block of prose.
``alone``      true: no other line of its block is left by the rules before.
``run``        at least so many lines in a row match this rule.
``not-after``  a pattern not to be found in the body block before it.
``rest``       of a label, what follows must look like a "headline" (no several sentences, 30 words at most), a
               "name", or may be "any" (as it is when left out).
``below``      of a bare label, the lines under it that belong to it: { like = "headline" or "name" } or { regex =
               '• (?P<credit>.+)' }, with most = 1 (lines) and across-blank = false. Without a fitting line only the
               label is taken, and only with its colon.
``above``      of a bare label, the line over it that belongs to it: { part = "caption", strip = '^VIVA \w+: ',
               across-blank = true }. It is not taken when it reads like a paragraph of the story.
``picture``    true: its credits belong to a picture.
``sets``       { truncated = true }: the text goes on elsewhere.

``move`` and ``keep`` are examples: texts that the rule must match and must not match by its matcher and `rest`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from site_builder.errors import ConfigError, Problem, error
from site_builder.model import ARCHIVE_TITLE
from site_builder.readers import Pack
from site_builder.readers.matching import match
from site_builder.readers.pack_table import near
from site_builder.readers.packs import read_pack
from site_builder.readers.rulebook import Facts, PackRules, Rule, RuleBook, When
from site_builder.readers.stamps import DateWords


@lru_cache(maxsize=8)
def compile_packs(packs: tuple[Pack, ...], disable: tuple[str, ...] = ()) -> RuleBook:
    """Return the rule book of `packs` without the rules named in `disable`.

    Raises ConfigError with all problems at once, placed as `packname:line`: TOML that does not parse, unknown keys
    and values, patterns that do not compile or could run away, a name given twice in a pack; and a name in `disable`
    that no rule has.
    """
    problems: list[Problem] = []
    read = [pack for pack in (read_pack(pack, problems) for pack in packs) if pack is not None]
    rules = _override(read)
    if not problems:
        problems += _unknown(disable, rules)
    facts = _join_facts(read, problems)
    if problems:
        raise ConfigError(*problems)
    sleepers: dict[str, tuple[When, ...]] = {}
    for pack in read:
        if pack.when:
            sleepers[pack.id] = sleepers.get(pack.id, ()) + pack.when
    return RuleBook(tuple(rules), facts, sleepers).without(frozenset(disable))


def _override(packs: Iterable[PackRules]) -> list[Rule]:
    """Return the rules of all packs in the order in which they are tried, later ones in the places of earlier."""
    ranked: dict[str, tuple[int, Rule]] = {}
    for pack in packs:
        for rule in pack.rules:
            earlier = ranked.get(rule.name)
            if earlier is None:
                ranked[rule.name] = (pack.rank, rule)
            else:
                ranked[rule.name] = (earlier[0], replace(rule, pack=earlier[1].pack))
    return [rule for _, rule in sorted(ranked.values(), key=lambda entry: entry[0])]


def _unknown(disable: Iterable[str], rules: Iterable[Rule]) -> list[Problem]:
    names = [ARCHIVE_TITLE, *(rule.name for rule in rules)]
    return [
        error("", f"no rule is called {name!r}, so it cannot be disabled", near(name, names))
        for name in disable
        if name not in names
    ]


def _join_facts(packs: Iterable[PackRules], problems: list[Problem]) -> Facts:
    weekdays: dict[str, int] = {}
    months: dict[str, int] = {}
    zones: dict[str, str] = {}
    eras: dict[str, int] = {}
    known: list[Facts] = []
    for pack in packs:
        known.append(pack.facts)
        dates = pack.facts.dates
        _join_words(weekdays, dates.weekdays, pack.name, problems)
        _join_words(months, dates.months, pack.name, problems)
        zones.update(dates.zones)
        eras.update(dates.eras)
    return Facts(
        outlets=frozenset().union(*(facts.outlets for facts in known)),
        places=frozenset().union(*(facts.places for facts in known)),
        sections=frozenset().union(*(facts.sections for facts in known)),
        dates=DateWords(weekdays, months, zones, eras),
    )


def _join_words(words: dict[str, int], added: Mapping[str, int], name: str, problems: list[Problem]) -> None:
    for word, number in added.items():
        if words.setdefault(word, number) != number:
            problems.append(error(name, f"the word of dates {word!r} means something else in an earlier pack"))


def check_examples(book: RuleBook) -> tuple[Problem, ...]:
    """Return an error for every example in `book` that its own rule does not treat as it says, in their order."""
    return tuple(
        error(rule.place, f"{rule.name} should {verb} {text!r}, and does not")
        for rule in book.rules
        for verb, texts in (("move", rule.move), ("keep", rule.keep))
        for text in texts
        if (match(rule, text, book.facts) is None) is (verb == "move")
    )
