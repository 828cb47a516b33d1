"""Code blocks as other generators write them, rewritten so that Python-Markdown takes them for code.

It knows fences at the beginning of a line with one plain word behind them. GitHub, Hugo and Zola also take indented
fences and any words behind them, and Jekyll and Hugo have tags of their own. What code means is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*([^`\n]*)\Z")
_HIGHLIGHT = re.compile(r"([ \t]*)(?:\{%-?[ \t]*highlight\b.*%\}|\{\{([<%])[ \t]*highlight\b.*[%>]\}\})[ \t]*\Z")
_END_LIQUID = re.compile(r"[ \t]*\{%-?[ \t]*endhighlight[ \t]*-?%\}[ \t]*\Z")
_END_SHORTCODE = re.compile(r"[ \t]*\{\{[<%][ \t]*/[ \t]*highlight[ \t]*[%>]\}\}[ \t]*\Z")
_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]")
_MARK = re.compile(r"`{3,}|~{3,}")


class _Opening(NamedTuple):
    indent: int
    """Columns before it."""
    closing: re.Pattern[str]


def normalise_code_blocks(text: str) -> str:
    """Return Markdown with every closed code block in a form that Python-Markdown reads; all else as it stands.

    Blocks that need no change keep their lines. Words behind a fence and tags around code are left out, code in a list
    item becomes an indented block, and a block without an end stays text.
    """
    # One sign is found much faster than several.
    if (
        not ("`" in text and "```" in text)
        and not ("~" in text and "~~~" in text)
        and not ("{" in text and "highlight" in text)
    ):
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_rewrite(lines))


def _rewrite(lines: Sequence[str]) -> Iterator[str]:
    in_list = False
    position = 0
    endings = _Endings(lines)
    while position < len(lines):
        line = lines[position]
        opening = _find_opening(line)
        # Four columns outside of a list are an indented block, in which nothing is a fence.
        may_open = opening is not None and (in_list or opening.indent < 4)
        end = endings.find(position, opening.closing) if opening and may_open else None
        if opening and end is not None:
            in_list = in_list and opening.indent > 0
            yield from _write(lines[position + 1 : end], opening.indent, in_list=in_list)
            position = end + 1
            continue
        if line.strip():
            in_list = bool(_ITEM.match(line)) or (in_list and line[0] in " \t")
        yield line
        position += 1


class _Endings:
    """Finds where blocks end; a kind of ending that was not found once is not looked for again."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._missing: set[str] = set()

    def find(self, start: int, closing: re.Pattern[str]) -> int | None:
        if closing.pattern in self._missing:
            return None
        for number in range(start + 1, len(self._lines)):
            if closing.match(self._lines[number]):
                return number
        self._missing.add(closing.pattern)
        return None


def _find_opening(line: str) -> _Opening | None:
    if match := _FENCE.match(line):
        closing = re.compile(rf"[ \t]*{match[2][0]}{{{len(match[2])},}}[ \t]*\Z")
    elif match := _HIGHLIGHT.match(line):
        closing = _END_SHORTCODE if match[2] else _END_LIQUID
    else:
        return None
    return _Opening(len(match[1].expandtabs(4)), closing)


def _write(code: Sequence[str], indent: int, *, in_list: bool) -> Iterator[str]:
    """Yield code as a fenced block, or within a list item as an indented one, with blank lines around it."""
    plain = [_dedent(line, indent) for line in code]
    if in_list:
        depth = " " * (max(4, indent - indent % 4) + 4)
        yield from ("", *(depth + line if line.strip() else "" for line in plain), "")
        return
    longest = max((len(mark) for line in plain for mark in _MARK.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from ("", fence, *plain, fence, "")


def _dedent(line: str, columns: int) -> str:
    blanks = len(line) - len(line.lstrip(" "))
    return line[min(blanks, columns) :] if columns else line
