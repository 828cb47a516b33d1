"""Date stamps: the line that says when an article was published.

A strict grammar, day before month, in the words that the rule packs bring along. A stamp is a date or it is not:
nothing is guessed, completed or looked for inside a sentence. This room knows no clock and no calendar but the
Gregorian one.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import field
from typing import NamedTuple

from site_builder.values import dataclass

_TIME = r"(?P<hour>\d{1,2})[.:h](?P<minute>\d{2})(?:[.:](?P<second>\d{2}))?(?: ?(?P<half>[AaPp]\.?[Mm]\.?))?(?: Uhr\b)?"
_AT = "(?:(?:pukul|jam|at|um|à|às|a las) )?"
_SEPARATOR = rf"(?: ?[,،|/–—-] ?{_AT}| {_AT})"
_ZONE = r"(?: ?\(?(?P<zone>[^\W\d_]+|[^\W\d_]{0,3}[+-]\d{1,2}(?::?\d{2}[A-Z]{0,5})?)\)?)?"
_DATES = (
    r"(?:le )?(?P<day>\d{1,2})(?:\.|er)? (?:de )?(?P<month>[^\W\d_]+)\.?,? (?:de )?(?P<year>\d{4})",
    r"(?P<month>[^\W\d_]+)\.? (?P<day>\d{1,2}),? (?P<year>\d{4})",
    r"(?P<day>\d{1,2})(?P<mark>[/.-])(?P<number>\d{1,2})(?P=mark)(?P<year>\d{4})",
    r"(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})",
)
_EAST = (
    r"(?P<era>[^\W\d_]{2})?(?P<year>\d{1,4}|元)年(?P<number>\d{1,2})月(?P<day>\d{1,2})日"
    r"(?: ?[(（](?P<weekday>[^\W\d_])(?:曜日?)?[)）])?"
    r"(?: ?(?P<hour>\d{1,2})[:：時](?P<minute>\d{2})分?(?: ?(?P<zone>[A-Z]+))?)?"
)
_GRAMMAR = (
    *(
        re.compile(rf"(?:(?!le )(?P<weekday>[^\W\d_]+(?:['’-][^\W\d_]+)?)[,،]? )?{date}(?:{_SEPARATOR}{_TIME}{_ZONE})?")
        for date in _DATES
    ),
    re.compile(_EAST),
)
_LONGEST = 80
_YEARS = range(1800, 2200)


@dataclass(frozen=True, slots=True)
class DateWords:
    """The words of dates in small letters: weekdays (1 is Monday), months (1 to 12), zones (`+07:00`), eras.

    An era is given by its first year.
    """

    weekdays: Mapping[str, int] = field(default_factory=dict)
    months: Mapping[str, int] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    eras: Mapping[str, int] = field(default_factory=dict)


class Stamp(NamedTuple):
    """A line that has the form of a stamp.

    `date` is `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM[:SS]`, with `+HH:MM` when the stamp names the zone; None when the
    stamp cannot be trusted: `doubt` then says why, in words.
    """

    date: str | None
    doubt: str = ""


def read_stamp(text: str, words: DateWords) -> Stamp | None:
    """Return the stamp that fills `text`, or None when it does not have the form of one.

    In doubt is: a weekday that is not that of the date; and a date in figures whose day and month could be
    exchanged, with neither a weekday nor a zone beside it (`05.03.2021` is day first: no short
    date of CLDR, as Babel 2.18 has it, is written with dots and begins with the month). An impossible date is no stamp.
    """
    if len(text) > _LONGEST:
        return None
    line = " ".join(text.split())
    for grammar in _GRAMMAR:
        found = grammar.fullmatch(line)
        if found:
            return _stamp(found.groupdict(), words)
    return None


def _stamp(found: Mapping[str, str | None], words: DateWords) -> Stamp | None:
    month = words.months.get((found.get("month") or "").lower()) or int(found.get("number") or 0)
    day = _day(_year(found, words), month, int(found["day"] or 0))
    weekday = words.weekdays.get((found["weekday"] or "").lower())
    if day is None or (found["weekday"] and weekday is None):
        return None
    time = _time(found)
    zone = _zone(found["zone"], words)
    if time is None or zone is None:
        return None
    if weekday and weekday != day.isoweekday():
        return Stamp(None, f"{day.isoformat()} is no {found['weekday']}")
    if found.get("mark") in ("/", "-") and day.day <= 12 and day.day != day.month and not weekday and not zone:
        return Stamp(None, "day and month could be exchanged")
    return Stamp(f"{day.isoformat()}{time}{zone if time else ''}")


def _year(found: Mapping[str, str | None], words: DateWords) -> int:
    """Return the year, 0 for one of an unknown era: 元 is the first of an era, and no year by itself."""
    year = found["year"] or ""
    era = found.get("era")
    if era is None:
        return int(year) if len(year) == 4 else 0
    first = words.eras.get(era)
    return first - 1 + (1 if year == "元" else int(year)) if first else 0


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def _time(found: Mapping[str, str | None]) -> str | None:
    """Return `THH:MM[:SS]`, an empty string when there is no time, None for an impossible one."""
    if found["hour"] is None:
        return ""
    hour, minute, second = int(found["hour"]), int(found["minute"] or 0), found.get("second")
    if half := found.get("half"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower().startswith("p") else 0)
    if hour > 23 or minute > 59 or int(second or 0) > 59:
        return None
    return f"T{hour:02}:{minute:02}" + (f":{int(second):02}" if second else "")


def _zone(text: str | None, words: DateWords) -> str | None:
    """Return the offset, an empty string when no zone is named, None for an unknown one."""
    if not text:
        return ""
    known = words.zones.get(text.lower())
    if known is not None:
        return known
    found = re.fullmatch(r"(?:GMT|UTC)?([+-])(\d{1,2})(?::?(\d{2}))?[A-Z]{0,5}", text)
    if found is None or int(found[2]) > 14 or int(found[3] or 0) > 59:
        return None
    return f"{found[1]}{int(found[2]):02}:{int(found[3] or 0):02}"
