"""The title of a text, with what stands above it and at the end of its line.

The first line that no rule has taken is the title, unless it is clearly something else. This room knows no rules but
the lists of sections and outlets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from site_builder.readers.draft import Draft
from site_builder.readers.lines import (
    goes_on,
    has_sentences,
    has_words,
    is_item,
    is_prose,
    is_verse_text,
    is_wrapped,
    key_of,
    title_case,
)
from site_builder.readers.matching import Span
from site_builder.readers.pieces import Run

_LONGEST_TITLE = 250
_CRUMBS = re.compile(r" *[|>»›/] *")
_TAIL = re.compile(r"(?<=\S) +\| *([^|]+?) *\Z")
_OUTLET_TAIL = re.compile(r"(?<=\S) +[-–—] +(\S[^|–—]{1,30}?) *\Z")


def find_title(draft: Draft) -> None:
    """Take the first line that is left as the title, unless it is clearly something else."""
    runs = draft.form_runs()
    while len(runs) > 1 and _take_sections_above(draft, runs[0], runs[1]):
        runs = runs[1:]
    run = next((run for run in runs if has_words(draft.text_of(run))), None)
    if run is None:
        return
    texts = [line.text for line in draft.lines[run.first : run.last + 1]]
    if not has_words(texts[0]) or _is_no_title(draft, run, texts) or _is_poem(draft, runs, texts):
        return
    line = draft.lines[run.first]
    spans, publishers = _split_title(draft, line.text)
    draft.title = line.text[: spans[0].end]
    draft.mark(run.first)
    for span in spans:
        draft.put(line.start + span.start, line.start + span.end, span.part, f"text.{span.part}")
    draft.publishers += publishers


def _is_no_title(draft: Draft, run: Run, texts: Sequence[str]) -> bool:
    first = texts[0]
    if len(first) > _LONGEST_TITLE or is_item(first) or draft.open(run) is not None:
        return True
    if is_prose(first) and (title_case(first) < 0.8 or has_sentences(first)):
        return True
    wrapped = len(texts) > 1 and (goes_on(texts[1]) or is_wrapped(texts))
    return wrapped and draft.is_prose(run)


def _is_poem(draft: Draft, runs: Sequence[Run], texts: Sequence[str]) -> bool:
    """Tell whether the first block is a stanza among others: then its first line is no title."""
    if len(texts) < 2:
        return False
    return is_verse_text([[line.text for line in draft.lines[run.first : run.last + 1]] for run in runs])


def _take_sections_above(draft: Draft, run: Run, below: Run) -> bool:
    """Take a line of nothing but section names above the title."""
    line = draft.lines[run.first]
    if run.first != run.last or not line.key or draft.is_prose(below):
        return False
    names = _named(line.text)
    if not all(key_of(line.text[span.start : span.end]) in draft.sections for span in names):
        return False
    draft.mark(run.first)
    for span in names:
        draft.put(line.start + span.start, line.start + span.end, "section", "text.section")
    return True


def _split_title(draft: Draft, text: str) -> tuple[list[Span], list[str]]:
    """Return the spans of a title line, and the outlets named at its end: known sections and outlets only."""
    end, tail = len(text), list[Span]()
    while "|" in text:
        found = _TAIL.search(text, 0, end)
        part = _name_part(draft, found[1]) if found else ""
        if found is None or not part or not has_words(text[: found.start()]):
            break
        tail.append(Span(*found.span(1), part))
        end = found.start()
    found = _OUTLET_TAIL.search(text, 0, end)
    if found and key_of(found[1]) in draft.facts.outlets and has_words(text[: found.start()]):
        tail.append(Span(*found.span(1), "publisher"))
        end = found.start()
    tail.reverse()
    publishers = [text[span.start : span.end] for span in tail if span.part == "publisher"]
    return [Span(0, end, "title"), *tail], publishers


def _name_part(draft: Draft, name: str) -> str:
    key = key_of(name)
    if key in draft.sections:
        return "section"
    return "publisher" if key in draft.facts.outlets else ""


def _named(text: str) -> list[Span]:
    """Return the spans of the names in a line of names with signs between them."""
    spans, start = [], 0
    for found in [*_CRUMBS.finditer(text), None]:
        end = found.start() if found else len(text)
        if end > start:
            spans.append(Span(start, end, "section"))
        start = found.end() if found else end
    return spans
