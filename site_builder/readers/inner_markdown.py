"""Markdown within elements of HTML, marked so that Python-Markdown reads it.

Elsewhere (CommonMark, so GitHub, Hugo and Zola) a blank line ends a block of HTML, and what stands between
`<details>` and `</details>` is Markdown again. Python-Markdown asks for an attribute `markdown` for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_OPENING = re.compile(r" {0,3}<(details|div|section|article|aside|center|figure|main)\b([^<>]*)>", re.I)
_FENCE = re.compile(r"(`{3,}|~{3,})")


def mark_inner_markdown(text: str) -> str:
    """Return Markdown with `markdown="1"` in every element that goes on behind a blank line and has an end.

    Fenced code is left alone; it is expected as `code_blocks` writes it.
    """
    if "<" not in text:
        return text
    return "\n".join(_mark(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))


def _mark(lines: Sequence[str]) -> Iterator[str]:
    closed_last: dict[str, int] = {}
    open_lines: dict[str, set[int]] = {}
    for number, line in enumerate(lines):
        for name in re.findall(r"</(\w+)[ \t]*>", line.lower()):
            closed_last[name] = number
    fence = ""
    for number, line in enumerate(lines):
        if match := _FENCE.match(line):
            fence = "" if fence and line.startswith(fence) else fence or match[1]
        opening = None if fence else _OPENING.match(line)
        if opening and "markdown" not in opening[2] and not opening[2].endswith("/"):
            name = opening[1].lower()
            if name not in open_lines:
                open_lines[name] = _find_open(lines, name)
            if closed_last.get(name, -1) > number and number in open_lines[name]:
                line = f'{line[: opening.end(2)]} markdown="1"{line[opening.end(2) :]}'
        yield line


def _find_open(lines: Sequence[str], name: str) -> set[int]:
    """Return the lines whose element `name` is still open at the next blank line.

    One pass from the last line to the first, since a page may have a hundred thousand of them: the element that begins
    on a line is open at the blank line if, counted from that line, more are opened than closed at every line until it.
    """
    begins, ends = re.compile(rf"<{name}\b", re.I), re.compile(rf"</{name}\b", re.I)
    found: set[int] = set()
    is_followed, least = False, 0
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if not line.strip():
            is_followed, least = True, 0
        elif "<" in line:
            least = min(0, least) + len(begins.findall(line)) - len(ends.findall(line))
            if is_followed and least > 0:
                found.add(number)
        else:
            least = min(0, least)
    return found
