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
    closed_last = {}
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
            if closed_last.get(name, -1) > number and _goes_on(lines, number, name):
                line = f'{line[: opening.end(2)]} markdown="1"{line[opening.end(2) :]}'
        yield line


def _goes_on(lines: Sequence[str], start: int, name: str) -> bool:
    """Tell whether an element is still open at the first blank line below its beginning."""
    depth = 0
    for line in lines[start:]:
        if not line.strip():
            return depth > 0
        depth += len(re.findall(rf"<{name}\b", line, re.I)) - len(re.findall(rf"</{name}\b", line, re.I))
        if depth <= 0:
            return False
    return False
