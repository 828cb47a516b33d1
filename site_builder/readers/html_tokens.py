"""The tokens of an HTML source, with their places: tags, text, and what is neither.

In time that grows with the length of the source, whatever is in it, and every character is in exactly one token. What
a tag means for an article is not known here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

BLOCKS = frozenset(
    "address article aside blockquote body br button caption center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe img legend li main menu nav noscript ol "
    "option p pre section select summary table tbody td template textarea tfoot th thead title tr ul video".split()
)
"""Elements that end a line of text where they begin and where they end."""

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
"""Elements that have neither content nor end."""
_OPEN_ENDED = frozenset("a dd dt li option p td th tr".split())
"""Elements that the next of their kind ends, with or without a tag."""
_RAW = frozenset("iframe noembed noframes script style textarea title xmp".split())
"""Elements in which nothing is a tag but their own end."""
_NAME = r"<(/?)([a-zA-Z][^\s/>]*+)"
# A quotation mark hides a '>' only right after '=', as in browsers. The possessive forms never try a place twice.
_TAG = re.compile(_NAME + r"""(?:[^>=]++|=\s*+(?:"[^"]*"|'[^']*'|))*+>""")
_PLAIN_TAG = re.compile(_NAME + r"[^>]*+>")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]++)))?""")
_LONGEST_TAG = 20_000


class Token(NamedTuple):
    """Characters `start` to `end` of a source.

    `kind` is `open`, `close`, `text`, `raw` (what stands in an element such as script or title, whose name it has) or
    `markup` (comments, declarations, instructions). `name` is in small letters.
    """

    kind: str
    start: int
    end: int
    name: str = ""


def tokenise(source: str) -> list[Token]:
    """Return the tokens of `source`: in order, without gap or overlap. A tag that never ends is text."""
    tokens: list[Token] = []
    pattern = _TAG
    position = begin = 0
    while (start := source.find("<", position)) >= 0:
        sign = source[start + 1 : start + 3]
        if sign[:1] in ("!", "?") or (sign[:1] == "/" and not sign[1:].isalpha()):
            end = _end_of_markup(source, start)
            token = Token("markup", start, end)
        elif not (sign[:1].isascii() and sign[:1].isalpha()) and sign[:1] != "/":
            position = start + 1
            continue
        else:
            found = pattern.match(source, start)
            if found is None and pattern is _TAG:
                # A quotation mark without its fellow would hide all that follows: from here on they hide nothing.
                pattern = _PLAIN_TAG
                found = pattern.match(source, start)
            if found is None:
                if source.find(">", start) < 0:
                    break
                position = start + 1
                continue
            end = found.end()
            token = Token("close" if found[1] else "open", start, end, found[2].lower())
        if begin < start:
            tokens.append(Token("text", begin, start))
        tokens.append(token)
        position = begin = end
        if token.kind == "open" and token.name in _RAW:
            close = re.compile(rf"</{token.name}(?=[\s/>])", re.I).search(source, end)
            position = begin = close.start() if close else len(source)
            if end < begin:
                tokens.append(Token("raw", end, begin, token.name))
    if begin < len(source):
        tokens.append(Token("text", begin, len(source)))
    return tokens


def _end_of_markup(source: str, start: int) -> int:
    if source.startswith("<!--", start):
        end = source.find("-->", start + 2)
        return end + 3 if end >= 0 else len(source)
    end = source.find(">", start)
    return end + 1 if end >= 0 else len(source)


def read_attributes(source: str, token: Token) -> Mapping[str, str]:
    """Return the attributes of an opening tag, names in small letters; of two with one name the first."""
    start = token.start + 1 + len(token.name)
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(source[start : min(token.end - 1, start + _LONGEST_TAG)]):
        found.setdefault(match[1].lower(), plain(match[2] or match[3] or match[4] or ""))
    return found


def plain(markup: str) -> str:
    """Return the text that is written as `markup`: entities resolved, blanks folded, no halves of characters."""
    text = " ".join(html.unescape(markup).split())
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def text_lines(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return the text tokens in lines: runs of text with no element between them that would end a line."""
    lines: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "text":
            lines[-1].append(token)
        elif token.kind in ("open", "close") and token.name in BLOCKS and lines[-1]:
            lines.append([])
    return lines if lines[-1] else lines[:-1]


def pair(tokens: Sequence[Token]) -> dict[int, int]:
    """Return for each opening tag that is closed: its number -> the number of the tag that closes it."""
    waiting: dict[str, list[int]] = {}
    pairs: dict[int, int] = {}
    for number, token in enumerate(tokens):
        if token.kind == "open":
            waiting.setdefault(token.name, []).append(number)
        elif token.kind == "close" and waiting.get(token.name):
            pairs[waiting[token.name].pop()] = number
    return pairs


def measure_depth(tokens: Sequence[Token]) -> int:
    """Return how deep elements stand in each other, apart from those that often have no end."""
    depth = deepest = 0
    for token in tokens:
        if token.name in VOID or token.name in _OPEN_ENDED:
            continue
        if token.kind == "open":
            depth += 1
            deepest = max(deepest, depth)
        elif token.kind == "close":
            depth = max(0, depth - 1)
    return deepest
