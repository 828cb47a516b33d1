"""The footer that a site writes in its settings: plain text with paragraphs and links, and nothing else.

It is no Markdown: that would bring a parser and a sanitiser to every start, for one line (docs/decisions/0014). What a
page named in it is, is not known here.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

_LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)")


class Piece(NamedTuple):
    """Some words of the footer; a link has a `target`: an address, or the name of a page under `content/pages/`."""

    text: str
    target: str = ""

    @property
    def is_page(self) -> bool:
        """Whether the target is the name of a page."""
        return bool(self.target) and not urlsplit(self.target).scheme


def read_footer(text: str) -> tuple[tuple[Piece, ...], ...]:
    """Return the paragraphs of a footer, which are parted by empty lines; a link is written [words](target).

    >>> read_footer("Kept by [friends](https://example.org)")
    ((Piece(text='Kept by ', target=''), Piece(text='friends', target='https://example.org')),)
    """
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")))
    return tuple(tuple(_read_pieces(paragraph)) for paragraph in paragraphs if paragraph)


def _read_pieces(paragraph: str) -> list[Piece]:
    pieces: list[Piece] = []
    done = 0
    for match in _LINK.finditer(paragraph):
        pieces += [Piece(paragraph[done : match.start()]), Piece(match[1], match[2])]
        done = match.end()
    return [piece for piece in (*pieces, Piece(paragraph[done:])) if piece.text]


def check_footer(text: str) -> str:
    """Return what is wrong with a footer, or an empty string."""
    for piece in (piece for paragraph in read_footer(text) for piece in paragraph if piece.target):
        try:
            scheme = urlsplit(piece.target).scheme
        except ValueError:
            scheme = "?"
        if scheme not in ("", "http", "https", "mailto"):
            return f"leads to {piece.target!r}: write an address that begins with https://, or the name of a page"
    return ""
