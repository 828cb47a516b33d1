"""Reading: bytes of one source in, one `Article` out.

A reader looks at one file only and decides nothing that depends on other articles. Which reader takes a file is
decided by its suffix. Readers never touch the disk: they get bytes, and rule packs as text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from site_builder.errors import Problem
from site_builder.model import Article


class Pack(NamedTuple):
    """A rule pack as it stands on the disk: a name for messages, and its TOML."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """All that reading depends on besides the source itself. Equal options and bytes give equal articles."""

    language: str = "id"
    """What an article is in when it does not say and its words do not tell."""
    encodings: tuple[str, ...] = ()
    """Tried, in order, before windows-1252, for bytes that are neither UTF-8 nor UTF-16."""
    disable: tuple[str, ...] = ()
    """Names of rules that are switched off."""
    sections: tuple[str, ...] = ()
    """Section names that may stand at the end of a title line, besides those of the packs."""
    packs: tuple[Pack, ...] = ()
    """The rule packs, in order; a later rule of the same name replaces an earlier one."""
    megabytes: float = 8.0
    """The size in megabytes (10**6 bytes) above which a source is an error."""


class Reading(NamedTuple):
    """What came of reading one source: an article unless there are errors, and all problems found."""

    article: Article | None
    problems: tuple[Problem, ...] = ()


Reader = Callable[[str, bytes, ReadOptions], Reading]


def reader_for(source_id: str) -> Reader | None:
    """Return the reader for a source by the suffix of its id, or None when it is no article."""
    suffix = source_id.rpartition(".")[2].lower()
    if suffix == "txt":
        from site_builder.readers.text import read_text

        return read_text
    if suffix in ("md", "markdown"):
        from site_builder.readers.markdown import read_markdown

        return read_markdown
    return None
