"""A record as a raw text: front matter with the facts that are known, then the text as it is.

What is written reads back exactly, whatever the record holds; what could not is refused. Where the file will lie is
not known here, only what it may be called.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from site_builder.digest import digest_bytes
from site_builder.readers.dates import date_from_name
from site_builder.readers.decode import decode, find_binary
from site_builder.readers.dumps import BadRecordError, Record
from site_builder.readers.front_matter import has_front_matter
from site_builder.readers.header import MAX_CHARACTERS
from site_builder.readers.summary import make_title
from site_builder.urls import RESERVED, make_slug

FACTS = tuple(field.name for field in fields(Record) if field.name != "text")
"""The keys of the front matter, in their order."""

_NO_TITLE = 'title: ""\n'
"""A key that is known and gives no fact: with it, and not without, a raw text has front matter."""

_GUARD = "# This is UTF-8 as it stood in the dump ☑\n"
"""A sign that no encoding of one byte has: text that looks encoded twice is not mended beside it."""

_SEEN = 300
"""So many characters of a title are looked at for a name."""


def write_record(record: Record, megabytes: float) -> bytes:
    """Return the file of a record: `readers.text.read_text` finds in it the facts and the exact text of the record.

    Raises BadRecordError for a text that would be taken for binary data, and for a file of more than `megabytes`.
    """
    lines = "".join(f"{key}: {quote(value)}\n" for key in FACTS if (value := getattr(record, key)))
    if len(lines) > MAX_CHARACTERS - 200:
        raise BadRecordError(f"its facts have more than {MAX_CHARACTERS - 200:,} characters")
    if not lines and _reads_back(record.text, record.text, megabytes) and not has_front_matter(record.text):
        return record.text.encode("utf-8")
    if not lines or lines.startswith("retrieved:"):
        lines = _NO_TITLE + lines
    plain, guarded = (f"---\n{guard}{lines}---\n{record.text}" for guard in ("", _GUARD))
    if wrong := find_binary(plain.encode("utf-8"), megabytes):
        raise BadRecordError(*wrong)
    for whole in (plain, guarded):
        if _reads_back(whole, whole, megabytes):
            return whole.encode("utf-8")
    raise BadRecordError("its text would be taken for another encoding", "take the zero bytes out of it")


def _reads_back(written: str, wanted: str, megabytes: float) -> bool:
    data = written.encode("utf-8")
    return not find_binary(data, megabytes) and decode(data).text == wanted


def quote(value: str | tuple[str, ...]) -> str:
    """Return a value in YAML's double quotation marks, everything that could be misread as an escape."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(quote, value))}]"
    if value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    return '"' + "".join(map(_escape, value)) + '"'


def _escape(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"


def list_names(record: Record, data: bytes) -> Iterator[str]:
    """Yield what the file of a record may be called, without its suffix; the first that is free is its name.

    First the slug of the title, else of the first words; then with more and more of the digest of the bytes, so that
    a name hangs on the record and on what stands there, never on a count. A name that begins with a day would give the
    record a date, so an undated one has `text-` before it.
    """
    slug = make_slug((record.title or make_title(record.text))[:_SEEN]) or make_slug(make_title(record.text))
    if not record.date and date_from_name(slug):
        slug = f"text-{slug}"
    if slug and slug not in RESERVED:
        yield slug
    digest = digest_bytes(data)
    for length in range(8, len(digest) + 1, 8):
        yield f"{slug or 'article'}-{digest[:length]}"


def name_folder(stem: str, record: Record) -> str:
    """Return the folder of a record below the content folder: by the name of its dump, and the year."""
    name = make_slug(stem) or "dump"
    if name in RESERVED or name == "pages":  # what stands in pages/ is no article
        name = f"{name}-dump"
    return f"{name}/{record.date[:4] if record.date else 'undated'}"
