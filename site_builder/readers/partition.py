"""From a text to its parts: the rules of a book applied to lines and blocks, from the head to the foot of a story.

Every character ends in exactly one part, and in doubt it is body. This room reads top to bottom in the order in which
things are found (`_read`); it knows nothing of bytes, of articles or of any publisher.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from site_builder.model import Part
from site_builder.readers.draft import Draft
from site_builder.readers.forms import body_pieces
from site_builder.readers.lines import (
    BLANKS,
    Line,
    ends_sentence,
    flatten,
    fold,
    has_sentences,
    has_words,
    key_of,
    lines_of,
)
from site_builder.readers.matching import (
    Match,
    Span,
    fits_shape,
    match_closing,
    match_openings,
)
from site_builder.readers.pieces import Piece, Run, fill
from site_builder.readers.rulebook import LineRules, Rule, RuleBook, Table, table_for
from site_builder.readers.titles import find_title
from site_builder.readers.whole_lines import try_lines
from site_builder.values import dataclass

_OPENING_BLOCKS = 8
_OPENING_PROSE = 3
"""How many blocks may have a dateline, and how many of prose among them: standfirsts stand before it."""
_SCOUTED = 12
_LONG = 120
_LEAST_COPY = 2


@dataclass(frozen=True, slots=True)
class Partition:
    """A text in parts.

    `pieces` cover the text in order, without gap or overlap. `publisher` is the outlet that the text names as its own,
    as written, or empty; `truncated` tells that a rule found that the story goes on elsewhere.
    """

    lines: tuple[Line, ...]
    pieces: tuple[Piece, ...]
    publisher: str
    truncated: bool

    @property
    def parts(self) -> tuple[Part, ...]:
        """The pieces as parts of an article."""
        return tuple(Part(*piece[:4]) for piece in self.pieces)


def partition(
    text: str, book: RuleBook, sections: frozenset[str] = frozenset(), keep: Collection[int] = ()
) -> Partition:
    """Return the parts of `text` by the rules of `book`; `sections` are keys of more section names.

    The lines numbered in `keep` are body: no rule is tried on them, and none is the title.

    Which publisher it is of is first guessed from the beginnings of its first lines; what the reading then finds
    decides, and a wrong guess costs a second reading. Rules that would leave neither a title nor a story are not
    applied at all.
    """
    flat = flatten(text)
    lines = lines_of(text, flat)
    sections |= book.facts.sections
    woken = _scout(flat, lines, book)
    kept = [i for i, line in enumerate(lines) if line.number in keep] if keep else []
    draft = _read(Draft(flat, lines, book.facts, table_for(book, woken), sections), kept)
    proved = book.woken(frozenset(map(key_of, draft.publishers)), draft.dateline)
    if proved != woken:
        draft = _read(Draft(flat, lines, book.facts, table_for(book, proved), sections), kept)
    if not draft.has_story():
        draft = _read(Draft(flat, lines, book.facts, _NO_RULES, sections), kept)
    pieces = fill(flat, [*draft.pieces, *body_pieces(text, lines, draft.runs, frozenset(kept))])
    return Partition(lines, pieces, next(iter(draft.publishers), ""), draft.truncated)


def _scout(flat: str, lines: Sequence[Line], book: RuleBook) -> frozenset[str]:
    """Return the packs that the first line that looks like one with a dateline would wake."""
    table = table_for(book, frozenset())
    long = 0
    for line in lines[:_SCOUTED]:
        hit = match_openings(table, flat[line.start : line.start + 500], book.facts)
        if hit is not None:
            span = next((span for span in hit.spans if span.part == "dateline"), hit.spans[0])
            dateline = flat[line.start + span.start : line.start + span.end]
            return book.woken(frozenset([key_of(hit.publisher)]), fold(dateline))
        # So many blocks of prose may stand before the one with the dateline, and no more.
        long += line.end - line.start > _LONG
        if long == _OPENING_PROSE:
            break
    return frozenset()


_NO_LINE_RULES = LineRules({}, {}, ())
_NO_RULES = Table(_NO_LINE_RULES, _NO_LINE_RULES, (), None, (), (), ())


def _read(draft: Draft, kept: Sequence[int]) -> Draft:
    table = draft.table
    for i in kept:
        draft.mark(i)
    try_lines(draft, table.free)
    draft.bounds = draft.find_bounds()
    try_lines(draft, table.placed)
    find_title(draft)
    _find_captions(draft)
    draft.runs = draft.form_runs()
    _find_dateline(draft)
    _find_closing(draft)
    _find_shapes(draft)
    _find_repeats(draft)
    if kept:
        draft.runs = _put_back(draft, kept)
    return draft


def _put_back(draft: Draft, kept: Iterable[int]) -> list[Run]:
    """Return the runs with the kept lines among them, joined to what is left of their blocks beside them."""
    lines = draft.lines
    runs: list[Run] = []
    own = (Run(lines[i].start, lines[i].end, i, i) for i in kept)
    for run in sorted([*draft.runs, *own], key=lambda run: run.start):
        above = runs[-1] if runs else None
        if (
            above is not None
            and above.last == run.first - 1
            and lines[above.last].block == lines[run.first].block
            and above.end == lines[above.last].end
            and run.start == lines[run.first].start
        ):
            above.last, above.end = run.last, run.end
        else:
            runs.append(run)
    return runs


def _find_captions(draft: Draft) -> None:
    """Take the lines over labels of pictures as captions, now that the title is known."""
    for i, rule in draft.pictures:
        j = i - 1
        if j < 0 or draft.taken[j] or rule.above is None:
            continue
        line, above = draft.lines[j], rule.above
        touches = line.number == draft.lines[i].number - 1
        label = above.strip.match(line.text) if above.strip else None
        if not line.key or not (touches or above.across_blank):
            continue
        if label is None and not _reads_like_a_caption(draft, line, touches=touches):
            continue
        begin = label.end() if label else 0
        spans = (Span(0, begin, "label"), Span(begin, len(line.text), above.part))
        draft.take(j, Match(rule, spans))


def _reads_like_a_caption(draft: Draft, line: Line, *, touches: bool) -> bool:
    alone = draft.untaken[line.block] == 1
    return alone and not has_sentences(line.text) and (touches or not ends_sentence(line.text))


def _find_dateline(draft: Draft) -> None:
    prose = 0
    for run in draft.runs[:_OPENING_BLOCKS]:
        hit = None if draft.dateline else draft.open(run)
        if hit is not None:
            draft.add(run.start, hit)
            start = run.start + hit.spans[-1].end
            run.start = run.end - len(draft.flat[start : run.end].lstrip(BLANKS))
            while draft.lines[run.first].end <= run.start:
                run.first += 1
        prose += draft.is_prose(run)
        if hit is not None or prose == _OPENING_PROSE:
            return


def _find_closing(draft: Draft) -> None:
    run = next((run for run in reversed(draft.runs) if has_words(draft.text_of(run))), None)
    if run is None:
        return
    start = max(run.start, run.end - 500)
    for rule in draft.table.closings:
        hit = match_closing(rule, draft.flat[start : run.end], draft.facts)
        if hit is not None:
            draft.add(start, hit)
            run.end = run.start + len(draft.flat[run.start : start + hit.spans[0].start].rstrip(BLANKS))
            while draft.lines[run.last].start >= run.end:
                run.last -= 1
            return


def _find_shapes(draft: Draft) -> None:
    if not draft.table.shapes:
        return
    draft.bounds = draft.find_bounds()
    kept: list[Run] = []
    for run in draft.runs:
        rule = _shape_of(draft, run, kept)
        if rule is None:
            kept.append(run)
        else:
            draft.put(run.start, run.end, rule.part, rule)
    draft.runs = kept


def _shape_of(draft: Draft, run: Run, before: Sequence[Run]) -> Rule | None:
    line = draft.lines[run.first]
    if run.first != run.last or not line.key or run.start != line.start:
        return None
    for rule in draft.table.shapes:
        if rule.at and not draft.is_at(rule.at, run.first, run.last):
            continue
        if rule.not_after and before and rule.not_after.search(draft.text_of(before[-1])[-200:]):
            continue
        if fits_shape(rule.shape, line.text):
            return rule
    return None


def _find_repeats(draft: Draft) -> None:
    for rule in draft.table.repeats:
        copies = _copies_of_title(draft) if rule.repeats == "title" else _copies_of_blocks(draft)
        for run in copies:
            draft.put(run.start, run.end, rule.part, rule)
        gone = {run.start for run in copies}
        draft.runs = [run for run in draft.runs if run.start not in gone]


def _copies_of_title(draft: Draft) -> list[Run]:
    """Return the runs before the first block of prose that are the title once more."""
    title = key_of(draft.title)
    copies = [run for run in draft.runs if run.first == run.last and title == draft.lines[run.first].key != ""]
    first = draft.find_bounds().first if copies else 0
    return [run for run in copies if run.last < first]


def _copies_of_blocks(draft: Draft) -> list[Run]:
    """Return the runs that follow each other as an earlier row of runs does, two of them prose at least."""
    keys = [draft.text_of(run) for run in draft.runs]
    if len(set(keys)) == len(keys):
        return []
    first: dict[str, int] = {}
    copies: list[Run] = []
    i = 0
    while i < len(keys):
        origin = first.setdefault(keys[i], i)
        count = 0
        while origin + count < i < len(keys) - count and keys[i + count] == keys[origin + count]:
            count += 1
        row = draft.runs[i : i + count]
        if sum(map(draft.is_prose, row)) >= _LEAST_COPY:
            copies += row
        # What was compared is not compared again: all its keys are known, and time stays in step with length.
        i += max(1, count)
    return copies
