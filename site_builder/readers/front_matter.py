"""Front matter: the YAML between two lines `---` at the beginning of a source.

Every value stays the text that was written: a date, `no` or `12:30:45` is never turned into something else, and nothing
in it is code. Which keys mean what is said here once; what a reader makes of them is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from site_builder.errors import Problem, error
from site_builder.model import Article
from site_builder.readers.dates import parse_date
from site_builder.urls import MAX_SLUG, RESERVED, is_slug, make_slug

MAX_CHARACTERS = 64_000
MAX_NODES = 5_000
MAX_DEPTH = 20

NAMES: Mapping[str, tuple[str, ...]] = {
    "title": (),
    "date": ("published", "pubdate", "publishdate", "published_date", "created"),
    "updated": ("modified", "lastmod", "last_modified_at"),
    "section": ("category", "categories", "sections"),
    "tags": ("tag", "keywords", "topics"),
    "author": ("authors", "by", "byline"),
    "summary": ("description", "excerpt"),
    "lang": ("language", "locale"),
    "slug": (),
    "aliases": ("redirect_from",),
    "draft": (),
    "source_url": (),
    "publisher": (),
}
"""What a key means -> the other names by which it goes."""

_MEANING = {other: key for key, others in NAMES.items() for other in (key, *others)}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")
_FENCE = re.compile(r"---[ \t]*\Z")
_CLOSING = re.compile(r"(?:---|\.\.\.)[ \t]*\Z")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The checked fields of a front matter; `end` is where the text after it begins, in characters.

    A field that was not given, or left empty, is missing from `fields`. Lists are tuples of texts.
    """

    end: int = 0
    fields: Mapping[str, object] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_front_matter(source_id: str, text: str) -> FrontMatter:
    """Return the front matter at the beginning of `text`, with all its problems; an empty one when there is none.

    It begins with a first line `---` and ends with the next line `---` or `...`.
    """
    lines = text.split("\n")
    if not _FENCE.match(lines[0].rstrip("\r")):
        return FrontMatter()
    closing = next((n for n, line in enumerate(lines) if n and _CLOSING.match(line.rstrip("\r"))), None)
    if closing is None:
        hint = "close it with a line ---, or begin the text with an empty line if this is no front matter"
        return FrontMatter(problems=(error(f"{source_id}:1", "the front matter has no end", hint),))
    end = min(len(text), sum(len(line) + 1 for line in lines[: closing + 1]))
    block = "\n".join(lines[1:closing])
    try:
        pairs = _parse_yaml(source_id, block)
    except _BadYamlError as exc:
        return FrontMatter(end=end, problems=(exc.problem,))
    return _sort_fields(source_id, pairs, end)


def has_front_matter(text: str) -> bool:
    """Return whether a raw text begins with front matter: fenced, and with a line that begins with a known key.

    A text may well begin with a line of dashes; in Markdown that is not asked.
    """
    if not text.startswith("---"):
        return False
    front = read_front_matter("", text)
    block = text[: front.end] if front.end else text[:MAX_CHARACTERS]
    keys = re.findall(r"^([A-Za-z_-]+)[ \t]*:", block, re.M)
    return bool(front.end) and any(_find_meaning(key) for key in keys)


def lay_over(article: Article, front: FrontMatter) -> Article:
    """Return the article with the facts that front matter gives: they go before those found in the text."""
    given = {_FIELDS.get(key, key): value for key, value in front.fields.items()}
    for name in ("title", "date"):
        if name in given:
            given[f"{name}_from"] = "front matter"
    return replace(article, extra=front.extra, **given)  # type: ignore[arg-type]  # each was settled to its kind


_FIELDS = {"section": "sections", "tags": "topics", "author": "byline"}
"""Meaning of a key -> the field of an article, where the names differ."""


# --- YAML --------------------------------------------------------------------------------------------------------


class _BadYamlError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


Pair = tuple[str, object, int]
"""Key, value and the line of the source on which the key stands."""


