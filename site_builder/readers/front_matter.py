"""Front matter: what stands before the text of a source, or in a file beside it, in any dialect.

Every value stays the text that was written: a date, `no` or `12:30:45` is never turned into something else, and nothing
in it is code. How a dialect is written, what a key means, and what a reader makes of the facts is not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace

from site_builder.errors import Problem
from site_builder.model import Article
from site_builder.readers import Sidecar
from site_builder.readers.decode import decode
from site_builder.readers.dialects import find_block, read_block
from site_builder.readers.header import MAX_CHARACTERS, MAX_NODES, HeaderError, Remark
from site_builder.readers.keys import Told, find_meaning, is_list, sort_fields
from site_builder.readers.steering import KEYS
from site_builder.values import dataclass


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The checked fields of a front matter; `end` is where the text after it begins, in characters.

    A field that was not given, or left empty, is missing from `fields`. Lists are tuples of texts.
    """

    end: int = 0
    fields: Mapping[str, object] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Whether one of the problems is an error."""
        return any(problem.severity == "error" for problem in self.problems)


def read_front_matter(source_id: str, text: str, most: int = MAX_NODES) -> FrontMatter:
    """Return the front matter at the beginning of `text`, with all its problems; an empty one when there is none.

    More than `most` values are one. Markdown (by the suffix of `source_id`) may have every dialect, all else only what
    stands between exact lines `---` or `+++`.
    """
    return _read(text, Told(f"{source_id}:", ""), loose=source_id.lower().endswith((".md", ".markdown")), most=most)


def add_sidecar(
    source_id: str, front: FrontMatter, sidecar: Sidecar | None, encodings: tuple[str, ...], most: int = MAX_NODES
) -> FrontMatter:
    """Return front matter with the fields of a file beside the source laid over it.

    Its problems are told at the source, naming the file: it has no place of its own among the articles.
    """
    if sidecar is None:
        return front
    name = sidecar.id.rpartition("/")[2]
    told = Told(source_id, f"{name}, line ")
    text = decode(sidecar.data, encodings).text
    side = _read(text, told, loose=True, most=most)
    problems = [*front.problems, *side.problems]
    hint = "write lines such as '.. title: The title'"
    if not side.end and not side.problems and text.strip():
        problems.append(told.problem("warning", Remark(1, "there is no metadata here", hint)))
    elif not side.is_broken and text[side.end :].strip():
        line = text.count("\n", 0, side.end) + 1
        problems.append(told.problem("warning", Remark(line, "what follows the metadata is not shown", hint)))
    return FrontMatter(front.end, {**front.fields, **side.fields}, {**front.extra, **side.extra}, tuple(problems))


def has_front_matter(text: str) -> bool:
    """Return whether a raw text begins with front matter: fenced, and with a line that begins with a known key.

    A text may well begin with a line of dashes; in Markdown that is not asked. Lines of Nikola are always metadata.
    """
    if text.startswith(("..", "<!--")):
        return find_block(text, loose=False) is not None
    if not text.startswith(("---", "+++")):
        return False
    front = read_front_matter("", text)
    block = text[: front.end] if front.end else text[:MAX_CHARACTERS]
    keys = re.findall(r"[\r\n]([A-Za-z_-]+)[ \t]*[:=]", block)
    return bool(front.end) and any(find_meaning(key) or key in KEYS for key in keys)


def read_page_head(source_id: str, text: str, most: int = MAX_NODES) -> FrontMatter:
    """Return the front matter above a page of HTML, as Jekyll, Hugo and Nikola allow it; an empty one without any.

    No page begins with a line of dashes, so every closed block counts, whatever its keys.
    """
    try:
        found = find_block(text, loose=False)
    except HeaderError:
        return FrontMatter()
    return read_front_matter(source_id, text, most) if found else FrontMatter()


def lay_over(article: Article, front: FrontMatter) -> Article:
    """Return the article with the facts that front matter gives: they go before those found in the text.

    An article in a folder `_drafts` is a draft.
    """
    given = _find_facts(article.id, front)
    if not given and not front.extra:
        return article
    return replace(article, extra=front.extra, **given)  # type: ignore[arg-type]  # each was settled to its kind


def make_article(front: FrontMatter, *, id: str, **found: object) -> Article:
    """Return the article of these facts with those of front matter laid over them, as `lay_over` does."""
    facts = {**found, **_find_facts(id, front)}
    return Article(id=id, extra=front.extra, **facts)  # type: ignore[arg-type]  # each was settled to its kind


def _find_facts(source_id: str, front: FrontMatter) -> dict[str, object]:
    given = {_FIELDS.get(key, key): value for key, value in front.fields.items()}
    for name in ("title", "date", "summary"):
        if name in given:
            given[f"{name}_from"] = "front matter"
    if "_drafts" in source_id.split("/")[:-1]:
        given["draft"] = True
    return given


_FIELDS = {"section": "sections", "tags": "topics", "author": "byline"}
"""Meaning of a key -> the field of an article, where the names differ."""


# --- reading -----------------------------------------------------------------------------------------------------


def _read(text: str, told: Told, *, loose: bool, most: int) -> FrontMatter:
    end = 0
    try:
        found = find_block(text, loose=loose)
        if found is None:
            return FrontMatter()
        end = found.end
        header = read_block(found, is_list, most)
    except HeaderError as exc:
        return FrontMatter(end=end, problems=(told.problem("error", exc.remark),))
    return FrontMatter(end, *sort_fields(header, told))
