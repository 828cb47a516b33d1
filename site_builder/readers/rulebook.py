"""The rule book in memory: what a rule is, and the rules set up for looking up.

Types and their set-up only. `rules` says what each field of a rule means and makes a book from packs. This room
knows nothing of TOML or of texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from functools import lru_cache

from site_builder.readers.stamps import DateWords
from site_builder.values import dataclass

PACK_KINDS = ("project", "publisher", "lang", "core")


@dataclass(frozen=True, slots=True)
class Shape:
    """The looks of a line: words from `least` to `most`, share of capitals, and how it may not end or begin."""

    least: int = 1
    most: int = 1000
    title_case: float = 0.0
    not_end: str = ""
    not_start: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Below:
    """What may stand under a bare label: lines that look `like` something or fit `pattern`."""

    like: str = ""
    pattern: re.Pattern[str] | None = None
    most: int = 1
    across_blank: bool = False


@dataclass(frozen=True, slots=True)
class Above:
    """What may stand over a bare label, and the words at its beginning that are a label themselves."""

    part: str
    strip: re.Pattern[str] | None = None
    across_blank: bool = False


@dataclass(frozen=True, slots=True)
class When:
    """What proves a publisher: every condition that is given must hold."""

    publishers: frozenset[str] = frozenset()
    dateline: re.Pattern[str] | None = None

    def holds(self, publishers: frozenset[str], dateline: str) -> bool:
        """Tell whether a text with these publishers (keys) and this dateline is of the publisher."""
        if self.publishers and not self.publishers & publishers:
            return False
        return self.dateline is None or self.dateline.search(dateline) is not None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rule:
    """One rule; `rules` says what each field means. `place` is `packname:line` for messages."""

    name: str
    part: str
    pack: str
    place: str
    matcher: str
    phrases: tuple[str, ...] = ()
    """Keys of the phrases of `line` and `label`."""
    pattern: re.Pattern[str] | None = None
    shape: Shape | None = None
    repeats: str = ""
    at: str = ""
    alone: bool = False
    run: int = 1
    not_after: re.Pattern[str] | None = None
    rest: str = "any"
    below: Below | None = None
    above: Above | None = None
    picture: bool = False
    truncated: bool = False
    names_publisher: bool = False
    move: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What all rules may look up, whichever pack it came from. Names are keys (see `lines.key_of`)."""

    outlets: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    sections: frozenset[str] = frozenset()
    dates: DateWords = field(default_factory=DateWords)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRules:
    """One pack as read from its text."""

    id: str
    name: str
    when: tuple[When, ...]
    rules: tuple[Rule, ...]
    facts: Facts

    @property
    def rank(self) -> int:
        """The place of its kind in the order of packs."""
        return PACK_KINDS.index(self.id.partition(".")[0])


@dataclass(frozen=True, slots=True, eq=False)
class RuleBook:
    """All rules of all packs, in the order in which they are tried; equal only to itself."""

    rules: tuple[Rule, ...]
    facts: Facts
    sleepers: Mapping[str, tuple[When, ...]]
    """Packs that sleep unless one of these holds, by their ids."""

    def without(self, names: frozenset[str]) -> RuleBook:
        """Return the book without the rules of these names, the same one for the same names."""
        return _leave_out(self, names) if names else self

    def woken(self, publishers: frozenset[str], dateline: str) -> frozenset[str]:
        """Return the ids of the sleeping packs that a text with these publishers (keys) and dateline wakes."""
        return frozenset(
            id_ for id_, whens in self.sleepers.items() if any(when.holds(publishers, dateline) for when in whens)
        )


@lru_cache(maxsize=64)
def _leave_out(book: RuleBook, names: frozenset[str]) -> RuleBook:
    return replace(book, rules=tuple(rule for rule in book.rules if rule.name not in names))


@dataclass(frozen=True, slots=True)
class LineRules:
    """The rules about whole lines, set up for looking up: phrases by key, patterns in order."""

    lines: Mapping[str, Rule]
    labels: Mapping[str, Rule]
    regexes: tuple[Rule, ...]
    any_regex: re.Pattern[str] | None = None
    """Fits every line that one of `regexes` fits: most lines are done with after one try."""
    edges: bool = False
    """True when all of them are about the head or the tail of a text."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rules that are awake for one text: those about lines (`free` of a place, or `placed`), then the others."""

    free: LineRules
    placed: LineRules
    openings: tuple[Rule, ...]
    any_opening: re.Pattern[str] | None
    closings: tuple[Rule, ...]
    shapes: tuple[Rule, ...]
    repeats: tuple[Rule, ...]


@lru_cache(maxsize=64)
def table_for(book: RuleBook, woken: frozenset[str]) -> Table:
    """Return the rules that are tried on a text that woke these packs."""
    awake = [
        rule for rule in book.rules if rule.names_publisher or rule.pack not in book.sleepers or rule.pack in woken
    ]
    openings = tuple(rule for rule in awake if rule.matcher == "opening")
    about_lines = [rule for rule in awake if rule.matcher in ("line", "label", "regex")]
    return Table(
        free=_line_rules(rule for rule in about_lines if not rule.at),
        placed=_line_rules(rule for rule in about_lines if rule.at),
        openings=openings,
        any_opening=_any_of(openings),
        closings=tuple(rule for rule in awake if rule.matcher == "closing"),
        shapes=tuple(rule for rule in awake if rule.matcher == "shape"),
        repeats=tuple(rule for rule in awake if rule.matcher == "repeats"),
    )


def _line_rules(rules: Iterable[Rule]) -> LineRules:
    lines: dict[str, Rule] = {}
    labels: dict[str, Rule] = {}
    regexes: list[Rule] = []
    edges = True
    for rule in rules:
        edges &= rule.at in ("head", "tail", "edge")
        if rule.matcher == "regex":
            regexes.append(rule)
        else:
            phrases = lines if rule.matcher == "line" else labels
            for phrase in rule.phrases:
                phrases.setdefault(phrase, rule)
    return LineRules(lines, labels, tuple(regexes), _any_of(regexes), edges)


def _any_of(rules: Iterable[Rule]) -> re.Pattern[str] | None:
    """Return one pattern for all, or None when they cannot be joined (groups that are referred to, for one)."""
    texts = [re.sub(r"\(\?P<\w+>", "(?:", rule.pattern.pattern) for rule in rules if rule.pattern]
    try:
        return re.compile("|".join(f"(?:{text})" for text in texts)) if texts else None
    except re.error:
        return None