def _parse_yaml(source_id: str, block: str) -> list[Pair]:
    """Return the pairs of the outermost mapping. Line 1 of the source is the fence, so YAML's line 0 is line 2."""

    def refuse(message: str, mark: Any, hint: str = "") -> _BadYamlError:  # noqa: ANN401 - PyYAML has two kinds
        place = f"{source_id}:{mark.line + 2}:{mark.column + 1}" if mark else f"{source_id}:2"
        return _BadYamlError(error(place, message, hint))

    if len(block) > MAX_CHARACTERS:
        raise refuse(f"the front matter has more than {MAX_CHARACTERS:,} characters", None)
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        depth = 0
        for count, event in enumerate(yaml.parse(block, Loader=loader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise refuse("YAML anchors and aliases are not read", event.start_mark, "write the value out")
            if tag := getattr(event, "tag", None):
                raise refuse(f"the YAML tag {tag} is not read", event.start_mark, "write the plain value")
            if count > MAX_NODES or depth > MAX_DEPTH:
                raise refuse("the front matter is nested too deep or has too many values", event.start_mark)
        root = yaml.compose(block, Loader=loader)
    except yaml.MarkedYAMLError as exc:
        hint = "put a value that holds ': ', '#' or begins with a mark into quotation marks"
        raise refuse(f"the front matter is not YAML: {exc.problem or exc.context}", exc.problem_mark, hint) from None
    except yaml.YAMLError as exc:
        raise refuse(f"the front matter is not YAML: {str(exc).splitlines()[0]}", None) from None
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode):
        raise refuse("the front matter is not made of lines 'key: value'", root.start_mark)
    pairs: list[Pair] = []
    for key, value in root.value:
        if not isinstance(key, yaml.ScalarNode):
            raise refuse("a key of the front matter is not a word", key.start_mark)
        pairs.append((key.value, _plain(value), key.start_mark.line + 2))
    for key, value, line in pairs:
        if any(_has_surrogate(part) for part in _texts_in((key, value))):
            raise _BadYamlError(error(f"{source_id}:{line}", f"{key!r} holds half a character", "write it whole"))
    return pairs


def _plain(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return {str(_plain(key)): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return node.value


def _texts_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for text in _texts_in(pair)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in _texts_in(item)]
    return [str(value)]


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= c <= "\udfff" for c in text)


# --- fields ------------------------------------------------------------------------------------------------------


class _BadValueError(ValueError):
    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def _sort_fields(source_id: str, pairs: list[Pair], end: int) -> FrontMatter:
    fields: dict[str, object] = {}
    extra: dict[str, object] = {}
    given: dict[str, tuple[str, int]] = {}
    problems: list[Problem] = []
    for key, value, line in pairs:
        place = f"{source_id}:{line}"
        meaning = _find_meaning(key)
        if meaning is None:
            if key in extra:
                problems.append(error(place, f"{key!r} is given twice", "keep one of the two"))
            extra[key] = value
            continue
        try:
            settled = _SETTLE[meaning](value)
        except _BadValueError as exc:
            problems.append(error(place, f"{key}: {exc}", exc.hint))
            continue
        if settled in ("", (), None):
            continue
        first, first_line = given.setdefault(meaning, (key, line))
        if first_line != line and (first == key or fields[meaning] != settled):
            said = f"{key!r} is given twice" if first == key else f"{key!r} and {first!r} say different things"
            problems.append(error(place, f"{said} (see line {first_line})", "keep one of the two"))
        fields[meaning] = settled
    return FrontMatter(end, fields, extra, tuple(problems))


def _find_meaning(key: str) -> str | None:
    return _MEANING.get(key.strip().lower().replace("-", "_"))


def _settle_text(value: object) -> str:
    if not isinstance(value, str):
        raise _BadValueError("must be a text, and is a list or a table", "write one value on the line of the key")
    return " ".join(value.split())


def _settle_list(value: object) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise _BadValueError("must be a list of texts", "write [one, two]")
    return tuple(dict.fromkeys(text for item in items if (text := " ".join(item.split()))))


def _settle_names(value: object) -> str:
    return _settle_text(value) if isinstance(value, str) else ", ".join(_settle_list(value))


def _settle_sections(value: object) -> tuple[str, ...]:
    return _settle_list([value] if isinstance(value, str) else value)


def _settle_date(value: object) -> str:
    text = _settle_text(value)
    try:
        return parse_date(text) if text else ""
    except ValueError as exc:
        raise _BadValueError(f"unknown date {text!r}", str(exc)) from None


def _settle_slug(value: object) -> str:
    slug = _settle_text(value)
    if slug and not is_slug(slug):
        better = make_slug(slug)
        hint = f"write letters a-z, digits and '-', at most {MAX_SLUG}"
        if slug in RESERVED:
            hint = "the name is kept for the site itself or cannot be stored on Windows; choose another"
        elif is_slug(better):
            hint = f"write {better!r}"
        raise _BadValueError(f"{slug[:80]!r} cannot be an address", hint)
    return slug


def _settle_language(value: object) -> str:
    text = _settle_text(value).replace("_", "-")
    if text and not _LANGUAGE.match(text):
        raise _BadValueError(f"{text[:40]!r} is no language", "write a code such as id or en")
    return text.lower() if len(text) <= 3 else text


def _settle_boolean(value: object) -> bool | None:
    word = _settle_text(value).lower()
    if word in ("true", "yes", "on", "1"):
        return True
    if word in ("false", "no", "off", "0", ""):
        return None
    raise _BadValueError(f"{word!r} is neither true nor false", "write true or false")


_SETTLE: Mapping[str, Callable[[object], object]] = {
    "title": _settle_text,
    "date": _settle_date,
    "updated": _settle_date,
    "section": _settle_sections,
    "tags": _settle_list,
    "author": _settle_names,
    "summary": _settle_text,
    "lang": _settle_language,
    "slug": _settle_slug,
    "aliases": _settle_sections,
    "draft": _settle_boolean,
    "source_url": _settle_text,
    "publisher": _settle_text,
}
