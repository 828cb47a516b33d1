"""How to cite an article: as a line of text, in BibTeX and in RIS.

Only what is known is said, and a date only as exactly as it is known. Pure formatters; they never say when a page was
visited, for that is for whoever cites it to know.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from site_builder.model import Article

_BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
"""The ten characters that TeX reads as more than themselves; all others BibTeX's successors take as UTF-8."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""The macros that every BibTeX style defines."""


class Citation(NamedTuple):
    """What a citation names besides the article: the archive by its title, and the address of the page."""

    archive: str
    url: str
    """Absolute where the archive knows its address, else the path of the page."""


def cite_as_text(article: Article, citation: Citation, date: str, isolate: Callable[[str], str] = str) -> str:
    """Return a citation in one line, as bibliographies have it: author, title, publisher, date, archive, address.

    `date` is that of the article in words, or the words for none. `isolate` is given each of these names and returns
    what stands in its place: signs between them are not passed.
    """
    stop = "" if article.title[-1:] in "?!…" else "."
    title = f"“{isolate(article.title.rstrip('.') if stop else article.title)}{stop}”"
    author = f"{isolate(article.byline.rstrip('.'))}." if article.byline else ""
    where = ", ".join(isolate(part) for part in (article.publisher, date.rstrip(".")) if part)
    archive = f"{isolate(citation.archive.rstrip('.'))},"
    return " ".join(filter(None, (author, title, f"{where}.", archive, isolate(citation.url))))


def cite_as_bibtex(article: Article, citation: Citation) -> str:
    """Return an entry of BibTeX: `@article` in the publisher, or `@misc` where there is none known.

    The key is the name of the page. Braces within braces keep the capitals of titles and the names of authors, which
    are told as the source has them.
    """
    year, month, day = _split_date(article.date)
    fields = {
        "author": f"{{{_tex(article.byline)}}}" if article.byline else "",
        "title": f"{{{_tex(article.title)}}}",
        "journal": _tex(article.publisher or ""),
        "year": year,
        "month": month,
        "day": day,
        "howpublished": "" if article.publisher else _tex(citation.archive),
        "note": _tex(citation.archive) if article.publisher else "",
        "language": article.lang or "",
        "url": citation.url,
    }
    macros = {"month"}
    lines = (
        f"  {name} = {_MONTHS[int(value) - 1] if name in macros else f'{{{value}}}'},"
        for name, value in fields.items()
        if value
    )
    kind = "article" if article.publisher else "misc"
    return "\n".join((f"@{kind}{{{_key(citation.url)},", *lines, "}"))


def cite_as_ris(article: Article, citation: Citation) -> str:
    """Return a record of RIS, of the type of newspaper articles; a tag that nothing is known for is left out.

    Tags are two characters, two blanks, a hyphen and a blank, as the format's description of 2001 has it.
    """
    year, month, day = _split_date(article.date)
    record = (
        ("TY", "NEWS"),
        ("AU", article.byline or ""),
        ("TI", article.title),
        ("T2", article.publisher or ""),
        ("PY", year),
        ("DA", f"{year}/{month}/{day}/" if month else ""),
        ("DB", citation.archive),
        ("LA", article.lang or ""),
        ("UR", citation.url),
        ("ER", ""),
    )
    return "\n".join(f"{tag}  - {_line(value)}" for tag, value in record if value or tag == "ER")


def _split_date(date: str | None) -> tuple[str, str, str]:
    year, month, day = (*(date or "")[:10].split("-"), "", "")[:3]
    return year, month, day.lstrip("0") if not month else day


_find_special = re.compile(r"[\\{}$&#%_~^]").search


def _tex(text: str) -> str:
    line = _line(text)
    return line.translate(_BIBTEX) if _find_special(line) else line


def _line(text: str) -> str:
    return " ".join(text.split())


def _key(url: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", url.rpartition("/")[2].removesuffix(".html")).strip("-") or "article"
