"""Simple Markdown, written down at once: blocks and marks of which there is no doubt, in a text without any other.

What comes back is, byte for byte, what Python-Markdown makes of the text, or nothing; where it tells so, sanitising
changes nothing in it but where its links lead. `tests/properties/test_quick_markdown.py` proves both. What an article
is, is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

PROVED = "3.11"
"""The Python-Markdown for which the tests have proved it; another may read something in another way."""

_BLANK_LINE = re.compile(r"(?<=\n) +\n")
_GAP = re.compile(r"\n\n+")
_NO_PROSE = re.compile(r"\n(?:    | {0,3}(?:[#>+:=!-]|\d+[.)]))")
"""A line that may be code, a heading, a quotation, a list, a rule or a definition."""
_NO_AMPERSAND = re.compile(r"&(?![ \n])")
"""A sign that may begin an entity. The engine even mends broken ones."""

_HEADING = re.compile(r"(#{1,6}) (?! )([^#\n]*[^#\s])(?:\n|\Z)")
_ITEM = re.compile(r"(?:([-+*])|([0-9]{1,9})\.) (?! )([^\n]+)")
_QUOTED = re.compile(r"> (?! )([^\n]+)")
_TABLE = re.compile(r"\|[^\n]*(?:\n\|[^\n]*)+\Z")
_CODE = re.compile(r"```[a-z0-9]*\n(?:(?!```)[^\n]+\n)+```\Z")

_MOST_ALONE = 20
"""Blocks for which the engine is begun anew; where there are more, it is quicker to give it the whole text."""

_LABEL = r"[^\s*_`\[\]&^](?:[^\n*_`\[\]&^]*[^\s*_`\[\]&^])?"
_ADDRESS = r"(?!//)[A-Za-z0-9./#][A-Za-z0-9/:.~_%?=#+-]*"
_MARK = re.compile(
    r"[*`\[](?:"
    rf"(?<=\*)(?<!\S\*)(\*?)({_LABEL})\*\1(?![\w*])"
    r"|(?<=`)(?<!``)([^\s`&](?:[^\n`&]*[^\s`&])?)`(?!`)"
    rf"|(?<=\[)(?<!!\[)(\*{{0,2}})({_LABEL})\4\]\(({_ADDRESS})\)"
    r")"
)
"""Emphasis, code and links. It begins with the signs themselves, so that it is tried at no other place."""
_GROUPS = _MARK.groups + 1
_WHOLE_ADDRESS = re.compile(r"https?://(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}(?:[/?#][^:]*)?\Z")
"""A whole address that browsers and the sanitiser take for one."""


class Simple(NamedTuple):
    """The HTML of a simple text.

    With `is_safe`, sanitising changes nothing in it but where its links lead. With `is_prose`, it holds paragraphs and
    no marks, so their texts are those of the source. No simple text has other blanks than the common one and line ends.
    """

    html: str
    is_safe: bool
    is_prose: bool


class _NotSimpleError(Exception):
    """There is something in a text that may be read in more than one way."""


def render_simple(text: str, render_block: Callable[[str], str]) -> Simple | None:
    """Return the HTML of a text in which everything is beyond doubt, else None. Line ends may be LF, CR LF or CR.

    Simple are paragraphs, headings by `#`, lists and quotations in one block of plain lines, and in them emphasis by
    `*`, code and links. A block that may be a table, and one of code, goes alone through `render_block`, the engine.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _is_strange(text) and "```" not in text:
        return None
    text += "\n\n"
    if "\n " in text:
        text = _BLANK_LINE.sub("\n", text)
    # Tabs, controls, odd blanks and marks that have no shape are all not printable: the engine knows some of them.
    if "  \n" in text or not text.replace("\n", " ").isprintable() or ("&" in text and _NO_AMPERSAND.search(text)):
        return None
    if not _has_mark(text) and "|" not in text and not _NO_PROSE.search("\n" + text):
        # Blanks before a paragraph go, those behind it stay: so does the engine.
        blocks = [block for piece in _GAP.split(_escape(text)) if (block := piece.lstrip())]
        return Simple("\n".join([f"<p>{block}</p>" for block in blocks]), is_safe=True, is_prose=True)
    if " \n" in text or "]:" in text or "markdown=" in text:
        return None
    writer = _Writer(render_block)
    try:
        writer.write(text.lstrip("\n"))
    except _NotSimpleError:
        return None
    return Simple("\n".join(writer.written), writer.is_safe, is_prose=False)


def _is_strange(text: str) -> bool:
    """Return whether there is a sign that only code may hold."""
    return "<" in text or "\\" in text or "{" in text or "}" in text or "~" in text


