"""The values of front matter, each settled to the kind that its meaning asks for: a text, a list, a date, a yes.

A value that cannot be that is refused with a remedy, never bent. Which keys there are is not known here.
"""

from __future__ import annotations

import re

from site_builder.readers.dates import parse_date
from site_builder.urls import MAX_SLUG, RESERVED, is_slug, make_slug

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")
_WORD = re.compile(r"[\w.-]+\Z")
"""A slug that other generators take: it holds neither blanks nor slashes."""
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


class BadValueError(ValueError):
    """A value that cannot be what its key means; `hint` says what to write."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def settle_text(value: object) -> str:
    """Return a text in one line. Raises BadValueError for a list or a table."""
    if not isinstance(value, str):
        raise BadValueError("must be a text, and is a list or a table", "write one value on the line of the key")
    return " ".join(value.split())


def settle_list(value: object) -> tuple[str, ...]:
    """Return a list of different texts, also from one text with commas. Raises BadValueError."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise BadValueError("must be a list of texts", "write [one, two]")
    return tuple(dict.fromkeys(text for item in items if (text := " ".join(item.split()))))


def settle_names(value: object) -> str:
    """Return names of people as one text; a table with a `name` is a person. Raises BadValueError."""
    people = [_name(person) for person in (value if isinstance(value, list) else [value])]
    if isinstance(value, str):
        return settle_text(value)
    names = settle_list(people)
    return ("; " if any("," in name for name in names) else ", ").join(names)


def _name(person: object) -> object:
    return person["name"] if isinstance(person, dict) and "name" in person else person


def settle_whole(value: object) -> tuple[str, ...]:
    """Return a list of texts; a text is one, whatever commas it holds. Raises BadValueError."""
    return settle_list([value] if isinstance(value, str) else value)


def settle_date(value: object) -> str:
    """Return a date in the form of `Article.date`, empty when none is given. Raises BadValueError."""
    text = settle_text(value)
    try:
        return parse_date(text) if text else ""
    except ValueError as exc:
        raise BadValueError(f"unknown date {text!r}", str(exc)) from None


def settle_slug(value: object) -> str:
    """Return the last part of an address; of a word in other letters or signs, what comes nearest (`TLS` as `tls`).

    Raises BadValueError for what cannot be one.
    """
    slug = settle_text(value)
    if slug and not is_slug(slug):
        better = slug.lower() if is_slug(slug.lower()) else make_slug(slug)
        if _WORD.match(slug) and is_slug(better):
            return better
        hint = f"write letters a-z, digits and '-', at most {MAX_SLUG}"
        if slug in RESERVED:
            hint = "the name is kept for the site itself or cannot be stored on Windows; choose another"
        elif is_slug(better):
            hint = f"write {better!r}"
        raise BadValueError(f"{slug[:80]!r} cannot be an address", hint)
    return slug


def settle_language(value: object) -> str:
    """Return a language code. Raises BadValueError."""
    text = settle_text(value).replace("_", "-")
    if text and not _LANGUAGE.match(text):
        raise BadValueError(f"{text[:40]!r} is no language", "write a code such as id or en")
    return text.lower() if len(text) <= 3 else text


def settle_boolean(value: object) -> bool | None:
    """Return True, or None for what is not so. Raises BadValueError for any other word."""
    word = settle_text(value).lower()
    if word in _TRUE:
        return True
    if word in _FALSE or not word:
        return None
    raise BadValueError(f"{word!r} is neither true nor false", "write true or false")


def is_yes(value: object) -> bool | None:
    """Return True or False for a word that says it, None for everything else."""
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in _TRUE else False if word in _FALSE else None
