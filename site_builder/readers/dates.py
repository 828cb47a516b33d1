"""Dates as metadata gives them: checked, never guessed, kept as exactly as they were written.

Stamps inside raw text are another room's. Pure; there is no clock here.
"""

from __future__ import annotations

import datetime
import re

_TIME = r"[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|UTC(?![+-])|(?:UTC)?[+-]\d{2}:?\d{2})?"
_DATE = re.compile(rf"(\d{{4}})(?:([-/])(\d{{1,2}})(?:\2(\d{{1,2}})(?:{_TIME})?)?)?\Z", re.ASCII)
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?=[-_. ])")


def parse_date(text: str) -> str:
    """Return a date in the form of `Article.date`, as exact as it was written and no more.

    Raises ValueError, with what to write instead, for anything that is not `YYYY`, `YYYY-MM`, `YYYY-MM-DD` (or the same
    with `/`), or a day with `HH:MM[:SS]` and perhaps an offset; and for days and times that do not exist.

    >>> parse_date("2024-1-2 7:30:00 +0700")
    '2024-01-02T07:30:00+07:00'
    """
    match = _DATE.match(text.strip())
    if match is None:
        raise ValueError("write YYYY-MM-DD")
    year, _, month, day, hour, minute, second, zone = match.groups()
    try:
        datetime.date(int(year), int(month or 1), int(day or 1))
        datetime.time(int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        raise ValueError("there is no such day or time; write YYYY-MM-DD") from None
    date = "-".join([year, *(f"{int(number):02}" for number in (month, day) if number)])
    if hour is None:
        return date
    clock = f"{int(hour):02}:{minute}" + (f":{second}" if second else "")
    return f"{date}T{clock}{_settle_zone(zone)}"


def _settle_zone(zone: str | None) -> str:
    if zone in (None, "Z", "UTC"):
        return "Z" if zone else ""
    assert zone is not None
    zone = zone.removeprefix("UTC")
    if int(zone[1:3]) > 14 or int(zone[-2:]) > 59:
        raise ValueError("there is no such time zone; write an offset such as +07:00")
    return f"{zone[:3]}:{zone[-2:]}"


def date_from_name(source_id: str) -> str | None:
    """Return the day at the beginning of a file's name (`2019-03-04-title.txt`), or None when there is none."""
    match = _NAME.match(name_of(source_id) + ".")
    try:
        # Of this form alone, it is known by this as well, and sooner than by all the others.
        return datetime.date.fromisoformat(match[1]).isoformat() if match else None
    except ValueError:
        return None


def name_of(source_id: str) -> str:
    """Return the name of a source without its suffix; of an `index` in a folder, the name of the folder.

    >>> name_of("2019/03-04-title.md"), name_of("2019/ferry/index.md")
    ('03-04-title', 'ferry')
    """
    folder, _, name = source_id.rpartition("/")
    stem = name.rpartition(".")[0] or name
    return folder.rpartition("/")[2] if folder and stem == "index" else stem
