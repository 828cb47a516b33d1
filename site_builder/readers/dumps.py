"""Records of dumps: which field of which corpus means what, and the facts that they give.

One object of JSON or one row of CSV in, a `Record` or the reason against it out. How a dump is cut into records, and
what becomes of a `Record`, is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from site_builder.readers.keys import NAMES
from site_builder.readers.lines import has_words
from site_builder.readers.values import (
    BadValueError,
    settle_date,
    settle_language,
    settle_list,
    settle_names,
    settle_text,
    settle_whole,
)
from site_builder.values import dataclass

MAX_ITEMS = 1000
"""Most values of a list: above, front matter would be refused."""


class BadRecordError(ValueError):
    """A record that can be no article; `hint` says what to do about it and may be empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An article of a dump: its text as it is, and its facts as front matter would give them; unknown is None."""

    text: str
    title: str | None = None
    date: str | None = None
    """The day of publication, in the form of `Article.date`; never the day of a crawl."""
    updated: str | None = None
    author: str | None = None
    section: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lang: str | None = None
    source_url: str | None = None
    publisher: str | None = None
    summary: str | None = None
    retrieved: str | None = None
    """When the text was fetched: a date where it is written as one, else as it is written."""


Mapped = Mapping[str, Sequence[str]]
"""Field of `Record` -> the names or paths of the record's fields that are tried, in their order."""


class Corpus(NamedTuple):
    """A corpus: one of `signs` is a field of its records; `fields` says what its other fields mean."""

    name: str
    signs: Sequence[str]
    fields: Mapped


_WARC = ("warc_headers", "meta.warc_headers")

CORPORA = (
    Corpus(
        "FineWeb and FineWeb-2",
        ("dump", "file_path", "language_score", "minhash_cluster_size"),
        {"text": ["text"], "source_url": ["url"], "retrieved": ["date"], "lang": ["language"]},
    ),
    Corpus(
        "OSCAR",
        (*_WARC, *(f"{headers}.warc-target-uri" for headers in _WARC)),
        {
            "text": ["content", "text"],
            "source_url": [f"{headers}.warc-target-uri" for headers in _WARC],
            "retrieved": [f"{headers}.warc-date" for headers in _WARC],
            "lang": [f"{parent}.identification.label" for parent in ("metadata", "meta")],
        },
    ),
    Corpus(
        "GlotCC",
        ("warc-target-uri", "warc-date"),
        {"text": ["content", "text"], "source_url": ["warc-target-uri"], "retrieved": ["warc-date"]},
    ),
    Corpus(
        "news-please",
        ("maintext", "date_publish", "date_download"),
        {
            "text": ["maintext", "text"],
            "title": ["title", "title_rss"],
            "date": ["date_publish"],
            "updated": ["date_modify"],
            "author": ["authors"],
            "lang": ["language"],
            "source_url": ["url"],
            "publisher": ["source_domain"],
            "summary": ["description"],
            "retrieved": ["date_download"],
        },
    ),
    # What `time` of HC4 is, its makers do not say: what may be a crawl is no publication.
    Corpus(
        "HC4",
        ("cc_file",),
        {"text": ["text"], "title": ["title"], "source_url": ["url"], "retrieved": ["time"]},
    ),
    Corpus(
        "C4, mC4 and CulturaX",
        ("timestamp",),
        {"text": ["text"], "title": ["title"], "source_url": ["url"], "retrieved": ["timestamp"]},
    ),
    Corpus(
        "CC-News",
        ("domain", "image_url"),
        {
            "text": ["text"],
            "title": ["title"],
            "date": ["date"],
            "source_url": ["url"],
            "publisher": ["domain"],
            "summary": ["description"],
        },
    ),
)
"""The corpora that are known; the first that has a sign among the fields of a record says what these mean."""

OTHERS: Mapped = {
    "text": ("text", "content", "body"),
    "source_url": ("source_url", "url", "link"),
    "retrieved": ("retrieved",),
    **{
        key: (key, *others)
        for key, others in NAMES.items()
        if key in ("title", "date", "updated", "author", "section", "tags", "lang", "publisher", "summary")
    },
}
"""The fields of all other records: they mean what keys of these names mean in front matter."""


def find_fields(names: Mapping[str, object], mapped: Mapped) -> Mapped:
    """Return what the fields of a record mean, whose keys are those of `names`.

    What the user has mapped goes before the table; with no name at all, a field is not taken from anywhere.
    """
    known = next((c.fields for c in CORPORA if any(find_value(names, s) is not None for s in c.signs)), OTHERS)
    both = {**known, **mapped}
    return {
        field: (*paths, *(() if field not in mapped or not paths else known.get(field, ())))
        for field, paths in both.items()
    }


def make_record(values: Mapping[str, object], mapped: Mapped) -> tuple[Record, tuple[tuple[str, str], ...]]:
    """Return the record that an object or a row is, and what to tell of it: messages with their hints.

    All values are texts, lists and objects of them; numbers are texts as they were written. A fact that cannot be what
    its field means is left out and told, never guessed. Raises BadRecordError when there is no text, or half a
    character in what is taken.
    """
    fields = find_fields(values, mapped)
    facts: dict[str, object] = {}
    remarks: list[tuple[str, str]] = []
    for field, settle in _SETTLE.items():
        value = _first(values, fields.get(field, ()))
        if value is None:
            continue
        try:
            settled = settle(value)
        except BadValueError as exc:
            remarks.append((f"{field}: {exc}; it is added without", exc.hint))
        else:
            _check_whole(field, settled)
            facts[field] = settled or None if isinstance(settled, str) else settled
    return Record(text=_take_text(values, fields), **facts), tuple(remarks)  # type: ignore[arg-type]  # settled each


