"""Lines and blocks of a text, and what they look like: sentence, headline, name, verse, list.

Looks only, and places as characters of the decoded text. This room knows nothing of rules, parts or articles, and
nothing it says is ever enough alone to take a line out of a story.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from site_builder.marking import split_lines
from site_builder.readers.language import FUNCTION_WORDS

_INVISIBLE = "\u200b\u2060\ufeff\u00ad"
BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001)))) + _INVISIBLE
"""White space of all kinds and marks without a width: a line of nothing else is blank."""
_BLANK = frozenset(BLANKS)
LONGEST = 300
"""Characters above which a line has no key: rules about whole lines are about short ones."""

_STOP = re.compile(r"[.!?…。؟۔।][\"”’'»)\]]*\Z")
_FULL_STOP = re.compile(r"(?:[.…。۔।][\"”’'»)\]]*|[!?؟][\"”’'»]+)\Z")
_INNER_STOP = re.compile(r"[^\W\d_]{3,}[.!?…][\"”’'»)\]]* +[\"“‘'«(]?[A-Z\u00c0-\u00de]")
_BULLET = re.compile(r"(?:[•·▪◦●○*–—-]|\d{1,2}[.)]) +\S")
_ORNAMENT = re.compile(r"[-_=~*#•—– ]+")
_WORDS = re.compile(r"[^\W_]")
_CONTINUES = re.compile(r"[,.;:!?%…)\]}”’»]")
_OPENS = ("(", "[", "“", "‘", "«")
_NO_HEADLINE = re.compile(r"[.,;:…\"”’'»)\]]\Z")


class Line(NamedTuple):
    """A line that is not blank: its characters from the first visible one to the last.

    `number` counts all lines from 1, `block` counts the runs of lines between blank ones. `text` is the line with
    every blank as a plain one, its length unchanged; `key` is what whole-line rules look up (see `key_of`), empty
    for a line that is too long for them.
    """

    start: int
    end: int
    number: int
    block: int
    text: str
    key: str


def flatten(text: str) -> str:
    """Return `text` with line ends, tabs and no-break spaces as plain blanks, all characters in their places."""
    for blank in "\n\r\t\u00a0\u202f\u2009":
        text = text.replace(blank, " ")
    return text


def key_of(text: str) -> str:
    """Return the form in which two lines are the same: NFC, small letters, blanks folded, none before a colon."""
    folded = " ".join(text.split()).casefold().replace("：", ":").replace(" :", ":")
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)


def strip_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the places from the first visible character of `text[start:end]` to the last; of blanks alone, none."""
    # Most have no blanks around them, and are not looked through for any.
    if start < end and (text[start] in _BLANK or text[end - 1] in _BLANK):
        visible = text[start:end].lstrip(BLANKS)
        start = end - len(visible)
        end = start + len(visible.rstrip(BLANKS))
    return start, end


def fold(text: str) -> str:
    """Return the lines of `text` run together: blanks folded, none before a comma or after an opening bracket."""
    if "\n" not in text and "\r" not in text:
        return " ".join(text.split())
    folded = ""
    for line in fold_lines(text):
        glue = "" if not folded or _CONTINUES.match(line) or folded.endswith(_OPENS) else " "
        folded += glue + line
    return folded


def fold_lines(text: str) -> list[str]:
    """Return the lines of `text` that are not blank, with the blanks in each folded."""
    folded = (" ".join(line.split()) for line in re.split(r"[\r\n]+", text))
    return [line for line in folded if line]


def lines_of(text: str, flat: str) -> tuple[Line, ...]:
    """Return the lines of `text` that are not blank; `flat` is `text` flattened.

    Lines end at LF, CR LF and CR. Blank lines end a block; where a text has none between its lines, every line is
    a block, and so it is within a run of lines each of which is a paragraph by itself.
    """
    runs: list[list[tuple[int, int, int]]] = []
    blank = True
    for number, (start, line) in enumerate(split_lines(text), 1):
        start, end = strip_blanks(text, start, start + len(line))
        if start == end:
            blank = True
            continue
        if blank:
            runs.append([])
            blank = False
        runs[-1].append((start, end, number))
    return tuple(_in_blocks(flat, runs))


def _in_blocks(flat: str, runs: Sequence[Sequence[tuple[int, int, int]]]) -> Iterator[Line]:
    block = 0
    for run in runs:
        texts = [flat[start:end] for start, end, _ in run]
        single = len(runs) == 1 or _are_paragraphs(texts)
        for (start, end, number), seen in zip(run, texts, strict=True):
            yield Line(start, end, number, block, seen, key_of(seen) if end - start <= LONGEST else "")
            block += single
        block += not single


def _are_paragraphs(texts: Sequence[str]) -> bool:
    """Tell whether each line of a run is a paragraph: nearly all end as sentences do and none was wrapped."""
    if len(texts) < 3 or sum(map(len, texts)) < 40 * len(texts):
        return False
    ends = sum(map(ends_sentence, texts))
    begins = sum(1 for text in texts if not goes_on(text))
    return min(ends, begins) * 10 >= len(texts) * 7 and not is_wrapped(texts)


