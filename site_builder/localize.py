"""Dates and numbers as people of a language write them.

Works from the words in `templates/strings/LANGUAGE.toml`, never from the system's locale. A date is written only as
exactly as it is known. Pure functions; templates reach them as filters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Words = Mapping[str, object]


def format_date(date: str, words: Words, *, short: bool = False) -> str:
    """Return a date (`YYYY[-MM[-DD[THH:MM…]]]`) in words; the time of day is left out.

    The patterns are `date` (or `date_short`), `month` and `year` of the language's words, with the fields
    {day}, {month} and {year}; months are named by its lists `months` and `months_short`.
    """
    if len(date) < 7:
        return date
    names = words["months_short" if short else "months"]
    assert isinstance(names, Sequence)
    month = str(names[int(date[5:7]) - 1])
    if len(date) < 10:
        return str(words["month"]).format(month=month, year=date[:4])
    pattern = str(words["date_short" if short else "date"])
    return pattern.format(day=int(date[8:10]), month=month, year=date[:4])


def format_time(date: str) -> str:
    """Return the time of day of a date with its offset (`07:35 +07:00`), or an empty string when it has none."""
    time = date[11:]
    if not time:
        return ""
    hour = time[:5]
    zone = next((time[i:] for i in range(5, len(time)) if time[i] in "+-Z"), "")
    return f"{hour} {'UTC' if zone == 'Z' else zone}".strip()


def format_number(number: int, words: Words) -> str:
    """Return a whole number with the language's mark between thousands (`thousands` of its words)."""
    return f"{number:,}".replace(",", str(words["thousands"]))


def choose_plural(forms: object, number: int, words: Words) -> str:
    """Return the phrase for a number, with {n} filled in.

    `forms` has `other` and perhaps `one`, or is one text for every number.
    """
    if isinstance(forms, Mapping):
        forms = forms["one"] if number == 1 and "one" in forms else forms["other"]
    return str(forms).format(n=format_number(number, words))