def find_value(values: object, path: str) -> object:
    """Return what stands at a dotted path, or None; a name may hold dots itself, and goes before a path.

    >>> find_value({"meta": {"warc.date": "2019"}}, "meta.warc.date")
    '2019'
    """
    if not isinstance(values, Mapping):
        return None
    if values.get(path) is not None:
        return values[path]
    dot = path.find(".")
    while dot >= 0:
        found = find_value(values.get(path[:dot]), path[dot + 1 :])
        if found is not None:
            return found
        dot = path.find(".", dot + 1)
    return None


def _first(values: Mapping[str, object], paths: Sequence[str]) -> object:
    """Return the first value that says something, or None."""
    for path in paths:
        value = find_value(values, path)
        if value not in (None, [], {}) and not (isinstance(value, str) and not value.strip()):
            return value
    return None


def _take_text(values: Mapping[str, object], fields: Mapped) -> str:
    text = _first(values, fields.get("text", ()))
    if text is None and any(find_value(values, path) is not None for path in fields.get("text", ())):
        raise BadRecordError("has no text")
    if text is None:
        names = ", ".join(map(repr, list(values)[:12]))
        hint = 'name its field in site.toml: [import.map] text = "…"'
        raise BadRecordError(f"has no field for its text among {names[:300]}", hint)
    if not isinstance(text, str):
        raise BadRecordError("its text is a list or a table", "name the field of the text under [import.map]")
    if not has_words(text):
        raise BadRecordError("has no text: there is no letter and no digit in it")
    _check_whole("text", text)
    return text


def _check_whole(field: str, value: object) -> None:
    items = value if isinstance(value, tuple) else (value,)
    if len(items) > MAX_ITEMS:
        raise BadRecordError(f"{field} has more than {MAX_ITEMS:,} values")
    for item in items:
        try:
            str(item).encode("utf-8")
        except UnicodeEncodeError:
            raise BadRecordError(f"{field} holds half a character (a lone surrogate)") from None


# --- values ------------------------------------------------------------------------------------------------------


_SMALL = re.compile(r"\s*[-0-9]+[tT][0-9:.]+(?:[zZ]|[+-][0-9:]+)\s*\Z")
"""A time as RFC 3339 has it, which allows a small t and z."""


def _settle_date(value: object) -> str:
    if isinstance(value, str) and _SMALL.match(value):
        value = value.upper()
    return settle_date(value)


def _settle_retrieved(value: object) -> str:
    """Return the time of a crawl, which claims nothing of the story: what is no date stays as it is written."""
    try:
        return _settle_date(value)
    except BadValueError:
        return settle_text(value)


def _settle_language(value: object) -> str:
    """Return the code of a language: that of two letters where there is one, and then without its script."""
    code = settle_language(value)
    main, *rest = code.split("-")
    short = LANGUAGES.get(main.lower(), main.lower())
    scripted = len(rest) == 1 and len(rest[0]) == 4 and rest[0].isalpha()
    if short == main.lower() and not scripted:
        return code
    return short if scripted and len(short) == 2 else "-".join([short, *rest])


_SETTLE: Mapping[str, Callable[[object], str | tuple[str, ...]]] = {
    "title": settle_text,
    "date": _settle_date,
    "updated": _settle_date,
    "author": settle_names,
    "section": settle_whole,
    "tags": settle_list,
    "lang": _settle_language,
    "source_url": settle_text,
    "publisher": settle_text,
    "summary": settle_text,
    "retrieved": _settle_retrieved,
}

LANGUAGES: Mapping[str, str] = dict(
    pair.split(":")
    for pair in """
    afr:af amh:am ara:ar arb:ar arz:ar asm:as aze:az azj:az bel:be ben:bn bod:bo bos:bs bre:br bul:bg cat:ca ces:cs
    cze:cs chi:zh cmn:zh zho:zh cym:cy dan:da deu:de ger:de div:dv ell:el gre:el eng:en epo:eo est:et ekk:et eus:eu
    fao:fo fas:fa per:fa pes:fa fin:fi fra:fr fre:fr fry:fy gla:gd gle:ga glg:gl guj:gu hat:ht hau:ha heb:he hin:hi
    hrv:hr hun:hu hye:hy arm:hy ibo:ig ind:id isl:is ice:is ita:it jav:jv jpn:ja kan:kn kat:ka geo:ka kaz:kk khm:km
    kin:rw kir:ky kor:ko kur:ku kmr:ku lao:lo lat:la lav:lv lvs:lv lit:lt ltz:lb mal:ml mar:mr mkd:mk mac:mk mlg:mg
    plt:mg mlt:mt mon:mn khk:mn mri:mi msa:ms may:ms zsm:ms mya:my bur:my nep:ne npi:ne nld:nl dut:nl nno:nn nob:nb
    nor:no ori:or ory:or pan:pa pol:pl por:pt pus:ps pbt:ps ron:ro rum:ro rus:ru san:sa sin:si slk:sk slo:sk slv:sl
    sna:sn snd:sd som:so spa:es sqi:sq alb:sq als:sq srp:sr sun:su swa:sw swh:sw swe:sv tam:ta tat:tt tel:te tgk:tg
    tgl:tl tha:th tir:ti tuk:tk tur:tr uig:ug ukr:uk urd:ur uzb:uz uzn:uz vie:vi xho:xh yid:yi ydd:yi yor:yo zul:zu
    """.split()
)
"""Codes of three letters (ISO 639-2 and 639-3) -> the code of two letters (ISO 639-1)."""