def _has_mark(text: str) -> bool:
    return "*" in text or "[" in text or "_" in text or "`" in text or "]" in text


def _escape(text: str) -> str:
    if "&" in text:
        text = text.replace("&", "&amp;")
    return text.replace(">", "&gt;") if ">" in text else text


class _Writer:
    """Writes the blocks of one text, and raises at the first that is not simple."""

    def __init__(self, render_block: Callable[[str], str]) -> None:
        self.written: list[str] = []
        self.is_safe = True
        self._render_with_engine = render_block
        self._alone: dict[int, str] = {}
        self._last = ""
        """What the last block was: a list or a quotation goes on in a next one."""

    def write(self, text: str) -> None:
        for block in _GAP.split(text):
            if _is_strange(block) and not _CODE.match(block):
                raise _NotSimpleError
            start = 0
            while block.startswith("#", start):
                start = self._write_heading(block, start)
            if start < len(block):
                self._write_block(block[start:])
        for place, block in self._alone.items():
            self.written[place] = self._render_with_engine(block)

    def _write_heading(self, block: str, start: int) -> int:
        """Write the heading that begins at `start`, and return where the line below it does."""
        match = _HEADING.match(block, start)
        if match is None:
            raise _NotSimpleError
        level = len(match[1])
        # The sanitiser makes room for the heading of the page.
        self.is_safe = self.is_safe and level > 1
        self.written.append(f"<h{level}>{self._render(match[2])}</h{level}>")
        self._last = "heading"
        return match.end()

    def _write_block(self, block: str) -> None:
        if _ITEM.match(block):
            kind, html = "list", self._render_list(block)
        elif block.startswith("> "):
            kind, html = "quotation", self._render_quotation(block)
        elif block.startswith(("|", "```")):
            kind, html = "other", self._render_alone(block)
        else:
            kind, html = "paragraph", self._render_paragraph(block)
        if kind == self._last and kind in ("list", "quotation"):
            raise _NotSimpleError
        self._last = kind
        self.written.append(html)

    def _render_list(self, block: str) -> str:
        items: list[str] = []
        tags: set[str] = set()
        for line in block.split("\n"):
            match = _ITEM.fullmatch(line)
            if match is None or (not items and match[2] not in (None, "1")) or _NO_PROSE.match("\n" + match[3]):
                raise _NotSimpleError
            tags.add("ul" if match[1] else "ol")
            items.append(f"<li>{self._render(match[3])}</li>\n")
        tag = tags.pop()
        if tags:
            raise _NotSimpleError
        return f"<{tag}>\n{''.join(items)}</{tag}>"

    def _render_quotation(self, block: str) -> str:
        matches = [_QUOTED.fullmatch(line) for line in block.split("\n")]
        inner = "\n".join([match[1] for match in matches if match])
        if not all(matches):
            raise _NotSimpleError
        return f"<blockquote>\n{self._render_paragraph(inner)}\n</blockquote>"

    def _render_alone(self, block: str) -> str:
        """Leave a block that has nothing to do with those about it to the engine, once all others are written."""
        if len(self._alone) == _MOST_ALONE or not (_TABLE.match(block) or _CODE.match(block)):
            raise _NotSimpleError
        self.is_safe = False
        self._alone[len(self.written)] = block
        return ""

    def _render_paragraph(self, block: str) -> str:
        if block[0] == " " or "|" in block or _NO_PROSE.search("\n" + block):
            raise _NotSimpleError
        return f"<p>{self._render(block)}</p>"

    def _render(self, text: str) -> str:
        """Return the HTML of a text within a block."""
        text = _escape(text)
        if not _has_mark(text):
            return text
        pieces = _MARK.split(text)
        if _has_mark("".join(pieces[::_GROUPS])):
            raise _NotSimpleError
        written = [pieces[0]]
        for start in range(1, len(pieces), _GROUPS):
            strong, emphasised, code, mark, label, address = pieces[start : start + _GROUPS - 1]
            if emphasised:
                written.append(_emphasise(emphasised, 2 if strong else 1))
            elif code:
                written.append(f"<code>{code}</code>")
            else:
                self.is_safe = self.is_safe and (":" not in address or bool(_WHOLE_ADDRESS.match(address)))
                written.append(f'<a href="{address}">{_emphasise(label, len(mark))}</a>')
            written.append(pieces[start + _GROUPS - 1])
        return "".join(written)


def _emphasise(text: str, marks: int) -> str:
    return f"<strong>{text}</strong>" if marks == 2 else f"<em>{text}</em>" if marks else text
