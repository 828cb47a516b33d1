"""What the keys of front matter mean, in our words and in those of Hugo, Zola, Jekyll, Pelican and Nikola.

Said here once. Every key ends among the fields or among the extra, or is told. How a dialect is written is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

from site_builder.errors import Problem, Severity, error, warning
from site_builder.readers.header import Header, Pair, Remark
from site_builder.readers.values import (
    BadValueError,
    is_yes,
    settle_boolean,
    settle_date,
    settle_language,
    settle_list,
    settle_names,
    settle_slug,
    settle_text,
    settle_whole,
)
from site_builder.urls import check_path
from site_builder.values import dataclass

NAMES: Mapping[str, tuple[str, ...]] = {
    "title": (),
    "date": ("published", "pubdate", "publishdate", "published_date", "created"),
    "updated": ("modified", "lastmod", "last_modified_at"),
    "section": ("category", "categories", "sections"),
    "tags": ("tag", "topics", "keywords"),
    "author": ("authors", "by", "byline"),
    "summary": ("description", "excerpt"),
    "lang": ("language", "locale"),
    "slug": (),
    "aliases": ("redirect_from",),
    "draft": (),
    "source_url": ("canonical_url", "canonical"),
    "publisher": (),
}
"""What a key means -> the other names by which it goes."""

YIELDING = frozenset("published pubdate publishdate published_date created keywords description excerpt".split())
"""Names that other generators give a meaning of their own: where they say something else, they are kept as extra."""

ADDRESSES = ("permalink", "url", "link", "path")
"""Keys that hold the address of this article elsewhere, or the one that it had."""
_DAY = re.compile(r"(?:\A|/)(\d{4})/(\d\d)/(\d\d)/")
"""The day of publication in an address."""

_SURROGATE = re.compile("[\ud800-\udfff]")

HIDDEN = ("draft", "private", "hidden", "skip")
"""What `status` says of an article that is not to be seen in the archive."""

TABLES = ("extra", "params")
"""Tables of further keys, of which those in `FROM_TABLES` are facts."""
FROM_TABLES = ("author", "publisher", "source_url")

_MEANING = {other: key for key, others in NAMES.items() for other in (key, *others)}
_RANK = {name: rank for key, others in NAMES.items() for rank, name in enumerate((key, *others))}
MOST_TEXTS = 500
"""Topics, sections or former addresses of one article, each of which makes pages of its own."""
_LISTS = ("section", "tags", "author", "aliases")


@dataclass(frozen=True, slots=True)
class Told:
    """Where problems are told: at `place` and the line, or at `place` with the line in words."""

    place: str
    words: str

    def problem(self, severity: Severity, remark: Remark) -> Problem:
        """Return a remark as a problem with its place."""
        make = error if severity == "error" else warning
        if self.words:
            return make(self.place, f"{self.words}{remark.line}: {remark.message}", remark.hint)
        place = f"{self.place}{remark.line}" + (f":{remark.column}" if remark.column else "")
        return make(place, remark.message, remark.hint)


@lru_cache(maxsize=1_024)
def find_meaning(key: str) -> str | None:
    """Return what a key means, whatever its capitals, `-` and `_`; None for a key that is not ours."""
    return _MEANING.get(_fold(key))


def is_list(key: str) -> bool:
    """Return whether a key may have a list of values."""
    return find_meaning(key) in _LISTS


@lru_cache(maxsize=1_024)
def _fold(key: str) -> str:
    return key.strip().lower().replace("-", "_")


Sorted = tuple[dict[str, object], dict[str, object], tuple[Problem, ...]]
"""Fields, extra and problems."""


def sort_fields(header: Header, told: Told) -> Sorted:
    """Return the fields of a front matter by their meanings, the extra, and all problems."""
    return _Sorter(told, header).sort()


# --- sorting -----------------------------------------------------------------------------------------------------


class _Sorter:
    """Sorts pairs into fields and extra, and notes what contradicts itself."""

    def __init__(self, told: Told, header: Header) -> None:
        self.told = told
        self.pairs, self.tables = _spread(header.pairs)
        self.fields: dict[str, object] = {}
        self.extra: dict[str, object] = {}
        self.given: dict[str, tuple[str, int]] = {}
        self.former: list[str] = []
        self.problems = [told.problem("warning", remark) for remark in header.remarks]

    def sort(self) -> Sorted:
        for pair in self.pairs:
            if _has_surrogate(pair.key) or _has_surrogate(pair.value):
                self._refuse(pair.line, f"{pair.key!r} holds half a character", "write it whole")
            else:
                self._take(pair)
        for table, pair in self.tables:
            self._take_further(table, pair)
        if self.former:
            self._date_by_address()
            aliases = self.fields.get("aliases", ())
            self.fields["aliases"] = tuple(dict.fromkeys([*_texts_in(aliases), *self.former]))
        return self.fields, self.extra, tuple(self.problems)

    def _take(self, pair: Pair) -> None:
        key, value, line = pair
        meaning, value = _translate(key, value)
        if meaning == "former":
            self.former.append(str(value))
            return
        if meaning is None:
            if key in self.extra:
                self._refuse(line, f"{key!r} is given twice", "keep one of the two")
            self.extra[key] = value
            return
        try:
            settled = _SETTLE[meaning](value)
        except BadValueError as exc:
            if meaning == "lang" and _fold(key) != "lang":
                self._warn(line, f"{key}: {exc}, and is kept under extra", "write 'lang' for the language of the text")
                self.extra[key] = value
            else:
                self._refuse(line, f"{key}: {exc}", exc.hint)
            return
        if isinstance(settled, tuple) and len(settled) > MOST_TEXTS:
            hint = "leave out those by which nobody would look for it"
            self._refuse(line, f"{key}: has {len(settled):,} entries, more than {MOST_TEXTS}", hint)
            return
        if meaning == "slug" and settled != " ".join(str(value).split()):
            self._warn(line, f"{key}: {value!r} becomes {settled!r}", f"write {settled!r} to say so yourself")
        if settled in ("", (), None):
            return
        first, first_line = self.given.setdefault(meaning, (key, line))
        if meaning in self.fields and (first == key or self.fields[meaning] != settled):
            if first != key and self._give_way(meaning, key, value, settled):
                return
            said = f"{key!r} is given twice" if first == key else f"{key!r} and {first!r} say different things"
            self._refuse(line, f"{said} (see line {first_line})", "keep one of the two")
        self.fields[meaning] = settled

    def _give_way(self, meaning: str, key: str, value: object, settled: object) -> bool:
        """Put the one of two names that yields among the extra; return False when neither does."""
        first, line = self.given[meaning]
        loser = max(first, key, key=lambda name: _RANK.get(_fold(name), 99))
        if _fold(loser) not in YIELDING and _fold(loser) not in ADDRESSES:
            return False
        if loser == key:
            self.extra[key] = value
        else:
            former = self.fields[meaning]
            self.extra[first] = list(former) if isinstance(former, tuple) else former
            self.given[meaning] = (key, line)
            self.fields[meaning] = settled
        return True

    def _take_further(self, table: str, pair: Pair) -> None:
        meaning = find_meaning(pair.key)
        if meaning in FROM_TABLES and meaning not in self.fields:
            try:
                self.fields[meaning] = _SETTLE[meaning](pair.value)
            except BadValueError:
                pass  # another's key of the same name: it is kept as it is
            else:
                return
        self.extra[pair.key if pair.key not in self.extra else f"{table}.{pair.key}"] = pair.value

    def _date_by_address(self) -> None:
        """Take the day that a former address begins with, as in `2019/03/04/ferry/`, where no date is given."""
        days = {"-".join(match.groups()) for address in self.former if (match := _DAY.search(address))}
        if "date" not in self.fields and len(days) == 1:
            with suppress(BadValueError):  # figures, but no day
                self.fields["date"] = settle_date(days.pop())

    def _warn(self, line: int, message: str, hint: str) -> None:
        self.problems.append(self.told.problem("warning", Remark(line, message, hint)))

    def _refuse(self, line: int, message: str, hint: str) -> None:
        self.problems.append(self.told.problem("error", Remark(line, message, hint)))


def _spread(pairs: Sequence[Pair]) -> tuple[list[Pair], list[tuple[str, Pair]]]:
    """Return the pairs with those of Zola's taxonomies among them, and apart those of tables of further keys."""
    plain: list[Pair] = []
    further: list[tuple[str, Pair]] = []
    for pair in pairs:
        if isinstance(pair.value, dict) and pair.key.lower() == "taxonomies":
            plain += [Pair(key, value, pair.line) for key, value in pair.value.items()]
        elif isinstance(pair.value, dict) and pair.key.lower() in TABLES:
            further += [(pair.key, Pair(key, value, pair.line)) for key, value in pair.value.items()]
        else:
            plain.append(pair)
    return plain, further


