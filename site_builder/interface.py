"""The interface in one language: phrases from language files, laid over the dates, numbers and plurals of a table.

What a file does not say is taken from the next, key by key: the file of the region, that of the language, the table of
CLDR (`languages.jsonl`), English. Which files there are and where they stand is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import NamedTuple

from site_builder.errors import Problem, error, warning
from site_builder.localize import FORMS, check_rule, find_form

Words = Mapping[str, object]

FALLBACK_LANGUAGE = "en"
"""The language whose words are complete: what others are held against, and what stands in for them."""

DATE_FIELDS = {"day", "month", "alone", "number", "year"}
"""Fields of the patterns of dates (`site_builder.localize.format_date`)."""


class Layer(NamedTuple):
    """The words of one language file, and what the file is called in messages."""

    place: str
    words: Words


def list_codes(language: str) -> tuple[str, ...]:
    """Return the codes under which words of a language may stand, the more general first.

    >>> list_codes("zh-Hant-TW"), list_codes("id")
    (('zh', 'zh-Hant', 'zh-Hant-TW'), ('id',))
    """
    parts = language.split("-")
    return tuple("-".join(parts[:n]) for n in range(1, len(parts) + 1))


def find_entry(table: str, language: str) -> dict[str, object]:
    """Return what the table of CLDR has of a language: the line of its longest code; nothing when there is none.

    Only that line is parsed.
    """
    for code in reversed(list_codes(language)):
        start = table.find(f'{{"language": "{code}",')
        if start >= 0:
            entry: dict[str, object] = json.loads(table[start : table.find("\n", start)])
            entry.pop("language")
            return entry
    return {}


def join_words(entry: Words, layers: Sequence[Layer], fallback: Words) -> dict[str, object]:
    """Return the words of an interface: those of the last layer that has them, then of `entry`, then of `fallback`.

    The names of months as they stand alone are those of dates where nothing else is said.
    """
    words: dict[str, object] = {}
    for source in (fallback, entry, *(layer.words for layer in layers)):
        for key, value in source.items():
            before = words.get(key)
            is_table = isinstance(before, Mapping) and isinstance(value, Mapping) and not _are_forms(value)
            words[key] = {**before, **value} if is_table else value  # type: ignore[dict-item]
        for key in ("months", "months_short"):
            if key in source and f"{key}_alone" not in source:
                words[f"{key}_alone"] = source[key]
    return words


def find_missing(language: str, entry: Words, layers: Sequence[Layer], whole: Words) -> list[Problem]:
    """Return one warning that names all words of `whole` which neither the files nor the table have, or nothing.

    A phrase with a number lacks a form that the language needs for a number below 200 (`articles.few`).
    """
    words = join_words(entry, layers, {})
    missing = [key for key in whole if key not in words]
    forms = {find_form(number, words) for number in range(200)} if entry or "plural" in words else set()
    for key, value in words.items():
        model = whole.get(key)
        if not isinstance(value, Mapping) or key == "plural":
            continue
        needed = forms if _are_forms(value) else model if isinstance(model, Mapping) else ()
        missing += sorted(f"{key}.{name}" for name in needed if name not in value)
    if not missing:
        return []
    place = layers[-1].place if layers else f"templates/strings/{language}.toml"
    many = f"{len(missing)} words are missing" if len(missing) > 1 else "a word is missing"
    return [
        warning(
            place, f"{many} and taken from English: {', '.join(missing)}", "see Words in the manual's page on templates"
        )
    ]


def find_mistakes(layer: Layer, whole: Words) -> Iterator[Problem]:
    """Yield an error for each word of a file that is of a wrong kind, or names a field which is not filled in."""
    for key, value in layer.words.items():
        if message := _find_mistake(key, value, whole.get(key)):
            hint = f"as in {whole[key]!r}" if key in whole else ""
            yield error(layer.place, f"{key} {message}", hint)


def _find_mistake(key: str, value: object, model: object) -> str:
    if key in ("months", "months_short", "months_alone", "months_short_alone"):
        good = isinstance(value, list) and len(value) == 12 and all(isinstance(name, str) for name in value)
        return "" if good else "must be a list of twelve names"
    if key == "direction":
        return "" if value in ("ltr", "rtl") else 'must be "ltr" or "rtl"'
    if key == "grouping":
        return "" if value in (2, 3) else "must be 2 or 3"
    if key == "plural":
        good = isinstance(value, dict) and all(form in FORMS and check_rule(str(rule)) for form, rule in value.items())
        return "" if good else 'must be a table of plural rules, such as { one = "n = 1" }'
    if key in ("date", "date_short", "month"):
        return _find_strange_field(value, DATE_FIELDS - ({"day"} if key == "month" else set()))
    if isinstance(value, Mapping) and _are_forms(value) and "other" not in value:
        return "has no form 'other'"
    if isinstance(model, str) and not isinstance(value, str):
        return "must be a text in quotation marks"
    return "" if model is None else _find_strange_field(value, _find_fields(model))


def _find_strange_field(value: object, known: set[str]) -> str:
    try:
        strange = _find_fields(value) - known
    except ValueError:
        return "has a brace without its other one"
    return f"has the field {{{min(strange)}}}, which is not filled in" if strange else ""


def _find_fields(words: object) -> set[str]:
    if isinstance(words, Mapping):
        return set[str]().union(*map(_find_fields, words.values()))
    return {name for _, name, _, _ in Formatter().parse(str(words)) if name is not None}


def _are_forms(value: Mapping[str, object]) -> bool:
    return set(value) <= set(FORMS)
