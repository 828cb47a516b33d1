"""What a build has to say, in words that the command line and the development server share.

Pure: reports and problems in, lines of text out. Who prints them, and where, is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from site_builder.errors import Problem
from site_builder.model import Report
from site_builder.urls import MARKED, PATTERN_FIELDS, fill_pattern

SHOWN_WARNINGS = 20
"""How many warnings are told one by one before the others are only counted."""


def summarise(report: Report) -> str:
    """Return the rewrite budget: what changed in the sources, what it cost in files, how long it took."""
    return (
        f"{len(report.added):,} added, {len(report.changed):,} changed, {len(report.removed):,} removed: "
        f"{count(len(report.written), 'file')} written, {len(report.deleted):,} deleted, "
        f"{report.unchanged:,} unchanged, {report.seconds['total']:.2f} s"
    )


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "file"), count(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def word_addition(name: str, added: int, there: int, left_out: int, *, dry_run: bool) -> str:
    """Return what came of the dump `name`, or what would.

    >>> word_addition("news.jsonl", 1, 2, 0, dry_run=False)
    'news.jsonl: 1 article added, 2 there already, 0 records left out'
    """
    done = "would be added" if dry_run else "added"
    return f"{name}: {count(added, 'article')} {done}, {there:,} there already, {count(left_out, 'record')} left out"


def word_problems(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield one line for each problem."""
    for problem in problems:
        yield f"{problem.severity}: {problem}"


def word_warnings(warnings: Sequence[Problem], shown: int = SHOWN_WARNINGS, hint: str = "") -> Iterator[str]:
    """Yield a line for each of the first `shown` warnings, and one that counts the others and ends in `hint`."""
    yield from word_problems(warnings[:shown])
    more = len(warnings) - shown
    if more > 0:
        yield f"… and {count(more, 'more warning')}{hint}"


def find_new_articles(written: Iterable[str], known: Collection[str], pattern: str) -> list[str]:
    """Return the pages of articles among the files that a build wrote, without those in `known`.

    `pattern` is that of the articles' addresses (`Config.article_pattern`).
    """
    any_name = fill_pattern(
        re.escape(pattern).replace(r"\{", "{").replace(r"\}", "}"), dict.fromkeys(PATTERN_FIELDS, "[^/]+")
    )
    article = re.compile(any_name)
    new = (path for path in written if path not in known and not path.endswith(MARKED))
    return [path for path in new if article.fullmatch(path)]