def _translate(key: str, value: object) -> tuple[str | None, object]:
    """Return what a key means with this value, and the value in our words."""
    folded = _fold(key)
    if folded == "published" and (said := is_yes(value)) is not None:
        return "draft", "" if said else "true"
    if folded == "status" and isinstance(value, str):
        if value.strip().lower() in HIDDEN:
            return "draft", "true"
        return ("draft", "") if value.strip().lower() in ("", "published", "publish") else (None, value)
    if folded in ADDRESSES and isinstance(value, str):
        address = value.strip()
        if address.lower().startswith(("http://", "https://")):
            return "source_url", address
        if folded == "link" or not _is_path(address):
            return None, value
        # Zola's `path` names a folder.
        whole = folded != "path" or address.endswith(("/", ".html", ".htm"))
        return "former", address if whole else f"{address}/"
    return find_meaning(key), value


def _is_path(address: str) -> bool:
    """Return whether an address is a path of this site, and no pattern or name of one."""
    path = address.removeprefix("/")
    if not path or not ("/" in address or path.endswith((".html", ".htm"))):
        return False
    return not check_path(path.removesuffix("/"))


def _texts_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for text in _texts_in(pair)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in _texts_in(item)]
    return [str(value)]


def _has_surrogate(value: object) -> bool:
    """Return whether there is half a character in a text, or in any of a list or table of them."""
    if isinstance(value, str):
        return not value.isascii() and _SURROGATE.search(value) is not None
    return any(_has_surrogate(text) for text in _texts_in(value))


_SETTLE: Mapping[str, Callable[[object], object]] = {
    "title": settle_text,
    "date": settle_date,
    "updated": settle_date,
    "section": settle_whole,
    "tags": settle_list,
    "author": settle_names,
    "summary": settle_text,
    "lang": settle_language,
    "slug": settle_slug,
    "aliases": settle_whole,
    "draft": settle_boolean,
    "source_url": settle_text,
    "publisher": settle_text,
}
