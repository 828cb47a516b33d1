"""A text while its parts are being found: what is taken, what is left, and where its head and its foot are.

The steps of finding are `whole_lines`, `titles` and `partition`; this room only keeps the state they share.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import NamedTuple

from site_builder.readers.lines import Line, fold, has_words, is_prose
from site_builder.readers.matching import Match, match_openings
from site_builder.readers.pieces import Piece, Run
from site_builder.readers.rulebook import Facts, Rule, Table
from site_builder.values import dataclass

_EDGE = 6
"""Lines that count as head (and tail) of a text in which nothing is prose."""
_SAME = 60
"""Characters at the end of two blocks that show that one is a copy of the other, dateline or not."""


class Bounds(NamedTuple):
    """Numbers of lines: the head ends before `head`, the tail begins at `tail`, the inside lies between the others."""

    head: int
    first: int
    last: int
    tail: int


@dataclass(slots=True)
class Draft:
    """A reading in progress: `pieces` are found, lines not `taken` are body so far, and form `runs`."""

    flat: str
    lines: tuple[Line, ...]
    facts: Facts
    table: Table
    sections: frozenset[str]
    """Keys of the names of sections."""
    pieces: list[Piece] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    title: str = ""
    publishers: list[str] = field(default_factory=list)
    """As written, that of the dateline first."""
    dateline: str = ""
    truncated: bool = False
    bounds: Bounds | None = None
    pictures: list[tuple[int, Rule]] = field(default_factory=list)
    """Labels over which a line may stand that belongs to them, as numbers of lines."""
    taken: bytearray = field(init=False)
    untaken: dict[int, int] = field(init=False)
    """Lines of each block that are not taken."""
    _opened: dict[int, Match | None] = field(default_factory=dict)
    _prose: dict[tuple[int, int], bool] = field(default_factory=dict)
    """What has been found out of runs already, by their places."""

    def __post_init__(self) -> None:
        self.taken = bytearray(len(self.lines))
        self.untaken = {}
        for line in self.lines:
            self.untaken[line.block] = self.untaken.get(line.block, 0) + 1

    def text_of(self, run: Run) -> str:
        """Return the text of a run, flattened."""
        return self.flat[run.start : run.end]

    def mark(self, i: int) -> None:
        """Take a line: it is not body."""
        self.taken[i] = 1
        self.untaken[self.lines[i].block] -= 1

    def take(self, i: int, hit: Match) -> None:
        """Take a line with what a rule found in it."""
        self.mark(i)
        self.add(self.lines[i].start, hit)

    def add(self, offset: int, hit: Match) -> None:
        """Keep what a rule found; its spans count from `offset`."""
        for span in hit.spans:
            self.put(offset + span.start, offset + span.end, span.part, hit.rule, span.role)
            if span.part == "dateline":
                self.dateline = fold(self.flat[offset + span.start : offset + span.end])
        if hit.publisher:
            # The outlet of the dateline is the one the text gives as its own; a stamp's or a title's comes after it.
            self.publishers.insert(0 if hit.rule.part == "dateline" else len(self.publishers), hit.publisher)
        self.truncated |= hit.rule.truncated

    def put(self, start: int, end: int, part: str, rule: Rule | str, role: str = "") -> None:
        """Keep one piece; a rule about pictures gives it that role."""
        name = rule if isinstance(rule, str) else rule.name
        if not role and not isinstance(rule, str) and rule.picture:
            role = "picture"
        self.pieces.append(Piece(start, end, part, name, role))

    def form_runs(self) -> list[Run]:
        """Return the lines that are body so far, as runs within blocks."""
        runs: list[Run] = []
        for i, line in enumerate(self.lines):
            if self.taken[i]:
                continue
            if runs and runs[-1].last == i - 1 and self.lines[i - 1].block == line.block:
                runs[-1].last, runs[-1].end = i, line.end
            else:
                runs.append(Run(line.start, line.end, i, i))
        return runs

    def find_bounds(self) -> Bounds:
        """Return where head, inside and tail are, by the blocks of prose that are left."""
        runs = self.runs or self.form_runs()
        prose = self._first_tellings(run for run in runs if self.is_prose(run))
        count = len(self.lines)
        if not prose:
            return Bounds(min(_EDGE, count), count, 0, max(0, count - _EDGE))
        head = prose[0].first
        if self.open(prose[0]) is None:
            head = prose[1].first if len(prose) > 1 else count
        return Bounds(head, prose[0].last, prose[-1].first, prose[-1].last + 1)

    def is_at(self, at: str, first: int, last: int) -> bool:
        """Tell whether the lines from `first` to `last` stand where `at` says."""
        bounds = self.bounds
        assert bounds is not None
        if at == "inside":
            return bounds.first < first and last < bounds.last
        return (at != "tail" and last < bounds.head) or (at != "head" and first >= bounds.tail)

    def has_line_above(self, i: int) -> bool:
        """Tell whether a line above is left that can be the title."""
        first = self.taken.find(0)
        return 0 <= first < i

    def open(self, run: Run) -> Match | None:
        """Return the dateline that a run opens with."""
        if run.start not in self._opened:
            block = self.flat[run.start : min(run.end, run.start + 500)]
            self._opened[run.start] = match_openings(self.table, block, self.facts)
        return self._opened[run.start]

    def is_prose(self, run: Run) -> bool:
        """Tell whether a run is clearly running text."""
        span = (run.start, run.end)
        if span not in self._prose:
            self._prose[span] = is_prose(self.flat[run.start : run.end])
        return self._prose[span]

    def _first_tellings(self, runs: Iterable[Run]) -> list[Run]:
        """Return the runs that are no copies of earlier ones: a page may have its story twice."""
        kept: dict[str, Run] = {}
        for run in runs:
            kept.setdefault(self.flat[max(run.start, run.end - _SAME) : run.end], run)
        return list(kept.values())

    def has_story(self) -> bool:
        """Tell whether there is a title, or a word that is body."""
        return bool(self.title) or any(has_words(self.text_of(run)) for run in self.runs)
