"""Tags that would swallow the text behind them: one that nobody closes is a word of the text, not markup.

In HTML, `<title>` or `<script>` makes text of all that follows up to its end, `<!--` hides it, and of `<svg>`,
`<template>` and their kind the sanitiser leaves nothing; where the end is missing, that is the rest of the article. Who
writes about them in prose forgets the marks of code. What is safe is not decided here: HTML in, HTML out, and the
sanitiser comes after.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from typing import NamedTuple

from site_builder.readers.sanitise import TAGS

DROPPED = ("script", "style")
"""Elements that the sanitiser leaves out with all that is in them."""
RAW = (*DROPPED, "title", "textarea", "xmp", "plaintext", "noscript", "iframe", "noembed", "noframes")
"""Elements in which there are no tags but their own end."""
_LEFT = frozenset(
    "acronym address applet area article aside audio base basefont bgsound big body button canvas center dialog dir "
    "embed fieldset font footer form frame frameset head header hgroup html image input label legend link main map "
    "marquee menu meta nav nobr object param picture progress search section source strike track tt video".split()
)
"""Elements that the sanitiser does not let through, of which it leaves the content and the blocks that they make."""
_KNOWN = frozenset((*TAGS, *RAW, *_LEFT))
_ATTRIBUTES = r"""(?:[\s/]++|=?[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\s>]++|(?=>))|(?!\s*+=)))*+"""
_TAG = re.compile(rf"<(?:!--|(/?)([A-Za-z][^\s/>]*+)({_ATTRIBUTES}>)?+)")
"""The beginning of a comment, or a tag as browsers see it: one without an end is only its name."""
_COMMENT_END = re.compile(r"(?<=<!--)-?>|--!?>")
_BLOCK = re.compile(r"<(/?)(?:p|h[1-6]|li|ul|ol|dl|d[dt]|t[dhr]|table|blockquote|pre|div)(?=[\s>])[^<>]*>(\n?)")


class Loose(NamedTuple):
    """HTML in which nothing swallows what follows, and the names of what was `shown` as text or will be `dropped`."""

    html: str
    shown: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def tame_tags(raw: str) -> Loose:
    """Return the HTML of a text with every tag that has no end, or ends in another block, written as text.

    Tags of elements that are no HTML, or have a content of another kind, go; what stands in them stays. All other tags
    are left as they are.
    """
    ends = _Ends(raw)
    pieces: list[str] = []
    shown: dict[str, None] = {}
    dropped: dict[str, None] = {}
    done = start = 0
    while match := _TAG.search(raw, start):
        name = match[2].lower() if match[2] else "!--"
        begins, start = not match[1], match.end()
        is_whole = bool(match[3])
        if match.start() > ends.last:  # nothing is closed any more
            pieces += raw[done : match.start()], _OPEN.sub("&lt;", raw[match.start() :])
            return Loose("".join(pieces), (*shown, name), tuple(dropped))
        if is_whole and name not in _KNOWN:
            pieces.append(raw[done : match.start()])
            done = match.end()
            continue
        if name == "!--" or (begins and is_whole and name in RAW):
            end = ends.find(name, match.end())
            if end:
                start = end
                if name in DROPPED:
                    dropped[name] = None
                continue
        elif is_whole:
            continue
        pieces += raw[done : match.start()], "&lt;"
        done = start = match.start() + 1
        shown[name] = None
    return Loose("".join([*pieces, raw[done:]]), tuple(shown), tuple(dropped))


_OPEN = re.compile(r"<(?=[A-Za-z/!])")


class _Ends:
    """Where comments and elements end in a text; each kind is looked for once."""

    def __init__(self, raw: str) -> None:
        self.last = raw.rfind(">")
        self._raw = raw
        self._ends: dict[str, list[int]] = {}

    def find(self, name: str, start: int) -> int:
        """Return where the first end of an element or comment behind `start` is, or 0 where it has none of its own.

        One behind the end of a block that was open is none of its own: whoever wrote it there meant something else.
        """
        if name == "plaintext":
            return 0
        if name not in self._ends:
            pattern = _COMMENT_END if name == "!--" else re.compile(rf"</{name}(?=[\s/>])", re.I)
            self._ends[name] = [match.start() for match in pattern.finditer(self._raw)]
        end = _find_next(self._ends[name], start)
        return 0 if name != "!--" and self._closes_a_block(start, end) else end

    def _closes_a_block(self, start: int, end: int) -> bool:
        place = bisect_left(self._blocks, (start, False))
        return place < len(self._blocks) and self._blocks[place][0] < end and self._blocks[place][1]

    @cached_property
    def _blocks(self) -> list[tuple[int, bool]]:
        """Where tags of blocks begin, and whether each ends one and a line, as Markdown writes it."""
        return [(match.start(), bool(match[1] and match[2])) for match in _BLOCK.finditer(self._raw)]


def _find_next(places: list[int], start: int) -> int:
    number = bisect_left(places, start)
    return places[number] if number < len(places) else 0