def ends_sentence(text: str) -> bool:
    """Tell whether `text` ends with a stop, inside or outside of quotation marks and brackets."""
    return _STOP.search(text, max(0, len(text) - 8)) is not None


def has_sentences(text: str) -> bool:
    """Tell whether a sentence ends inside `text` and another begins (looked for in its first 600 characters)."""
    return _INNER_STOP.search(text[:600]) is not None


def is_prose(text: str) -> bool:
    """Tell whether `text` is running text: eight words or more (or signs of a script without blanks), and a stop.

    A question or exclamation counts only inside quotation marks, as headlines are often one.
    """
    if len(text) < 40 or (len(text.split(None, 8)) < 8 and text.isascii()):
        return False
    return _FULL_STOP.search(text, max(0, len(text) - 8)) is not None or (len(text) > 200 and has_sentences(text))


def title_case(text: str) -> float:
    """Return how many of the content words of `text` begin with a capital or a digit, from 0.0 to 1.0."""
    words = [word.strip("\"“”‘’'()[],.:;!?") for word in text.split()]
    content = [word for word in words if word and word.casefold() not in FUNCTION_WORDS and word[0].isalnum()]
    return sum(1 for word in content if not word[0].islower()) / len(content) if content else 0.0


def is_headline(text: str, least: int) -> bool:
    """Tell whether a line below a label looks like a headline: `least` to 25 words and no end of a sentence.

    A question or exclamation must be in title case: in a story both end sentences.
    """
    words = text.split()
    if not least <= len(words) <= 25 or text[0].islower() or not (text[0].isalnum() or text[0] in "\"“‘'[("):
        return False
    if text[-1] in "?!":
        return title_case(text) >= 0.8 and not has_sentences(text)
    return not _NO_HEADLINE.search(text) and not has_sentences(text)


def is_name(text: str) -> bool:
    """Tell whether what follows a label is one name or several: few words, mostly capitals, no sentence."""
    words = text.split()
    return (
        0 < len(words) <= 12
        and not has_sentences(text)
        and (title_case(text) >= 0.5 or len(words) <= 2)
        and any(map(str.isalpha, text))
    )


def is_wrapped(*blocks: Sequence[str]) -> bool:
    """Tell whether the lines of blocks were broken at a width: nearly all but the last of each are about as long as
    the longest, and many begin in the middle of a sentence.
    """  # noqa: D205 - the contract is one sentence
    width = max(len(line) for block in blocks for line in block)
    broken = [len(line) for block in blocks for line in block[:-1]]
    begun = [line for block in blocks for line in block[1:]]
    if not broken or width < 40:
        return False
    full = sum(1 for length in broken if length * 10 >= width * 7)
    capitals = sum(1 for line in begun if not goes_on(line))
    return full * 20 >= len(broken) * 17 and capitals * 10 < len(begun) * 7


def goes_on(text: str) -> bool:
    """Tell whether a line begins in the middle of a sentence: with a small letter, a comma or the like."""
    return text[0].islower() or _CONTINUES.match(text) is not None


def is_list(texts: Sequence[str]) -> bool:
    """Tell whether two or more lines all begin with a bullet or a number."""
    return len(texts) > 1 and all(_BULLET.match(text) for text in texts)


def has_words(text: str) -> bool:
    """Tell whether there is a letter or a digit in `text`."""
    return _WORDS.search(text) is not None


def is_ornament(text: str) -> bool:
    """Tell whether `text` is only a line drawn between parts, such as `___` or `* * *`."""
    return _ORNAMENT.fullmatch(text) is not None


def is_item(text: str) -> bool:
    """Tell whether a line begins with a bullet or a number."""
    return _BULLET.match(text) is not None


def is_verse_text(blocks: Sequence[Sequence[str]]) -> bool:
    """Tell whether the blocks of a text, as lists of lines, are stanzas: then each of several lines is verse.

    Most blocks have several short lines, few lines end as sentences do, and none was wrapped at a width.
    """
    lines = [line for block in blocks for line in block]
    stanzas = sum(1 for block in blocks if len(block) > 1)
    if len(lines) < 4 or stanzas * 2 <= len(blocks) or max(map(len, lines)) > 70:
        return False
    stops = sum(1 for line in lines if ends_sentence(line))
    broken = any(_CONTINUES.match(line) for line in lines)
    return stops * 2 < len(lines) and not broken and not is_wrapped(*blocks)


def is_stanza(texts: Sequence[str]) -> bool:
    """Tell whether the lines of one block in a text of prose are verse, beyond doubt."""
    if len(texts) < 3 or max(map(len, texts)) > 60 or ends_sentence(texts[-1]) or is_wrapped(texts):
        return False
    capitals = sum(1 for line in texts if not goes_on(line))
    return capitals * 3 >= len(texts) * 2 and not any(_CONTINUES.match(line) for line in texts)
