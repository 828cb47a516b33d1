"""Dates and numbers as people of a language write them.

Works from the words of the interface (`languages.jsonl` and `templates/strings/LANGUAGE.toml`), never from the system's
locale. A date is written only as exactly as it is known, and in Latin digits in every language, as in addresses
(docs/decisions/0017). Pure functions; templates reach them as filters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

Words = Mapping[str, object]


def format_date(date: str, words: Words, *, short: bool = False) -> str:
    """Return a date (`YYYY[-MM[-DD[THH:MM…]]]`) in words; the time of day is left out.

    The patterns are `date` (or `date_short`) and `month` of the language's words, with the fields {day}, {year},
    {month} (its name as in a date), {alone} (its name as it stands alone) and {number}.
    """
    if len(date) < 7:
        return date
    number = int(date[5:7])
    names = "months_short" if short and len(date) >= 10 else "months"
    name = _pick(words[names], number)
    fields = {
        "year": date[:4],
        "number": number,
        "month": name,
        "alone": _pick(words[names + "_alone"], number) if names + "_alone" in words else name,
    }
    if len(date) < 10:
        return str(words["month"]).format_map(fields)
    return str(words["date_short" if short else "date"]).format_map({**fields, "day": int(date[8:10])})


def _pick(names: object, number: int) -> str:
    assert isinstance(names, Sequence)
    return str(names[number - 1])


def format_time(date: str) -> str:
    """Return the time of day of a date with its offset (`07:35 +07:00`), or an empty string when it has none."""
    time = date[11:]
    if not time:
        return ""
    hour = time[:5]
    zone = next((time[i:] for i in range(5, len(time)) if time[i] in "+-Z"), "")
    return f"{hour} {'UTC' if zone == 'Z' else zone}".strip()


def format_number(number: int, words: Words) -> str:
    """Return a whole number with the language's mark between thousands (`thousands` of its words).

    Where its `grouping` is 2, the digits before the last three stand in twos (1,23,456).
    """
    text, mark = f"{number:,}", str(words["thousands"])
    if words.get("grouping") == 2 and len(text) > len("999,999"):
        head, tail = text[:-4].replace(",", ""), text[-4:]
        text = re.sub(r"(?<=\d)(?=(?:\d\d)+\Z)", ",", head) + tail
    return text.replace(",", mark)


FORMS = ("zero", "one", "two", "few", "many", "other")
"""The plural categories of CLDR, to which languages sort numbers; `other` is every language's."""


def choose_plural(forms: object, number: int, words: Words) -> str:
    """Return the phrase for a whole number, with {n} filled in.

    `forms` has `other` and perhaps others of `FORMS`, or is one text for every number. Which form a number takes is
    said by `plural` of the words (`find_form`); a form that is not there is `other`.
    """
    if isinstance(forms, Mapping):
        forms = forms.get(find_form(number, words), forms["other"])
    return str(forms).format(n=format_number(number, words))


def find_form(number: int, words: Words) -> str:
    """Return the plural category of a whole number, by the rules in `plural` of the words (category -> rule).

    A rule is in CLDR's own notation (UTS #35, Language Plural Rules), with `n` alone: `n % 10 = 2..4 and n != 12,13`.
    """
    rules = words.get("plural")
    if isinstance(rules, Mapping):
        for form, rule in rules.items():
            if any(all(holds(number) for holds in choice) for choice in _read_rule(str(rule))):
                return str(form)
    return "other"


class _Relation(NamedTuple):
    """Whether a number, or what is left of it after division by `modulus`, is in one of the ranges, or in none."""

    modulus: int
    negated: bool
    ranges: tuple[range, ...]

    def __call__(self, number: int) -> bool:
        rest = number % self.modulus if self.modulus else number
        return any(rest in span for span in self.ranges) != self.negated


@lru_cache(maxsize=64)
def _read_rule(rule: str) -> tuple[tuple[_Relation, ...], ...]:
    """Return the choices of a rule, each the relations that must hold together. Raises ValueError for another text."""
    return tuple(tuple(map(_read_relation, choice.split(" and "))) for choice in rule.split(" or "))


def _read_relation(text: str) -> _Relation:
    match = re.fullmatch(r"n(?: % ([1-9]\d*))? (!?)= (\d+(?:\.\.\d+)?(?:,\d+(?:\.\.\d+)?)*)", text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no relation of a plural rule")
    ends = (part.split("..") for part in match[3].split(","))
    return _Relation(int(match[1] or 0), bool(match[2]), tuple(range(int(e[0]), int(e[-1]) + 1) for e in ends))


def check_rule(rule: str) -> bool:
    """Tell whether a text is a plural rule."""
    try:
        _read_rule(rule)
    except ValueError:
        return False
    return True


_RIGHT_TO_LEFT = frozenset(
    "apc ar arc bal bgn ckb dv fa he iw ks lrc mzn nqo ps rhg sd sdh skr syr trw ug ur yi "
    "adlm arab hebr mand nkoo rohg samr syrc thaa".split()
)
"""Languages that are written from right to left, and the scripts (ISO 15924) that are."""


def find_direction(lang: str | None) -> str:
    """Return `rtl` or `ltr` for the code of a language (BCP 47), `auto` when none is known.

    >>> find_direction("ar-EG"), find_direction("sd-Deva"), find_direction("id"), find_direction(None)
    ('rtl', 'ltr', 'ltr', 'auto')
    """
    if not lang:
        return "auto"
    language, *subtags = lang.lower().split("-")
    script = next((tag for tag in subtags[:2] if len(tag) == 4 and tag.isalpha()), language)
    return "rtl" if script in _RIGHT_TO_LEFT else "ltr"
