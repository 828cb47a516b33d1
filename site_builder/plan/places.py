"""Places: where each page of the archive that is not an article's stands below the output folder.

Paths from names and numbers. What stands there is not known.
"""

from __future__ import annotations

from site_builder.archive import Series
from site_builder.title_index import TextBucket
from site_builder.titles import name_letters

PLURALS = {"archive": "archive", "section": "sections", "topic": "topics", "publisher": "publishers"}
"""Kind of listing -> the folder of its pages."""

RULES = "archive/rules.html"
"""The page that sums up how the archive was read."""

ALPHABET = "titles/index.html"
"""The page with the beginnings of all titles."""

ABOUT = "about.html"
"""The page about the archive; a page of its owner's stands on it, if there is one of this address."""


GUIDE = "llms.txt"
"""What the archive is and how it is addressed, for programs."""

SEARCH = "search.html"

ENGINE = "engine"
"""In the place of a period: the folder of what all buckets of a language share."""

SHARD_LIST = "search/shards.js"
"""The script that tells the search page what there is to load."""


def front_path(series: Series) -> str:
    """Return the path of a listing's front."""
    if series.kind == "archive":
        return "archive/index.html"
    return f"{PLURALS[series.kind]}/{series.slug}.html"


def period_path(series: Series, period: str, number: int) -> str:
    """Return the path of page `number` of a listing's year, month or undated articles.

    In the archive, a year's further pages are `2019-page-2.html`: `2019-10.html` is October there.
    """
    if series.kind != "archive":
        suffix = f"-{number}" if number > 1 else ""
        return f"{PLURALS[series.kind]}/{series.slug}/{period}{suffix}.html"
    mark = "-page-" if len(period) == 4 else "-"
    return f"archive/{period}{mark}{number}.html" if number > 1 else f"archive/{period}.html"


def social_path(series: Series) -> str:
    """Return the path of the picture of a section, or of the archive, for where its pages are shared.

    Without a digest in its name: each article names it, and a picture that is painted anew shall not change them all.
    """
    return "social.png" if series.kind == "archive" else f"{PLURALS[series.kind]}/{series.slug}/social.png"


def titles_path(letters: str, number: int = 1) -> str:
    """Return the path of page `number` of the titles that begin with some letters."""
    suffix = f"-page-{number}" if number > 1 else ""
    return f"titles/{name_letters(letters)}{suffix}.html"


def shard_path(name: str, number: int) -> str:
    """Return the path of a sitemap: of a year, of `undated`, or of `pages` and listings."""
    return f"sitemaps/{name}-{number}.xml" if number > 1 else f"sitemaps/{name}.xml"


def title_shard_path(period: str, number: int) -> str:
    """Return the path of a file of the title index: of a year, or of `undated`."""
    return f"search/titles/{period}-{number}.js" if number > 1 else f"search/titles/{period}.js"


def word_file_path(number: int) -> str:
    """Return the path of a file of words of titles."""
    return f"search/words/{number}.js"


def bucket_folder(name: TextBucket) -> str:
    """Return the folder, with `/` at the end, of a bucket of the full-text index."""
    return f"search/text/{name.lang}/{name.period}/"
