"""Reading: bytes of one source in, one `Article` out.

A reader looks at one file only and decides nothing that depends on other articles. Which reader takes a file is
decided by its suffix. Readers never touch the disk: they get bytes, and rule packs as text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from site_builder.errors import Problem
from site_builder.model import PAGES, Article
from site_builder.values import dataclass

ARTICLE_SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm")
"""How the names of articles end, in small letters; `reader_for` knows the reader of each."""

SIDECAR = ".meta"
"""How the name of a sidecar ends: it is that of its article, but for the suffix."""


class Pack(NamedTuple):
    """A rule pack as it stands on the disk: a name for messages, and its TOML."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """All that reading depends on besides the source itself. Equal options and bytes give equal articles."""

    language: str = "id"
    """What an article is in when it does not say and its words do not tell."""
    detector: str = "words"
    """By what its language is found out, `words` or `py3langid` (see `language.detect_language`)."""
    encodings: tuple[str, ...] = ()
    """Tried, in order, before windows-1252, for bytes that are neither UTF-8 nor UTF-16."""
    disable: tuple[str, ...] = ()
    """Names of rules that are switched off."""
    sections: tuple[str, ...] = ()
    """Section names that may stand at the end of a title line, besides those of the packs."""
    markdown: str = ""
    """Version of Python-Markdown as its metadata has it; with one that is proved, it is imported only when needed."""
    packs: tuple[Pack, ...] = ()
    """The rule packs, in order; a later rule of the same name replaces an earlier one."""
    home: str = ""
    """The address of this site, which ends in `/`, or empty: an address below it is one of this archive."""
    megabytes: float = 8.0
    """The size in megabytes (10**6 bytes) above which a source is an error."""
    depth: int = 2000
    """How many elements of HTML may stand within each other."""
    values: int = 5000
    """How many values front matter may hold."""


class Sidecar(NamedTuple):
    """A file of metadata that stands beside a source: its id, and its bytes."""

    id: str
    data: bytes


class Reading(NamedTuple):
    """What came of reading one source: an article unless there are errors, all problems found, its decoded text.

    The text is that which the places of the article's parts count in; without an article it is empty.
    """

    article: Article | None
    problems: tuple[Problem, ...] = ()
    text: str = ""


Reader = Callable[[str, bytes, ReadOptions], Reading]


def reader_for(source_id: str, sidecar: Sidecar | None = None) -> Reader | None:
    """Return the reader for a source by the suffix of its id, or None when it is no article.

    The metadata of a sidecar are laid over what the source says itself.
    """
    suffix = source_id.rpartition(".")[2].lower()
    if suffix == "txt":
        from site_builder.readers.text import read_text

        return partial(read_text, sidecar=sidecar) if sidecar else read_text
    if suffix in ("md", "markdown"):
        from site_builder.readers.markdown import read_markdown

        return partial(read_markdown, sidecar=sidecar) if sidecar else read_markdown
    if suffix in ("html", "htm"):
        from site_builder.readers.html import read_html

        return partial(read_html, sidecar=sidecar) if sidecar else read_html
    return None


def kind_of(source_id: str) -> str:
    """Return `page` for a source below `content/pages/`, else `article`."""
    return "page" if source_id.startswith(PAGES) else "article"


def decode_source(source_id: str, data: bytes, encodings: tuple[str, ...]) -> str:
    """Return the text of a source as its reader decoded it: what the positions of its parts count in."""
    if source_id.lower().endswith((".html", ".htm")):
        from site_builder.readers.html_decode import decode_html

        return decode_html(data, encodings).text
    from site_builder.readers.decode import decode

    return decode(data, encodings).text
