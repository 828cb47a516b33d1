"""The forms of what is body: paragraph, heading, verse or list, by how its lines look together.

A form decides how a block is drawn, never whether it stays. This room knows nothing of rules.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from site_builder.model import KEPT
from site_builder.readers.lines import (
    Line,
    ends_sentence,
    fold_lines,
    has_words,
    is_item,
    is_list,
    is_ornament,
    is_stanza,
    is_verse_text,
)
from site_builder.readers.pieces import Piece, Run

_RULE = "text.body"
_NUMBERED = re.compile(r"(\d{1,2})[.)] +\S")


def body_pieces(text: str, lines: Sequence[Line], runs: Sequence[Run], kept: Collection[int] = ()) -> Iterator[Piece]:
    """Yield the runs as pieces of body with their forms, in order; lines drawn between blocks are labels.

    A piece with one of the lines `kept` is said to be body by that rule.

    Neighbouring runs that are items of one list are one piece; a list that follows its introduction in one run
    is a piece of its own.
    """
    joined = list(_join_items(lines, runs))
    texts = [_texts_of(text, lines, run) for run in joined]
    verse = is_verse_text(texts)
    headings = _numbered_headings(texts)
    for i, (run, block) in enumerate(zip(joined, texts, strict=True)):
        if not has_words(text[run.start : run.end]) and is_ornament(" ".join(block)):
            yield Piece(run.start, run.end, "label", "text.ornament")
            continue
        rule = KEPT if kept and not set(kept).isdisjoint(range(run.first, run.last + 1)) else _RULE
        if _introduces_list(block):
            start = lines[run.first + 1].start
            yield Piece(run.start, lines[run.first].end, "body", rule, "paragraph")
            yield Piece(start, run.end, "body", rule, "list")
        else:
            form = "heading" if i in headings else _form(block, verse=verse)
            yield Piece(run.start, run.end, "body", rule, form)


def _texts_of(text: str, lines: Sequence[Line], run: Run) -> list[str]:
    """Return the lines of a run; those of several lines folded, as a form is told by their lengths."""
    line = lines[run.first]
    if run.first != run.last:
        return fold_lines(text[run.start : run.end])
    return [line.text[run.start - line.start : run.end - line.start]]


def _form(block: Sequence[str], *, verse: bool) -> str:
    if len(block) < 2:
        return "paragraph"
    if is_list(block):
        return "list"
    return "verse" if verse or is_stanza(block) else "paragraph"


def _introduces_list(block: Sequence[str]) -> bool:
    return len(block) > 2 and block[0].endswith(":") and not is_item(block[0]) and is_list(block[1:])


def _join_items(lines: Sequence[Line], runs: Sequence[Run]) -> Iterator[Run]:
    """Yield the runs, with single lines that are items and touch each other as one run."""
    held: Run | None = None
    for run in runs:
        if held is not None and _touch(lines, held, run):
            held = Run(held.start, run.end, held.first, run.last)
            continue
        if held is not None:
            yield held
        held = run
    if held is not None:
        yield held


def _touch(lines: Sequence[Line], above: Run, below: Run) -> bool:
    last, first = lines[above.last], lines[below.first]
    return (
        below.first == below.last
        and first.number == last.number + 1
        and first.block != last.block
        and is_item(first.text)
        and is_item(last.text)
    )


def _numbered_headings(texts: Sequence[Sequence[str]]) -> frozenset[int]:
    """Return which blocks are the numbered headings of a roundup.

    They are single lines without the end of a sentence, count from 1 without a gap, at least two, and none is
    followed by another at once.
    """
    found: list[int] = []
    for i, block in enumerate(texts):
        number = _NUMBERED.match(block[0]) if len(block) == 1 else None
        if number is None or ends_sentence(block[0]):
            continue
        if int(number[1]) != len(found) + 1 or (found and found[-1] == i - 1) or i == len(texts) - 1:
            return frozenset()
        found.append(i)
    return frozenset(found if len(found) > 1 else ())
