"""The title index: titles and summaries as script files that the search page loads, one year at a time.

Pure formatters: a view in, bytes out. A file is one call of a function that the search page defines, because a script
element is all that a page opened from a disk may load (docs/search.md). What is searched, and how, is not known here.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from site_builder.values import dataclass


class TitleRow(NamedTuple):
    """What the search page knows of an article; all but the url and the title may be empty."""

    url: str
    """Path of its page below the root of the site."""
    title: str
    summary: str
    date: str
    section: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleShardView:
    """The articles of a year or of `undated`, or a part of them: `number` counts from 1, `rows` are oldest first."""

    period: str
    number: int
    rows: tuple[TitleRow, ...]


class WordRow(NamedTuple):
    """What the search page knows of a title that it found by its words; all but the url and the title may be empty."""

    url: str
    """Path of its page below the root of the site."""
    title: str
    date: str
    section: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordFileView:
    """The titles of all years that have a word of this file (`title_words`), oldest first."""

    number: int
    rows: tuple[WordRow, ...]


class TextBucket(NamedTuple):
    """A part of the full-text index that a reader's browser loads whole: a folder of files."""

    lang: str
    """The language by whose rules its words are cut to their stems."""
    period: str
    """`YYYY-YYYY`, `YYYY`, or `undated`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardListView:
    """What there is to search, in the order in which it is searched: the newest first, undated at the end."""

    titles: tuple[tuple[str, int], ...]
    """Period and number of each file of titles."""
    texts: tuple[TextBucket, ...]
    """Empty where there is no full-text index."""
    words: int = 0
    """How many files of words of titles there are; 0 where all titles are so few that they can be looked through."""


def format_titles(shard: TitleShardView) -> bytes:
    """Return the script `archive.add("2019", 1, [[url, title, summary, date, section, lang], …])` in ASCII."""
    rows = ",\n".join(write_literal(row) for row in shard.rows)
    return f"archive.add({write_literal(shard.period)}, {shard.number}, [\n{rows}\n]);\n".encode("ascii")


def format_words(file: WordFileView) -> bytes:
    """Return the script `archive.words(17, [[url, title, date, section, lang], …])` in ASCII."""
    rows = ",\n".join(write_literal(row) for row in file.rows)
    return f"archive.words({file.number}, [\n{rows}\n]);\n".encode("ascii")


def format_shard_list(found: ShardListView) -> bytes:
    """Return the script `archive.list([["2019", 2], …], [["id", "2015-2019"], …], 512)` in ASCII."""
    lists = ", ".join(map(write_literal, (found.titles, found.texts, found.words)))
    return f"archive.list({lists});\n".encode("ascii")


def write_literal(value: object) -> str:
    r"""Return a value as a literal that is JSON and JavaScript alike, in ASCII and without `<`.

    So nothing that an article says can end the script, and the page's encoding plays no part.

    >>> write_literal(["</script>", "\u2028"])
    '["\\u003c/script>","\\u2028"]'
    """
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
